#pragma once
/// Which synapses are traced, and what of theirs is near.

#include <cstdint>
#include <vector>

#include "sim/audit/interpreter.hpp"

namespace locus::detail {

/// What the connections of one learning projection look at.
struct synapse_site {
  std::size_t projection = 0;
  std::vector<std::size_t> traced;  ///< connections that are evaluated, ascending
  bool all = true;                  ///< all of them
  bool far_post = false;            ///< `post` is not the target
  std::vector<bool> near_gate;      ///< [modulator]: end, tied to the end, or control; empty: no gate
  bool one_signal = false;          ///< all modulators say the same
};

[[nodiscard]] std::vector<synapse_site> find_sites(const circuit& c, const script& world, const control_map& control,
                                                   const interpreter_options& options);

/// Synapses of all projections that learn.
[[nodiscard]] std::uint64_t learning_synapses(const circuit& c);

}  // namespace locus::detail
