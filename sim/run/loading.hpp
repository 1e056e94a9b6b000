#pragma once
/// A netlist, its text and what it says.

#include <cstdint>
#include <string>

#include "sim/netlist/description.hpp"
#include "sim/netlist/document.hpp"
#include "sim/trace/trace_file.hpp"

namespace locus {

/// The program's templates are known. Throws usage_error at the first mistake.
struct loaded_netlist {
  explicit loaded_netlist(document from);

  document text;
  description netlist;
};

/// The seed of the first projection that learns with random weights; 0 if there is none.
[[nodiscard]] std::uint64_t weights_seed(const description& netlist);

/// What the files of a run say of where they come from.
[[nodiscard]] trace_provenance provenance(const loaded_netlist& loaded);

}  // namespace locus
