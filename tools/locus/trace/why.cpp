#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/core/errors.hpp"
#include "sim/core/grouped.hpp"
#include "sim/core/json_text.hpp"
#include "sim/why/explanation_json.hpp"
#include "sim/why/trace_why.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

/// All digits that the circuit's numbers have.
std::string number_text(double v, bool single) {
  return single ? fmt::format("{}", static_cast<float>(v)) : fmt::format("{}", v);
}

/// "0 -> 1", "1" or "".
std::string numbers_of(const explanation_step& s, bool single) {
  if (!s.value) return "";
  const std::string now = number_text(*s.value, single);
  if (!s.before) return now;
  return *s.before == *s.value ? fmt::format("{} as before", now)
                               : fmt::format("{} -> {}", number_text(*s.before, single), now);
}

/// How far in each step stands: where several explain one, they stand further in than that.
std::vector<std::size_t> depths_of(const std::vector<explanation_step>& steps) {
  std::vector<std::size_t> children(steps.size(), 0), depth(steps.size(), 0);
  for (const explanation_step& s : steps) {
    if (s.of) ++children[*s.of];
  }
  for (std::size_t n = 0; n < steps.size(); ++n) {
    if (steps[n].of) depth[n] = depth[*steps[n].of] + (children[*steps[n].of] > 1 ? 1 : 0);
  }
  return depth;
}

void print_steps(const trace_explanation& e) {
  const std::vector<explanation_step>& steps = e.told.steps;
  const std::vector<std::size_t> depth = depths_of(steps);
  print("\n{:>4} {:>8}  what\n", "step", "tick");
  for (std::size_t n = 0; n < steps.size(); ++n) {
    const explanation_step& s = steps[n];
    const std::string indent(2 * std::min<std::size_t>(depth[n], 20), ' ');
    const std::string who = s.from ? fmt::format("{} -> {}", *s.from, s.entity) : s.entity;
    const std::string numbers = numbers_of(s, e.single);
    print("{:>4} {:>8}  {}{:<8} {}{}{}{}\n", n + 1, s.tick, indent, name_of(s.kind), who, numbers.empty() ? "" : ": ",
          numbers, s.local ? (*s.local ? "  [local]" : "  [not local]") : "");
    // What the line says already is not said again.
    if (s.text != "changed" && s.text != "spiked") print("{:>14} {}{:<8}   {}\n", "", indent, "", s.text);
  }
}

int run_trace_why(const parsed_arguments& parsed) {
  const auto given = parsed.texts("file");
  if (given.size() != 2) {
    throw usage_error(fmt::format("{}: a trace and a question are wanted; usage: locus {}",
                                  given.size() == 1 ? "the question is missing" : "too much is asked",
                                  trace_why_command().synopsis));
  }
  const trace_reader trace(given[0]);
  why_request request;
  request.event = given[1];
  request.checkpoint = parsed.text("from");
  request.options.all = parsed.has("all");
  request.options.most = static_cast<std::size_t>(parsed.whole("most", {1, 2000}).value());
  request.threads = static_cast<std::size_t>(parsed.whole("threads", {0, 1024}).value());
  if (parsed.has("lane")) request.lane = static_cast<std::size_t>(*parsed.whole("lane", counts_from(0)));
  progress_line line;
  request.on_tick = [&](tick_t now, tick_t until) {
    if (now <= until) line.show("running anew", static_cast<std::uint64_t>(now), static_cast<std::uint64_t>(until) + 1);
    else line.show(fmt::format("looking for when it changes, tick {}", grouped(static_cast<std::uint64_t>(now))), 1, 1);
  };
  const trace_explanation e = explain_trace(trace, request);
  line.clear();
  if (parsed.has("json")) {
    fmt::print("{}", json_text(explanation_as_json(e, request.event)));
    return done;
  }
  print("{}\n", e.told.sentence);
  print_steps(e);
  if (e.told.more) print("\nmore than {} steps; more with --most N\n", request.options.most);
  print("\nrun anew from tick {}: {} numbers of ticks {} to {} are those of the trace{}\n", e.run_from,
        grouped(e.compared), e.first, e.last - 1,
        e.logged > 0 ? fmt::format(", and {} messages those of its log", grouped(e.logged)) : "");
  return done;
}

}  // namespace

const command& trace_why_command() {
  static const command c = {
      .name = "trace why",
      .synopsis = "trace why FILE 'NAME[INDEX]@TICK' [options]",
      .summary = "tell why a weight changed or a neuron spiked: the messages, back to the stimulus",
      .takes = {.name = "file", .several = true},
      .options =
          std::vector<option>{
              {"all", "", "follow every message that changed, not only the one that changed most"},
              {"most", "N", "print no more than N steps, at most 2000", "200"},
              {"lane", "N", "the lane of a neuron (default: 0), or of a synapse (default: that which counts most)"},
              {"from", "CHECKPOINT", "run on from a checkpoint of the same run, which must be of an earlier tick"},
              {"threads", "N", "threads; 0: as many as the circuit's size is worth; never changes a bit", "0"},
              {"json", "", "for programs"}} +
          data_option(),
      .run = run_trace_why,
      .example = "locus trace why xor.h5 'hidden1.forward[2][1]@5'",
      .notes =
          "Asks for a weight, 'hidden1.forward[2][1]@5' (POST, PRE; what was learnt in tick 5), a spike or whatever "
          "else changed of a neuron, 'hidden1.phi[0]@17', or one of its variables, 'hidden1.value.x[3]@12'. The "
          "circuit runs anew up to that tick; what the trace holds must be the same bits.",
      .isolated = true};
  return c;
}

}  // namespace locus::tools
