#include "sim/circuit/connectivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "sim/core/random.hpp"

namespace locus {
namespace {

/// Draws the sources of one target after the other.
class source_sampler {
 public:
  source_sampler(random_stream random, std::uint32_t before) : random_(random), chosen_for_(before, none) {}

  /// `degree` distinct sources of `target`, ascending (Floyd's sampling). Requires: `sources` is empty.
  void draw(std::uint32_t target, std::uint32_t degree, std::vector<std::uint32_t>& sources) {
    const auto before = static_cast<std::uint32_t>(chosen_for_.size());
    for (std::uint32_t j = before - degree; j < before; ++j) {
      auto candidate = static_cast<std::uint32_t>(random_.below(std::uint64_t{j} + 1, target, j));
      if (chosen_for_[candidate] == target) candidate = j;
      chosen_for_[candidate] = target;
      sources.push_back(candidate);
    }
    std::sort(sources.begin(), sources.end());
  }

 private:
  static constexpr std::uint64_t none = ~std::uint64_t{0};
  random_stream random_;
  std::vector<std::uint64_t> chosen_for_;  ///< [source]: the last target that it was chosen for
};

/// The listed pairs (post, pre), checked and ordered.
std::vector<std::pair<std::uint32_t, std::uint32_t>> checked_pairs(const projection_description& d,
                                                                   std::uint32_t before, std::uint32_t after) {
  auto pairs = std::get<listed_pairs>(d.connect).post_pre;
  const auto fail = [&](const std::pair<std::uint32_t, std::uint32_t>& pair, const std::string& what) {
    throw usage_error(d.at, fmt::format("projection \"{}\": the pair [{}, {}] ([post, pre]) {}", d.name, pair.first,
                                        pair.second, what));
  };
  for (const auto& pair : pairs) {
    if (pair.first >= after || pair.second >= before)
      fail(pair, fmt::format("is outside {} targets and {} sources", after, before));
  }
  const bool listed = std::holds_alternative<listed_weights>(d.weights);
  if (const auto next = std::is_sorted_until(pairs.begin(), pairs.end()); listed && next != pairs.end())
    fail(*next, "stands too late: weights are listed in ascending order of [post, pre], list the pairs likewise");
  std::sort(pairs.begin(), pairs.end());
  if (const auto twice = std::adjacent_find(pairs.begin(), pairs.end()); twice != pairs.end())
    fail(*twice, "is listed twice");
  return pairs;
}

void check_degree(const projection_description& d, const fixed_indegree& indegree, std::uint32_t before) {
  if (indegree.degree <= before) return;
  throw usage_error(
      d.at, fmt::format("projection \"{}\": fixed_indegree = {}: must not exceed the {} neurons of \"{}\"", d.name,
                        indegree.degree, before, d.from.population));
}

/// The slices of `targets` with that in-degree. Indices count as wide where they may be.
sparse_size size_of(double connections, double degree, std::uint32_t before, std::uint32_t after, bool exact) {
  sparse_size s;
  s.connections = static_cast<std::uint64_t>(std::llround(connections));
  s.entries = static_cast<std::uint64_t>(std::llround(degree * static_cast<double>(panels_for(after))));
  s.memory = sparse_memory(after, s.entries, before > std::numeric_limits<std::uint16_t>::max() + 1u);
  s.exact = exact;
  return s;
}

/// Of listed pairs, in the order of (post, pre).
sparse_size size_of(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs, std::uint32_t after) {
  sparse_size s;
  s.connections = pairs.size();
  std::uint32_t largest = 0;
  std::uint64_t widest = 0, degree = 0;  // of the present panel's targets, of the present target
  for (std::size_t n = 0; n < pairs.size(); ++n) {
    const auto [post, pre] = pairs[n];
    const bool same_target = n > 0 && pairs[n - 1].first == post;
    const bool same_panel = n > 0 && pairs[n - 1].first / panel_width == post / panel_width;
    degree = same_target ? degree + 1 : 1;
    if (!same_panel) s.entries += std::exchange(widest, 0);
    widest = std::max(widest, degree);
    largest = std::max(largest, pre);
  }
  s.entries += widest;
  s.memory = sparse_memory(after, s.entries, largest > std::numeric_limits<std::uint16_t>::max());
  return s;
}

/// The mean in-degree of the widest of a panel's targets, each of which has n p sources on average: n p plus the mean
/// of the greatest of 16 standard normal numbers times the standard deviation.
double widest_degree(double n, double p) {
  constexpr double greatest_of_panel = 1.766;
  return std::min(n, n * p + greatest_of_panel * std::sqrt(n * p * (1 - p)));
}

}  // namespace

std::optional<sparse_size> predict_sparse(const projection_description& d, std::uint32_t before, std::uint32_t after) {
  constexpr std::uint64_t few_draws = 1 << 22;
  if (std::holds_alternative<one_to_one>(d.connect)) return one_to_one_size(after);
  if (const auto* indegree = std::get_if<fixed_indegree>(&d.connect)) {
    check_degree(d, *indegree, before);
    return size_of(static_cast<double>(indegree->degree) * after, indegree->degree, before, after, true);
  }
  const auto* chance = std::get_if<connection_probability>(&d.connect);
  if (chance == nullptr) return size_of(checked_pairs(d, before, after), after);
  if (std::uint64_t{before} * after <= few_draws) return std::nullopt;
  return size_of(static_cast<double>(before) * after * chance->probability, widest_degree(before, chance->probability),
                 before, after, false);
}

sparse_connections connect_sparse(const projection_description& d, std::uint32_t before, std::uint32_t after) {
  if (std::holds_alternative<one_to_one>(d.connect)) return sparse_connections::one_to_one(after);
  sparse_connections c;
  std::vector<std::uint32_t> sources;  // of one target
  const auto each_target = [&](auto&& append_sources) {
    for (std::uint32_t post = 0; post < after; ++post) {
      sources.clear();
      append_sources(post);
      c.add_target(sources);
    }
  };
  if (const auto* indegree = std::get_if<fixed_indegree>(&d.connect)) {
    check_degree(d, *indegree, before);
    source_sampler sampler(random_stream(indegree->seed, "connections", d.name), before);
    c.reserve(after, indegree->degree);
    each_target([&](std::uint32_t post) { sampler.draw(post, indegree->degree, sources); });
  } else if (const auto* chance = std::get_if<connection_probability>(&d.connect)) {
    const random_stream random(chance->seed, "connections", d.name);
    each_target([&](std::uint32_t post) {
      for (std::uint32_t pre = 0; pre < before; ++pre) {
        if (random.uniform(post, pre) < chance->probability) sources.push_back(pre);
      }
    });
  } else {
    const auto pairs = checked_pairs(d, before, after);
    auto next = pairs.begin();
    each_target([&](std::uint32_t post) {
      for (; next != pairs.end() && next->first == post; ++next) sources.push_back(next->second);
    });
  }
  c.shrink_to_fit();
  return c;
}

}  // namespace locus
