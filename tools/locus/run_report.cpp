#include "tools/locus/run_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "sim/core/bits_version.hpp"
#include "sim/core/json_text.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/epoch_table.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/text.hpp"

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
  return head + fmt::format("no\n  largest difference {:.3g} (relative {:.3g}, {} ulp) at {}\n  first difference at {}",
                            a.max_abs, a.max_rel, a.max_ulp, a.largest, a.first_difference.value_or("none"));
}

/// What was not measured is null.
nlohmann::json json_of(const std::optional<double>& value) { return value ? nlohmann::json(*value) : nullptr; }

/// What the netlist wants reported, by its name.
nlohmann::json reports_json(const answer_score& score, const circuit& c) {
  nlohmann::json j = nlohmann::json::object();
  for (std::size_t i = 0; i < c.reports.size(); ++i)
    j[c.reports[i].text] = json_of(i < score.reports.size() ? score.reports[i].value() : std::nullopt);
  return j;
}

nlohmann::json epoch_json(const epoch_result& e, const circuit& c) {
  const answer_score test = e.test.value_or(answer_score{});
  nlohmann::json j = {{"epoch", e.epoch},
                      {"loss", json_of(e.train.mean_loss())},
                      {"train_accuracy", json_of(e.train.accuracy())},
                      {"train_r2", json_of(e.train.r2())},
                      {"test_loss", json_of(test.mean_loss())},
                      {"test_accuracy", json_of(test.accuracy())},
                      {"test_r2", json_of(test.r2())},
                      {"ticks", e.total.ticks},
                      {"messages", e.total.messages},
                      {"spikes", e.total.spikes},
                      {"updates", e.updates}};
  if (!c.reports.empty()) j.update({{"report", reports_json(e.train, c)}, {"test_report", reports_json(test, c)}});
  return j;
}

void print_test(const answer_score& test, const circuit& c) {
  if (test.accuracy()) fmt::print("test accuracy {} %\n", measured(test.accuracy(), 2, 100));
  else if (test.mean_loss()) fmt::print("test loss {}, R2 {}\n", measured(test.mean_loss(), 5), measured(test.r2(), 4));
  for (std::size_t i = 0; i < test.reports.size(); ++i) {
    if (const auto value = test.reports[i].value()) fmt::print("test {} {:.6g}\n", c.reports[i].text, *value);
  }
}

nlohmann::json against_json(const weight_comparison& a) {
  nlohmann::json j = {{"rule", a.rule},       {"updates", a.updates},        {"max_abs", a.max_abs},
                      {"max_rel", a.max_rel}, {"max_ulp", a.max_ulp},        {"bit_identical", a.bit_identical},
                      {"largest", a.largest}, {"first_difference", nullptr}, {"not_compared", a.alone}};
  if (a.first_difference) j["first_difference"] = *a.first_difference;
  return j;
}

}  // namespace

std::uint64_t weights_seed(const description& netlist) {
  for (const projection_description& p : netlist.projections) {
    const auto* random = std::get_if<random_weights>(&p.weights);
    if (!p.synapse.empty() && random != nullptr) return random->seed;
  }
  return 0;
}

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
  fmt::print("\na presentation: {} ticks of input, {} with the teacher, {} of rest{}; {} epochs\n",
             range_text(t.predict), range_text(t.teach), range_text(t.rest), frames_text(t, data), netlist.epochs);
  if (facts.resumed_from.empty()) return;
  print("resumed from {}: after {} presentations, at tick {}\n", facts.resumed_from, grouped(facts.resumed_after),
        grouped(static_cast<std::uint64_t>(facts.resumed_at)));
}

void print_summary(const run_result& r, const run_facts& facts, const circuit& c) {
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

void write_json(const std::string& file, const run_result& r, const run_facts& facts, const circuit& c) {
  nlohmann::json j = {
      {"netlist", facts.netlist},           {"updates", r.updates},     {"ticks", r.total.ticks},
      {"messages", r.total.messages},       {"links", r.total.links},   {"spikes", r.total.spikes},
      {"presentations", r.presentations},   {"stopped", r.stopped},     {"epochs", nlohmann::json::array()},
      {"weights_sha256", r.weights_sha256}, {"wall_s", facts.wall_s},   {"seed", facts.seed},
      {"precision", name_of(c.precision)},  {"lanes", c.lanes},         {"data", facts.data},
      {"data_note", facts.data_note},       {"version", LOCUS_VERSION}, {"bits_version", bits_version}};
  for (const epoch_result& e : r.epochs) j["epochs"].push_back(epoch_json(e, c));
  if (r.against) j["against"] = against_json(*r.against);
  if (r.nonfinite) j["nonfinite"] = *r.nonfinite;
  if (!facts.trace.empty()) j["trace"] = facts.trace;
  if (!facts.weights.empty()) j["weights"] = facts.weights;
  if (!facts.checkpoint.empty()) j["checkpoint"] = facts.checkpoint;
  if (!facts.resumed_from.empty()) j["resumed"] = {{"from", facts.resumed_from}, {"after", facts.resumed_after}};
  write_output(file, json_text(j));
}

}  // namespace locus::tools
