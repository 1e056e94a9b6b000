#pragma once
/// spikes.h5: the events of all populations.

#include "sim/sonata/network.hpp"
#include "sim/sonata/output_folder.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus::sonata {

/// The file of a lane, from the folder of outputs.
[[nodiscard]] std::string spikes_file(std::uint32_t lane, std::uint32_t lanes);

/// Writes the files of all lanes. Returns the number of events. Throws run_error for events that do not fit the
/// circuit.
std::uint64_t write_spikes(output_folder& folder, const trace_reader& trace, const circuit& c, const origin& from,
                           const progress& tell);

}  // namespace locus::sonata
