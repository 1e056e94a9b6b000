#include <fmt/format.h>

#include "sim/core/errors.hpp"
#include "sim/core/grouped.hpp"
#include "sim/trace/message_log.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

/// "hidden1.value.rate" and 3: "hidden1.value[3].rate".
std::string entity(const trace_reader& trace, const std::string& port, std::uint32_t index) {
  const std::string population = port.substr(0, port.rfind('.'));
  return population + index_text(trace.shape_of(population), index) + port.substr(population.size());
}

std::string heading(std::int64_t level) {
  return level == 0 ? "for the next step" : fmt::format("reactions, level {}", level);
}

void print_message(const trace_reader& trace, const message_log& log, const logged_message& m) {
  const logged_connection& c = log.connections()[m.connection];
  const bool weighed = m.sent != m.value;
  print("    {:<28} -> {:<34} {:>12.6g}{}{}\n", entity(trace, c.from, m.source), entity(trace, c.to, m.target), m.value,
        weighed ? fmt::format("   ({:.6g} sent over {})", m.sent, c.name) : "",
        trace.facts().lanes > 1 ? fmt::format("   lane {}", m.lane) : "");
}

/// What is not shown, and why.
void print_gaps(const message_log& log, std::uint64_t shown, std::uint64_t stored) {
  if (shown < stored) print("{} more messages; all with --most {}\n", grouped(stored - shown), stored);
  if (log.dropped() > 0) {
    print("{} messages of the run were not stored: the limit was {}\n",
          grouped(static_cast<std::uint64_t>(log.dropped())), log.limit());
  }
}

int run_trace_messages(const parsed_arguments& parsed) {
  const trace_reader trace(parsed.text("file"));
  const message_log log(trace);
  const auto [first, last] = log.extent();
  if (first == last) throw run_error(fmt::format("\"{}\" has an empty message log", trace.path()));
  std::pair<tick_t, tick_t> ticks = {first, first + 1};
  if (parsed.has("tick")) {
    const std::string text = parsed.text("tick");
    ticks = parse_interval(text, "--tick");
    if (ticks.second <= first || ticks.first >= last) {
      throw usage_error(fmt::format("--tick {}: messages were stored of ticks {} to {}", text, first, last - 1));
    }
  }
  std::pair<std::uint32_t, std::uint32_t> lanes = {0, trace.facts().lanes};
  if (parsed.has("lanes")) lanes = selected_lanes(parsed, trace);
  const auto most = static_cast<std::uint64_t>(parsed.whole("most", 0).value());
  const auto messages = log.read(ticks.first, ticks.second, most);
  const logged_message* before = nullptr;
  for (const logged_message& m : messages) {
    if (m.lane < lanes.first || m.lane >= lanes.second) continue;
    if (before == nullptr || before->tick != m.tick) print("tick {}\n", m.tick);
    if (before == nullptr || before->tick != m.tick || before->level != m.level) {
      print("  {}\n", heading(m.level));
    }
    print_message(trace, log, m);
    before = &m;
  }
  if (messages.empty()) print("tick {}: no messages\n", ticks.first);
  print_gaps(log, messages.size(), log.count(ticks.first, ticks.second));
  return done;
}

}  // namespace

const command& trace_messages_command() {
  static const command c = {.name = "trace messages",
                            .synopsis = "trace messages FILE --tick N [options]",
                            .summary = "print the conversation of a tick",
                            .takes = {"file"},
                            .options = {{"tick", "N", "a tick, or an interval such as 9:12 (default: the first)"},
                                        {"lanes", "N", "a lane, or an interval (default: all)"},
                                        {"most", "N", "print no more than N", "1000"}},
                            .run = run_trace_messages,
                            .isolated = true};
  return c;
}

}  // namespace locus::tools
