#pragma once
/// What the parts of `locus trace` share.

#include <string>
#include <utility>
#include <vector>

#include "sim/trace/column_selection.hpp"
#include "tools/locus/command.hpp"

namespace locus::tools {

/// The options --select, --ticks and --lanes, and what they mean for a trace.
void add_selection_options(boost::program_options::options_description& options);
[[nodiscard]] std::vector<std::string> selected_patterns(const parsed_arguments& arguments);

/// --ticks as a half-open interval, cut to what was recorded.
[[nodiscard]] std::pair<tick_t, tick_t> selected_ticks(const parsed_arguments& arguments, const trace_reader& trace);

/// --lanes as a half-open interval, cut to the lanes there are; lane 0 by default.
[[nodiscard]] std::pair<std::uint32_t, std::uint32_t> selected_lanes(const parsed_arguments& arguments,
                                                                     const trace_reader& trace);

/// How the run ended: "complete", "cut short: REASON".
[[nodiscard]] std::string end_of_run(const trace_facts& facts);

// One a file of this folder.
int trace_info(const std::vector<std::string>& arguments);
boost::program_options::options_description trace_info_options();
int trace_show(const std::vector<std::string>& arguments);
boost::program_options::options_description trace_show_options();
int trace_plot(const std::vector<std::string>& arguments);
boost::program_options::options_description trace_plot_options();
int trace_diff(const std::vector<std::string>& arguments);
boost::program_options::options_description trace_diff_options();
int trace_export(const std::vector<std::string>& arguments);
boost::program_options::options_description trace_export_options();
int trace_messages(const std::vector<std::string>& arguments);
boost::program_options::options_description trace_messages_options();

}  // namespace locus::tools
