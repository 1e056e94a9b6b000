#pragma once
/// What a netlist presents, as an HDF5 file; sim/data/README.md has the format.

#include <string>

#include "sim/data/data_set.hpp"
#include "sim/netlist/description.hpp"
#include "sim/netlist/weights_file.hpp"

namespace locus {

/// Writes both parts of the data and the order in which the netlist presents them, atomically (temporary file in the
/// same folder, then rename). Throws run_error.
void export_data(const std::string& file, const data_set& data, const description& netlist, const file_origin& from);

}  // namespace locus
