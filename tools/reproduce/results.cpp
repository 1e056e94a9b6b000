#include "tools/reproduce/results.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <optional>

#include "sim/core/atomic_file.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/core/printable.hpp"
#include "sim/core/text_file.hpp"
#include "tools/locus/gnuplot.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/text.hpp"

namespace locus::tools {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(at, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

std::optional<double> number_in(const std::string& text) {
  if (text.empty() || text == "-" || text == "nan") return std::nan("");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::vector<double>> numbers_of(const std::vector<std::string>& texts) {
  std::vector<double> values;
  for (const std::string& text : texts) {
    const std::optional<double> value = number_in(text);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

void write_numbers(const hdf5::object& parent, const std::string& path, const std::vector<double>& values) {
  const hdf5::object dataset = hdf5::create_dataset(parent, path, H5T_IEEE_F64LE, {{values.size()}, {}});
  if (!values.empty()) hdf5::write(dataset, H5T_NATIVE_DOUBLE, values.data());
}

std::string svg_terminal(std::pair<int, int> size) {
  return fmt::format("set terminal svg size {},{} font 'Helvetica,15'\n", size.first, size.second);
}

/// The same in more pixels.
std::string png_terminal(std::pair<int, int> size) {
  return fmt::format("set terminal pngcairo size {},{} font 'Helvetica,18' linewidth 1.5\n", size.first * 3 / 2,
                     size.second * 3 / 2);
}

/// UTC, "2026-11-22T14:05:00Z".
std::string time_of_day() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

/// A group with a dataset for each column: numbers where every entry is one (empty ones, "-" and "nan" are
/// not-a-number), otherwise texts. Attribute `columns`: their names in order.
void write_table(const hdf5::object& parent, const std::string& path, const text_table& rows) {
  const hdf5::object group = hdf5::open_group(parent, path);
  std::string names;
  for (std::size_t k = 0; k < rows.front().size(); ++k) {
    std::string name = rows.front()[k];
    for (char& c : name) c = c == '/' ? '|' : c == ',' ? ';' : c;  // a path to HDF5; what parts names below
    names += (k == 0 ? "" : ",") + name;
    std::vector<std::string> column;
    for (std::size_t n = 1; n < rows.size(); ++n) column.push_back(rows[n][k]);
    if (const auto values = numbers_of(column)) {
      write_numbers(group, name, *values);
    } else {
      hdf5::write_texts(group, name, column);
    }
  }
  hdf5::set_text(group, "columns", names);
}

}  // namespace

text_table read_table(const hdf5::object& parent, const std::string& path) {
  const hdf5::object group = hdf5::open_existing_group(parent, path);
  text_table rows(1);
  for (const std::string& name : split(hdf5::text_or(group, "columns", ""), ',')) {
    const auto dataset = hdf5::find_dataset(group, name);
    if (!dataset) group.fail("read", fmt::format("it has no column \"{}\"", name));
    const hdf5::handle type(dataset->check(H5Dget_type(dataset->id.get()), "read"));
    std::vector<std::string> column;
    if (H5Tget_class(type.get()) == H5T_STRING) {
      column = hdf5::read_texts(hdf5::open_checked(group, name, H5T_STRING, 1));
    } else {
      const hdf5::object numbers = hdf5::open_checked(group, name, H5T_FLOAT, 1);
      const std::vector<hsize_t> size = hdf5::size_of(numbers);
      for (const double v : hdf5::read_numbers(numbers, {0}, size)) {
        column.push_back(std::isnan(v) ? std::string() : fmt::format("{}", v));
      }
    }
    if (rows.front().empty()) rows.resize(column.size() + 1);
    if (rows.size() != column.size() + 1)
      group.fail("read", fmt::format("its columns differ in length at \"{}\"", name));
    rows[0].push_back(name);
    for (std::size_t n = 0; n < column.size(); ++n) rows[n + 1].push_back(column[n]);
  }
  return rows;
}

result_files::result_files(const reproduce_settings& settings, std::string target)
    : asked_(settings), target_(std::move(target)) {
  (void)gnuplot_output(asked_.out);  // throws now, not after hours, if no script can name files there
}

std::string result_files::file(const std::string& part, const std::string& ending) const {
  const std::string name = part.empty() ? target_ : target_ + "-" + part;
  return (std::filesystem::path(asked_.out) / (name + "." + ending)).string();
}

void result_files::table(const std::string& part, const text_table& rows) {
  tables_.emplace_back(part.empty() ? target_ : part, rows);
  files_.push_back(file(part, "csv"));
  write_file(files_.back(), csv_text(rows));
}

void result_files::picture(const std::string& part, const std::string& commands, std::pair<int, int> size) {
  pictures(part, "", commands, size);
}

void result_files::pictures(const std::string& part, const std::string& data, const std::string& commands,
                            std::pair<int, int> size) {
  std::string script = data;
  for (const bool svg : {true, false}) {
    const std::string terminal = svg ? svg_terminal(size) : png_terminal(size);
    script +=
        fmt::format("{}{}{}\nunset multiplot\n", terminal, gnuplot_output(file(part, svg ? "svg" : "png")), commands);
  }
  files_.push_back(file(part, "gp"));
  write_file(files_.back(), script);
  try {
    for (const bool svg : {true, false}) {
      const std::string drawn =
          (svg ? svg_terminal(size) : png_terminal(size)) + data + commands + "\nunset multiplot\n";
      draw_with_gnuplot(drawn, file(part, svg ? "svg" : "png"));
    }
  } catch (const run_error& e) {
    tell(fmt::format("no picture: {}", e.what()));
    return;
  }
  files_.insert(files_.end(), {file(part, "svg"), file(part, "png")});
}

void result_files::save() const {
  const hdf5::session exclusive;
  const std::string name = file("", "h5");
  atomic_file replacement(name);
  hdf5::object out = hdf5::create_file(replacement);
  hdf5::set_text(out, "format", "locus-results");
  hdf5::set_integer(out, "format_version", 1);
  hdf5::set_text(out, "version", LOCUS_VERSION);
  hdf5::set_text(out, "target", target_);
  hdf5::set_text(out, "written", time_of_day());
  hdf5::set_array(out, "seeds", H5T_NATIVE_UINT64, {asked_.seeds.size()}, asked_.seeds.data());
  {
    const hdf5::object group = hdf5::open_group(out, "settings");
    hdf5::set_text(group, "extent", asked_.by_size("quick", "normal", "full"));
    for (const auto& [key, value] : settings_) hdf5::set_text(group, key, value);
    const hdf5::object texts = hdf5::open_group(out, "netlists");
    for (const auto& [key, text] : netlists_) hdf5::set_text(texts, key, text);
  }
  for (const auto& [key, rows] : tables_) write_table(out, key, rows);
  for (const auto& [path, values] : numbers_) {
    if (const auto slash = path.rfind('/'); slash != std::string::npos) {
      (void)hdf5::open_group(out, path.substr(0, slash));
    }
    write_numbers(out, path, values);
  }
  hdf5::close(out);
  replacement.commit();
}

void result_files::finish() {
  save();
  files_.push_back(file("", "h5"));
  fmt::print("\nwritten:\n");
  for (const std::string& name : files_) fmt::print("  {}\n", name);
}

}  // namespace locus::tools
