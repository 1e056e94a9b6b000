#include "sim/core/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

[[noreturn]] void fail_system(const std::string& file, int code) {
  throw run_error(fmt::format("cannot write \"{}\": {}", file, std::strerror(code)));
}

/// Sees to it that a file's (or folder's) content is on the disk.
void sync(const std::string& path, const std::string& file) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_system(file, errno);
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (code != 0 && code != EINVAL) fail_system(file, code);  // EINVAL: a folder on a file system that cannot
}

}  // namespace

atomic_file::atomic_file(const std::string& file) : file_(file), path_(fmt::format("{}.{}.part", file, ::getpid())) {}

atomic_file::~atomic_file() { ::unlink(path_.c_str()); }

void atomic_file::commit() const {
  sync(path_, file_);
  if (::rename(path_.c_str(), file_.c_str()) != 0) fail_system(file_, errno);
  const std::string folder = std::filesystem::path(file_).parent_path().string();
  sync(folder.empty() ? "." : folder, file_);
}

}  // namespace locus
