#pragma once
/// What a text synapse's rule takes from one end of its synapses, interpreted: once a neuron and lane, before all
/// learning. Included by interpreted.cpp, once per target.

#include "sim/engine/kernels.hpp"
#include "sim/engine/learning_program.hpp"
#include "sim/engine/machine.hpp"

namespace locus::detail {

/// Computes the parts of one end. The modulator is the port after the outputs: its neurons', or one neuron's for all,
/// or 1.
template <class N>
void compute_parts(const ends_call<scalar_of<N>>& call) {
  using P = scalar_of<N>;
  const learning_programs<P>& all = learning_programs_of<P>(call.params, call.gate_at);
  const program_view<P>& program = call.at_pre ? all.pre : all.post;
  const std::size_t outputs = call.at_pre ? all.pre_outputs : all.post_outputs;
  const std::size_t parts = call.at_pre ? all.pre_parts : all.post_parts;
  alignas(64) P open[panel_width];
  for (P& each : open) each = P(1);
  const workspace<N> space(program, panel_width);
  row<P>* const frame = space.frame;
  const machine<N> m(space, program, panel_width);
  for (std::size_t panel = 0; panel < call.panels; ++panel) {
    for (std::size_t lane = 0; lane < call.lanes; ++lane) {
      const std::size_t at = (panel * call.lanes + lane) * panel_width;
      for (std::size_t k = 0; k < outputs; ++k) frame[k] = {call.outputs[k] + at, panel_width};
      if (call.gate == nullptr) frame[outputs] = {open, panel_width};
      else if (call.gate_at != gate_position::everywhere) frame[outputs] = {call.gate + at, panel_width};
      else {
        for (P& each : open) each = call.gate[lane * panel_width];
        frame[outputs] = {open, panel_width};
      }
      for (std::size_t k = 0; k < program.length; ++k) m.run(program.code[k], panel_width);
      for (std::size_t k = 0; k < parts; ++k) {
        if (call.parts[k] == nullptr) continue;
        const row<P> result = frame[program.result[k]];
        for (std::size_t r = 0; r < panel_width; r += N::width) N::load(result.at + r).store(call.parts[k] + at + r);
      }
    }
  }
}

}  // namespace locus::detail
