#include "sim/sonata/spikes.hpp"

#include <fmt/format.h>

#include <memory>

#include "sim/core/errors.hpp"
#include "sim/sonata/reports.hpp"
#include "sim/trace/spike_order.hpp"

namespace locus::sonata {

namespace {

/// Calls f(event) for each event of a list, reading a block at a time.
template <class F>
void each_event(const trace_reader& trace, const std::string& list, F&& f) {
  std::size_t most = std::size_t{1} << 18u;
  auto [from, until] = trace.extent();
  while (from < until) {
    const std::vector<spike_event> events = read_spikes(trace, list, from, until, most);
    const bool all = events.size() < most;
    if (!all && events.front().tick == events.back().tick) {
      most *= 2;  // a block has to hold one tick and the first event of another
      continue;
    }
    from = all ? until : events.back().tick;
    for (const spike_event& e : events) {
      if (e.tick < from) f(e);
    }
  }
}

/// The population of a list: "hidden1.phi", or "hidden1.phi.spike" if its model has several events.
const population& population_of(const circuit& c, const std::string& list) {
  auto found = c.find_population(list);
  if (!found) found = c.find_population(list.substr(0, list.rfind('.')));
  if (!found) throw run_error(fmt::format("/spikes/{}: the trace's netlist has no such population", list));
  return c.populations[*found];
}

class spike_writer {
 public:
  spike_writer(const hdf5::object& file, const std::string& list, double tick_ms)
      : group_(hdf5::open_group(file, "/spikes/" + list)),
        tick_ms_(tick_ms),
        times_(group_, "timestamps"),
        nodes_(group_, "node_ids") {}

  void add(const spike_event& e) {
    times_.add(static_cast<double>(e.tick) * tick_ms_);
    nodes_.add(e.neuron);
  }

  /// The order is told twice: libsonata looks for an enumeration on the group, pysonata for a text on the ids.
  void finish() {
    set_sorted_by_time(group_);
    hdf5::set_text(times_.finish(), "units", "ms");
    hdf5::set_text(nodes_.finish(), "sorting", "by_time");
  }

 private:
  hdf5::object group_;
  double tick_ms_;
  table_writer<double> times_;
  table_writer<std::uint64_t> nodes_;
};

/// The events of one list in the lanes [first, first + files.size()).
std::uint64_t write_list(const std::vector<hdf5::object>& files, const trace_reader& trace, const circuit& c,
                         const spike_list_info& list, std::uint32_t first, const progress& tell) {
  const population& p = population_of(c, list.group);
  std::vector<std::unique_ptr<spike_writer>> writers;
  writers.reserve(files.size());
  for (const hdf5::object& file : files)
    writers.push_back(std::make_unique<spike_writer>(file, list.group, tick_ms(c)));
  std::uint64_t seen = 0, written = 0;
  each_event(trace, list.group, [&](const spike_event& e) {
    if (e.tick < 0 || e.neuron >= p.size) {
      throw run_error(
          fmt::format("\"{}\" (/spikes/{}): tick {}, neuron {}: times must be >= 0, and \"{}\" has {} neurons",
                      trace.path(), list.group, e.tick, e.neuron, p.name, p.size));
    }
    if ((++seen & 0xffffu) == 0) tell("spikes", seen, list.count);
    if (e.lane < first || e.lane - first >= writers.size()) return;
    writers[e.lane - first]->add(e);
    ++written;
  });
  for (const auto& writer : writers) writer->finish();
  return written;
}

}  // namespace

std::string spikes_file(std::uint32_t lane, std::uint32_t lanes) { return lane_folder(lane, lanes) + "spikes.h5"; }

std::uint64_t write_spikes(output_folder& folder, const trace_reader& trace, const circuit& c, const origin& from,
                           const progress& tell) {
  const std::uint32_t lanes = trace.facts().lanes;
  std::uint64_t written = 0;
  for (std::uint32_t first = 0; first < lanes; first += lanes_of_pass) {
    std::vector<hdf5::object> files;
    for (std::uint32_t lane = first; lane < std::min(lanes, first + lanes_of_pass); ++lane) {
      files.push_back(create_file(folder.file("output/" + spikes_file(lane, lanes)), from));
      (void)hdf5::open_group(files.back(), "/spikes");
      if (lanes > 1) hdf5::set_unsigned(hdf5::open_group(files.back(), "/meta"), "lane", lane);
    }
    for (const spike_list_info& list : trace.spikes()) written += write_list(files, trace, c, list, first, tell);
    for (hdf5::object& file : files) hdf5::close(file);
  }
  return written;
}

}  // namespace locus::sonata
