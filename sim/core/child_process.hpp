#pragma once
/// Work in a process of its own: if it crashes or never ends, that is an answer and not the end of the program.
///
/// Why: libhdf5 1.10 trusts the structures of the files that it reads. Damaged ones (a flipped bit in a header, a
/// B-tree or a heap) can make it read and free what is not its own, divide by 0, or go round in circles, and no check
/// made beforehand can rule that out without being an HDF5 library itself.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace locus {

/// How a child process ended.
struct child_end {
  std::optional<int> code;  ///< what the work returned; nothing if it did not come to its end
  std::string death;        ///< then how: "segmentation fault", "no result after 10 s of processor time"
};

/// Calls `work` in a copy of this process and waits for its end. What the work writes to files and to standard output
/// stays, what it changes in memory does not. The same work on the same file, done by this process next, ends the same
/// way: the copy has the same memory at the same addresses.
/// The child is killed when it takes more than `most` of processor time without a call of renew_child_time().
/// Requires: no other thread of this process is in the middle of what the work does too.
/// Throws run_error if there can be no child; `work` must not throw.
[[nodiscard]] child_end run_in_child(const std::function<int()>& work,
                                     std::chrono::milliseconds most = std::chrono::seconds(10));

/// To be called before each part of some work that takes a bounded time. Does nothing outside of run_in_child().
void renew_child_time() noexcept;

}  // namespace locus
