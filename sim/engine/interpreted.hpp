#pragma once
/// Kernels that interpret the rules of text models; compiled per target.

#include "sim/engine/kernels.hpp"

namespace locus {

/// Kernels for all text models: a call's `params` say which model it is. Reactions that a model does not have must not
/// be called.
template <simd_target target>
[[nodiscard]] model_kernels make_interpreted_kernels();

}  // namespace locus
