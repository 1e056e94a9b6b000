#include "sim/trace/trace_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "sim/core/atomic_file.hpp"
#include "sim/core/descriptor.hpp"
#include "sim/trace/circuit_group.hpp"

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

/// Holds an existing file until its successor has its place. A file that another program uses must keep its content.
descriptor reserve(const std::string& path) {
  descriptor old(path, O_RDONLY | O_NONBLOCK);
  if (old && ::flock(old.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw run_error(fmt::format("cannot write \"{}\": it is open in another program", path));
  }
  return old;
}

/// `first`: the first of the frames that were packed.
void write_chunk(const hdf5::object& dataset, hsize_t first, const packed_chunk& c) {
  std::vector<hsize_t> at = c.at;
  at[0] += first;
  hdf5::write_chunk(dataset, at, c.skipped, c.bytes);
}

}  // namespace

trace_file::trace_file(const circuit& c, const trace_description& trace, const trace_provenance& run,
                       const trace_layout& layout, const recorder_list& recorders, bool force)
    : layout_(layout), recorders_(recorders), path_(trace.file) {
  check_place(trace, force);
  const hdf5::session exclusive;
  const descriptor old = reserve(path_);
  atomic_file place(path_);
  file_ = hdf5::create_file(place);
  try {
    write_root(c, run);
    write_circuit_group(file_, c);
    make_datasets(c);
    hdf5::flush(file_);
    place.commit(static_cast<bool>(old));
  } catch (...) {
    drop_datasets();
    file_.id.close();
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
  hdf5::set_integer(file_, "format_version", 3);
  hdf5::set_text(file_, "netlist", run.netlist);
  hdf5::set_text(file_, "netlist_sha256", run.netlist_sha256);
  hdf5::set_text(file_, "long_form", run.long_form);
  hdf5::set_unsigned(file_, "seed", run.seed);
  hdf5::set_text(file_, "precision", std::string(name_of(c.precision)));
  hdf5::set_text(file_, "version", run.version);
  hdf5::set_unsigned(file_, "lanes", c.lanes);
  if (c.dt) hdf5::set_number(file_, "dt", *c.dt);
  hdf5::set_unsigned(file_, "every", layout_.every);
  std::vector<std::int64_t> ends;
  for (const window& w : layout_.windows) ends.insert(ends.end(), {w.first, w.last});
  hdf5::set_array(file_, "windows", H5T_STD_I64LE, {layout_.windows.size(), 2}, ends.data());
  hdf5::set_integer(file_, "complete", 0);
}

void trace_file::make_datasets(const circuit& c) {
  for (const char* group : {"/trace", "/scales", "/overview", "/spikes", "/changes", "/stimuli"}) {
    (void)hdf5::open_group(file_, group);
  }
  tick_ = make_tick_dataset(file_, layout_);
  for (const trace_column& column : layout_.columns) {
    const std::size_t lanes = column.shape.size() > 1 ? column.shape[1] : 1;
    columns_.push_back({make_column_dataset(file_, layout_, column, tick_, c),
                        make_overview_datasets(file_, layout_, column),
                        layout_.single ? any_overview(overview<float>(column.shape[0], lanes))
                                       : any_overview(overview<double>(column.shape[0], lanes))});
  }
  for (const auto& recorder : recorders_) {
    for (const table_layout& table : recorder->tables()) tables_.push_back(make_table_datasets(file_, table));
    recorder->prepare(file_);
  }
}

void trace_file::append(const trace_block& block) {
  const hdf5::session exclusive;
  if (!file_.id) return;
  try {
    write(block);
  } catch (...) {
    // What the last flush left is on the disk; closing the file writes nothing more.
    failed_ = true;
    drop_datasets();
    file_.id.close();
    throw;
  }
}

/// The ticks come last: every frame that has a tick can be read.
void trace_file::write(const trace_block& block) {
  write_tables(block);
  if (!block.ticks.empty()) write_frames(block);
  hdf5::flush(file_);
  if (block.ticks.empty()) return;
  const hsize_t first = hdf5::extend(tick_, block.ticks.size());
  packer_.pack(block.ticks.size(), sizeof(tick_t), {}, {layout_.frames},
               reinterpret_cast<const std::byte*>(block.ticks.data()),
               [&](const packed_chunk& c) { write_chunk(tick_, first, c); });
  hdf5::flush(file_);
}

void trace_file::write_frames(const trace_block& block) {
  const std::byte* values = block.values.data();
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const trace_column& layout = layout_.columns[k];
    write_column(columns_[k], layout, values, block.ticks.size(), block.packed.empty() ? nullptr : &block.packed[k]);
    values += layout_.frames * layout.bytes;
  }
}

/// Writes the chunks as they were packed ahead, or packs them now.
void trace_file::write_column(column_datasets& column, const trace_column& layout, const std::byte* values,
                              std::size_t frames, const std::vector<trace_block::kept_chunk>* packed) {
  const hsize_t first = hdf5::extend(column.frames, frames);
  // Chunk after chunk, so that what is looked at twice is in the cache.
  for (std::size_t f = 0; f < frames; f += layout.chunk[0]) {
    const std::size_t count = std::min<std::size_t>(layout.chunk[0], frames - f);
    const std::byte* from = values + f * layout.bytes;
    std::visit([&]<class T>(overview<T>& o) { o.add(reinterpret_cast<const T*>(from), count); }, column.overview);
    if (packed != nullptr) continue;
    packer_.pack(count, layout_.number_bytes(), layout.shape, layout.chunk, from,
                 [&](const packed_chunk& c) { write_chunk(column.frames, first + f, c); });
  }
  if (packed != nullptr) {
    for (const trace_block::kept_chunk& kept : *packed) write_chunk(column.frames, first, kept.chunk);
  }
  write_extremes(column);
}

/// Writes what the overview has to give, and takes it away.
void trace_file::write_extremes(column_datasets& column) const {
  const hid_t type = type_of(layout_.single ? number_kind::f32 : number_kind::f64);
  std::visit(
      [&](auto& o) {
        const hsize_t rows = o.width() == 0 ? 0 : o.lowest.size() / o.width();
        hdf5::append(column.extremes.lowest, rows, type, o.lowest.data());
        hdf5::append(column.extremes.highest, rows, type, o.highest.data());
        o.lowest.clear();
        o.highest.clear();
      },
      column.overview);
}

void trace_file::write_tables(const trace_block& block) {
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    const table_rows& rows = block.tables[t];
    for (std::size_t k = 0; k < rows.columns(); ++k) {
      hdf5::append(tables_[t][k], rows.rows(), type_of(rows.kind(k)), rows.column(k));
    }
  }
}

void trace_file::finish_overviews() {
  for (column_datasets& column : columns_) {
    std::visit([](auto& o) { o.finish(); }, column.overview);
    write_extremes(column);
  }
}

void trace_file::note_end(std::string_view reason, tick_t tick, bool complete) const {
  hdf5::set_text(file_, "ended", reason);
  hdf5::set_integer(file_, "ended_tick", tick);
  if (complete) hdf5::set_integer(file_, "complete", 1);
}

void trace_file::end(std::string_view reason, tick_t tick, bool complete) {
  const hdf5::session exclusive;
  if (failed_) file_ = hdf5::open_to_amend(path_);
  if (!file_.id) return;
  try {
    if (!failed_) finish_overviews();
    for (const auto& recorder : recorders_) recorder->conclude(file_);
    note_end(reason, tick, complete);
    drop_datasets();
    hdf5::close(file_);
  } catch (...) {
    failed_ = true;
    drop_datasets();
    file_.id.close();
    throw;
  }
}

void trace_file::drop_datasets() noexcept {
  tables_.clear();
  columns_.clear();
  tick_.id.close();
}

}  // namespace locus
