#include "sim/trace/trace_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "sim/trace/circuit_group.hpp"
#include "sim/trace/trace_datasets.hpp"

namespace locus {

namespace {

void check_place(const trace_description& trace, bool force) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path path = trace.file;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!fs::is_directory(folder, ignored)) {
    throw usage_error(trace.at,
                      fmt::format("trace file \"{}\": there is no folder \"{}\"", trace.file, folder.string()));
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    throw usage_error(trace.at, fmt::format("trace file \"{}\": the folder \"{}\" cannot be written to", trace.file,
                                            folder.string()));
  }
  const fs::file_status status = fs::status(path, ignored);
  if (!fs::exists(status)) return;
  if (!fs::is_regular_file(status)) {
    throw usage_error(trace.at,
                      fmt::format("trace file \"{}\" exists and is no file: choose another name", trace.file));
  }
  if (!force) {
    throw usage_error(trace.at,
                      fmt::format("trace file \"{}\" exists: choose another name or pass --force", trace.file));
  }
}

}  // namespace

trace_file::trace_file(const circuit& c, const trace_description& trace, const trace_provenance& run,
                       const trace_layout& layout, bool force)
    : layout_(layout) {
  check_place(trace, force);
  const hdf5::session exclusive;
  file_ = hdf5::create_file(trace.file, force);
  try {
    write_root(c, run);
    write_circuit_group(file_, c);
    make_columns(c);
    make_spikes();
    hdf5::flush(file_);
  } catch (...) {
    drop_datasets();
    file_.id.close();
    ::unlink(trace.file.c_str());
    throw;
  }
}

trace_file::~trace_file() {
  const hdf5::session exclusive;
  drop_datasets();
  file_.id.close();
}

void trace_file::write_root(const circuit& c, const trace_provenance& run) {
  hdf5::set_text(file_, "format", "locus-trace");
  hdf5::set_integer(file_, "format_version", 1);
  hdf5::set_text(file_, "netlist", run.netlist);
  hdf5::set_text(file_, "netlist_sha256", run.netlist_sha256);
  hdf5::set_unsigned(file_, "seed", run.seed);
  hdf5::set_text(file_, "precision", c.precision);
  hdf5::set_text(file_, "version", run.version);
  hdf5::set_unsigned(file_, "lanes", c.lanes);
  hdf5::set_unsigned(file_, "every", layout_.every);
  hdf5::set_integer(file_, "complete", 0);
}

void trace_file::make_columns(const circuit& c) {
  tick_ = make_tick_dataset(file_, layout_);
  const std::size_t fields = layout_.selection.fields.size();
  for (std::size_t k = 0; k < layout_.columns.size(); ++k) {
    const trace_column& column = layout_.columns[k];
    if (k < fields) {
      columns_.push_back(make_field_dataset(file_, layout_, column, tick_));
    } else {
      const projection& p = c.projections[layout_.selection.projections[k - fields]];
      columns_.push_back(make_weight_dataset(file_, layout_, column, tick_, c, p));
    }
  }
}

void trace_file::make_spikes() {
  const hdf5::object all = hdf5::open_group(file_, "/spikes");
  for (const spike_column& column : layout_.spikes) {
    const hdf5::object group = hdf5::open_group(all, column.group);
    set_sorted_by_time(group);
    spikes_.push_back({make_event_dataset(group, "timestamps", H5T_IEEE_F64LE),
                       make_event_dataset(group, "node_ids", H5T_STD_U64LE),
                       make_event_dataset(group, "lanes", H5T_STD_U32LE)});
    hdf5::set_text(spikes_.back().timestamps, "units", "tick");
  }
}

void trace_file::append(const trace_block& block) {
  const hdf5::session exclusive;
  if (!file_.id) return;
  try {
    write(block);
  } catch (...) {
    abandon();
    throw;
  }
}

/// Leaves the file as the last flush left it. To close it would write an index of numbers that are not there.
void trace_file::abandon() noexcept {
  for (spike_datasets& s : spikes_) {
    for (hdf5::object* dataset : {&s.timestamps, &s.nodes, &s.lanes}) dataset->id.abandon();
  }
  for (hdf5::object& column : columns_) column.id.abandon();
  tick_.id.abandon();
  file_.id.abandon();
}

void trace_file::write(const trace_block& block) {
  const hid_t type = layout_.single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
  const std::byte* values = block.values.data();
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    hdf5::append(columns_[k], block.ticks.size(), type, values);
    values += layout_.frames * layout_.columns[k].bytes;
  }
  for (std::size_t k = 0; k < spikes_.size(); ++k) {
    const spike_list& list = block.spikes[k];
    hdf5::append(spikes_[k].timestamps, list.ticks.size(), H5T_NATIVE_DOUBLE, list.ticks.data());
    hdf5::append(spikes_[k].nodes, list.nodes.size(), H5T_NATIVE_UINT64, list.nodes.data());
    hdf5::append(spikes_[k].lanes, list.lanes.size(), H5T_NATIVE_UINT32, list.lanes.data());
  }
  hdf5::append(tick_, block.ticks.size(), H5T_NATIVE_INT64, block.ticks.data());
  hdf5::flush(file_);
}

void trace_file::complete() {
  const hdf5::session exclusive;
  if (!file_.id) return;
  hdf5::set_integer(file_, "complete", 1);
  close();
}

void trace_file::end(std::string_view reason) {
  const hdf5::session exclusive;
  if (!file_.id) return;
  if (!reason.empty()) hdf5::set_text(file_, "ended", reason);
  close();
}

void trace_file::close() {
  drop_datasets();
  hdf5::close(file_);
}

void trace_file::drop_datasets() noexcept {
  spikes_.clear();
  columns_.clear();
  tick_.id.close();
}

}  // namespace locus
