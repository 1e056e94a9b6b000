#include "tools/view/passing_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "sim/core/errors.hpp"
#include "sim/core/text_file.hpp"

namespace locus::tools {

passing_file::passing_file(const std::string& folder, const std::string& ending)
    : name_(fmt::format("{}/locus-view-XXXXXX{}", folder, ending)) {
  descriptor_ = ::mkostemps(name_.data(), static_cast<int>(ending.size()), O_CLOEXEC);
  if (descriptor_ < 0)
    throw run_error(fmt::format("cannot make \"{}\": {}", name_, std::generic_category().message(errno)));
}

passing_file::~passing_file() {
  ::close(descriptor_);
  ::unlink(name_.c_str());
}

void passing_file::write(const std::string& text) const {
  std::ofstream file(name_, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) throw run_error(fmt::format("cannot write \"{}\"", name_));
}

std::string passing_file::content() const { return read_file(name_, "what was passed on"); }

std::string folder_for_passing_files() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder == '/' ? folder : "/tmp";
}

}  // namespace locus::tools
