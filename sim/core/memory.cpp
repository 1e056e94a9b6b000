#include "sim/core/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "sim/core/errors.hpp"

namespace locus {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

/// The number that a file consists of; nothing for "max" and for files that are not there.
std::optional<std::uint64_t> number_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::uint64_t number = 0;
  return in >> number ? std::optional(number) : std::nullopt;
}

/// The number after the word `name` in a file of such lines.
std::optional<std::uint64_t> number_after(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    std::uint64_t number = 0;
    if (words >> word && word == name && words >> number) return number;
  }
  return std::nullopt;
}

std::uint64_t of_system(const std::string& root) {
  const auto kilobytes = number_after(root + "/proc/meminfo", "MemAvailable:");
  return kilobytes ? *kilobytes * 1024 : unlimited;
}

/// The names of files in a control group's folder.
struct group_files {
  const char *limit, *usage, *reclaimable;
};

/// The least that a group and those that it lies in leave. `path` is the group's as the process sees it; in a container
/// only its last folders may be there. What is in use counts without cached files, which the system takes back.
std::uint64_t of_groups(const std::filesystem::path& mount, const std::filesystem::path& path,
                        const group_files& files) {
  std::uint64_t least = unlimited;
  std::filesystem::path group = path.relative_path();
  while (true) {
    const std::filesystem::path folder = mount / group;
    if (const auto limit = number_in(folder / files.limit)) {
      const std::uint64_t usage = number_in(folder / files.usage).value_or(0);
      const std::uint64_t cached = number_after(folder / "memory.stat", files.reclaimable).value_or(0);
      const std::uint64_t used = usage - std::min(usage, cached);
      least = std::min(least, *limit - std::min(*limit, used));
    }
    if (group.empty()) return least;
    group = group.parent_path();
  }
}

/// Lines "0::/a/b" (version 2) and "4:memory:/a/b" (version 1).
std::uint64_t of_control_groups(const std::string& root) {
  std::uint64_t least = unlimited;
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") {
      for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
        least = std::min(least, of_groups(root + mount, path, {"memory.max", "memory.current", "inactive_file"}));
    } else if (controllers.find(",memory,") != std::string::npos) {
      least = std::min(least, of_groups(root + "/sys/fs/cgroup/memory", path,
                                        {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}));
    }
  }
  return least;
}

std::uint64_t of_address_space(const std::string& root) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  const std::uint64_t page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t used = number_in(root + "/proc/self/statm").value_or(0) * page;
  return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, used);
}

}  // namespace

std::uint64_t available_memory(const std::string& root) {
  return std::min({of_system(root), of_control_groups(root), of_address_space(root)});
}

void require_memory(std::uint64_t bytes, const std::string& what) {
  constexpr std::uint64_t little = 1 << 20;  // not worth the question
  if (bytes <= little) return;
  const std::uint64_t available = available_memory();
  if (bytes <= available) return;
  throw run_error(
      fmt::format("{} takes {}, but only {} of memory are available", what, bytes_text(bytes), bytes_text(available)));
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<const char*, 6> units = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double amount = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (amount >= 999.5 && unit + 1 < units.size()) amount /= 1000, ++unit;
  return fmt::format("{:.3g} {}", amount, units[unit]);
}

}  // namespace locus
