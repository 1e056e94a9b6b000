/// Finds what was compiled once per target.

#include "sim/core/errors.hpp"
#include "tools/bench/reference/roofs.hpp"
#include "tools/bench/reference/state_kernels.hpp"

namespace locus::bench {
namespace {

/// The targets that were compiled; LOCUS_COMPILED_TARGETS lists them.
template <simd_target... targets>
struct target_list {
  /// What f makes of the wanted one, as a template argument.
  template <class F>
  static auto with(simd_target wanted, const F& f) {
    decltype(f.template operator()<simd_target::scalar>()) found;
    const bool known = ((targets == wanted && (found = f.template operator()<targets>(), true)) || ...);
    if (!known) throw internal_error("no baselines were compiled for this instruction set");
    return found;
  }
};

using enum simd_target;
using compiled = target_list<LOCUS_COMPILED_TARGETS>;

}  // namespace

template <class P>
roof_kernels<P> roofs_for(simd_target target) {
  return compiled::with(target, []<simd_target which>() { return make_roof_kernels<which, P>(); });
}
template roof_kernels<float> roofs_for<float>(simd_target);
template roof_kernels<double> roofs_for<double>(simd_target);

template <class P>
state_kernels<P> state_kernels_for(simd_target target) {
  return compiled::with(target, []<simd_target which>() { return make_state_kernels<which, P>(); });
}
template state_kernels<float> state_kernels_for<float>(simd_target);
template state_kernels<double> state_kernels_for<double>(simd_target);

}  // namespace locus::bench
