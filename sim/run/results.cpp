#include "sim/run/results.hpp"

#include <nlohmann/json.hpp>

#include "sim/core/bits_version.hpp"
#include "sim/core/json_text.hpp"
#include "sim/netlist/weights_file.hpp"
#include "sim/trace/synapse_ends.hpp"

namespace locus {
namespace {

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

nlohmann::json against_json(const weight_comparison& a) {
  nlohmann::json j = {{"rule", a.rule},       {"updates", a.updates},        {"max_abs", a.max_abs},
                      {"max_rel", a.max_rel}, {"max_ulp", a.max_ulp},        {"bit_identical", a.bit_identical},
                      {"largest", a.largest}, {"first_difference", nullptr}, {"not_compared", a.alone}};
  if (a.first_difference) j["first_difference"] = *a.first_difference;
  return j;
}

}  // namespace

std::string results_as_json(const run_result& r, const run_facts& facts, const circuit& c) {
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
  return json_text(j);
}

std::string epoch_as_json(const epoch_result& e, const circuit& c) { return json_text(epoch_json(e, c)); }

void save_weights(const std::string& file, const simulator& s, const trace_provenance& run) {
  const circuit& c = s.net();
  std::vector<named_weights> all;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse == nullptr) continue;
    const auto [rows, columns] = c.weight_matrix(p);
    const bool listed = p.shape != projection_shape::dense && !p.window;
    const synapse_ends ends = listed ? ends_of(c, p) : synapse_ends();
    all.push_back({p.name,
                   {rows, static_cast<std::uint32_t>(columns), s.weights(i)},
                   c.precision == precision::f32,
                   ends.source,
                   ends.target,
                   p.delays});
  }
  write_weights(file, all, {run.netlist, run.netlist_sha256, run.version});
}

}  // namespace locus
