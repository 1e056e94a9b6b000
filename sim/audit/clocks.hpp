#pragma once
/// Does what a circuit learns depend on a clock that it should not have? The tick counter is shifted, the run is
/// repeated in one process, and the same presentations are made with parts that last longer, some by more than two
/// whole presentations, so that no timer can be right by chance.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/audit/agreement.hpp"
#include "sim/audit/script.hpp"
#include "sim/audit/wiring.hpp"

namespace locus {

/// The first bit in which two runs differ.
struct run_difference {
  entity_ref who;
  std::size_t field = 0;  ///< or weight_field
  tick_t tick = 0;
  double first = 0, second = 0;
};

struct clock_result {
  tick_t shift = 0;
  std::optional<run_difference> shifted;   ///< the tick counter started at `shift` instead of 0
  std::optional<run_difference> repeated;  ///< the same run a second time
  std::vector<layer_agreement> stretched;  ///< the same presentations with longer parts; empty: nothing learns
  std::uint64_t presentations = 0;         ///< of those
  bool learnt = false;                     ///< some weight changed in them
  tick_t longest = 0;                      ///< most ticks that were added to a part
};

struct clock_options {
  std::uint64_t seed = 1;
  std::uint64_t presentations = 8;  ///< with longer parts
};

/// Requires: c.lanes == 1. While durations are compared, noise is silent: from the start, and once more after a first
/// presentation with noise, because other lengths would be other draws.
[[nodiscard]] clock_result measure_clocks(const circuit& c, const description& netlist, const data_set& data,
                                          const script& world, const clock_options& options = {});

/// How much the weights of two runs differ (over the layer's largest change) whose parts of presentations all last for
/// many presentations, differently long: what only needed more time to settle is the same in both.
[[nodiscard]] double settled_difference(const circuit& c, const description& netlist, const data_set& data,
                                        std::uint64_t seed);

}  // namespace locus
