#pragma once
/// The parts of read_netlist that the files of this folder share. Private to sim/netlist.

#include "sim/netlist/description.hpp"
#include "sim/netlist/document.hpp"

namespace locus::detail {

/// Reads [[activation]] and [[model]]: rules that the netlist brings along.
[[nodiscard]] model_texts read_models(const section& root);

/// Reads the tables of the long form: populations, projections and stimuli.
void read_long_form(const section& root, description& out);

}  // namespace locus::detail
