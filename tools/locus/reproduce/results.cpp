#include "tools/locus/reproduce/results.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>

#include "sim/core/atomic_file.hpp"
#include "sim/core/errors.hpp"

extern char** environ;

namespace locus::tools {
namespace {

void write_file(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw run_error(fmt::format("cannot write \"{}\"", file));
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// Comma-separated; entries that need it are quoted.
std::string csv_text(const text_table& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) text += (k == 0 ? "" : ",") + csv_field(row[k]);
    text += "\n";
  }
  return text;
}

/// A gnuplot string in single quotes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

bool run_gnuplot(const std::string& script) {
  std::string program = "gnuplot", argument = script;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, "gnuplot", nullptr, nullptr, arguments, environ) != 0) return false;
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
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

/// UTC, "2026-11-22T14:05:00Z".
std::string time_of_day() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

void write_table(const hdf5::object& parent, const std::string& path, const text_table& rows) {
  const hdf5::object group = hdf5::open_group(parent, path);
  std::string names;
  for (std::size_t k = 0; k < rows.front().size(); ++k) {
    std::string name = rows.front()[k];
    for (char& c : name) c = c == '/' ? '|' : c;  // what HDF5 takes for a path
    names += (k == 0 ? "" : ",") + name;
    std::vector<std::string> column;
    for (std::size_t n = 1; n < rows.size(); ++n) column.push_back(rows[n][k]);
    if (const auto values = numbers_of(column)) {
      const hdf5::object dataset = hdf5::create_dataset(group, name, H5T_IEEE_F64LE, {{values->size()}, {}});
      if (!values->empty()) hdf5::write(dataset, H5T_NATIVE_DOUBLE, values->data());
    } else {
      hdf5::write_texts(group, name, column);
    }
  }
  hdf5::set_text(group, "columns", names);
}

result_files::result_files(const reproduce_settings& settings, std::string target)
    : asked_(settings), target_(std::move(target)) {}

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
  const std::string script = file(part, "gp"), svg = file(part, "svg"), png = file(part, "png");
  write_file(script, fmt::format("set terminal svg size {3},{4} font 'Helvetica,15'\nset output {0}\n{2}\n"
                                 "set terminal pngcairo size {5},{6} font 'Helvetica,18' linewidth 1.5\n"
                                 "set output {1}\nreplot\n",
                                 quoted(svg), quoted(png), commands, size.first, size.second, size.first * 3 / 2,
                                 size.second * 3 / 2));
  files_.push_back(script);
  if (!run_gnuplot(script)) {
    fmt::print(stderr, "no picture: gnuplot could not run {} (package gnuplot-nox)\n", script);
    return;
  }
  files_.insert(files_.end(), {svg, png});
}

void result_files::finish() {
  files_.push_back(file("", "h5"));
  {
    const hdf5::session exclusive;
    const atomic_file replacement(files_.back());
    hdf5::object out = hdf5::create_file(replacement.path(), true, files_.back());
    hdf5::set_text(out, "format", "locus-results");
    hdf5::set_integer(out, "format_version", 1);
    hdf5::set_text(out, "version", LOCUS_VERSION);
    hdf5::set_text(out, "target", target_);
    hdf5::set_text(out, "written", time_of_day());
    hdf5::set_array(out, "seeds", H5T_NATIVE_UINT64, {asked_.seeds.size()}, asked_.seeds.data());
    {
      const hdf5::object group = hdf5::open_group(out, "settings");
      hdf5::set_text(group, "extent", asked_.by_size("quick", "normal", "full"));
      for (const auto& [name, value] : settings_) hdf5::set_text(group, name, value);
      const hdf5::object texts = hdf5::open_group(out, "netlists");
      for (const auto& [name, text] : netlists_) hdf5::set_text(texts, name, text);
    }
    for (const auto& [name, rows] : tables_) write_table(out, name, rows);
    hdf5::close(out);
    replacement.commit();
  }
  fmt::print("\nwritten:\n");
  for (const std::string& name : files_) fmt::print("  {}\n", name);
}

}  // namespace locus::tools
