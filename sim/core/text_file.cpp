#include "sim/core/text_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "sim/core/errors.hpp"

namespace locus {

void write_file(const std::string& file, const std::function<void(std::ostream&)>& write) {
  errno = 0;
  std::ofstream out(file, std::ios::binary);
  if (out) write(out);
  out.close();
  if (!out) throw run_error(fmt::format("cannot write \"{}\": {}", file, std::strerror(errno)));
}

void write_file(const std::string& file, std::string_view text) {
  write_file(file, [text](std::ostream& out) { out << text; });
}

}  // namespace locus
