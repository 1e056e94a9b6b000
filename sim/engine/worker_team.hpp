#pragma once
/// Threads that share one piece of work at a time.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "sim/core/partition.hpp"

namespace locus {

/// `size` threads, the caller's among them. Which thread does which part never decides what is computed, so results
/// do not depend on the size. Each thread begins with the part of its own number, so that what it works on stays in its
/// caches, and then takes what nobody has begun: where the machine is busy with other programs, the caller does most
/// parts itself instead of waiting for threads that do not run. Workers spin for some microseconds after a piece of
/// work, because the next one comes soon, and sleep after that. One thread gives out work. The others start with the
/// first work that is given out: a process may be copied until then (sim/core/child_process.hpp).
class worker_team {
 public:
  explicit worker_team(std::size_t size);
  ~worker_team();
  worker_team(const worker_team&) = delete;
  worker_team& operator=(const worker_team&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return parts_; }

  /// Calls work(part) for part = 0 .. size() - 1, several at a time, and returns when all are done. `work` must not
  /// throw. Throws run_error, before any work is done, if the system does not let so many threads start.
  template <class Work>
  void run(Work&& work) {
    if (parts_ == 1) return work(std::size_t{0});
    if (workers_.empty()) hire();
    using type = std::remove_reference_t<Work>;
    start([](void* context, std::size_t part) { (*static_cast<type*>(context))(part); }, &work);
    while (do_a_part(0)) continue;
    finish();
  }

  /// Calls work(part, first, last) for parts of [0, count) of nearly equal length, in parallel if the whole takes
  /// about `nanoseconds` and that is long enough to be worth it; returns how many parts there were.
  template <class Work>
  std::size_t split(std::size_t count, double nanoseconds, Work&& work) {
    if (parts_ == 1 || nanoseconds < worth_splitting || count < 2) {
      work(std::size_t{0}, std::size_t{0}, count);
      return 1;
    }
    const std::size_t parts = size();
    run([&](std::size_t part) {
      const std::size_t first = count * part / parts;
      const std::size_t last = count * (part + 1) / parts;
      if (first < last) work(part, first, last);
    });
    return parts;
  }

  /// The same for parts of a range of panels.
  template <class Work>
  std::size_t split(panel_range of, double nanoseconds, Work&& work) {
    return split(of.size(), nanoseconds, [&](std::size_t part, std::size_t first, std::size_t last) {
      work(part, of.first + first, of.first + last);
    });
  }

 private:
  /// Below this, waking the others costs more than they save: handing over takes 0.2 to 0.5 microseconds.
  static constexpr double worth_splitting = 3000;

  void hire();
  void dismiss();

  using job = void (*)(void* context, std::size_t part);
  void start(job j, void* context);
  bool do_a_part(std::size_t self);
  void finish();
  void serve(std::size_t self);

  /// The number of the last piece of work of which somebody took this part.
  struct alignas(64) claim {
    std::atomic<std::uint64_t> work{0};
  };

  const std::size_t parts_;
  std::vector<std::thread> workers_;
  job job_ = nullptr;  ///< this and the context are published by work_
  void* context_ = nullptr;
  std::vector<claim> claims_;                         ///< [part]
  alignas(64) std::atomic<std::uint64_t> work_{0};    ///< number of the present piece of work
  alignas(64) std::atomic<std::size_t> done_{0};      ///< parts of the present work that are done
  alignas(64) std::atomic<std::uint32_t> asleep_{0};  ///< workers that have to be woken
  std::atomic<std::uint32_t> alarm_{0};               ///< what they wait on
  std::atomic<bool> stop_{false};
};

}  // namespace locus
