#pragma once
/// Work in a process of its own: if it crashes or never ends, that is an answer and not the end of the program.
///
/// Why: libhdf5 1.10 trusts the structures of the files that it reads. Damaged ones (a flipped bit in a header, a
/// B-tree or a heap) can make it read and free what is not its own, divide by 0, or go round in circles, and no check
/// made beforehand can rule that out without being an HDF5 library itself.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace locus {

/// How a child process ended that did not come to the end of its work.
struct child_death {
  std::string reason;   ///< "segmentation fault", "no result after 10 s of processor time"
  bool killed = false;  ///< from outside (by a user, or by a system that is short of memory), not by what it did
};

/// A copy of this process that answers questions. What it writes to files and to standard output stays, what it changes
/// in memory does not.
///
/// A process that has other threads is not copied, because the copy would not have them, nor what they hold: there this
/// process answers itself. So ask before threads are started if you want to survive the answer.
class child_process {
 public:
  using work = std::function<std::string(std::string_view question)>;

  /// The copy is made here. It is killed when a single reading (bounded_reading) takes more than `most` of processor
  /// time. Throws run_error if there can be no copy.
  explicit child_process(work answer, std::chrono::milliseconds most = std::chrono::seconds(10));
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// The answer, or nothing if the copy died: see death(). Throws what the work throws: usage_error, run_error,
  /// bad_alloc, and internal_error in place of anything else.
  [[nodiscard]] std::optional<std::string> ask(std::string_view question);

  /// ask() in two parts, for those who have other things to do until the answer is there. Requires of answer(): begin()
  /// was called, and no answer has been fetched since.
  void begin(std::string_view question);
  [[nodiscard]] std::optional<std::string> answer();

  /// A descriptor that can be read from when there is an answer, or the copy is dead; -1: no need to wait.
  [[nodiscard]] int waits_for() const noexcept { return here_ ? -1 : socket_; }

  /// Requires: ask() or answer() gave no answer.
  [[nodiscard]] const child_death& death() const noexcept { return death_; }

  /// Ends the copy, whatever it is doing.
  void kill() noexcept;

 private:
  void wait();

  work answer_;
  std::string question_;  ///< begun, where this process answers
  std::chrono::milliseconds most_;
  bool here_ = false;  ///< this process answers
  pid_t child_ = 0;    ///< 0: none (any more)
  int socket_ = -1;
  child_death death_;
};

/// What a whole piece of work in a child process returned; nothing if it died.
struct child_end {
  std::optional<int> code;
  child_death death;
};

/// Calls `work` in a child process and waits for its end.
[[nodiscard]] child_end run_in_child(const std::function<int()>& work,
                                     std::chrono::milliseconds most = std::chrono::seconds(10));

/// While one lives, a child process reads: it is killed if that takes too long. To be put around calls of a library
/// that may go round in circles, and around nothing else; may be nested. Does nothing outside of a child process.
class bounded_reading {
 public:
  /// `bytes`: how much is read, where that may be so much that it takes long.
  explicit bounded_reading(std::uint64_t bytes = 0) noexcept;
  ~bounded_reading();
  bounded_reading(const bounded_reading&) = delete;
  bounded_reading& operator=(const bounded_reading&) = delete;
};

}  // namespace locus
