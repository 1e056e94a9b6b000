#include "sim/audit/traced.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

namespace locus::tracing {
namespace {

// Rules are pure functions without a context argument, so that the evaluation under way is known per thread only.
struct evaluation_state {
  std::uint64_t number = 0;
  std::uint64_t next = 0, end = 0;  ///< numbers that are this thread's, [next, end)
  std::vector<foreign_read> foreign;
};
thread_local evaluation_state state;

/// The first number that no thread has taken; 0 is none's.
std::atomic<std::uint64_t> untaken{1};

}  // namespace

void reserve_evaluations(std::uint64_t count) {
  if (state.end - state.next >= count) return;
  constexpr std::uint64_t many = 1 << 16;
  const std::uint64_t taken = std::max(count, many);
  state.next = untaken.fetch_add(taken, std::memory_order_relaxed);
  state.end = state.next + taken;
}

std::uint64_t begin_evaluation() {
  reserve_evaluations(1);
  state.foreign.clear();
  return state.number = state.next++;
}

std::uint64_t current_evaluation() noexcept { return state.number; }

foreign_read foreign(std::uint32_t number) { return state.foreign.at(number - 1); }

origins note_foreign(const origins& o, double value) {
  state.foreign.push_back({o.evaluation, o.slots, value});
  return {state.number, 0, static_cast<std::uint32_t>(state.foreign.size())};
}

}  // namespace locus::tracing
