#pragma once
/// How much resident memory something takes, measured in a process of its own, so that nothing that was freed before
/// can hide it.

#include <cstdint>
#include <functional>
#include <memory>

namespace locus::bench {

struct resident_growth {
  std::uint64_t kept = 0;  ///< bytes that the result of `make` holds
  std::uint64_t peak = 0;  ///< bytes at most while it was made
};

/// Runs `make` in a child process. Throws run_error if that fails (or /proc has no memory counts).
[[nodiscard]] resident_growth grow(const std::function<std::shared_ptr<void>()>& make);

}  // namespace locus::bench
