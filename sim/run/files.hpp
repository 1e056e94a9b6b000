#pragma once
/// The files that a command reads and writes: each must be another one.

#include <string>
#include <vector>

#include "sim/netlist/description.hpp"

namespace locus {

/// A file, and what it is to the user: "--trace", "the netlist".
struct named_file {
  std::string role;
  std::string path;          ///< "": none; "-": standard output
  bool replaceable = false;  ///< an output that can be nothing but a regular file: no device, no pipe
};

/// Throws now what would be found out when the results are written: run_error if an output cannot be made, usage_error
/// if two outputs are one file, or an output is one of the inputs or the file that standard output
/// goes into: under whatever names, through links of both kinds, whether it exists or not. Devices, pipes and the like
/// may be named as often as one likes.
void check_files(const std::vector<named_file>& outputs, const std::vector<named_file>& inputs);

/// Whether two names are, or would be, one file.
[[nodiscard]] bool is_same_file(const std::string& a, const std::string& b);

/// The files that a netlist names to be read: its own, weights, data.
[[nodiscard]] std::vector<named_file> files_of(const description& netlist);

}  // namespace locus
