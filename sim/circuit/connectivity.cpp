#include "sim/circuit/connectivity.hpp"

#include <fmt/format.h>

#include <algorithm>
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

/// The listed pairs (pre, post), checked, ordered by (post, pre).
std::vector<std::pair<std::uint32_t, std::uint32_t>> checked_pairs(const projection_description& d,
                                                                   std::uint32_t before, std::uint32_t after) {
  auto pairs = std::get<explicit_pairs>(d.connect).pairs;
  for (const auto& [pre, post] : pairs) {
    if (pre < before && post < after) continue;
    throw usage_error(d.at, fmt::format("projection \"{}\": the pair [{}, {}] is outside {} sources and {} targets",
                                        d.name, pre, post, before, after));
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const auto& a, const auto& b) { return std::pair(a.second, a.first) < std::pair(b.second, b.first); });
  if (const auto twice = std::adjacent_find(pairs.begin(), pairs.end()); twice != pairs.end()) {
    throw usage_error(
        d.at, fmt::format("projection \"{}\": the pair [{}, {}] is listed twice", d.name, twice->first, twice->second));
  }
  return {pairs.begin(), pairs.end()};
}

}  // namespace

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
    if (indegree->degree > before) {
      throw usage_error(
          d.at, fmt::format("projection \"{}\": fixed_indegree = {}: must not exceed the {} neurons of \"{}\"", d.name,
                            indegree->degree, before, d.from.population));
    }
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
      for (; next != pairs.end() && next->second == post; ++next) sources.push_back(next->first);
    });
  }
  c.shrink_to_fit();
  return c;
}

}  // namespace locus
