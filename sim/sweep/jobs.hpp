#pragma once
/// Independent pieces of work, each in a process of its own: one that crashes, is killed or runs out of memory is one
/// that failed, and the others go on.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"

namespace locus::sweep {

/// How a job ended.
struct job_end {
  std::size_t job = 0;
  std::optional<std::string> answer;  ///< what it came to; nothing: it failed
  std::exception_ptr error;           ///< what it threw: usage_error, run_error, internal_error
  std::string death;                  ///< why its process died, which tells nothing of the work: "killed: ...", or ""

  /// The error or the death in a sentence. Requires: no answer.
  [[nodiscard]] std::string message() const;
};

/// Calls work(j) for each of `jobs`, at most `at_once` of them at the same time, begun in their order, each in a copy
/// of this process as it is then. `ended` is called in this process with each end, as they come. `stop` is asked
/// between two ends, several times a second: true kills what runs, of which nothing more is heard. Returns whether all
/// jobs have ended. Throws what `ended` throws, and run_error if no process can be started; what runs then is killed.
///
/// The copies die with this process, however it ends. They ignore nothing: Ctrl-C in a terminal reaches them too. A
/// process that has other threads cannot be copied (child_process.hpp) and does one job after the other itself.
/// Requires: at_once >= 1.
bool run_jobs(const std::vector<std::size_t>& jobs, std::size_t at_once,
              const std::function<std::string(std::size_t)>& work, const std::function<void(const job_end&)>& ended,
              const std::function<bool()>& stop = {});

/// Values of a type that has a function serialize(archive&, T&), one after the other.
template <class T>
void serialize(archive& a, std::vector<T>& list) {
  std::uint64_t count = list.size();
  a.value("count", count);
  list.resize(count);
  for (std::size_t n = 0; n < list.size(); ++n) {
    const auto part = a.enter(std::to_string(n));
    serialize(a, list[n]);
  }
}

/// A value as bytes and back, for a type that has a function serialize(archive&, T&), or a vector of such.
template <class T>
[[nodiscard]] std::string packed(T value) {
  archive_memory memory;
  archive a = archive::writer(memory);
  serialize(a, value);
  return memory.packed();
}
template <class T>
[[nodiscard]] T unpacked(std::string_view bytes) {
  const archive_memory memory = archive_memory::unpacked(bytes);
  archive a = archive::reader(memory);
  T value{};
  serialize(a, value);
  return value;
}

/// f(0), ..., f(count - 1) in processes of their own; `ended` gets each result as it comes. The first failure ends all
/// and is thrown: what f threw, or a run_error if its process died. T: as for packed().
template <class T>
void compute_each(std::size_t count, std::size_t at_once, const std::function<T(std::size_t)>& f,
                  const std::function<void(std::size_t, T)>& ended);

namespace detail {
/// Throws what ended the job.
[[noreturn]] void rethrow(const job_end& end);
[[nodiscard]] std::vector<std::size_t> numbers_below(std::size_t count);
}  // namespace detail

template <class T>
void compute_each(std::size_t count, std::size_t at_once, const std::function<T(std::size_t)>& f,
                  const std::function<void(std::size_t, T)>& ended) {
  run_jobs(
      detail::numbers_below(count), at_once, [&](std::size_t n) { return packed(f(n)); },
      [&](const job_end& end) {
        if (!end.answer) detail::rethrow(end);
        ended(end.job, unpacked<T>(*end.answer));
      });
}

}  // namespace locus::sweep
