#pragma once
/// Weights in HDF5: one dataset a projection, [post][pre] (dense) or [1][connection] (sparse).

#include <string>
#include <vector>

#include "sim/netlist/description.hpp"

namespace locus {

/// Reads dataset `name` of `file` as doubles. Throws run_error that names file, dataset and what is wrong
/// (missing file, not HDF5, no such dataset with the nearest name, not two-dimensional, non-finite value).
[[nodiscard]] matrix read_weights(const std::string& file, const std::string& name);

/// One projection's weights, to be written.
struct named_weights {
  std::string name;  ///< of the projection
  matrix values;
  bool single = false;  ///< store as 32-bit floats (the run's precision)
};

/// Writes all, atomically (temporary file in the same folder, then rename). Throws run_error.
void write_weights(const std::string& file, const std::vector<named_weights>& all);

}  // namespace locus
