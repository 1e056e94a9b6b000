#pragma once
/// A text model as the C++ declaration that the build compiles (sim/core/model.hpp).

#include <string>

#include "sim/rules/text_model.hpp"

namespace locus::rules {

/// The declaration `struct NAME` in namespace locus::models, NAME with _ for -. Every reader of it computes the bits
/// that the text computes. Throws usage_error for a synapse that C++ has no words for: with more state than theta, with
/// named outputs or an end that it does not see, or with sums of something else than gate, post and pre multiplied, or
/// of what depends on the gate alone.
[[nodiscard]] std::string printed_as_cpp(const text_model& model);

}  // namespace locus::rules
