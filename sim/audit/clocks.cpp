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

void compare_jittered(const circuit& c, const description& netlist, const data_set& data, const clock_options& options,
                      clock_result& result) {
  const random_stream random(options.seed, "audit", "jitter");
  const timeline_description& t = netlist.timeline;
  std::vector<presentation_times> plain, longer;
  for (std::uint64_t n = 0; n < options.presentations; ++n) {
    const auto more = [&](std::uint64_t part) {
      return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(options.jitter) + 1, n, part));
    };
    plain.push_back({t.predict.low, t.teach.low, t.rest.low});
    // At least one tick more of prediction: what counts ticks from the input's onset then counts wrongly.
    longer.push_back({t.predict.low + std::max<std::int64_t>(1, more(0)), t.teach.low + more(1), t.rest.low + more(2)});
  }
  const script world_plain = write_script(c, netlist, data, plain);
  const script world_longer = write_script(c, netlist, data, longer);
  const auto a = make_simulator(c);
  const auto b = make_simulator(c);
  player play_a(world_plain, *a), play_b(world_longer, *b);
  weight_watch watch(*b, *a);
  for (std::uint64_t n = 0; n < options.presentations; ++n) {
    play_a.run_to(world_plain.spans[n].last);
    play_b.run_to(world_longer.spans[n].last);
    watch.after_update();
  }
  result.jittered = watch.layers();
  result.presentations = options.presentations;
}

}  // namespace

clock_result measure_clocks(const circuit& c, const description& netlist, const data_set& data, const script& world,
                            const clock_options& options) {
  clock_result result;
  result.shift = 1000 + static_cast<tick_t>(random_stream(options.seed, "audit", "shift").below(1000000, 0));
  result.repeated = compare_repeated(c, world);
  result.shifted = compare_shifted(c, world, result.shift);
  const bool learns =
      std::any_of(c.projections.begin(), c.projections.end(), [](const projection& p) { return p.learns(); });
  // Other lengths are other draws: nothing could be concluded.
  if (learns && c.noise_ports().empty()) compare_jittered(c, netlist, data, options, result);
  return result;
}

}  // namespace locus
