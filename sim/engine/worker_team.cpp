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

worker_team::worker_team(std::size_t size) {
  for (std::size_t part = 1; part < size; ++part) workers_.emplace_back([this, part] { serve(part); });
}

worker_team::~worker_team() {
  stop_ = true;
  round_.fetch_add(1);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void worker_team::start(job j, void* context) {
  job_ = j;
  context_ = context;
  running_.store(static_cast<std::uint32_t>(workers_.size()), std::memory_order_relaxed);
  // Sequentially consistent, as is the worker's announcement of its sleep: one of the two sees the other.
  round_.fetch_add(1);
  if (asleep_.load() != 0) round_.notify_all();
}

void worker_team::finish() {
  for (int spin = 0; running_.load(std::memory_order_acquire) != 0; ++spin) {
    if (spin < spins) pause();
    else std::this_thread::yield();  // more threads than cores
  }
}

void worker_team::serve(std::size_t part) {
  for (std::uint32_t seen = 0;; ++seen) {
    for (int spin = 0; round_.load(std::memory_order_acquire) == seen && spin < spins; ++spin) pause();
    if (round_.load() == seen) {
      asleep_.fetch_add(1);
      round_.wait(seen);
      asleep_.fetch_sub(1);
    }
    if (stop_) return;
    job_(context_, part);
    running_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace locus
