#pragma once
/// Threads that share one piece of work at a time.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace locus {

/// `size` threads, the caller's among them. Which part of the work a thread does never decides what is computed, so
/// results do not depend on the size. Workers spin for some microseconds after a piece of work, because the next one
/// comes soon, and sleep after that. Not thread-safe: one thread gives out work.
class worker_team {
 public:
  explicit worker_team(std::size_t size);
  ~worker_team();
  worker_team(const worker_team&) = delete;
  worker_team& operator=(const worker_team&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return workers_.size() + 1; }

  /// Calls work(part) for part = 0 .. size() - 1, each in its own thread, and returns when all are done. `work` must
  /// not throw.
  template <class Work>
  void run(Work&& work) {
    if (workers_.empty()) return work(std::size_t{0});
    using type = std::remove_reference_t<Work>;
    start([](void* context, std::size_t part) { (*static_cast<type*>(context))(part); }, &work);
    work(std::size_t{0});
    finish();
  }

  /// Calls work(part, first, last) for parts of [0, count) of nearly equal length, in parallel if the whole takes
  /// about `nanoseconds` and that is long enough to be worth it; returns how many parts there were.
  template <class Work>
  std::size_t split(std::size_t count, double nanoseconds, Work&& work) {
    if (workers_.empty() || nanoseconds < worth_splitting || count < 2) {
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

 private:
  /// Below this, waking the others costs more than they save: handing over takes 0.2 to 0.5 microseconds.
  static constexpr double worth_splitting = 3000;

  using job = void (*)(void* context, std::size_t part);
  void start(job j, void* context);
  void finish();
  void serve(std::size_t part);

  std::vector<std::thread> workers_;
  job job_ = nullptr;
  void* context_ = nullptr;
  alignas(64) std::atomic<std::uint32_t> round_{0};    ///< counts pieces of work
  alignas(64) std::atomic<std::uint32_t> running_{0};  ///< workers that have not finished the present one
  alignas(64) std::atomic<std::uint32_t> asleep_{0};   ///< workers that have to be woken
  bool stop_ = false;                                  ///< published by round_
};

}  // namespace locus
