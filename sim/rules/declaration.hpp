#pragma once
/// A text model as circuits use it: its declaration, and the values of its parameters.

#include <memory>
#include <mutex>
#include <vector>

#include "sim/core/catalogue.hpp"
#include "sim/rules/text_model.hpp"

namespace locus::rules {

/// What a parameter_block of a text model holds.
struct text_parameters {
  std::shared_ptr<const text_model> model;
  std::vector<parameter_value> values;  ///< [parameter]

  /// What others prepare from the values, once for each precision (f32, f64): the engine its programs, the audit the
  /// rules that it follows.
  struct prepared {
    std::once_flag once[4];
    std::shared_ptr<const void> made[4];  ///< engine f32, f64, audit f32, f64
  };
  mutable std::shared_ptr<prepared> cache = std::make_shared<prepared>();
};

/// The values in the parameter block of a text model.
[[nodiscard]] inline const std::vector<parameter_value>& values_of(const void* block) {
  return static_cast<const text_parameters*>(block)->values;
}

/// The declaration of a text model. Its kernels and its traced rules are null: the engine and the audit interpret the
/// text.
[[nodiscard]] model_declaration declaration_of(std::shared_ptr<const text_model> model);

/// The same model, whose parameters may also name these activations.
[[nodiscard]] std::shared_ptr<const text_model> with_activations(
    const text_model& model, const std::vector<std::shared_ptr<const text_activation>>& activations);

}  // namespace locus::rules
