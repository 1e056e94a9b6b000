#pragma once
/// The datasets of a trace, empty, with their attributes and dimension scales. All require a session.

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/trace/layout.hpp"

namespace locus {

/// /trace/tick, the scale of all frames.
[[nodiscard]] hdf5::object make_tick_dataset(const hdf5::object& file, const trace_layout& layout);

/// /trace/<population>/<variable>, with `neuron` and `lane` beside it.
[[nodiscard]] hdf5::object make_field_dataset(const hdf5::object& file, const trace_layout& layout,
                                              const trace_column& column, const hdf5::object& tick);

/// /trace/<projection>/theta, with `source` and `target` beside it.
[[nodiscard]] hdf5::object make_weight_dataset(const hdf5::object& file, const trace_layout& layout,
                                               const trace_column& column, const hdf5::object& tick, const circuit& c,
                                               const projection& p);

/// A dataset of /spikes/<population>, for events in the order of time.
[[nodiscard]] hdf5::object make_event_dataset(const hdf5::object& group, const std::string& name, hid_t type);

/// The attribute by which SONATA's readers know that a group of events is in the order of time.
void set_sorted_by_time(const hdf5::object& group);

}  // namespace locus
