#pragma once
/// How many processors this process may keep busy.

#include <cstddef>
#include <string>

namespace locus {

/// Cores that the system lets this process run on (its affinity), and no more than what the control groups it belongs
/// to grant it in processor time, rounded down; at least 1.
[[nodiscard]] std::size_t usable_processors();

/// What control groups grant in processors, rounded down but at least 1, or 0 if they set no limit. `groups`: the text
/// of /proc/self/cgroup; `root`: where they are mounted. Version 2 (cpu.max) and version 1 (cpu.cfs_quota_us); a group
/// has no more than those it lies in.
[[nodiscard]] std::size_t granted_processors(const std::string& groups, const std::string& root);

}  // namespace locus
