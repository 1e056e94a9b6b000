#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "sim/core/catalogue.hpp"
#include "sim/core/grouped.hpp"
#include "sim/core/json_text.hpp"
#include "sim/trace/message_log.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

std::string storage_of(const trace_variable& v) {
  return v.storage == trace_storage::frames ? "every frame" : fmt::format("{} changes", grouped(v.rows));
}

/// "0 to 59", "120 on"; nothing if all ticks were wanted.
std::string windows_text(const trace_facts& f) {
  constexpr std::size_t enough = 8;
  std::string text;
  for (std::size_t i = 0; i < f.windows.size() && i < enough; ++i) {
    const auto [first, last] = f.windows[i];
    const bool open = last == std::numeric_limits<tick_t>::max();
    if (open && first <= 0) return "";
    text += (i == 0 ? "" : ", ") + (open ? fmt::format("{} on", first) : fmt::format("{} to {}", first, last - 1));
  }
  return f.windows.size() > enough ? fmt::format("{}, ... ({} windows)", text, f.windows.size()) : text;
}

void print_presentations(const trace_reader& trace) {
  if (trace.presentations() == 0) return;
  const traced_presentation first = trace.read_presentations(0, 1).at(0);
  const traced_presentation last = trace.read_presentations(trace.presentations() - 1, 1).at(0);
  print("presentations: {} to {}, epochs {} to {}; which sample each shows: locus trace show --samples\n", first.number,
        last.number, first.epoch, last.epoch);
}

void print_settings(const trace_reader& trace) {
  const trace_facts& f = trace.facts();
  print("{}: trace, format {}, written by locus {}\n", trace.path(), f.format_version, f.version);
  print("run: {}\n", end_of_run(f));
  print("settings: {}, {} lane{}, seed {}; netlist sha256 {}\n", name_of(f.precision), f.lanes, f.lanes == 1 ? "" : "s",
        f.seed, f.netlist_sha256);
  if (const std::string windows = windows_text(f); !windows.empty()) print("recorded ticks: {}\n", windows);
  const auto [first, last] = trace.extent();
  if (first == last) {
    print("ticks: none\n");
    return;
  }
  print("ticks: {} to {}; {} frames, one {}\n", first, last - 1, grouped(trace.frames().size()),
        f.every == 1 ? "a tick" : fmt::format("every {} ticks", f.every));
  print_presentations(trace);
}

void print_circuit(const trace_reader& trace) {
  print("\ncircuit: {} populations, {} projections\n", trace.populations().size(), trace.projections().size());
  for (const traced_population& p : trace.populations()) {
    std::string parameters;
    for (const auto& [name, value] : p.parameters) parameters += fmt::format(", {} = {}", name, text_of(value));
    const std::string shape = p.shape.empty() ? "" : fmt::format(", on a grid of {}", locus::text_of(p.shape));
    print("  {:<20} {:>6} x {}{}{}\n", p.name, p.size, p.model, shape, parameters);
  }
  for (const traced_projection& p : trace.projections()) {
    if (p.synapse == "link") continue;
    print("  {:<20} {:>6} x {}: {} -> {}, {}\n", p.name, p.connections, p.synapse, p.from, p.to, p.shape);
  }
}

void print_recorded(const trace_reader& trace) {
  print("\nrecorded\n");
  for (const trace_variable& v : trace.variables()) {
    print("  {:<28} {:>6} {}, {}{}{}\n", v.full_name(), v.columns(),
          fmt::format("{}{}", v.weights ? "synapse" : "neuron", v.columns() == 1 ? "" : "s"), storage_of(v),
          v.long_name.empty() ? "" : "; " + v.long_name,
          v.units.empty() || v.units == "1" ? "" : fmt::format(" ({})", v.units));
  }
  for (const spike_list_info& s : trace.spikes()) {
    print("  {:<28} {:>6} events\n", s.group, grouped(s.count));
  }
  if (!has_messages(trace)) return;
  const message_log log(trace);
  const auto [first, last] = log.extent();
  print("  {:<28} {:>6}, ticks {} to {}{}\n", "messages", grouped(log.size()), first, std::max(first, last - 1),
        log.dropped() > 0 ? fmt::format("; {} more were not stored (limit {})",
                                        grouped(static_cast<std::uint64_t>(log.dropped())), log.limit())
                          : "");
}

nlohmann::json as_json(const trace_reader& trace) {
  const trace_facts& f = trace.facts();
  nlohmann::json j = {{"format_version", f.format_version},
                      {"complete", f.complete},
                      {"ended", f.ended},
                      {"precision", name_of(f.precision)},
                      {"lanes", f.lanes},
                      {"every", f.every},
                      {"seed", f.seed},
                      {"version", f.version},
                      {"netlist", f.netlist},
                      {"netlist_sha256", f.netlist_sha256},
                      {"ticks", {trace.extent().first, trace.extent().second}},
                      {"frames", trace.frames().size()},
                      {"presentations", trace.presentations() / f.lanes}};
  if (f.ended_tick) j["ended_tick"] = *f.ended_tick;
  for (const traced_population& p : trace.populations()) {
    const grid_shape row = {static_cast<std::uint32_t>(p.size)};
    j["populations"].push_back(
        {{"name", p.name}, {"model", p.model}, {"size", p.size}, {"shape", p.shape.empty() ? row : p.shape}});
  }
  for (const trace_variable& v : trace.variables()) {
    j["variables"].push_back({{"name", v.full_name()},
                              {"columns", v.columns()},
                              {"lanes", v.lanes},
                              {"storage", v.storage == trace_storage::frames ? "frames" : "changes"},
                              {"rows", v.rows},
                              {"units", v.units}});
  }
  for (const spike_list_info& s : trace.spikes()) j["events"].push_back({{"name", s.group}, {"count", s.count}});
  return j;
}

int run_trace_info(const parsed_arguments& parsed) {
  const trace_reader trace(parsed.text("file"));
  if (parsed.has("netlist")) {
    fmt::print("{}", printable(trace.facts().netlist, true));
  } else if (parsed.has("json")) {
    fmt::print("{}", json_text(as_json(trace), true));
  } else {
    print_settings(trace);
    print_circuit(trace);
    print_recorded(trace);
  }
  return done;
}

}  // namespace

const command& trace_info_command() {
  static const command c = {.name = "trace info",
                            .synopsis = "trace info FILE [options]",
                            .summary = "what was recorded: variables, circuit, settings, how the run ended",
                            .takes = {"file"},
                            .options = {{"netlist", "", "print the netlist alone, as it was run"},
                                        {"json", "", "print all for programs, on standard output"}},
                            .run = run_trace_info,
                            .isolated = true};
  return c;
}

}  // namespace locus::tools
