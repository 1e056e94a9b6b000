#include "sim/audit/traced.hpp"

#include <vector>

namespace locus::tracing {
namespace {

// Rules are pure functions without a context argument, so that the evaluation under way is known per thread only.
struct evaluation_state {
  std::uint64_t number = 0;
  std::vector<foreign_read> foreign;
};
thread_local evaluation_state state;

}  // namespace

std::uint64_t begin_evaluation() {
  state.foreign.clear();
  return ++state.number;
}

std::uint64_t current_evaluation() noexcept { return state.number; }

foreign_read foreign(std::uint32_t number) { return state.foreign.at(number - 1); }

origins note_foreign(const origins& o, double value) {
  state.foreign.push_back({o.evaluation, o.slots, value});
  return {state.number, 0, static_cast<std::uint32_t>(state.foreign.size())};
}

}  // namespace locus::tracing
