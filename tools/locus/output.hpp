#pragma once
/// Standard output and standard error, where writing may fail.

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace locus::tools {

/// Sends what was printed on its way. Throws std::system_error, as fmt::print does, if standard output takes no more.
void flush_output();

/// Whether standard output is a pipe whose other end is closed.
[[nodiscard]] bool nobody_reads_output();

/// A line for people on standard error, made fit for a terminal: lost if that cannot be written. A message that shows
/// a line of a text and marks a place in it takes three.
void tell(std::string_view line);

/// Writes what a command puts out into a file, or to standard output if that is "-". Throws run_error.
void write_output(const std::string& file, const std::function<void(std::ostream&)>& write);
void write_output(const std::string& file, std::string_view text);

}  // namespace locus::tools
