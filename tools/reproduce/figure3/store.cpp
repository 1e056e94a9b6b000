/// Results of Fig. 3 in a file, from which a study goes on.

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <sstream>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "tools/reproduce/figure3/cells.hpp"
#include "tools/reproduce/results.hpp"

namespace locus::tools::figure3 {
namespace {

constexpr std::size_t cell_columns = 6;

std::vector<std::string> names_of_cell_columns() {
  return {"backpropagation", "hidden", "seed", "sigma", "t", "gamma"};
}

std::vector<std::string> row_of(const cell& c) {
  return {c.backpropagation ? "yes" : "no", fmt::format("{}", c.hidden), fmt::format("seed {}", c.seed),
          fmt::format("{}", c.sigma),       text_of(c.update_at),        fmt::format("{}", c.gamma)};
}

double number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw run_error(fmt::format("\"{}\" is no number", text));
  }
  return value;
}

/// A whole number that a double holds exactly.
template <class T>
T whole(const std::string& text) {
  const double value = number(text);
  if (!(value >= 0 && value < 0x1p53)) throw run_error(fmt::format("\"{}\" is no count", text));
  return static_cast<T>(value);
}

cell cell_in(const std::vector<std::string>& row) {
  cell c;
  c.backpropagation = row.at(0) == "yes";
  c.hidden = whole<unsigned>(row.at(1));
  const std::string seed = row.at(2).substr(std::min(row.at(2).size(), std::string("seed ").size()));
  std::from_chars(seed.data(), seed.data() + seed.size(), c.seed);  // one that is none belongs to no study
  c.sigma = number(row.at(3));
  if (row.at(4) != "l") c.update_at = whole<std::int64_t>(row.at(4));
  c.gamma = number(row.at(5));
  return c;
}

std::string first_different_line(const std::string& a, const std::string& b) {
  std::istringstream in_a(a), in_b(b);
  for (std::string one, other;;) {
    const bool more = static_cast<bool>(std::getline(in_a, one)), too = static_cast<bool>(std::getline(in_b, other));
    if (!more && !too) return "the same";
    if (!more) one.clear();
    if (!too) other.clear();
    if (one != other) return fmt::format("\"{}\" then, \"{}\" now", one, other);
  }
}

void check_study(const hdf5::object& in, const std::string& file, const study& of) {
  const auto refuse = [&](const std::string& why) {
    throw usage_error(
        fmt::format("\"{}\" has results of another study ({}): remove it, or choose another --out", file, why));
  };
  if (hdf5::text_or(in, "format", "") != "locus-results" || hdf5::text_or(in, "target", "") != of.name()) {
    refuse("not of " + of.name());
  }
  const std::string version = hdf5::text_or(in, "version", "?");
  if (version != LOCUS_VERSION) refuse(fmt::format("of program version {}, this is {}", version, LOCUS_VERSION));
  const hdf5::object settings = hdf5::open_existing_group(in, "settings");
  for (const auto& [name, value] : of.settings()) {
    const std::string theirs = hdf5::text_or(settings, name, "");
    if (theirs == value) continue;
    if (name == "netlist") refuse("netlist: " + first_different_line(theirs, value));
    refuse(fmt::format("{}: {} then, {} now", name, theirs, value));
  }
}

}  // namespace

std::string weights_path(const cell& reference, std::size_t layer) {
  return fmt::format("backpropagation/{}-{}/layer{}", reference.hidden, reference.seed, layer + 1);
}

text_table results::cell_table() const {
  text_table rows{names_of_cell_columns()};
  for (const char* name : {"diverged_at", "seconds", "weights_sha256", "weights", "weights_layer1", "weights_layer2",
                           "weights_layer3", "weights_layer4"}) {
    rows[0].emplace_back(name);
  }
  for (const auto& [c, o] : cells) {
    std::vector<std::string> row = row_of(c);
    double sum = 0;
    for (const double d : o.distances) sum += d;
    row.insert(row.end(), {fmt::format("{}", o.diverged_at), fmt::format("{:.3f}", o.seconds), o.weights_sha256,
                           o.distances.empty() ? "" : fmt::format("{}", sum)});
    for (std::size_t k = 0; k < 4; ++k) row.push_back(k < o.distances.size() ? fmt::format("{}", o.distances[k]) : "");
    rows.push_back(row);
  }
  return rows;
}

text_table results::error_table() const {
  text_table rows{names_of_cell_columns()};
  rows[0].insert(rows[0].end(), {"epoch", "test_error"});
  for (const auto& [c, o] : cells) {
    for (std::size_t e = 0; e < o.test_error.size(); ++e) {
      std::vector<std::string> row = row_of(c);
      row.insert(row.end(), {fmt::format("{}", e + 1), fmt::format("{}", o.test_error[e])});
      rows.push_back(row);
    }
  }
  return rows;
}

void results::load(const std::string& file, const study& of) {
  if (!std::filesystem::exists(file)) return;
  const hdf5::session exclusive;
  const auto read = [&] {
    const hdf5::object in = hdf5::open_file(file);
    check_study(in, file, of);
    results found;
    const text_table rows = read_table(in, "cells"), errors = read_table(in, "test_errors");
    for (std::size_t n = 1; n < rows.size(); ++n) {
      outcome o;
      o.diverged_at = whole<std::uint64_t>(rows[n].at(cell_columns));
      o.seconds = number(rows[n].at(cell_columns + 1));
      o.weights_sha256 = rows[n].at(cell_columns + 2);
      for (std::size_t k = cell_columns + 4; k < rows[n].size() && !rows[n][k].empty(); ++k) {
        o.distances.push_back(number(rows[n][k]));
      }
      found.cells[cell_in(rows[n])] = o;
    }
    for (std::size_t n = 1; n < errors.size(); ++n) {
      found.cells[cell_in(errors[n])].test_error.push_back(number(errors[n].at(cell_columns + 1)));
    }
    for (const cell& c : of.references()) {
      if (!found.cells.contains(c)) continue;
      for (std::size_t k = 0; k <= c.hidden; ++k) {
        const hdf5::object stored = hdf5::open_checked(in, weights_path(c, k), H5T_FLOAT, 1);
        found.references[c].push_back(hdf5::read_numbers(stored, {0}, hdf5::size_of(stored)));
      }
    }
    return found;
  };
  // A damaged file: the library dies in another process.
  (void)hdf5::isolated_reader(file, [&](std::string_view) {
    (void)read();
    return std::string();
  }).ask();
  *this = read();
}

}  // namespace locus::tools::figure3
