#pragma once
/// The order of lists of events, as SONATA's readers look for it.

#include "sim/core/hdf5.hpp"

namespace locus {

/// Gives a group of events SONATA's attribute `sorting`, an enumeration, with the value `by_time`. Requires: the caller
/// holds an hdf5::session.
void set_sorted_by_time(const hdf5::object& group);

}  // namespace locus
