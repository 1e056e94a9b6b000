#pragma once
/// What targets write: tables as CSV, and pictures by gnuplot.

#include <string>
#include <vector>

#include "sim/core/text_table.hpp"

namespace locus::tools {

/// Comma-separated; entries that need it are quoted. Throws run_error if the file cannot be written.
void write_csv(const std::string& file, const text_table& rows);

/// Throws run_error if the file cannot be written.
void write_file(const std::string& file, const std::string& text);

/// Writes BASE.gp, a gnuplot script that plots `commands` to BASE.svg and BASE.png, and runs it. Without gnuplot on the
/// machine it says so on stderr, and the script stays for later. Returns the files that now exist.
std::vector<std::string> draw(const std::string& base, const std::string& commands);

}  // namespace locus::tools
