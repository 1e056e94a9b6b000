#pragma once
/// The reports that a trace's variables make: one variable a file, one population a group.

#include <functional>
#include <string>
#include <vector>

#include "sim/sonata/configs.hpp"
#include "sim/sonata/network.hpp"
#include "sim/sonata/output_folder.hpp"
#include "sim/sonata/report_writer.hpp"

namespace locus::sonata {

/// Lanes that are written at once: as many files are open.
inline constexpr std::uint32_t lanes_of_pass = 16;

/// One variable of several populations, or the weights of one projection.
struct report {
  std::string name;    ///< "x"; "x_changes" if recorded on change; "hidden1.forward.theta"
  bool lanes = false;  ///< each lane has values of its own
  std::vector<const trace_variable*> parts;
  std::vector<report_columns> columns;  ///< [part]
  std::vector<frame_grid> grids;        ///< [part]
};

/// All reports that have frames. `left_out`: a sentence for each variable without. Throws run_error for frames that
/// SONATA has no times for.
[[nodiscard]] std::vector<report> reports_of(const trace_reader& trace, const circuit& c,
                                             std::vector<std::string>& left_out);

/// The file of a report in a lane, from the folder of outputs. `lanes`: of the trace.
[[nodiscard]] std::string report_file(const report& r, std::uint32_t lane, std::uint32_t lanes);

/// What simulation_config.json says of it.
[[nodiscard]] report_entry entry_of(const report& r, std::uint32_t lane, std::uint32_t lanes, double tick_ms);

/// The folder of a lane's files, with a "/"; "" if there is one lane only.
[[nodiscard]] std::string lane_folder(std::uint32_t lane, std::uint32_t lanes);

/// Numbers that write_report() reads: several passes, if there are many lanes.
[[nodiscard]] std::uint64_t numbers_of(const report& r, std::uint32_t lanes);

/// Told of numbers that were read.
using count_numbers = std::function<void(const std::string& what, std::uint64_t numbers)>;

/// Writes the files of all lanes, several lanes in one pass.
void write_report(output_folder& folder, const trace_reader& trace, const report& r, const origin& from,
                  const count_numbers& count);

}  // namespace locus::sonata
