#include "sim/sonata/reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "sim/core/errors.hpp"
#include "sim/trace/value_stream.hpp"

namespace locus::sonata {

namespace {

std::string name_of(const trace_variable& v) {
  return (v.weights ? v.full_name() : v.name) + (v.storage == trace_storage::changes ? "_changes" : "");
}

/// The steps from the first frame to the last. A tick between them without a frame belongs to it too.
frame_grid grid_of(const trace_reader& trace, const trace_variable& v) {
  frame_grid grid;
  tick_t last = 0;
  if (v.storage == trace_storage::frames) {
    if (trace.frames().empty()) return grid;
    grid.first = trace.frames().front();
    grid.step = trace.facts().every;
    last = trace.frames().back();
    const auto odd = std::find_if(trace.frames().begin(), trace.frames().end(),
                                  [&](tick_t t) { return (t - grid.first) % grid.step != 0; });
    if (odd != trace.frames().end()) {
      throw run_error(fmt::format("\"{}\" (/trace/tick): tick {}: frames must be {} ticks apart, from tick {} on",
                                  trace.path(), *odd, grid.step, grid.first));
    }
  } else {
    const auto first = value_stream(trace, v).next(never);
    if (!first) return grid;
    grid.first = *first;
    last = trace.extent().second - 1;
  }
  if (grid.first < 0) {
    throw run_error(fmt::format("\"{}\": tick {}: SONATA has no negative times", trace.path(), grid.first));
  }
  grid.count = static_cast<std::uint64_t>((last - grid.first) / grid.step) + 1;
  if (grid.count > std::numeric_limits<std::uint32_t>::max()) {
    throw run_error(fmt::format("\"{}\": {} frames from tick {} to {}: at most 2^32 can be written", trace.path(),
                                grid.count, grid.first, last));
  }
  return grid;
}

void check_lanes(const trace_reader& trace, const trace_variable& v) {
  const std::uint32_t expected = v.weights ? 1 : trace.facts().lanes;
  if (v.lanes == expected) return;
  throw run_error(fmt::format("\"{}\" ({}): it has {} lanes: must be {}", trace.path(), v.path(), v.lanes, expected));
}

report& report_named(std::vector<report>& reports, const std::string& name) {
  const auto found = std::find_if(reports.begin(), reports.end(), [&](const report& r) { return r.name == name; });
  if (found != reports.end()) return *found;
  reports.emplace_back().name = name;
  return reports.back();
}

/// The lanes [first, last) of one population.
void write_part(const std::vector<hdf5::object>& files, const trace_reader& trace, const report& r, std::size_t part,
                std::uint32_t first, double tick_ms, const count_numbers& count) {
  const trace_variable& v = *r.parts[part];
  const frame_grid& grid = r.grids[part];
  std::vector<std::unique_ptr<report_writer>> writers;
  writers.reserve(files.size());
  for (const hdf5::object& file : files) {
    writers.push_back(std::make_unique<report_writer>(file, r.columns[part], v.units, tick_ms));
  }
  value_stream stream(trace, v);
  const std::string name = v.full_name();
  for (std::uint64_t k = 0; k < grid.count; ++k) {
    const auto values = stream.at(grid.first + static_cast<tick_t>(k) * grid.step);  // [column][lane]
    for (std::size_t lane = 0; lane < writers.size(); ++lane) {
      for (std::size_t column = 0; column < v.columns(); ++column) {
        writers[lane]->add(values[r.columns[part].in_trace(column) * v.lanes + first + lane]);
      }
    }
    count(name, values.size());
  }
  for (const auto& writer : writers) writer->finish(grid);
}

/// The lanes [first, last) of all populations.
void write_lanes(output_folder& folder, const trace_reader& trace, const report& r, std::uint32_t first,
                 std::uint32_t last, const origin& from, const count_numbers& count) {
  std::vector<hdf5::object> files;
  for (std::uint32_t lane = first; lane < last; ++lane) {
    const std::string name = "output/" + report_file(r, lane, trace.facts().lanes);
    files.push_back(create_file(folder.file(name), from));
    const hdf5::object meta = hdf5::open_group(files.back(), "/meta");
    if (r.lanes) hdf5::set_unsigned(meta, "lane", lane);
    if (r.parts.front()->weights) hdf5::set_text(meta, "projection", r.parts.front()->group);
  }
  for (std::size_t part = 0; part < r.parts.size(); ++part)
    write_part(files, trace, r, part, first, from.tick_ms, count);
  for (hdf5::object& file : files) hdf5::close(file);
}

}  // namespace

std::vector<report> reports_of(const trace_reader& trace, const circuit& c, std::vector<std::string>& left_out) {
  std::vector<report> reports;
  for (const trace_variable& v : trace.variables()) {
    const frame_grid grid = grid_of(trace, v);
    if (grid.count == 0 || v.columns() == 0) {
      left_out.push_back(fmt::format("{}: the trace has no values of it", v.full_name()));
      continue;
    }
    check_lanes(trace, v);
    report& r = report_named(reports, name_of(v));
    r.lanes = v.lanes > 1;
    r.parts.push_back(&v);
    r.columns.push_back(columns_of(v, c));
    r.grids.push_back(grid);
  }
  return reports;
}

std::string lane_folder(std::uint32_t lane, std::uint32_t lanes) {
  return lanes > 1 ? fmt::format("lane{}/", lane) : "";
}

std::string report_file(const report& r, std::uint32_t lane, std::uint32_t lanes) {
  return fmt::format("{}reports/{}.h5", r.lanes ? lane_folder(lane, lanes) : "", r.name);
}

report_entry entry_of(const report& r, std::uint32_t lane, std::uint32_t lanes, double tick_ms) {
  const trace_variable& v = *r.parts.front();
  report_entry e{r.name, v.name, v.units.empty() ? "1" : v.units, report_file(r, lane, lanes), v.weights, 0, 0, 0, {}};
  const auto by_first = [](const frame_grid& a, const frame_grid& b) { return a.first < b.first; };
  const auto by_end = [](const frame_grid& a, const frame_grid& b) { return a.end() < b.end(); };
  e.start_ms = static_cast<double>(std::min_element(r.grids.begin(), r.grids.end(), by_first)->first) * tick_ms;
  e.stop_ms = static_cast<double>(std::max_element(r.grids.begin(), r.grids.end(), by_end)->end()) * tick_ms;
  e.step_ms = static_cast<double>(r.grids.front().step) * tick_ms;
  for (const report_columns& each : r.columns)
    e.cells.push_back({each.population, each.whole ? std::vector<std::uint32_t>() : each.nodes});
  return e;
}

std::uint64_t numbers_of(const report& r, std::uint32_t lanes) {
  const std::uint64_t passes = r.lanes ? (lanes + lanes_of_pass - 1) / lanes_of_pass : 1;
  std::uint64_t numbers = 0;
  for (std::size_t part = 0; part < r.parts.size(); ++part) {
    numbers += passes * r.grids[part].count * r.parts[part]->columns() * r.parts[part]->lanes;
  }
  return numbers;
}

void write_report(output_folder& folder, const trace_reader& trace, const report& r, const origin& from,
                  const count_numbers& count) {
  const std::uint32_t lanes = r.lanes ? trace.facts().lanes : 1;
  for (std::uint32_t first = 0; first < lanes; first += lanes_of_pass) {
    write_lanes(folder, trace, r, first, std::min(lanes, first + lanes_of_pass), from, count);
  }
}

}  // namespace locus::sonata
