#include "tools/locus/trace/trace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "sim/core/child_process.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"

namespace locus::tools {

namespace po = boost::program_options;

const std::vector<command>& trace_parts() {
  static const std::vector<command> parts = {
      {"trace info", "trace info FILE [options]", "what was recorded: variables, circuit, settings, how the run ended",
       trace_info, trace_info_options},
      {"trace show", "trace show FILE [--select NAME...] [--ticks 0:40] [options]", "print values as a table or as CSV",
       trace_show, trace_show_options},
      {"trace plot", "trace plot FILE [options]", "draw a picture (PNG or SVG) with gnuplot", trace_plot,
       trace_plot_options},
      {"trace diff", "trace diff FILE FILE [options]",
       "find the first value in which two traces differ; exit code 1 if they do", trace_diff, trace_diff_options},
      {"trace export", "trace export --sonata DIR FILE [options]", "write circuit, values and spikes as SONATA",
       trace_export, trace_export_options, nullptr, "locus trace export --sonata xor-run xor.h5"},
      {"trace messages", "trace messages FILE --tick N [options]", "print the conversation of a tick", trace_messages,
       trace_messages_options},
  };
  return parts;
}

/// The library that reads the file may die of a damaged one (child_process.hpp), so each part has a process of its own.
int trace_command(const std::vector<std::string>& arguments) {
  const bool help = !arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h");
  if (arguments.empty() || help) {
    print_help(command_named("trace"));
    return help ? done : usage;
  }
  const command& part = command_named("trace " + arguments.front());
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  const child_end end = run_in_child([&] { return guarded([&] { return part.run(rest); }); });
  if (end.code) return *end.code;
  std::vector<std::string> files;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(files), [](const std::string& word) {
    std::error_code ignored;
    return !word.empty() && word.front() != '-' && std::filesystem::is_regular_file(word, ignored);
  });
  hdf5::fail_unread(fmt::format("{}", fmt::join(files, "\" or \"")), end.death);
}

void add_selection_options(po::options_description& options) {
  options.add_options()  //
      ("select", po::value<std::vector<std::string>>()->composing()->value_name("NAME[INDEX]"),
       "variables (hidden1.value.x), populations (hidden1.value), ends of names (value.x), * for any characters, "
       "kind:neurons, kind:weights, kind:MODEL; with neurons [3], [0:4], [0,2], of synapses [POST][PRE]; "
       "repeatable (default: all)")  //
      ("ticks", po::value<std::string>()->value_name("FROM:UNTIL"),
       "from FROM to before UNTIL; a single tick, or 10: or :40 (default: all)")  //
      ("lanes", po::value<std::string>()->value_name("N"), "a lane, or an interval as for --ticks (default: 0)");
}

std::vector<std::string> selected_patterns(const parsed_arguments& arguments) {
  if (arguments.values.count("select") == 0) return {};
  return arguments.values["select"].as<std::vector<std::string>>();
}

std::pair<tick_t, tick_t> selected_ticks(const parsed_arguments& arguments, const trace_reader& trace) {
  const auto [first, last] = trace.extent();
  if (arguments.values.count("ticks") == 0) return {first, last};
  const std::string text = arguments.values["ticks"].as<std::string>();
  const auto wanted = parse_interval(text, "--ticks");
  const std::pair<tick_t, tick_t> cut = {std::max(wanted.first, first), std::min(wanted.second, last)};
  if (first == last) throw usage_error(fmt::format("--ticks {}: \"{}\" has no ticks", text, trace.path()));
  if (cut.first >= cut.second) {
    throw usage_error(fmt::format("--ticks {}: \"{}\" has ticks {} to {}", text, trace.path(), first, last - 1));
  }
  return cut;
}

std::pair<std::uint32_t, std::uint32_t> selected_lanes(const parsed_arguments& arguments, const trace_reader& trace) {
  if (arguments.values.count("lanes") == 0) return {0, 1};
  const std::string text = arguments.values["lanes"].as<std::string>();
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
