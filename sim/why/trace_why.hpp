#pragma once
/// Why a number in a trace changed. The circuit runs anew, from the netlist that the trace holds, up to the tick that
/// is asked about: a trace holds what was recorded, an explanation needs all of it. What both have must be the same
/// bits.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/trace_reader.hpp"
#include "sim/why/explanation.hpp"

namespace locus {

struct why_request {
  std::string event;       ///< "hidden1.forward[2][1]@5"
  std::string checkpoint;  ///< to run on from; "": from the beginning
  std::optional<std::size_t> lane = {};
  explanation_options options;
  std::size_t threads = 0;                                ///< 0: as many as the circuit's size is worth
  std::uint64_t bytes = std::uint64_t{1} << 28;           ///< for the ticks that are kept, about
  std::function<void(tick_t now, tick_t until)> on_tick;  ///< told how far the run is
};

struct trace_explanation {
  explanation told;
  bool single = false;         ///< the circuit's numbers are float
  std::uint64_t compared = 0;  ///< numbers that were the same in the trace
  std::uint64_t logged = 0;    ///< messages that were the same in the trace's log
  tick_t first = 0, last = 0;  ///< ticks [first, last) whose numbers were compared
  tick_t run_from = 0;         ///< where the circuit began to run
};

/// Throws usage_error for a question that cannot be read, a tick that was not recorded (which were), and a number that
/// did not change in it (when it did); run_error if the circuit does not do again what the trace says, naming the first
/// number that differs.
[[nodiscard]] trace_explanation explain_trace(const trace_reader& trace, const why_request& request);

/// Of several events, in any order, by one run, which is held against the trace from the first to the last of them.
/// Nothing of one that did not happen, or of which too little is kept. Throws as the other; of the request, the event
/// is not looked at.
[[nodiscard]] std::vector<std::optional<trace_explanation>> explain_trace(const trace_reader& trace,
                                                                          const why_request& request,
                                                                          const std::vector<std::string>& events);

}  // namespace locus
