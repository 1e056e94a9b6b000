#include "sim/audit/clocks.hpp"

#include <algorithm>

#include "sim/audit/trail.hpp"
#include "sim/core/random.hpp"

namespace locus {
namespace {

std::optional<run_difference> difference(const circuit& c, const snapshot& a, const snapshot& b, tick_t tick) {
  std::size_t row = 0;
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f, ++row) {
      for (std::size_t i = 0; i < a.fields[row].size(); ++i) {
        if (same_bits(a.fields[row][i], b.fields[row][i])) continue;
        return run_difference{{false, p, i}, f, tick, a.fields[row][i], b.fields[row][i]};
      }
    }
  }
  for (std::size_t w = 0; w < a.weights.size(); ++w) {
    for (std::size_t k = 0; k < a.weights[w].size(); ++k) {
      if (same_bits(a.weights[w][k], b.weights[w][k])) continue;
      return run_difference{{true, w, k}, weight_field, tick, a.weights[w][k], b.weights[w][k]};
    }
  }
  return std::nullopt;
}

/// Runs the script in two simulators, one after the other for each tick.
std::optional<run_difference> compare_shifted(const circuit& c, const script& world, tick_t shift) {
  simulator_options options;
  const auto plain = make_simulator(c, options);
  options.first_tick = shift;
  const auto other = make_simulator(c, options);
  player play_plain(world, *plain), play_other(world, *other);
  while (!play_plain.done()) {
    play_plain.run_tick();
    play_other.run_tick();
    if (auto found = difference(c, read_snapshot(*plain), read_snapshot(*other), play_plain.played() - 1)) return found;
  }
  return std::nullopt;
}

/// One whole run after another. Memory is bounded: of large circuits the first ticks are kept.
std::optional<run_difference> compare_repeated(const circuit& c, const script& world) {
  constexpr std::size_t most_numbers = 20'000'000;
  std::vector<snapshot> kept;
  std::size_t numbers = 0;
  const auto first = make_simulator(c);
  player play_first(world, *first);
  while (!play_first.done()) {
    play_first.run_tick();
    if (numbers > most_numbers) continue;
    kept.push_back(read_snapshot(*first));
    for (const auto& each : kept.back().fields) numbers += each.size();
    for (const auto& each : kept.back().weights) numbers += each.size();
  }
  const auto second = make_simulator(c);
  player play_second(world, *second);
  for (const snapshot& expected : kept) {
    play_second.run_tick();
    if (auto found = difference(c, expected, read_snapshot(*second), play_second.played() - 1)) return found;
  }
  return std::nullopt;
}

/// Parts that last longer.
class stretcher {
 public:
  stretcher(const timeline_description& t, std::uint64_t seed)
      : random_(seed, "audit", "lengths"), own_(shortest_times(t)), whole_(longest_presentation(t)) {}

  /// Each part, by the toss of a coin, by a few ticks or by more than two whole presentations.
  [[nodiscard]] presentation_times longer(std::uint64_t n) {
    constexpr std::uint64_t few = 4;
    return stretched([&](std::uint64_t part) {
      // What counts from the first input's onset counts wrongly at once.
      const bool much = (n == 0 && part == 0) || random_.below(2, n, part) == 0;
      return much ? whole_times(2, n, part) : (part == 0 ? 1 : 0) + random_.below(few, n, part + 3);
    });
  }

  /// Each part by many whole presentations: what settles has settled.
  [[nodiscard]] presentation_times very_long(std::uint64_t n, std::uint64_t which) {
    return stretched([&](std::uint64_t part) { return whole_times(8 + which, n, part + 9 * which); });
  }

  [[nodiscard]] const presentation_times& own() const { return own_; }
  [[nodiscard]] tick_t longest() const { return longest_; }

 private:
  std::uint64_t whole_times(std::uint64_t times, std::uint64_t n, std::uint64_t part) const {
    return times * whole_ + 1 + random_.below(whole_, n, part + 6);
  }

  template <class More>
  presentation_times stretched(More&& more) {
    presentation_times t = own_;
    const auto add = [&](std::int64_t& part, std::uint64_t ticks) {
      longest_ = std::max(longest_, static_cast<tick_t>(ticks));
      part += static_cast<std::int64_t>(ticks);
    };
    // Where the teacher comes with the input, no part is for the input alone; without a teacher, none is for it.
    if (t.predict > 0) add(t.predict, more(0));
    if (t.teach > 0) add(t.teach, more(1));
    add(t.rest, more(2));
    return t;
  }

  random_stream random_;
  presentation_times own_;
  std::uint64_t whole_;
  tick_t longest_ = 0;
};

/// How the weights of two runs differ that show the same samples for times of their own. Noise is silent, but for the
/// first `heard` presentations, of which nothing is compared.
struct beside {
  std::vector<layer_agreement> layers;
  bool learnt = false;  ///< some weight changed in the first run
};
beside run_beside(const circuit& c, const description& netlist, const data_set& data,
                  const std::vector<presentation_times>& first, const std::vector<presentation_times>& second,
                  std::size_t heard) {
  const script worlds[2] = {write_script(c, netlist, data, first), write_script(c, netlist, data, second)};
  const auto a = make_simulator(c), b = make_simulator(c);
  player play_a(worlds[0], *a), play_b(worlds[1], *b);
  const auto present = [&](std::size_t n) {
    play_a.run_to(worlds[0].spans[n].last);
    play_b.run_to(worlds[1].spans[n].last);
  };
  std::size_t n = 0;
  while (n < heard) present(n++);
  a->silence_noise();
  b->silence_noise();
  weight_watch watch(*b, *a);
  const std::uint64_t before = a->counters().weight_changes;
  for (; n < first.size(); ++n) {
    present(n);
    watch.after_update();
  }
  return {watch.layers(), a->counters().weight_changes != before};
}

/// `heard`: the first presentation, which is as long in both runs, has noise.
void compare_stretched(const circuit& c, const description& netlist, const data_set& data, const clock_options& options,
                       bool heard, clock_result& result) {
  stretcher lengths(netlist.timeline, options.seed);
  std::vector<presentation_times> plain, longer;
  if (heard) plain.push_back(lengths.own()), longer.push_back(lengths.own());
  for (std::uint64_t n = 0; n < options.presentations; ++n) {
    plain.push_back(lengths.own());
    longer.push_back(lengths.longer(n));
  }
  const beside found = run_beside(c, netlist, data, plain, longer, heard ? 1 : 0);
  take_worse(result.stretched, found.layers);
  result.presentations += options.presentations;
  result.longest = lengths.longest();
  result.learnt = result.learnt || found.learnt;
}

}  // namespace

double settled_difference(const circuit& c, const description& netlist, const data_set& data, std::uint64_t seed) {
  constexpr std::uint64_t presentations = 6;
  stretcher lengths(netlist.timeline, seed);
  std::vector<presentation_times> times[2];
  for (std::uint64_t n = 0; n < presentations; ++n) {
    for (std::uint64_t which = 0; which < 2; ++which) times[which].push_back(lengths.very_long(n, which));
  }
  double most = 0;
  for (const layer_agreement& layer : run_beside(c, netlist, data, times[0], times[1], 0).layers) {
    most = std::max(most, layer.relative);
  }
  return most;
}

clock_result measure_clocks(const circuit& c, const description& netlist, const data_set& data, const script& world,
                            const clock_options& options) {
  clock_result result;
  result.shift = 1000 + static_cast<tick_t>(random_stream(options.seed, "audit", "shift").below(1000000, 0));
  result.repeated = compare_repeated(c, world);
  result.shifted = compare_shifted(c, world, result.shift);
  if (!c.learns()) return result;
  compare_stretched(c, netlist, data, options, false, result);
  if (!c.noise_ports().empty()) compare_stretched(c, netlist, data, options, true, result);
  return result;
}

}  // namespace locus
