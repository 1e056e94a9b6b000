#pragma once
/// What the interpreter holds: every field, port and weight as a number with the marks of its ancestry.

#include <array>
#include <utility>
#include <vector>

#include "sim/audit/interpreter.hpp"
#include "sim/audit/rules.hpp"
#include "sim/circuit/schedule.hpp"
#include "sim/core/random.hpp"

namespace locus::detail {

/// A number with trails to the first non-local read and the first control in its ancestry (0: none).
template <class P>
struct cell {
  P value = 0;
  std::uint32_t nonlocal = 0;
  std::uint32_t control = 0;
  bool direct = false;  ///< a port: the non-local read is in one of its own messages
};
template <class P>
using cells = std::vector<cell<P>>;

// Slots of a neuron's evaluation: its fields, then the ports of the phase, then what is imposed.
inline constexpr unsigned first_port_slot = max_fields;
inline constexpr unsigned clamp_slot = 24;
// Slots of a synapse's evaluation.
enum synapse_slot : unsigned { theta_slot, pre_slot, post_slot, gate_slot };

/// Consecutive evaluations of one rule for the entities of one group.
struct evaluation_block {
  std::uint64_t first = 0;
  bool is_synapse = false;
  std::size_t group = 0;
  int phase = -1;  ///< neuron: the reaction, or -1 for step, clamp and emit
  tick_t tick = 0;
  std::vector<std::size_t> sampled;  ///< the entities, if not all
};

/// The messages of one projection that arrive `delay` ticks late.
template <class P>
struct late_line {
  std::vector<cells<P>> ring;  ///< [tick modulo delay]
  cells<P> now;
};

/// What the connections of one learning projection look at.
struct synapse_site {
  std::size_t projection = 0;
  std::vector<std::size_t> traced;  ///< connections that are evaluated, ascending
  bool all = true;                  ///< all of them
  bool far_post = false;            ///< `post` is not the target
  std::vector<bool> near_gate;      ///< [modulator]: end, attached to the end, or control; empty: no gate
};

}  // namespace locus::detail
