#include "sim/core/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "sim/core/descriptor.hpp"
#include "sim/core/errors.hpp"

namespace locus {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_system(const std::string& file, int code) {
  throw run_error(fmt::format("cannot write \"{}\": {}", file, std::strerror(code)));
}

std::string folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path().string() : "."; }

/// Whether a link is one of the system's own, which do not lead to a name but to an open file, whatever that is:
/// /proc/self/fd/1, and thereby /dev/stdout.
bool leads_to_open_file(const fs::path& link) {
  struct statfs system {};
  return ::statfs(folder_of(link).c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/// Where a file can be replaced or made, links followed; nothing if something else is there.
std::optional<std::string> target_of(const std::string& file) {
  constexpr int most_links = 40;  // the system's own limit
  if (file.empty()) fail_system(file, ENOENT);
  fs::path path = file;
  for (int links = 0; links <= most_links; ++links) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
      if (errno == ENOENT) return path.string();
      fail_system(file, errno);
    }
    if (S_ISREG(status.st_mode)) return path.string();
    if (!S_ISLNK(status.st_mode) || leads_to_open_file(path)) return std::nullopt;
    std::error_code error;
    const fs::path next = fs::read_symlink(path, error);
    if (error) fail_system(file, error.value());
    path = path.parent_path() / next;
  }
  fail_system(file, ELOOP);
}

const char* kind_of(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "something else";
  if (S_ISDIR(status.st_mode)) return "a folder";
  if (S_ISFIFO(status.st_mode)) return "a pipe";
  if (S_ISSOCK(status.st_mode)) return "a socket";
  return S_ISREG(status.st_mode) ? "an open file" : "a device";
}

/// The new file gets the old one's owner and permissions, as far as this user may give them.
void take_over_permissions(const descriptor& made, const struct stat& old) {
  const bool owned = ::fchown(made.number(), old.st_uid, old.st_gid) == 0;
  const bool permitted = ::fchmod(made.number(), old.st_mode & 0777u) == 0;
  static_cast<void>(owned && permitted);
}

/// An empty file in the target's folder, under a name that no file has, not even one that a killed process left.
std::string make_temporary(const std::string& file, const fs::path& target) {
  constexpr std::size_t longest = 200;  // with what is added, no name is too long for a file system
  const std::string stem = target.parent_path() / target.filename().string().substr(0, longest);
  struct stat old {};
  const bool replaces = ::stat(target.c_str(), &old) == 0;
  for (int n = 0;; ++n) {
    const std::string number = n == 0 ? "" : fmt::format("-{}", n);
    std::string path = fmt::format("{}.{}{}.part", stem, ::getpid(), number);
    const descriptor made(path, O_WRONLY | O_CREAT | O_EXCL, replaces ? 0600 : 0666);
    if (!made && errno == EEXIST) continue;
    if (!made) fail_system(file, errno);
    if (replaces) take_over_permissions(made, old);
    return path;
  }
}

bool rename_file(const std::string& from, const std::string& to, bool replace) {
  if (replace) return ::rename(from.c_str(), to.c_str()) == 0;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system that cannot do both at once.
  if (::access(to.c_str(), F_OK) != 0) return ::rename(from.c_str(), to.c_str()) == 0;
  errno = EEXIST;
  return false;
}

}  // namespace

atomic_file::atomic_file(const std::string& file) : name_(file) {
  const std::optional<std::string> target = target_of(file);
  if (!target) {
    throw usage_error(fmt::format("cannot write \"{}\": it is {}, and only a file can be replaced: choose another name",
                                  file, kind_of(file)));
  }
  target_ = *target;
  if (::access(target_.c_str(), W_OK) != 0 && errno != ENOENT) fail_system(file, errno);
  path_ = make_temporary(file, target_);
}

atomic_file::~atomic_file() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void atomic_file::sync() const {
  const descriptor written(path_, O_RDONLY);
  if (!written || !written.sync()) fail_system(name_, errno);
}

void atomic_file::remove_old() const {
  if (::unlink(target_.c_str()) != 0 && errno != ENOENT) fail_system(name_, errno);
}

void atomic_file::commit(bool replace) {
  sync();
  if (!rename_file(path_, target_, replace)) fail_system(name_, errno);
  path_.clear();
  // A folder that may be written but not read cannot be put on the disk, nor can one of some file systems (EINVAL).
  const descriptor folder(folder_of(target_), O_RDONLY | O_DIRECTORY);
  if (folder && !folder.sync() && errno != EINVAL) fail_system(name_, errno);
}

bool is_stream(const std::string& file) { return !target_of(file); }

}  // namespace locus
