#include "tools/locus/output.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <system_error>

#include "sim/core/printable.hpp"
#include "sim/core/text_file.hpp"

namespace locus::tools {

void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw std::system_error(errno, std::generic_category(), "cannot write the results to standard output");
}

bool nobody_reads_output() {
  pollfd output = {STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

namespace {

/// A message that ends with a line of a text and marks below it keeps those lines.
std::string with_marked_line(std::string_view message) {
  constexpr std::size_t none = std::string_view::npos;
  const std::size_t marks = message.rfind('\n');
  const std::size_t shown = marks == none || marks == 0 ? none : message.rfind('\n', marks - 1);
  if (shown == none || message.find_first_not_of(" ^~", marks + 1) != none) return printable(message);
  return printable(message.substr(0, shown)) + "\n" + printable(message.substr(shown + 1, marks - shown - 1)) +
         std::string(message.substr(marks));
}

}  // namespace

void tell(std::string_view line) {
  std::fflush(stdout);
  std::fputs((with_marked_line(line) + "\n").c_str(), stderr);
}

void write_output(const std::string& file, const std::function<void(std::ostream&)>& write) {
  if (file == "-") write(std::cout);
  else write_file(file, write);
}

void write_output(const std::string& file, std::string_view text) {
  write_output(file, [text](std::ostream& out) { out << text; });
}

}  // namespace locus::tools
