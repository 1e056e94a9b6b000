/// Each instruction set has kernels of its own: comparisons of their bits would otherwise compare one with itself.

#include <catch2/catch.hpp>
#include <set>

#include "sim/engine/models.hpp"
#include "tests/engine/shipped_models.hpp"

namespace test_engine_kernels {

using namespace locus;

namespace {

constexpr simd_target all_targets[] = {simd_target::scalar, simd_target::avx2, simd_target::avx512,
                                       simd_target::native};

/// Notes a kernel; the same one must not have been met before.
template <class F>
void meet(F* kernel, std::set<const void*>& met) {
  if (kernel != nullptr) CHECK(met.insert(reinterpret_cast<const void*>(kernel)).second);
}

template <class P>
void meet_all(const model_kernels& kernels, std::set<const void*>& met) {
  meet(kernels.neuron<P>().advance, met);
  for (const auto react : kernels.neuron<P>().react) meet(react, met);
  meet(kernels.synapse<P>().ends, met);
  meet(kernels.synapse<P>().learn_dense, met);
  meet(kernels.synapse<P>().learn_sliced, met);
}

}  // namespace

TEST_CASE("no two instruction sets share a kernel of a model", "[engine]") {
  std::set<const void*> met;
  std::size_t compiled = 0;
  for (const model_declaration& model : all_models()) {
    if (!locus::testing::shipped(model) || model.kernels == nullptr) continue;  // those that interpret serve all models
    ++compiled;
    for (const simd_target target : all_targets) {
      INFO(model.info.name << ", " << name_of(target));
      meet_all<float>(kernels_of(model, target), met);
      meet_all<double>(kernels_of(model, target), met);
    }
  }
  CHECK(met.size() >= 4 * compiled);
}

TEST_CASE("no two instruction sets share a kernel of delivery", "[engine]") {
  std::set<const void*> met;
  for (const simd_target target : available_targets()) {
    meet(transfer_for<float>(target).dense, met);
    meet(transfer_for<double>(target).dense, met);
    meet(transfer_for<float>(target).pushed, met);
    meet(transfer_for<double>(target).sliced, met);
  }
  CHECK(met.size() == 4 * available_targets().size());
}

}  // namespace test_engine_kernels
