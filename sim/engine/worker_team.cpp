#include "sim/engine/worker_team.hpp"

#include <fmt/format.h>

#include <system_error>

#include "sim/core/errors.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace locus {
namespace {

inline void pause() noexcept {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#endif
}

constexpr int spins = 4000;  // some 50 microseconds: longer than the serial parts of a tick

}  // namespace

worker_team::worker_team(std::size_t size) : parts_(size), claims_(size) {
  constexpr std::size_t most = 256;  // more never help, and take long to start
  if (size > most) throw usage_error(fmt::format("threads = {}: expected at most {}", size, most));
}

worker_team::~worker_team() { dismiss(); }

void worker_team::hire() {
  try {
    workers_.reserve(parts_ - 1);
    for (std::size_t i = 1; i < parts_; ++i) workers_.emplace_back([this, i] { serve(i); });
  } catch (const std::system_error& e) {
    const std::size_t started = workers_.size();
    dismiss();
    throw run_error(
        fmt::format("cannot compute on {} threads: {} after {} of them; fewer (--threads) give the same "
                    "results, and one needs no other",
                    parts_, e.code().message(), started + 1));
  }
}

void worker_team::dismiss() {
  stop_ = true;
  alarm_.fetch_add(1);
  alarm_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  stop_ = false;
}

void worker_team::start(job j, void* context) {
  job_ = j;
  context_ = context;
  done_.store(0, std::memory_order_relaxed);
  // Sequentially consistent, as is the worker's announcement of its sleep: one of the two sees the other.
  work_.fetch_add(1);
  if (asleep_.load() == 0) return;
  alarm_.fetch_add(1);
  alarm_.notify_all();
}

/// Does a part that nobody has taken, the thread's own first; false if all are taken.
bool worker_team::do_a_part(std::size_t self) {
  const std::uint64_t work = work_.load();
  for (std::size_t i = 0; i < parts_; ++i) {
    const std::size_t part = (self + i) % parts_;
    // All parts of the work before have been taken, so that who comes late with an old number finds a later one here.
    std::uint64_t before = work - 1;
    if (claims_[part].work.load(std::memory_order_relaxed) != before) continue;
    if (!claims_[part].work.compare_exchange_strong(before, work)) continue;
    job_(context_, part);
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }
  return false;
}

void worker_team::finish() {
  for (int spin = 0; done_.load(std::memory_order_acquire) != parts_; ++spin) {
    if (spin < spins) pause();
    else std::this_thread::yield();  // whoever has the last part does not run: more threads than cores
  }
}

void worker_team::serve(std::size_t self) {
  while (!stop_) {
    bool worked = false;
    for (int spin = 0; !worked && spin < spins && !stop_; ++spin) {
      worked = do_a_part(self);
      if (!worked) pause();
    }
    if (worked) continue;
    asleep_.fetch_add(1);
    const std::uint32_t alarm = alarm_.load();
    if (!do_a_part(self) && !stop_) alarm_.wait(alarm);
    asleep_.fetch_sub(1);
  }
}

}  // namespace locus
