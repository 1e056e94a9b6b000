#include "sim/core/processors.hpp"

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <thread>

namespace locus {

namespace {

/// Quota over period, of the group that is mounted at `folder`; infinite if it says nothing or "max".
double share_of(const std::filesystem::path& folder) {
  double quota = 0, period = 0;
  if (std::ifstream in(folder / "cpu.max"); in >> quota >> period && quota > 0 && period > 0) return quota / period;
  std::ifstream quotas(folder / "cpu.cfs_quota_us"), periods(folder / "cpu.cfs_period_us");
  if (quotas >> quota && periods >> period && quota > 0 && period > 0) return quota / period;
  return std::numeric_limits<double>::infinity();
}

bool lists_cpu(const std::string& controllers) {
  std::istringstream in(controllers);
  for (std::string each; std::getline(in, each, ',');) {
    if (each == "cpu") return true;
  }
  return false;
}

std::size_t cores_to_run_on() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  // Machines with more cores than the set can name refuse: then the affinity is not known.
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return std::max(1U, std::thread::hardware_concurrency());
  return std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&cores)));
}

}  // namespace

std::size_t granted_processors(const std::string& groups, const std::string& root) {
  double least = std::numeric_limits<double>::infinity();
  std::istringstream lines(groups);
  for (std::string line; std::getline(lines, line);) {  // "0::/user.slice", or in version 1 "4:cpu,cpuacct:/docker/1"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !lists_cpu(controllers)) continue;
    const std::filesystem::path mounted = std::filesystem::path(root) / (controllers.empty() ? "" : "cpu");
    // In a container the path may be one that only its host sees; then the mounted folder is the group's own.
    std::filesystem::path group = std::filesystem::path(line.substr(second + 1)).relative_path();
    for (; !group.empty(); group = group.parent_path()) least = std::min(least, share_of(mounted / group));
    least = std::min(least, share_of(mounted));
  }
  if (least > 1e6) return 0;
  return std::max<std::size_t>(1, static_cast<std::size_t>(least));
}

std::size_t usable_processors() {
  std::ifstream in("/proc/self/cgroup");
  const std::string groups{std::istreambuf_iterator<char>(in), {}};
  const std::size_t cores = cores_to_run_on(), granted = granted_processors(groups, "/sys/fs/cgroup");
  return granted == 0 ? cores : std::min(cores, granted);
}

}  // namespace locus
