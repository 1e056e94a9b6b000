#pragma once
/// Shared windows in SONATA, which knows edges only: each edge has the weight of its kernel. So that a kernel comes
/// back as one, the table of types says how it is connected (column `kernel`), and /meta/kernels/POPULATION of edges.h5
/// has its numbers. Edges that another program has changed are no kernel any more.

#include <optional>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/sonata/import_tables.hpp"

namespace locus::sonata {

/// Where the numbers of a kernel stand, of a population of edges.
[[nodiscard]] std::string kernel_path(const std::string& edges);

/// How a projection with a kernel of its own is connected, as a netlist has it and without spaces: "{window=[3,3],...}"
/// or "{transposed='NAME'}". Empty for all others.
[[nodiscard]] std::string kernel_text(const circuit& c, const projection& p);

/// The numbers of such a kernel. Requires: the caller holds an hdf5::session.
void write_kernel(const hdf5::object& file, const circuit& c, const projection& p, const std::vector<double>& weights,
                  const std::string& edges);

/// What that column says. Throws usage_error at the row.
[[nodiscard]] connectivity read_kernel(const type_row& type, const std::string& text);

/// Whether the edges of a population are those of a window, in the order of (target, source), each with the weight that
/// the kernel has for it. Returns what differs first; nothing if all is well. Requires as above.
[[nodiscard]] std::optional<std::string> difference_to_kernel(const hdf5::object& file, const std::string& edges,
                                                              const shared_window& w, std::uint32_t targets);

}  // namespace locus::sonata
