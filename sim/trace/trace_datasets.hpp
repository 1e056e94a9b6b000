#pragma once
/// The datasets of a trace, empty, with their attributes and dimension scales. All require a session.

#include <array>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/trace/layout.hpp"
#include "sim/trace/synapse_ends.hpp"
#include "sim/trace/table.hpp"

namespace locus {

/// /trace/tick, the scale of all frames.
[[nodiscard]] hdf5::object make_tick_dataset(const hdf5::object& file, const trace_layout& layout);

/// /trace/<population>/<variable> or /trace/<projection>/theta, with the scales of its neurons and lanes, or of its
/// synapses' ends, beside it.
[[nodiscard]] hdf5::object make_column_dataset(const hdf5::object& file, const trace_layout& layout,
                                               const trace_column& column, const hdf5::object& tick, const circuit& c);

/// min and max of /overview/<population>/<variable>: [block of frames][block of neurons].
struct extremes_datasets {
  hdf5::object lowest, highest;
};
[[nodiscard]] extremes_datasets make_overview_datasets(const hdf5::object& file, const trace_layout& layout,
                                                       const trace_column& column);

/// The datasets of a table. The first column, which says when, is the scale of the others.
[[nodiscard]] std::vector<hdf5::object> make_table_datasets(const hdf5::object& file, const table_layout& table);

/// The scales `source` and `target` of a variable of synapses.
std::array<hdf5::object, 2> write_ends(const hdf5::object& file, const variable_names& names, const synapse_ends& ends);

/// The type of the file and of the memory.
[[nodiscard]] hid_t type_of(number_kind kind);

}  // namespace locus
