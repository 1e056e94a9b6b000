#pragma once
/// The short forms that were built in. Generated from the files of models/templates/.

#include "sim/netlist/netlist.hpp"

namespace locus {

[[nodiscard]] const template_catalogue& all_templates();

}  // namespace locus
