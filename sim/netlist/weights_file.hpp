#pragma once
/// Weights in HDF5: one dataset a projection, [post][pre] (all-to-all) or [1][connection] with the neurons at their
/// ends (others). netlists/README.md has the format. Those of traces, and of edges of SONATA, can be read too
/// (ends_in_file.hpp).

#include <cstdint>
#include <string>
#include <vector>

#include "sim/netlist/description.hpp"

namespace locus {

/// Weights, and where the file tells it the neurons at the ends of each, in the order of `values`.
struct matrix_in_file : matrix {
  std::vector<std::uint32_t> source, target;  ///< both empty: not told
};

/// Reads dataset `name` of `file`, or the weights of the projection or edges `name`, as doubles. Throws run_error that
/// names file, dataset and what is wrong (missing file, not HDF5, no such dataset with the nearest name, not
/// two-dimensional, non-finite value). Requires: no other threads run, if this process is to survive whatever file.
[[nodiscard]] matrix_in_file read_weights(const std::string& file, const std::string& name);

/// One projection's weights, to be written.
struct named_weights {
  std::string name;  ///< of the projection
  matrix values;
  bool single = false;                        ///< store as 32-bit floats (the run's precision)
  std::vector<std::uint32_t> source, target;  ///< the neurons at the ends of each, if not all are connected
  std::vector<std::uint32_t> delay = {};      ///< ticks, if connections are differently late
};

/// The netlist that a file comes from.
struct file_origin {
  std::string netlist;         ///< TOML, as run
  std::string netlist_sha256;  ///< of that text
  std::string version;         ///< of the program
};

/// Writes all, atomically (temporary file in the same folder, then rename). Throws run_error.
void write_weights(const std::string& file, const std::vector<named_weights>& all, const file_origin& from);

}  // namespace locus
