#pragma once
/// How much memory a process can still take.

#include <cstdint>
#include <string>

namespace locus {

/// Bytes: the least of what the system has available, what each of the process's control groups (version 1 or 2) leaves
/// to it, and what its limit on address space (`ulimit -v`) leaves. The largest number if nothing is known. `root` is
/// where /proc and /sys are looked for.
[[nodiscard]] std::uint64_t available_memory(const std::string& root = "");

/// Throws run_error if `bytes` are more than is available: "WHAT takes 80 GB, but only 15.2 GB of memory are
/// available".
void require_memory(std::uint64_t bytes, const std::string& what);

/// "15.2 GB"
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace locus
