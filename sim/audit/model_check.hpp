#pragma once
/// Whether a model does what its declaration says. A model that compiles can still be wrong without a word: a rule that
/// assigns a field of which another is the writer loses the assignment, a parameter that no rule reads can be set in
/// vain. Rules have no `if` on numbers, so that one evaluation over traced numbers tells, for all numbers, what they
/// read and what they write; it is made for each choice of flags and activations. Every catalogue is checked when it is
/// made.

#include <string>
#include <string_view>
#include <vector>

#include "sim/audit/rules.hpp"
#include "sim/core/catalogue.hpp"

namespace locus {

/// What is wrong with the model that `file` declares, each as "FILE: what, and what to do". Empty: nothing.
[[nodiscard]] std::vector<std::string> defects_of(const model_declaration& model, const traced_model& rules,
                                                  std::string_view file);

}  // namespace locus
