#pragma once
/// Rules of synapses with a state, written by hand as kernels of the engine, with its vectors: what compiling their
/// texts could come to. Compiled once per instruction set, as the engine's kernels are.

#include <array>
#include <string_view>

#include "sim/engine/kernels.hpp"

namespace locus::bench {

/// The learning rate of all rules here; other parameters are the models' own.
inline constexpr double slow_rate = 1e-7;

/// Dense learning with the modulator, if there is one, at the targets, and the outputs of the two ends as they are.
/// Requires: targets are whole panels, all sources take part, lanes <= most_lanes.
template <class P>
struct state_kernel {
  std::string_view model;
  void (*learn)(learn_call<P>&) = nullptr;
};
inline constexpr std::size_t most_lanes = 32;

template <class P>
using state_kernels = std::array<state_kernel<P>, 4>;

/// Defined in state_kernels.cpp, once per target.
template <simd_target target, class P>
state_kernels<P> make_state_kernels();

/// Those of an available target.
template <class P>
[[nodiscard]] state_kernels<P> state_kernels_for(simd_target target);

}  // namespace locus::bench
