#pragma once
/// What a target leaves behind: tables as CSV, pictures by gnuplot, and one HDF5 file with the tables, the settings and
/// the netlists that they come from.

#include <string>
#include <utility>
#include <vector>

#include "sim/core/hdf5.hpp"
#include "sim/core/text_table.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {

/// Files are OUT/TARGET.* and, where a part has a name, OUT/TARGET-PART.*; existing ones are replaced.
class result_files {
 public:
  result_files(const reproduce_settings& settings, std::string target);

  /// Something that was set: "epochs", "2".
  void setting(const std::string& name, const std::string& value) { settings_.emplace_back(name, value); }

  /// A netlist that was run: its canonical text.
  void netlist(const std::string& name, const std::string& text) { netlists_.push_back({name, text}); }

  /// A table, the heading first; it is written as CSV at once.
  void table(const std::string& part, const text_table& rows);

  /// A table for OUT/TARGET.h5 alone.
  void stored_table(const std::string& name, const text_table& rows) { tables_.emplace_back(name, rows); }

  /// A picture: gnuplot commands that end with a plot. Writes a script that the user may change, and runs it. Without
  /// gnuplot on the machine it says so on stderr, and the script stays for later. `size`: of the SVG, in pixels.
  void picture(const std::string& part, const std::string& commands, std::pair<int, int> size = {900, 560});

  /// The same of several plots; the commands begin with `set multiplot`. `data`: what they share.
  void pictures(const std::string& part, const std::string& data, const std::string& commands,
                std::pair<int, int> size);

  /// Numbers for OUT/TARGET.h5 alone; the path may have several parts.
  void numbers(const std::string& path, std::vector<double> values) { numbers_.emplace_back(path, std::move(values)); }

  /// Writes OUT/TARGET.h5. Throws run_error, and leaves what was there.
  void save() const;

  /// save(), and prints which files there are.
  void finish();

  /// OUT/TARGET[-PART].ENDING
  [[nodiscard]] std::string file(const std::string& part, const std::string& ending) const;

 private:
  const reproduce_settings& asked_;
  std::string target_;
  std::vector<std::pair<std::string, std::string>> settings_, netlists_;
  std::vector<std::pair<std::string, text_table>> tables_;
  std::vector<std::pair<std::string, std::vector<double>>> numbers_;
  std::vector<std::string> files_;
};

/// A table of OUT/TARGET.h5, as it was given; not-a-number is an empty entry. Throws run_error if there is no such
/// table. Requires: the caller holds an hdf5::session.
[[nodiscard]] text_table read_table(const hdf5::object& parent, const std::string& path);

}  // namespace locus::tools
