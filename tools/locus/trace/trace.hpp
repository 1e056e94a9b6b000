#pragma once
/// What the parts of `locus trace` share.

#include <string>
#include <utility>
#include <vector>

#include "sim/trace/column_selection.hpp"
#include "tools/locus/command.hpp"

namespace locus::tools {

/// The options --select, --ticks and --lanes, and what they mean for a trace.
[[nodiscard]] std::vector<option> selection_options();
[[nodiscard]] std::vector<std::string> selected_patterns(const parsed_arguments& arguments);

/// --ticks as a half-open interval, cut to what was recorded.
[[nodiscard]] std::pair<tick_t, tick_t> selected_ticks(const parsed_arguments& arguments, const trace_reader& trace);

/// --lanes as a half-open interval, cut to the lanes there are; lane 0 by default.
[[nodiscard]] std::pair<std::uint32_t, std::uint32_t> selected_lanes(const parsed_arguments& arguments,
                                                                     const trace_reader& trace);

/// How the run ended: "complete", "cut short: REASON".
[[nodiscard]] std::string end_of_run(const trace_facts& facts);

// One a file of this folder.
[[nodiscard]] const command& trace_info_command();
[[nodiscard]] const command& trace_show_command();
[[nodiscard]] const command& trace_plot_command();
[[nodiscard]] const command& trace_diff_command();
[[nodiscard]] const command& trace_export_command();
[[nodiscard]] const command& trace_messages_command();
[[nodiscard]] const command& trace_why_command();

}  // namespace locus::tools
