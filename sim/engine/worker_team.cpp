#include "sim/engine/worker_team.hpp"

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

worker_team::worker_team(std::size_t size) : parts_(size), ticket_(size) {
  for (std::size_t i = 1; i < size; ++i) workers_.emplace_back([this] { serve(); });
}

worker_team::~worker_team() {
  stop_ = true;
  alarm_.fetch_add(1);
  alarm_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void worker_team::start(job j, void* context) {
  job_ = j;
  context_ = context;
  done_.store(0, std::memory_order_relaxed);
  // The high half counts the pieces of work, so that no old ticket can be taken for a new one. Sequentially
  // consistent, as is the worker's announcement of its sleep: one of the two sees the other.
  ticket_.store(((ticket_.load(std::memory_order_relaxed) >> 32) + 1) << 32);
  if (asleep_.load() == 0) return;
  alarm_.fetch_add(1);
  alarm_.notify_all();
}

/// Does the next part; false if all are taken.
bool worker_team::do_a_part() {
  std::uint64_t ticket = ticket_.load();
  do {
    if ((ticket & 0xffffffffu) >= parts_) return false;
  } while (!ticket_.compare_exchange_weak(ticket, ticket + 1));
  job_(context_, static_cast<std::size_t>(ticket & 0xffffffffu));
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void worker_team::finish() {
  for (int spin = 0; done_.load(std::memory_order_acquire) != parts_; ++spin) {
    if (spin < spins) pause();
    else std::this_thread::yield();  // whoever has the last part does not run: more threads than cores
  }
}

void worker_team::serve() {
  while (!stop_) {
    bool worked = false;
    for (int spin = 0; !worked && spin < spins && !stop_; ++spin) {
      worked = do_a_part();
      if (!worked) pause();
    }
    if (worked) continue;
    asleep_.fetch_add(1);
    const std::uint32_t alarm = alarm_.load();
    if (!do_a_part() && !stop_) alarm_.wait(alarm);
    asleep_.fetch_sub(1);
  }
}

}  // namespace locus
