#pragma once
/// Does the circuit keep time by itself, or by a clock that it should not have? The tick counter is shifted, the run is
/// repeated in one process, and the same presentations are made with other lengths of their parts.

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
  std::vector<layer_agreement>
      jittered;                     ///< the same presentations with longer P, T, Q; empty: nothing learns, or noise
  std::uint64_t presentations = 0;  ///< with jitter
};

struct clock_options {
  std::uint64_t seed = 1;
  std::uint64_t presentations = 8;  ///< with jitter
  std::int64_t jitter = 3;          ///< most ticks added to each part
};

/// Requires: c.lanes == 1.
[[nodiscard]] clock_result measure_clocks(const circuit& c, const description& netlist, const data_set& data,
                                          const script& world, const clock_options& options = {});

}  // namespace locus
