#pragma once
/// Kernels of the models that were built in, per instruction set.

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/core/catalogue.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {

/// Targets that were compiled in and that this machine can run, best last.
[[nodiscard]] std::vector<simd_target> available_targets();

/// A model's kernels, [target]: what model_declaration::kernels points to.
using kernels_of_targets = std::array<model_kernels, simd_target_count>;

/// The kernels of a model for an available target: those that were compiled for it, else those that interpret its text.
/// Throws internal_error for a model that is only described.
[[nodiscard]] const model_kernels& kernels_of(const model_declaration& model, simd_target target);

/// The kernels that interpret text models, of an available target.
[[nodiscard]] const model_kernels& interpreted_for(simd_target target);

/// What a synapse rule takes from its two ends: for each part, which seen output it is, or nothing if a kernel makes
/// it.
struct end_parts {
  std::vector<std::optional<std::size_t>> pre, post;
  std::size_t sums = 1;  ///< over the lanes, of each synapse
};

/// The parts of a model's rule, given its kernels, its parameters and where its modulator sits.
template <class P>
[[nodiscard]] end_parts parts_of(const model_declaration& model, const synapse_kernels<P>& kernels, const void* params,
                                 gate_position gate_at);

/// Delivery kernels of an available target.
template <class P>
[[nodiscard]] const transfer_kernels<P>& transfer_for(simd_target target);

/// The target that runs use: the best available, or the one that the environment variable LOCUS_SIMD names.
/// Throws usage_error if that one is not available.
[[nodiscard]] simd_target chosen_target();

}  // namespace locus
