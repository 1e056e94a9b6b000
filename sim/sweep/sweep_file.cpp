#include "sim/sweep/sweep_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <thread>

#include "sim/core/bits_version.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"

namespace locus::sweep {

namespace {

constexpr auto format_name = "locus-sweep";
constexpr std::int64_t format_version = 1;
constexpr std::size_t sha256_digits = 64;
constexpr std::size_t longest_message = 240;  ///< bytes; longer ones are cut

/// A name in the file: "/" would part groups, "," the names in `columns`.
std::string name_of(std::string text) {
  std::replace(text.begin(), text.end(), '/', '|');
  std::replace(text.begin(), text.end(), ',', ';');
  return text;
}

/// At most `bytes`, without a part of a character.
std::string cut(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

/// The datasets of results: one for each column of the table of cells, and one a curve.
struct result_datasets {
  hdf5::object state, message, weights_sha256, seconds, epochs;
  std::vector<hdf5::object> counts;  ///< of all_counts
  std::vector<hdf5::object> last;    ///< of the measures
  std::vector<hdf5::object> curves, growth;
};

namespace {

/// Calls `dataset(group, name, where)` for each of them: state(), text(), ... are what it is.
template <class Visitor>
void visit(const question& asked, result_datasets& all, Visitor&& v) {
  v.integer("cells/state", all.state, H5T_STD_U32LE, 1);
  v.text("cells/message", all.message, longest_message);
  v.text("cells/weights_sha256", all.weights_sha256, sha256_digits);
  v.number("cells/seconds", all.seconds, 1);
  v.integer("cells/epochs", all.epochs, H5T_STD_U32LE, 1);
  all.counts.resize(std::size(all_counts));
  for (std::size_t k = 0; k < all.counts.size(); ++k) {
    v.integer(fmt::format("cells/{}", all_counts[k].name), all.counts[k], H5T_STD_U64LE, 1);
  }
  const std::vector<std::string> measures = measures_with(asked.reports);
  all.last.resize(measures.size());
  all.curves.resize(measures.size());
  for (std::size_t k = 0; k < measures.size(); ++k) {
    v.number(fmt::format("cells/{}", name_of(measures[k])), all.last[k], 1);
    v.number(fmt::format("curves/{}", name_of(measures[k])), all.curves[k], asked.epochs);
  }
  all.growth.resize(std::size(epoch_counts));
  for (std::size_t k = 0; k < all.growth.size(); ++k) {
    v.integer(fmt::format("curves/{}", epoch_counts[k]), all.growth[k], H5T_STD_U64LE, asked.epochs);
  }
}

/// "One number a cell": a dataset of one dimension; several, or none: one of two. Curves always have two.
std::vector<hsize_t> size_for(const std::string& path, std::size_t cells, std::size_t width) {
  if (path.starts_with("cells/")) return {cells};
  return {cells, width};
}

class maker {
 public:
  maker(const hdf5::object& file, std::size_t cells) : file_(file), cells_(cells) {}

  void integer(const std::string& path, hdf5::object& to, hid_t type, std::size_t width) {
    const std::vector<std::uint64_t> none(cells_ * width);
    to = hdf5::create_dataset(file_, path, type, {size_for(path, cells_, width), {}});
    if (!none.empty()) hdf5::write(to, H5T_NATIVE_UINT64, none.data());
  }
  void number(const std::string& path, hdf5::object& to, std::size_t width) {
    const std::vector<double> none(cells_ * width, std::nan(""));
    to = hdf5::create_dataset(file_, path, H5T_IEEE_F64LE, {size_for(path, cells_, width), {}});
    if (!none.empty()) hdf5::write(to, H5T_NATIVE_DOUBLE, none.data());
  }
  void text(const std::string& path, hdf5::object& to, std::size_t bytes) {
    const hdf5::handle type = hdf5::fixed_text(bytes);
    const std::string none(cells_ * bytes, '\0');
    to = hdf5::create_dataset(file_, path, type.get(), {{cells_}, {}});
    hdf5::write(to, type.get(), none.data());
  }

 private:
  const hdf5::object& file_;
  std::size_t cells_;
};

/// Opens what is there, and throws unless it is what a maker makes.
class finder {
 public:
  finder(const hdf5::object& file, std::size_t cells) : file_(file), cells_(cells) {}

  void integer(const std::string& path, hdf5::object& to, hid_t, std::size_t width) {
    find(path, to, H5T_INTEGER, width);
  }
  void number(const std::string& path, hdf5::object& to, std::size_t width) { find(path, to, H5T_FLOAT, width); }
  void text(const std::string& path, hdf5::object& to, std::size_t bytes) {
    find(path, to, H5T_STRING, 1);
    const hdf5::handle type(to.check(H5Dget_type(to.id.get()), "read"));
    if (H5Tis_variable_str(type.get()) > 0 || H5Tget_size(type.get()) != bytes) {
      to.fail("read", fmt::format("it is no text of {} bytes", bytes));
    }
  }

 private:
  void find(const std::string& path, hdf5::object& to, H5T_class_t kind, std::size_t width) {
    const std::vector<hsize_t> wanted = size_for(path, cells_, width);
    to = hdf5::open_checked(file_, path, kind, wanted.size());
    if (hdf5::size_of(to) != wanted) to.fail("read", "its size does not fit the sweep");
  }

  const hdf5::object& file_;
  std::size_t cells_;
};

// ---- the question ----------------------------------------------------------------------------------------------

std::string columns_of(const question& asked) {
  std::string names = "cell";
  for (const axis& a : asked.grid.axes) names += "," + name_of(a.key);
  if (!asked.grid.seeds.empty()) names += ",seed";
  names += ",state,message,weights_sha256,seconds,epochs";
  for (const named_count& c : all_counts) names += fmt::format(",{}", c.name);
  for (const std::string& m : measures_with(asked.reports)) names += "," + name_of(m);
  return names;
}

void write_whole_numbers(const hdf5::object& file, const std::string& path, const std::vector<std::uint64_t>& values) {
  const hdf5::object dataset = hdf5::create_dataset(file, path, H5T_STD_U64LE, {{values.size()}, {}});
  if (!values.empty()) hdf5::write(dataset, H5T_NATIVE_UINT64, values.data());
}

/// The columns that say which cell a row is.
void write_settings(const hdf5::object& file, const cell_grid& grid) {
  std::vector<std::uint64_t> numbers(grid.cells()), seeds;
  for (std::size_t cell = 0; cell < numbers.size(); ++cell) numbers[cell] = cell;
  write_whole_numbers(file, "cells/cell", numbers);
  for (std::size_t k = 0; k < grid.axes.size(); ++k) {
    const std::string path = "cells/" + name_of(grid.axes[k].key);
    const std::vector<double> values = numbers_in(grid.axes[k].values);
    std::vector<double> column;
    std::vector<std::string> texts;
    for (std::size_t cell = 0; cell < numbers.size(); ++cell) {
      const std::size_t place = grid.places(cell)[k];
      if (values.empty()) texts.push_back(grid.axes[k].values[place]);
      else column.push_back(values[place]);
    }
    if (values.empty()) {
      hdf5::write_texts(file, path, texts);
    } else {
      hdf5::write(hdf5::create_dataset(file, path, H5T_IEEE_F64LE, {{column.size()}, {}}), H5T_NATIVE_DOUBLE,
                  column.data());
    }
  }
  if (grid.seeds.empty()) return;
  for (std::size_t cell = 0; cell < numbers.size(); ++cell) seeds.push_back(*grid.seed(cell));
  write_whole_numbers(file, "cells/seed", seeds);
}

void write_question(const hdf5::object& file, const question& asked) {
  hdf5::set_text(file, "format", format_name);
  hdf5::set_integer(file, "format_version", format_version);
  hdf5::set_text(file, "version", LOCUS_VERSION);
  hdf5::set_integer(file, "bits_version", asked.bits_version);
  hdf5::set_unsigned(file, "max_updates", asked.max_updates);
  hdf5::set_flag(file, "evaluate", asked.evaluate);
  hdf5::set_text(file, "netlists_sha256", asked.netlists_sha256);
  hdf5::set_integer(file, "epochs", asked.epochs);
  hdf5::write_texts(file, "question/netlist_names", asked.names);
  hdf5::write_texts(file, "question/netlists", asked.netlists);
  hdf5::write_texts(file, "question/reports", asked.reports);
  hdf5::write_texts(file, "question/seed_keys", asked.seed_keys);
  write_whole_numbers(file, "question/seeds", asked.grid.seeds);
  std::vector<std::string> keys;
  for (const axis& a : asked.grid.axes) keys.push_back(a.key);
  hdf5::write_texts(file, "question/axes", keys);
  for (const axis& a : asked.grid.axes) hdf5::write_texts(file, "axes/" + name_of(a.key), a.values);
  const hdf5::object cells = hdf5::open_group(file, "cells");
  hdf5::set_text(cells, "columns", columns_of(asked));
  hdf5::set_text(cells, "states", "0 missing, 1 done, 2 failed, 3 died");
  write_settings(file, asked.grid);
}

std::vector<std::string> texts_in(const hdf5::object& file, const std::string& path) {
  return hdf5::read_texts(hdf5::open_checked(file, path, H5T_STRING, 1));
}

question read_question(const hdf5::object& file) {
  question asked;
  asked.bits_version = hdf5::integer(file, "bits_version");
  asked.max_updates = static_cast<std::uint64_t>(hdf5::integer(file, "max_updates"));
  asked.evaluate = hdf5::flag(file, "evaluate");
  asked.netlists_sha256 = hdf5::text(file, "netlists_sha256");
  const std::int64_t epochs = hdf5::integer(file, "epochs");
  if (epochs < 0 || epochs > std::numeric_limits<std::uint32_t>::max()) file.fail("read", "its epochs are no count");
  asked.epochs = static_cast<std::uint32_t>(epochs);
  asked.names = texts_in(file, "question/netlist_names");
  asked.netlists = texts_in(file, "question/netlists");
  asked.reports = texts_in(file, "question/reports");
  asked.seed_keys = texts_in(file, "question/seed_keys");
  const hdf5::object seeds = hdf5::open_checked(file, "question/seeds", H5T_INTEGER, 1);
  for (const std::int64_t seed : hdf5::read_integers(seeds, 0, hdf5::size_of(seeds).front())) {
    asked.grid.seeds.push_back(static_cast<std::uint64_t>(seed));
  }
  std::uint64_t cells = asked.grid.replicates();
  for (const std::string& key : texts_in(file, "question/axes")) {
    asked.grid.axes.push_back({key, texts_in(file, "axes/" + name_of(key))});
    cells = bounded_product(cells, asked.grid.axes.back().values.size());
  }
  if (cells == 0 || cells > most_values) file.fail("read", "it has no cells, or too many");
  return asked;
}

// ---- rows ------------------------------------------------------------------------------------------------------

std::vector<std::uint64_t> whole_numbers(const hdf5::object& dataset) {
  std::uint64_t count = 1;
  for (const hsize_t n : hdf5::size_of(dataset)) count *= n;
  std::vector<std::uint64_t> all(count);
  if (!all.empty()) hdf5::read(dataset, H5T_NATIVE_UINT64, all.data());
  return all;
}

std::vector<double> numbers(const hdf5::object& dataset) {
  std::uint64_t count = 1;
  for (const hsize_t n : hdf5::size_of(dataset)) count *= n;
  std::vector<double> all(count);
  if (!all.empty()) hdf5::read(dataset, H5T_NATIVE_DOUBLE, all.data());
  return all;
}

std::vector<std::string> fixed_texts(const hdf5::object& dataset, std::size_t bytes) {
  const std::size_t count = hdf5::size_of(dataset).front();
  std::string all(count * bytes, '\0');
  hdf5::read(dataset, hdf5::fixed_text(bytes).get(), all.data());
  std::vector<std::string> texts;
  for (std::size_t n = 0; n < count; ++n) {
    const std::string text = all.substr(n * bytes, bytes);
    texts.push_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

template <class T>
std::vector<T> row_of(const std::vector<T>& all, std::size_t row, std::size_t width, std::size_t used) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(row * width);
  return {begin, begin + static_cast<std::ptrdiff_t>(used)};
}

std::vector<cell_result> read_cells(const hdf5::object& file, const question& asked) {
  result_datasets from;
  const std::size_t count = asked.grid.cells();
  visit(asked, from, finder(file, count));
  std::vector<cell_result> cells(count);
  const std::vector<std::uint64_t> states = whole_numbers(from.state), epochs = whole_numbers(from.epochs);
  const std::vector<std::string> messages = fixed_texts(from.message, longest_message),
                                 hashes = fixed_texts(from.weights_sha256, sha256_digits);
  const std::vector<double> seconds = numbers(from.seconds);
  for (std::size_t n = 0; n < count; ++n) {
    if (states[n] > static_cast<std::uint64_t>(cell_state::died)) from.state.fail("read", "it has unknown states");
    if (epochs[n] > asked.epochs) from.epochs.fail("read", "a cell has more epochs than the sweep");
    cells[n].state = static_cast<cell_state>(states[n]);
    cells[n].message = messages[n];
    cells[n].weights_sha256 = hashes[n];
    cells[n].seconds = seconds[n];
    cells[n].epochs = static_cast<std::uint32_t>(epochs[n]);
    cells[n].curves.resize(from.curves.size());
    cells[n].growth.resize(from.growth.size());
  }
  for (std::size_t k = 0; k < from.counts.size(); ++k) {
    const std::vector<std::uint64_t> column = whole_numbers(from.counts[k]);
    for (std::size_t n = 0; n < count; ++n) cells[n].counts.*all_counts[k].value = column[n];
  }
  for (std::size_t k = 0; k < from.curves.size(); ++k) {
    const std::vector<double> all = numbers(from.curves[k]);
    for (std::size_t n = 0; n < count; ++n) cells[n].curves[k] = row_of(all, n, asked.epochs, cells[n].epochs);
  }
  for (std::size_t k = 0; k < from.growth.size(); ++k) {
    const std::vector<std::uint64_t> all = whole_numbers(from.growth[k]);
    for (std::size_t n = 0; n < count; ++n) cells[n].growth[k] = row_of(all, n, asked.epochs, cells[n].epochs);
  }
  // A row counts when its state is there: what else a killed writer left of it does not.
  for (cell_result& cell : cells) {
    if (cell.state == cell_state::missing) cell = {};
  }
  return cells;
}

results read_here(const std::string& path) {
  const hdf5::object file = hdf5::open_file(path);
  if (hdf5::text_or(file, "format", "") != format_name) file.fail("read", "it is not the file of a sweep");
  if (const std::int64_t version = hdf5::integer_or(file, "format_version", 0); version != format_version) {
    file.fail("read", fmt::format("its format has version {}, this program knows version {}", version, format_version));
  }
  results all{read_question(file), {}};
  all.cells = read_cells(file, all.asked);
  return all;
}

/// A process that was killed may keep a file for a moment.
template <class F>
auto patiently(F&& open) {
  using clock = std::chrono::steady_clock;
  const auto until = clock::now() + std::chrono::seconds(2);
  while (true) {
    try {
      return open();
    } catch (const run_error& e) {
      if (clock::now() > until || std::string_view(e.what()).find("open in another program") == std::string::npos)
        throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

results read_results(const std::string& file) {
  const hdf5::session exclusive;
  return patiently([&] {
    // A damaged file: the library dies in another process.
    (void)hdf5::isolated_reader(file, [&](std::string_view) {
      (void)read_here(file);
      return std::string();
    }).ask();
    return read_here(file);
  });
}

class results_file::content {
 public:
  content(hdf5::object file, const question& asked) : file_(std::move(file)), asked_(asked) {}

  void make() {
    write_question(file_, asked_);
    visit(asked_, to_, maker(file_, asked_.grid.cells()));
  }
  void find() { visit(asked_, to_, finder(file_, asked_.grid.cells())); }
  void flush() const { hdf5::flush(file_); }

  void put(std::size_t cell, const cell_result& r) {
    // Whoever is killed meanwhile leaves a cell that is not there.
    put_whole(to_.state, cell, 0);
    hdf5::flush(file_);
    put_text(to_.message, cell, cut(r.message, longest_message), longest_message);
    put_text(to_.weights_sha256, cell, r.weights_sha256, sha256_digits);
    hdf5::write_rows(to_.seconds, cell, 1, H5T_NATIVE_DOUBLE, &r.seconds);
    const std::uint32_t epochs = std::min(r.epochs, asked_.epochs);
    put_whole(to_.epochs, cell, epochs);
    for (std::size_t k = 0; k < to_.counts.size(); ++k) put_whole(to_.counts[k], cell, r.counts.*all_counts[k].value);
    for (std::size_t k = 0; k < to_.curves.size(); ++k) {
      std::vector<double> curve = k < r.curves.size() ? r.curves[k] : std::vector<double>();
      const double last = curve.empty() ? std::nan("") : curve.back();
      hdf5::write_rows(to_.last[k], cell, 1, H5T_NATIVE_DOUBLE, &last);
      curve.resize(asked_.epochs, std::nan(""));
      if (!curve.empty()) hdf5::write_rows(to_.curves[k], cell, 1, H5T_NATIVE_DOUBLE, curve.data());
    }
    for (std::size_t k = 0; k < to_.growth.size(); ++k) {
      std::vector<std::uint64_t> counts = k < r.growth.size() ? r.growth[k] : std::vector<std::uint64_t>();
      counts.resize(asked_.epochs);
      if (!counts.empty()) hdf5::write_rows(to_.growth[k], cell, 1, H5T_NATIVE_UINT64, counts.data());
    }
    hdf5::flush(file_);
    put_whole(to_.state, cell, static_cast<std::uint64_t>(r.state));
    hdf5::flush(file_);
  }

  void close() {
    to_ = {};
    hdf5::close(file_);
  }

 private:
  static void put_whole(const hdf5::object& to, std::size_t cell, std::uint64_t value) {
    hdf5::write_rows(to, cell, 1, H5T_NATIVE_UINT64, &value);
  }
  static void put_text(const hdf5::object& to, std::size_t cell, std::string text, std::size_t bytes) {
    text.resize(bytes, '\0');
    hdf5::write_rows(to, cell, 1, hdf5::fixed_text(bytes).get(), text.data());
  }

  hdf5::object file_;
  question asked_;
  result_datasets to_;
};

results_file::results_file(std::unique_ptr<content> kept) : content_(std::move(kept)) {}
results_file::results_file(results_file&&) noexcept = default;

results_file::~results_file() {
  if (!content_) return;
  const hdf5::session exclusive;
  content_.reset();
}

results_file results_file::create(const std::string& file, const question& asked, bool replace) {
  const hdf5::session exclusive;
  atomic_file place(file);
  auto kept = std::make_unique<content>(hdf5::create_file(place), asked);
  kept->make();
  kept->flush();
  place.commit(replace);
  return results_file(std::move(kept));
}

results_file results_file::open(const std::string& file, const question& asked) {
  const hdf5::session exclusive;
  auto kept = std::make_unique<content>(patiently([&] { return hdf5::open_to_amend(file); }), asked);
  kept->find();
  return results_file(std::move(kept));
}

void results_file::put(std::size_t cell, const cell_result& result) {
  const hdf5::session exclusive;
  content_->put(cell, result);
}

void results_file::close() {
  const hdf5::session exclusive;
  content_->close();
}

}  // namespace locus::sweep
