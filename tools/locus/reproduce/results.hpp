#pragma once
/// What a target leaves behind: tables as CSV, pictures by gnuplot, and one HDF5 file with the tables, the settings and
/// the netlists that they come from.

#include <string>
#include <utility>
#include <vector>

#include "sim/core/hdf5.hpp"
#include "sim/core/text_table.hpp"
#include "tools/locus/reproduce/target.hpp"

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

  /// A picture: gnuplot commands that end with a plot. Writes a script that the user may change, and runs it. Without
  /// gnuplot on the machine it says so on stderr, and the script stays for later. `size`: of the SVG, in pixels.
  void picture(const std::string& part, const std::string& commands, std::pair<int, int> size = {900, 560});

  /// Writes OUT/TARGET.h5 and prints which files there are. Throws run_error.
  void finish();

  /// OUT/TARGET[-PART].ENDING
  [[nodiscard]] std::string file(const std::string& part, const std::string& ending) const;

 private:
  const reproduce_settings& asked_;
  std::string target_;
  std::vector<std::pair<std::string, std::string>> settings_, netlists_;
  std::vector<std::pair<std::string, text_table>> tables_;
  std::vector<std::string> files_;
};

/// A group with a dataset for each column: numbers where every entry is one (empty ones, "-" and "nan" are
/// not-a-number), otherwise texts. Attribute `columns`: their names in order. Requires: the caller holds an
/// hdf5::session.
void write_table(const hdf5::object& parent, const std::string& path, const text_table& rows);

}  // namespace locus::tools
