#pragma once
/// What panels of all kinds have in common.

#include <limits>
#include <string>

#include "sim/trace/trace_reader.hpp"

namespace locus::tools {

/// "hidden1.value.x: value of the neuron (mV)"
[[nodiscard]] std::string title_of(const trace_variable& v);

/// A number in a datablock; what is infinite is drawn as missing.
[[nodiscard]] std::string number(double x);

/// The extremes of the finite numbers taken; low > high if there are none.
struct extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void take(double x);
};

/// Commands for a colour scale. Signed quantities: blue to red over white (C. Brewer, RdBu). Others: viridis (S. van
/// der Walt, N. Smith).
[[nodiscard]] std::string palette_for(const extremes& l);

}  // namespace locus::tools
