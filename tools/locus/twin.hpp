#pragma once
/// The circuit that a run is compared with.

#include <string>

#include "sim/netlist/netlist.hpp"
#include "tools/locus/command.hpp"

namespace locus::tools {

/// `against` is a learning rule ("bp", "il", "z-il", "fa-z-il") or the file of another netlist. A rule is applied to
/// the netlist itself (short form only); backpropagation gets the shortest timeline that it can do with, since its
/// result does not depend on it. Throws usage_error.
[[nodiscard]] description make_twin(const parsed_arguments& arguments, const document& text,
                                    const std::string& against);

}  // namespace locus::tools
