#pragma once
/// Delivery kernels of each compiled target.

#include "sim/engine/kernels.hpp"

namespace locus {

/// Defined in transfer.cpp, once per target.
template <simd_target target, class P>
transfer_kernels<P> make_transfer_kernels();

}  // namespace locus
