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

/// A message, and below it the line of a rule with a mark under the place (located_text::fail), each fit for a
/// terminal.
std::string message_text(std::string_view message) {
  constexpr std::string_view margin = "\n    ";
  const std::size_t mark = message.rfind(margin);
  if (mark == std::string_view::npos || mark == 0) return printable(message);
  const std::size_t line = message.rfind(margin, mark - 1);
  const std::string_view marks = message.substr(mark + margin.size());
  const bool marked = line != std::string_view::npos && marks.find('^') != std::string_view::npos &&
                      marks.find_first_not_of(" ^~") == std::string_view::npos;
  if (!marked) return printable(message);
  return printable(message.substr(0, line)) + "\n    " +
         printable(message.substr(line + margin.size(), mark - line - margin.size())) + "\n    " + std::string(marks);
}

}  // namespace

void tell(std::string_view line) {
  std::fflush(stdout);
  std::fputs((message_text(line) + "\n").c_str(), stderr);
}

void write_output(const std::string& file, const std::function<void(std::ostream&)>& write) {
  if (file == "-") write(std::cout);
  else write_file(file, write);
}

void write_output(const std::string& file, std::string_view text) {
  write_output(file, [text](std::ostream& out) { out << text; });
}

}  // namespace locus::tools
