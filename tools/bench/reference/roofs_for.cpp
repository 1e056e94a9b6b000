#include "sim/core/errors.hpp"
#include "tools/bench/reference/roofs.hpp"

namespace locus::bench {
namespace {

/// The targets that were compiled; LOCUS_COMPILED_TARGETS lists them.
template <simd_target... targets>
struct target_list {
  template <class P>
  static roof_kernels<P> find(simd_target wanted) {
    roof_kernels<P> found;
    ((targets == wanted ? void(found = make_roof_kernels<targets, P>()) : void()), ...);
    if (found.read == nullptr) throw internal_error("no roofs were compiled for this instruction set");
    return found;
  }
};

using enum simd_target;
using compiled = target_list<LOCUS_COMPILED_TARGETS>;

}  // namespace

template <class P>
roof_kernels<P> roofs_for(simd_target target) {
  return compiled::find<P>(target);
}
template roof_kernels<float> roofs_for<float>(simd_target);
template roof_kernels<double> roofs_for<double>(simd_target);

}  // namespace locus::bench
