#include "sim/sonata/trace_export.hpp"

#include <fmt/format.h>

#include <charconv>

#include "sim/core/errors.hpp"
#include "sim/sonata/configs.hpp"
#include "sim/sonata/reports.hpp"
#include "sim/sonata/spikes.hpp"
#include "sim/trace/message_log.hpp"

namespace locus::sonata {

namespace {

/// What a trace has and SONATA has no place for.
void add_what_has_no_place(const trace_reader& trace, std::vector<std::string>& left_out) {
  if (has_messages(trace)) left_out.push_back("messages: SONATA has no place for them");
  if (!trace.stimuli(1).empty()) {
    left_out.push_back("stimuli: SONATA's kinds of input have none that holds a neuron at a value");
  }
}

void check_lanes(const trace_reader& trace, const circuit& c) {
  if (trace.facts().lanes == c.lanes) return;
  throw run_error(fmt::format("\"{}\": its attribute \"lanes\" is {}, but its netlist has {}", trace.path(),
                              trace.facts().lanes, c.lanes));
}

std::uint64_t seed_of(const trace_facts& facts) {
  std::uint64_t seed = 0;
  std::from_chars(facts.seed.data(), facts.seed.data() + facts.seed.size(), seed);
  return seed;
}

std::string config_file(std::uint32_t lane, std::uint32_t lanes) {
  return lanes > 1 ? fmt::format("simulation_config_lane{}.json", lane) : "simulation_config.json";
}

std::string config_of(const trace_reader& trace, const std::vector<report>& reports, const origin& from,
                      std::uint32_t lane) {
  const trace_facts& facts = trace.facts();
  simulation_entry s;
  s.stop_ms = static_cast<double>(trace.extent().second) * from.tick_ms;
  s.tick_ms = from.tick_ms;
  s.seed = seed_of(facts);
  s.spikes_file = spikes_file(lane, facts.lanes);
  for (const report& r : reports) s.reports.push_back(entry_of(r, lane, facts.lanes, from.tick_ms));
  s.version = from.version;
  s.netlist_sha256 = from.netlist_sha256;
  s.complete = facts.complete;
  s.lane = lane;
  s.lanes = facts.lanes;
  return simulation_config(s);
}

}  // namespace

export_summary write_recordings(output_folder& folder, const trace_reader& trace, const circuit& c, const origin& from,
                                const progress& tell) {
  const hdf5::session exclusive;
  check_lanes(trace, c);
  export_summary summary;
  const std::vector<report> reports = reports_of(trace, c, summary.left_out);
  add_what_has_no_place(trace, summary.left_out);
  std::vector<report_entry> entries;
  std::uint64_t read = 0, total = 0;
  for (const report& r : reports) total += numbers_of(r, trace.facts().lanes);
  const auto count = [&](const std::string& what, std::uint64_t numbers) { tell(what, read += numbers, total); };
  for (const report& r : reports) {
    write_report(folder, trace, r, from, count);
    summary.reports.push_back(r.name);
    entries.push_back(entry_of(r, 0, trace.facts().lanes, from.tick_ms));
  }
  summary.spikes = write_spikes(folder, trace, c, from, tell);
  folder.write_text("node_sets.json", node_sets(c, entries));
  folder.write_text("circuit_config.json", circuit_config(c, entries));
  for (std::uint32_t lane = 0; lane < trace.facts().lanes; ++lane) {
    const std::string name = config_file(lane, trace.facts().lanes);
    folder.write_text(name, config_of(trace, reports, from, lane));
    summary.files.push_back(name);
  }
  return summary;
}

}  // namespace locus::sonata
