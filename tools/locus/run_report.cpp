#include "tools/locus/run_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/core/grouped.hpp"
#include "tools/locus/epoch_table.hpp"
#include "tools/locus/print.hpp"

namespace locus::tools {
namespace {

std::string range_text(const tick_range& r) {
  return r.low == r.high ? std::to_string(r.low) : fmt::format("{} to {}", r.low, r.high);
}

/// What is said of frames, if there are any.
std::string frames_text(const timeline_description& t, const data_set& data) {
  const std::uint32_t inputs = data.train.input_frames, targets = data.train.target_frames;
  if (inputs == 1 && targets == 1) return "";
  return fmt::format("; {} frame{} of input and {} of targets, {} tick{} each", inputs, inputs == 1 ? "" : "s", targets,
                     t.frame_ticks, t.frame_ticks == 1 ? "" : "s");
}

std::string equality_text(const weight_comparison& a) {
  const std::string other = a.rule == "bp" ? "backpropagation" : a.rule;
  const std::string alone = a.alone.empty() ? "" : fmt::format("not compared: {}\n", fmt::join(a.alone, ", "));
  const std::string head = fmt::format("{}weights bit-identical to {} after {} updates: ", alone, other, a.updates);
  if (a.bit_identical) return head + "yes";
  // Of numbers on both sides of 0, it has many digits and says nothing.
  const std::string ulp =
      a.max_ulp < 1'000'000 ? fmt::format("{}", a.max_ulp) : fmt::format("{:.1e}", static_cast<double>(a.max_ulp));
  return head + fmt::format("no\n  largest difference {:.3g} (relative {:.3g}, {} ulp) at {}\n  first difference at {}",
                            a.max_abs, a.max_rel, ulp, a.largest, a.first_difference.value_or("none"));
}

void print_test(const answer_score& test, const circuit& c) {
  if (test.accuracy()) fmt::print("test accuracy {} %\n", measured(test.accuracy(), 2, 100));
  else if (test.mean_loss()) fmt::print("test loss {}, R2 {}\n", measured(test.mean_loss(), 5), measured(test.r2(), 4));
  for (std::size_t i = 0; i < test.reports.size(); ++i) {
    if (const auto value = test.reports[i].value()) fmt::print("test {} {:.6g}\n", c.reports[i].text, *value);
  }
}

}  // namespace

void print_start(const experiment& x, const description& netlist, const run_facts& facts, const data_set& data) {
  const circuit& c = x.net();
  std::uint64_t neurons = 0;
  std::uint64_t synapses = 0;
  for (const population& p : c.populations) neurons += p.size;
  for (const projection& p : c.projections) synapses += p.synapse != nullptr ? c.connections(p) : 0;
  print("{}: {} neurons in {} populations, {} synapses; {}, {} lane{}, seed {}\n", facts.netlist, grouped(neurons),
        c.populations.size(), grouped(synapses), name_of(c.precision), c.lanes, c.lanes == 1 ? "" : "s", facts.seed);
  print("data: {} ({} train, {} test); {} batches an epoch", data.name, data.train.count(), data.test.count(),
        x.batches());
  if (x.dropped() > 0) fmt::print(", {} samples left out of each because they fill no batch", x.dropped());
  const timeline_description& t = netlist.timeline;
  fmt::print("\na presentation: {} ticks of input, {} with the teacher, {} of rest{}; {} epoch{}\n",
             range_text(t.predict), range_text(t.teach), range_text(t.rest), frames_text(t, data), netlist.epochs,
             netlist.epochs == 1 ? "" : "s");
  if (facts.resumed_from.empty()) return;
  print("resumed from {}: after {} presentations, at tick {}\n", facts.resumed_from, grouped(facts.resumed_after),
        grouped(static_cast<std::uint64_t>(facts.resumed_at)));
}

void print_outcome(const run_result& r, const run_facts& facts, const circuit& c) {
  fmt::print("\n");
  if (r.stopped) fmt::print("stopped early, after {} presentations\n", r.presentations);
  const bool resumed = !facts.resumed_from.empty();
  if (resumed) {
    print("resumed from {} after {} presentations, {} more in {:.2f} s; of the whole run:\n", facts.resumed_from,
          grouped(facts.resumed_after), grouped(r.presentations - facts.resumed_after), facts.wall_s);
  }
  const std::string time = resumed ? "" : fmt::format(" in {:.2f} s", facts.wall_s);
  fmt::print("{} weight updates{}: {} ticks, {} messages over synapses, {} over links, {} spikes\n", grouped(r.updates),
             time, grouped(r.total.ticks), grouped(r.total.messages), grouped(r.total.links), grouped(r.total.spikes));
  if (!r.epochs.empty()) print_test(r.epochs.back().test.value_or(answer_score{}), c);
  fmt::print("weights sha256 {}\n", r.weights_sha256);
  if (r.against) fmt::print("{}\n", equality_text(*r.against));
  if (r.nonfinite) fmt::print("first non-finite number: {}\n", *r.nonfinite);
  if (!facts.weights.empty()) print("weights: {}\n", facts.weights);
  if (!facts.trace.empty()) print("trace: {}\n", facts.trace);
  if (!facts.checkpoint.empty()) print("checkpoint: {}\n", facts.checkpoint);
}

}  // namespace locus::tools
