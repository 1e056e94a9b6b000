/// The events of trace_reader.hpp: /spikes.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/hdf5_reading.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus {

namespace {

struct spike_datasets {
  hdf5::object timestamps, neurons, lanes;
  std::uint64_t count = 0;  ///< of the shortest: a run that was killed while it wrote may leave different lengths
};

spike_datasets open_spikes(const hdf5::object& file, const std::string& group) {
  const std::string parent = "/spikes/" + group;
  spike_datasets s{hdf5::open_checked(file, parent + "/timestamps", H5T_FLOAT, 1),
                   hdf5::open_checked(file, parent + "/node_ids", H5T_INTEGER, 1),
                   hdf5::open_checked(file, parent + "/lanes", H5T_INTEGER, 1)};
  s.count = std::min({hdf5::size_of(s.timestamps).at(0), hdf5::size_of(s.neurons).at(0), hdf5::size_of(s.lanes).at(0)});
  return s;
}

tick_t tick_at(const spike_datasets& s, std::uint64_t at) {
  const double time = hdf5::read_numbers(s.timestamps, {at}, {1}).at(0);
  constexpr double most = 9007199254740992.0;  // 2^53: up to here a double holds every whole number
  if (!(std::abs(time) <= most)) s.timestamps.fail("read", fmt::format("{} is no tick", time));
  return static_cast<tick_t>(time);
}

/// The first event at or after `tick`.
std::uint64_t first_event(const spike_datasets& s, tick_t tick) {
  std::uint64_t low = 0, high = s.count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (tick_at(s, middle) < tick) low = middle + 1;
    else high = middle;
  }
  return low;
}

}  // namespace

void trace_reader::read_spike_lists() {
  for (const std::string& group : hdf5::names_in(file_, "/spikes")) {
    const spike_datasets s = open_spikes(file_, group);
    spikes_.push_back({group, s.count});
    if (s.count > 0) note_extent(tick_at(s, 0), tick_at(s, s.count - 1));
  }
  // In the order of the netlist; a list is called after its population, or population.variable.
  const auto place = [&](const spike_list_info& list) {
    const auto found = std::find_if(populations_.begin(), populations_.end(), [&](const traced_population& p) {
      return list.group == p.name || list.group.starts_with(p.name + ".");
    });
    return found - populations_.begin();
  };
  std::stable_sort(spikes_.begin(), spikes_.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
}

std::vector<spike_event> read_spikes(const trace_reader& trace, const std::string& group, tick_t from, tick_t until,
                                     std::size_t most) {
  const hdf5::session exclusive;
  const spike_datasets s = open_spikes(trace.file(), group);
  const std::uint64_t first = first_event(s, from);
  const std::uint64_t last = std::max(first, first_event(s, until));
  const std::uint64_t count = std::min<std::uint64_t>(last - first, most);
  const std::vector<double> times = hdf5::read_numbers(s.timestamps, {first}, {count});
  const std::vector<std::int64_t> neurons = hdf5::read_integers(s.neurons, first, count);
  const std::vector<std::int64_t> lanes = hdf5::read_integers(s.lanes, first, count);
  std::vector<spike_event> events;
  for (std::size_t i = 0; i < count; ++i) {
    if (!(times[i] >= static_cast<double>(from) && times[i] < static_cast<double>(until))) {
      s.timestamps.fail("read", fmt::format("{} is out of order", times[i]));
    }
    if (neurons[i] < 0 || lanes[i] < 0 || lanes[i] >= static_cast<std::int64_t>(trace.facts().lanes)) {
      s.neurons.fail("read", fmt::format("there is no neuron {} in lane {}", neurons[i], lanes[i]));
    }
    events.push_back(
        {static_cast<tick_t>(times[i]), static_cast<std::uint64_t>(neurons[i]), static_cast<std::uint32_t>(lanes[i])});
  }
  return events;
}

std::optional<tick_t> nearest_spike(const trace_reader& trace, const std::string& group, std::uint32_t lane,
                                    tick_t tick, int direction) {
  const hdf5::session exclusive;
  const spike_datasets s = open_spikes(trace.file(), group);
  constexpr std::uint64_t at_once = 4096;
  std::uint64_t next = direction > 0 ? first_event(s, tick + 1) : first_event(s, tick);
  while (direction > 0 ? next < s.count : next > 0) {
    const std::uint64_t first = direction > 0 ? next : next - std::min(next, at_once);
    const std::uint64_t count = direction > 0 ? std::min(at_once, s.count - next) : next - first;
    const std::vector<std::int64_t> lanes = hdf5::read_integers(s.lanes, first, count);
    if (direction > 0) {
      const auto found = std::find(lanes.begin(), lanes.end(), lane);
      if (found != lanes.end()) return tick_at(s, first + static_cast<std::uint64_t>(found - lanes.begin()));
      next = first + count;
    } else {
      const auto found = std::find(lanes.rbegin(), lanes.rend(), lane);
      if (found != lanes.rend()) return tick_at(s, first + static_cast<std::uint64_t>(lanes.rend() - found) - 1);
      next = first;
    }
  }
  return std::nullopt;
}

}  // namespace locus
