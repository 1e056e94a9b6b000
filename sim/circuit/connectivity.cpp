#include "sim/circuit/connectivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/circuit/edge_file.hpp"
#include "sim/circuit/grid.hpp"
#include "sim/core/functions.hpp"
#include "sim/core/in_parallel.hpp"
#include "sim/core/random.hpp"

namespace locus {
namespace {

/// Draws the sources of one target after the other.
class source_sampler {
 public:
  source_sampler(random_stream random, std::uint32_t before)
      : random_(random), before_(before), chosen_(words_for(before)), occupied_(words_for(chosen_.size())) {}

  /// `degree` distinct sources of `target`, ascending (Floyd's sampling), in place of `sources`.
  void draw(std::uint32_t target, std::uint32_t degree, std::vector<std::uint32_t>& sources) {
    const bool few = degree < 32 || degree < occupied_.size() / 8;  // to be sorted rather than looked for
    const random_row random = random_.row(target);
    sources.resize(degree);
    std::uint32_t* next = sources.data();
    for (std::uint32_t j = before_ - degree; j < before_; ++j) {
      auto candidate = static_cast<std::uint32_t>(random.below(std::uint64_t{j} + 1, j));
      if (has(chosen_, candidate)) candidate = j;
      add(chosen_, candidate);
      if (few) *next++ = candidate;
      else add(occupied_, candidate / word_bits);
    }
    if (few) {
      for (const std::uint32_t source : sources) chosen_[source / word_bits] = 0;
      std::sort(sources.begin(), sources.end());
    } else {
      take_all(occupied_, [&](std::size_t at) {
        take(chosen_[at], at, [&](std::size_t source) { *next++ = static_cast<std::uint32_t>(source); });
      });
    }
  }

 private:
  using bit_words = std::vector<std::uint64_t>;
  static constexpr std::size_t word_bits = 64;

  static std::size_t words_for(std::size_t bits) { return (bits + word_bits - 1) / word_bits; }
  static bool has(const bit_words& words, std::size_t bit) {
    return (words[bit / word_bits] >> bit % word_bits & 1) != 0;
  }
  static void add(bit_words& words, std::size_t bit) { words[bit / word_bits] |= std::uint64_t{1} << bit % word_bits; }
  /// Calls f(number of the bit) for each bit of a word, the number-th, and clears it.
  template <class F>
  static void take(std::uint64_t& bits, std::size_t number, F&& f) {
    for (std::uint64_t rest = std::exchange(bits, 0); rest != 0; rest &= rest - 1)
      f(number * word_bits + static_cast<std::size_t>(std::countr_zero(rest)));
  }
  template <class F>
  static void take_all(bit_words& words, F&& f) {
    for (std::size_t n = 0; n < words.size(); ++n) take(words[n], n, f);
  }

  random_stream random_;
  std::uint32_t before_;
  bit_words chosen_;    ///< a bit a source
  bit_words occupied_;  ///< a bit a word of these that is not 0, unless few are drawn
};

/// The pairs (post, pre) of a list or a file, checked and ordered.
std::vector<neuron_pair> checked_pairs(const projection_description& d, std::uint32_t before, std::uint32_t after) {
  if (const auto* stored = std::get_if<stored_connections>(&d.connect))
    return read_pairs({stored->file, stored->dataset.empty() ? d.name : stored->dataset, d.name, after, before});
  auto pairs = std::get<listed_pairs>(d.connect).post_pre;
  const auto fail = [&](const neuron_pair& pair, const std::string& what) {
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
sparse_size size_of(const std::vector<neuron_pair>& pairs, std::uint32_t after) {
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

/// Of windows: how many sources each target has is known.
sparse_size size_of(const window_grid& windows, std::uint32_t before, std::uint32_t after) {
  sparse_size s;
  for (std::uint32_t first = 0; first < after; first += panel_width) {
    std::uint32_t widest = 0;
    for (std::uint32_t post = first; post < std::min<std::uint64_t>(after, std::uint64_t{first} + panel_width);
         ++post) {
      const std::uint32_t degree = windows.degree(post);
      s.connections += degree;
      widest = std::max(widest, degree);
    }
    s.entries += widest;
  }
  s.memory = sparse_memory(after, s.entries, before > std::numeric_limits<std::uint16_t>::max() + 1u);
  return s;
}

/// The mean in-degree of the widest of a panel's targets, each of which has n p sources on average: n p plus the mean
/// of the greatest of 16 standard normal numbers times the standard deviation.
double widest_degree(double n, double p) {
  constexpr double greatest_of_panel = 1.766;
  return std::min(n, n * p + greatest_of_panel * std::sqrt(n * p * (1 - p)));
}

/// Connections between neurons that lie near each other.
class nearby {
 public:
  nearby(const projection_description& d, const population& before, const population& after)
      : kernel_(std::get<distance_kernel>(d.connect)),
        distance_(d, before.shape, after.shape, kernel_.wrap),
        random_(kernel_.seed, "connections", d.name),
        before_(before.size),
        after_(after.size) {}

  void append_sources(std::uint32_t post, std::vector<std::uint32_t>& sources) const {
    for (std::uint32_t pre = 0; pre < before_; ++pre) {
      const double p = probability(pre, post);
      if (p >= 1 || (p > 0 && random_.uniform(post, pre) < p)) sources.push_back(pre);
    }
  }

  /// From every so-manieth target.
  [[nodiscard]] sparse_size expected() const {
    constexpr std::uint32_t looked_at = 64;
    double mean = 0, widest = 0;
    const std::uint32_t count = std::min(after_, looked_at);
    for (std::uint32_t n = 0; n < count; ++n) {
      const auto post = static_cast<std::uint32_t>(std::uint64_t{n} * after_ / count);
      double degree = 0;
      for (std::uint32_t pre = 0; pre < before_; ++pre) degree += probability(pre, post);
      mean += degree / count;
      widest = std::max(widest, widest_degree(before_, degree / before_));
    }
    return size_of(mean * after_, widest, before_, after_, false);
  }

 private:
  [[nodiscard]] double probability(std::uint32_t pre, std::uint32_t post) const {
    const double squared = distance_.squared(pre, post);
    if (kernel_.within && squared > *kernel_.within * *kernel_.within) return 0;
    if (!kernel_.sigma) return kernel_.probability;
    return kernel_.probability * exp(-squared / (2 * *kernel_.sigma * *kernel_.sigma));
  }

  const distance_kernel& kernel_;
  grid_distance distance_;
  random_stream random_;
  std::uint32_t before_, after_;
};

/// The words of each kind of connections.
struct wiring_words {
  std::string operator()(const all_to_all&) const { return "all-to-all"; }
  std::string operator()(const one_to_one&) const { return "one-to-one"; }
  std::string operator()(const fixed_indegree& c) const { return fmt::format("fixed_indegree {}", c.degree); }
  std::string operator()(const connection_probability& c) const { return fmt::format("probability {}", c.probability); }
  std::string operator()(const listed_pairs&) const { return "listed"; }
  std::string operator()(const spatial_window& c) const {
    std::string text = "window " + text_of(c.size);
    if (c.stride != grid_shape(c.size.size(), 1)) text += ", stride " + text_of(c.stride);
    if (c.dilation != grid_shape(c.size.size(), 1)) text += ", dilation " + text_of(c.dilation);
    if (c.same_padding) text += ", padding same";
    if (c.each_channel) text += ", channels each";
    if (c.one_kernel) text += ", one kernel";
    if (!c.place.empty()) text += fmt::format(", place [{}]", fmt::join(c.place, ", "));
    return text;
  }
  std::string operator()(const distance_kernel& c) const {
    std::string text;
    if (c.within) text = fmt::format("distance {}", *c.within);
    if (c.sigma) text += fmt::format("{}gaussian {}", text.empty() ? "" : ", ", *c.sigma);
    if (c.probability != 1) text += fmt::format(", probability {}", c.probability);
    if (c.wrap) text += ", wrap";
    return text;
  }
  std::string operator()(const copied_connections& c) const {
    return (c.transposed ? "transposed " : "same as ") + c.projection;
  }
  std::string operator()(const stored_connections&) const { return "from a file"; }
};

}  // namespace

std::string text_of(const connectivity& connect) { return std::visit(wiring_words{}, connect); }

std::optional<sparse_size> predict_sparse(const projection_description& d, const population& from,
                                          const population& to) {
  const std::uint32_t before = from.size, after = to.size;
  constexpr std::uint64_t few_draws = 1 << 22;
  if (std::holds_alternative<one_to_one>(d.connect)) return one_to_one_size(after);
  if (std::holds_alternative<all_to_all>(d.connect))
    return size_of(static_cast<double>(before) * after, before, before, after, true);
  if (const auto* indegree = std::get_if<fixed_indegree>(&d.connect)) {
    check_degree(d, *indegree, before);
    return size_of(static_cast<double>(indegree->degree) * after, indegree->degree, before, after, true);
  }
  if (std::holds_alternative<listed_pairs>(d.connect)) return size_of(checked_pairs(d, before, after), after);
  if (std::holds_alternative<spatial_window>(d.connect))
    return size_of(windows_between(d, from.shape, to.shape), before, after);
  if (std::holds_alternative<stored_connections>(d.connect)) return std::nullopt;  // the file is read once
  if (std::uint64_t{before} * after <= few_draws) return std::nullopt;
  if (const auto* chance = std::get_if<connection_probability>(&d.connect))
    return size_of(static_cast<double>(before) * after * chance->probability,
                   widest_degree(before, chance->probability), before, after, false);
  return nearby(d, from, to).expected();
}

namespace {

/// Connects all targets, several parts of them at a time. `make()` gives for each part what appends the sources of one
/// target after the other, (post, whether they are kept, sources): where they are not kept, only how many they are
/// matters. `degree`: sources of a target, to make room for; `nanoseconds`: what a target takes.
template <class Make>
sparse_connections connect_targets(std::uint32_t targets, panel_range kept, std::size_t threads, std::size_t degree,
                                   double nanoseconds, const Make& make) {
  const std::size_t panels = panels_for(targets);
  const panel_range ours = {std::min(kept.first, panels), std::min(kept.last, panels)};
  const std::size_t parts = worthwhile_parts(nanoseconds * targets, threads, std::max<std::size_t>(ours.size(), 1));
  const auto begin = [&](std::size_t part) {  // what is kept is divided alike
    return part == 0 ? 0 : part == parts ? panels : ours.share(part, parts).first;
  };
  std::vector<sparse_connections> connected(parts);
  in_parallel(parts, [&](std::size_t part) {
    const std::size_t first = begin(part), last = begin(part + 1);
    const auto shifted = [&](std::size_t panel) { return std::clamp(panel, first, last) - first; };
    sparse_connections c({shifted(kept.first), shifted(kept.last)});
    const auto first_target = static_cast<std::uint32_t>(first * panel_width);
    const auto last_target = static_cast<std::uint32_t>(std::min<std::size_t>(last * panel_width, targets));
    c.reserve(last_target - first_target, degree);
    auto append_sources = make();
    std::vector<std::uint32_t> sources;  // of one target
    for (std::uint32_t post = first_target; post < last_target; ++post) {
      sources.clear();
      append_sources(post, kept.has(post / panel_width), sources);
      c.add_target(sources);
    }
    connected[part] = std::move(c);
  });
  return sparse_connections::joined(std::move(connected), kept);
}

}  // namespace

sparse_connections connect_sparse(const projection_description& d, const population& from, const population& to,
                                  panel_range kept, std::size_t threads) {
  const std::uint32_t before = from.size, after = to.size;
  const auto connect = [&](std::size_t degree, double nanoseconds, const auto& make) {
    return connect_targets(after, kept, threads, degree, nanoseconds, make);
  };
  using list = std::vector<std::uint32_t>;
  if (std::holds_alternative<one_to_one>(d.connect)) return sparse_connections::one_to_one(after).keeping(kept);
  if (const auto* indegree = std::get_if<fixed_indegree>(&d.connect)) {
    check_degree(d, *indegree, before);
    const random_stream random(indegree->seed, "connections", d.name);
    return connect(indegree->degree, 8.0 * indegree->degree, [&] {
      return [&, sampler = source_sampler(random, before)](std::uint32_t post, bool keep, list& sources) mutable {
        if (keep) sampler.draw(post, indegree->degree, sources);
        else sources.resize(indegree->degree);
      };
    });
  }
  if (const auto* chance = std::get_if<connection_probability>(&d.connect)) {
    const random_stream random(chance->seed, "connections", d.name);
    return connect(0, 2.0 * before, [&] {
      return [&](std::uint32_t post, bool, list& sources) {
        for (std::uint32_t pre = 0; pre < before; ++pre) {
          if (random.uniform(post, pre) < chance->probability) sources.push_back(pre);
        }
      };
    });
  }
  if (std::holds_alternative<all_to_all>(d.connect)) {
    list every(before);
    std::iota(every.begin(), every.end(), 0u);
    return connect(before, before, [&] { return [&](std::uint32_t, bool, list& sources) { sources = every; }; });
  }
  if (std::holds_alternative<spatial_window>(d.connect)) {
    const window_grid windows = windows_between(d, from.shape, to.shape);
    const std::size_t most = std::size_t{windows.heard()} * windows.window[0] * windows.window[1] * windows.window[2];
    return connect(most, static_cast<double>(most), [&] {
      return [&](std::uint32_t post, bool keep, list& sources) {
        if (!keep) return sources.resize(windows.degree(post));
        sources.resize(most);
        std::uint32_t* end = sources.data();
        windows.each_source(post, [&](std::uint32_t pre, std::uint64_t) { *end++ = pre; });
        sources.resize(static_cast<std::size_t>(end - sources.data()));
      };
    });
  }
  if (std::holds_alternative<distance_kernel>(d.connect)) {
    const nearby neighbours(d, from, to);
    return connect(0, 4.0 * before, [&] {
      return [&](std::uint32_t post, bool, list& sources) { neighbours.append_sources(post, sources); };
    });
  }
  const auto pairs = checked_pairs(d, before, after);
  return connect(0, 0, [&] {
    return [&](std::uint32_t post, bool, list& sources) {
      auto next = std::lower_bound(pairs.begin(), pairs.end(), neuron_pair(post, 0));
      for (; next != pairs.end() && next->first == post; ++next) sources.push_back(next->second);
    };
  });
}

edge_file delay_file(const projection_description& d, std::uint32_t targets, std::uint32_t sources) {
  const connection_delays& delays = *d.delays;
  return {delays.file, delays.dataset.empty() ? d.name : delays.dataset, d.name, targets, sources};
}

namespace {

/// Delays of a file, which must be of these connections.
std::vector<std::uint32_t> stored_delays(const projection_description& d, const sparse_connections& connections,
                                         std::uint32_t sources, double tick_ms) {
  const std::vector<delayed_pair> edges =
      read_delayed_pairs(delay_file(d, static_cast<std::uint32_t>(connections.targets()), sources), tick_ms);
  if (edges.size() != connections.size())
    throw usage_error(d.at, fmt::format("\"{}\" has {} delays for the {} connections of \"{}\"", d.delays->file,
                                        edges.size(), connections.size(), d.name));
  std::vector<std::uint32_t> delays;
  delays.reserve(edges.size());
  connections.each([&](std::uint32_t pre, std::uint32_t post) {
    const auto [target, source] = edges[delays.size()].first;
    if (source != pre || target != post)
      throw usage_error(d.at, fmt::format("the delays of \"{}\" in \"{}\" are of other connections: delay {} is of "
                                          "[{}, {}], but here of [{}, {}] ([post, pre])",
                                          d.name, d.delays->file, delays.size(), target, source, post, pre));
    delays.push_back(edges[delays.size()].second);
  });
  return delays;
}

}  // namespace

std::vector<std::uint32_t> draw_delays(const projection_description& d, const sparse_connections& connections,
                                       std::uint32_t sources, double tick_ms) {
  const connection_delays& delays = *d.delays;
  if (!delays.file.empty()) return stored_delays(d, connections, sources, tick_ms);
  if (!delays.values.empty()) {
    if (delays.values.size() == connections.size()) return delays.values;
    throw usage_error(d.at, fmt::format("projection \"{}\" has {} connections, but delay.values has {} numbers", d.name,
                                        connections.size(), delays.values.size()));
  }
  const random_stream random(delays.seed, "delays", d.name);
  std::vector<std::uint32_t> drawn;
  drawn.reserve(connections.size());
  connections.each([&](std::uint32_t pre, std::uint32_t post) {
    drawn.push_back(delays.low + static_cast<std::uint32_t>(random.below(delays.high - delays.low + 1ull, post, pre)));
  });
  return drawn;
}

sparse_size predict_transposed(const sparse_size& other, std::uint32_t sources, std::uint32_t targets) {
  const double degree = static_cast<double>(other.connections) / targets;
  sparse_size s = size_of(static_cast<double>(other.connections), widest_degree(sources, degree / sources), sources,
                          targets, other.exact);
  s.connections = other.connections;
  return s;
}

sparse_connections transposed(const sparse_connections& other, std::uint32_t sources) {
  std::vector<std::uint64_t> first(sources + 1, 0);
  other.each([&](std::uint32_t pre, std::uint32_t) { ++first[pre + 1]; });
  for (std::uint32_t j = 0; j < sources; ++j) first[j + 1] += first[j];
  std::vector<std::uint32_t> targets(first.back());  // of each source, ascending because the others are
  std::vector<std::uint64_t> next(first.begin(), first.end() - 1);
  other.each([&](std::uint32_t pre, std::uint32_t post) { targets[next[pre]++] = post; });
  sparse_connections c;
  for (std::uint32_t j = 0; j < sources; ++j)
    c.add_target(std::span(targets).subspan(first[j], first[j + 1] - first[j]));
  c.shrink_to_fit();
  return c;
}

}  // namespace locus
