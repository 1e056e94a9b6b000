#include "tools/locus/output.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "sim/core/printable.hpp"

namespace locus::tools {

void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw std::system_error(errno, std::generic_category(), "cannot write the results to standard output");
}

bool nobody_reads_output() {
  pollfd output = {STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

void tell(std::string_view line) {
  std::fflush(stdout);
  std::fputs((printable(line) + "\n").c_str(), stderr);
}

}  // namespace locus::tools
