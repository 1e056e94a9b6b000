#include "tools/locus/trace/trace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/errors.hpp"
#include "tools/locus/commands.hpp"

namespace locus::tools {

const command& trace_command() {
  static const command c = {
      .name = "trace",
      .synopsis = "trace COMMAND FILE [options]",
      .summary = "look at what a run recorded: tables, pictures, differences, messages, causes",
      .parts = {&trace_info_command(), &trace_show_command(), &trace_plot_command(), &trace_diff_command(),
                &trace_export_command(), &trace_messages_command(), &trace_why_command()}};
  return c;
}

std::vector<option> selection_options() {
  return {
      {.name = "select",
       .argument = "NAME[INDEX]",
       .help = "variables (hidden1.value.x), populations (hidden1.value), ends of names (value.x), * for any "
               "characters, kind:neurons, kind:weights, kind:MODEL; with neurons [3], [0:4], [0,2], on a grid [ROW, "
               "COLUMN], of synapses [POST][PRE]; repeatable (default: all)",
       .repeatable = true},
      {"ticks", "FROM:UNTIL", "from FROM to before UNTIL; a single tick, or 10: or :40 (default: all)"},
      {"lanes", "N", "a lane, or an interval as for --ticks (default: 0)"}};
}

std::vector<std::string> selected_patterns(const parsed_arguments& arguments) { return arguments.texts("select"); }

std::pair<tick_t, tick_t> selected_ticks(const parsed_arguments& arguments, const trace_reader& trace) {
  const auto [first, last] = trace.extent();
  if (!arguments.has("ticks")) return {first, last};
  const std::string text = arguments.text("ticks");
  const auto wanted = parse_interval(text, "--ticks");
  const std::pair<tick_t, tick_t> cut = {std::max(wanted.first, first), std::min(wanted.second, last)};
  if (first == last) throw usage_error(fmt::format("--ticks {}: \"{}\" has no ticks", text, trace.path()));
  if (cut.first >= cut.second) {
    throw usage_error(fmt::format("--ticks {}: \"{}\" has ticks {} to {}", text, trace.path(), first, last - 1));
  }
  return cut;
}

std::pair<std::uint32_t, std::uint32_t> selected_lanes(const parsed_arguments& arguments, const trace_reader& trace) {
  if (!arguments.has("lanes")) return {0, 1};
  const std::string text = arguments.text("lanes");
  const auto wanted = parse_interval(text, "--lanes");
  const auto first = std::max<std::int64_t>(wanted.first, 0);
  const auto last = std::min<std::int64_t>(wanted.second, trace.facts().lanes);
  if (first >= last) {
    throw usage_error(fmt::format("--lanes {}: \"{}\" has lanes 0 to {}", text, trace.path(), trace.facts().lanes - 1));
  }
  return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
}

std::string end_of_run(const trace_facts& facts) {
  const std::string tick = facts.ended_tick ? fmt::format(", at tick {}", *facts.ended_tick) : "";
  if (facts.complete) return "complete: the run went to its end" + tick;
  if (!facts.ended.empty()) return fmt::format("cut short: {}{}", facts.ended, tick);
  return "cut short: the run was killed, or is not over yet";
}

}  // namespace locus::tools
