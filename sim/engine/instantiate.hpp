#pragma once
/// All kernels of one model for the target that this file is compiled for, whose number types are `number`.

#include "sim/core/model.hpp"
#include "sim/core/well_declared.hpp"
#include "sim/engine/kernels.hpp"
#include "sim/engine/neuron_kernels.hpp"
#include "sim/engine/synapse_kernels.hpp"

namespace locus::detail {

template <class M, template <class> class number>
consteval model_kernels make_kernels() {
  model_kernels kernels;
  if constexpr (!well_declared<M>()) {
  } else if constexpr (declares_state<M>) {
    kernels.neuron_f32 = make_neuron_kernels<M, number<float>>();
    kernels.neuron_f64 = make_neuron_kernels<M, number<double>>();
  } else {
    kernels.synapse_f32 = make_synapse_kernels<M, number<float>>();
    kernels.synapse_f64 = make_synapse_kernels<M, number<double>>();
  }
  return kernels;
}

}  // namespace locus::detail
