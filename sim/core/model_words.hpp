#pragma once
/// Whether a model's declaration says what it must: names that netlists can write, units, meanings, writers that there
/// are, defaults within limits. The compiler has seen the declaration's form: sim/core/well_declared.hpp.

#include <string>
#include <string_view>
#include <vector>

#include "sim/core/catalogue.hpp"

namespace locus {

/// What is missing or wrong in the declaration in `file`, each as "what, and what to do". Empty: nothing.
[[nodiscard]] std::vector<std::string> defects_of_words(const model_declaration& model, std::string_view file);

/// "the step", "reaction 2".
[[nodiscard]] std::string name_of(writer by);

}  // namespace locus
