#pragma once
/// The value of a model parameter as a netlist writes it.

#include <string>
#include <variant>

namespace locus {

/// A flag, a number, or a name ("tanh").
using parameter_value = std::variant<bool, double, std::string>;

}  // namespace locus
