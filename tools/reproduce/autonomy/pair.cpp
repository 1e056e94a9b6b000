#include "tools/reproduce/autonomy/pair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/data/order.hpp"
#include "sim/engine/field_values.hpp"
#include "sim/sweep/jobs.hpp"

namespace locus::tools {
namespace {

output_id output_of(const circuit& c, const std::string& population, const char* field) {
  const std::size_t p = c.find_population(population).value();
  return {p, c.populations[p].model->find_field(field).value()};
}

std::vector<output_id> outputs_of(const circuit& c, const char* kind, const char* field) {
  std::vector<output_id> all;
  for (const std::string& layer : layers_above_input(c)) all.push_back(output_of(c, layer + kind, field));
  return all;
}

double square(double x) { return x * x; }

}  // namespace

std::vector<std::string> layers_above_input(const circuit& c) {
  std::vector<std::string> all;
  for (std::size_t k = 1; c.find_population(fmt::format("hidden{}.value", k)); ++k) {
    all.push_back(fmt::format("hidden{}", k));
  }
  all.emplace_back("output");
  return all;
}

spike_count& spike_count::operator+=(const spike_count& other) {
  deltas += other.deltas;
  right += other.right;
  faithful += other.faithful;
  missed += other.missed;
  spurious += other.spurious;
  return *this;
}

double spike_count::share(std::uint64_t spike_count::*what) const {
  return deltas == 0 ? 0 : 100 * static_cast<double>(this->*what) / static_cast<double>(deltas);
}

// ---- observers ---------------------------------------------------------------------------------------------------

circuit_pair::delta_reader::delta_reader(const circuit& c)
    : update_{c.find_population("update").value(), 0}, fields_(outputs_of(c, ".value", "delta")) {}

void circuit_pair::delta_reader::on_tick(tick_t, const simulator& s) {
  if (s.value(update_, 0, 0) == 0) return;
  deltas_.clear();
  for (const output_id field : fields_) deltas_.push_back(field_values(s, field));
}

circuit_pair::spike_judge::spike_judge(const circuit& c, std::function<const std::vector<numbers>&()> deltas_now)
    : deltas_now_(std::move(deltas_now)),
      spikes_(outputs_of(c, ".phi", "spike")),
      errors_(outputs_of(c, ".error", "eps")),
      expected_(spikes_.size()),
      counts_(spikes_.size()) {}

void circuit_pair::spike_judge::on_tick(tick_t tick, const simulator& s) {
  if (onset_ == tick) {
    const std::vector<numbers>& deltas = deltas_now_();
    for (std::size_t k = 0; k < spikes_.size(); ++k) {
      expected_[k].push_back({tick + static_cast<tick_t>(spikes_.size() - 1 - k), deltas[k]});
    }
  }
  for (std::size_t k = 0; k < spikes_.size(); ++k) {
    const numbers spikes = field_values(s, spikes_[k]);
    if (expected_[k].empty() || expected_[k].front().at != tick) {
      counts_[k].spurious += static_cast<std::uint64_t>(std::count(spikes.begin(), spikes.end(), 1.0));
      continue;
    }
    judge(k, spikes, field_values(s, errors_[k]), expected_[k].front().deltas);
    expected_[k].pop_front();
  }
}

void circuit_pair::spike_judge::judge(std::size_t layer, const numbers& spikes, const numbers& errors,
                                      const numbers& deltas) {
  spike_count& count = counts_[layer];
  for (std::size_t n = 0; n < spikes.size(); ++n) {
    const bool spike = spikes[n] != 0, due = deltas[n] != 0;
    count.deltas += due ? 1 : 0;
    count.right += due && spike ? 1 : 0;
    count.faithful += due && spike && std::abs(errors[n] - deltas[n]) <= 1e-6 * std::abs(deltas[n]) ? 1 : 0;
    count.missed += due && !spike ? 1 : 0;
    count.spurious += !due && spike ? 1 : 0;
  }
}

void circuit_pair::spike_judge::on_quiet(tick_t first, tick_t last, const simulator& s) {
  for (tick_t t = first; t < last; ++t) on_tick(t, s);
}

// ---- the pair ----------------------------------------------------------------------------------------------------

circuit_pair::circuit_pair(const description& ours, const description& twin, const data_set& data)
    : ours_(ours, data),
      twin_(twin, data),
      lent_(twin, data),
      weights_(*ours_.sim, *twin_.sim, "bp"),
      deltas_(twin_.net),
      spikes_(ours_.net, [this]() -> const std::vector<numbers>& { return deltas_now(); }),
      learning_(common_learning(ours_.net, lent_.net).pairs) {
  ours_.sim->observe(&spikes_);
  lent_.sim->observe(&deltas_);
}

bool circuit_pair::teach(std::span<const std::uint32_t> samples, const presentation_times& times) {
  twin_.world.teach(samples, draw_times(twin_.netlist.timeline, updates_));
  samples_ = samples;
  spikes_.expect(ours_.sim->now() + times.predict);
  try {
    ours_.world.teach(samples, times);
  } catch (const nonfinite_error&) {
    return false;
  }
  weights_.after_update(++updates_);
  return true;
}

const std::vector<circuit_pair::numbers>& circuit_pair::deltas_now() {
  for (const auto& [from, to] : learning_) lent_.sim->set_weights(to, ours_.sim->weights(from));
  lent_.world.teach(samples_, draw_times(lent_.netlist.timeline, updates_));
  return deltas_.deltas();
}

layer_difference circuit_pair::difference_of(const std::string& layer) const {
  const std::size_t here = ours_.net.find_projection(layer + ".forward").value();
  const std::vector<double> a = ours_.sim->weights(here), born = initial_weights(ours_.net, here),
                            b = twin_.sim->weights(twin_.net.find_projection(layer + ".forward").value());
  layer_difference result{layer};
  double difference = 0, change = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    result.max_abs = std::max(result.max_abs, std::abs(a[n] - b[n]));
    difference += square(a[n] - b[n]);
    change += square(b[n] - born[n]);
  }
  result.of_change = std::sqrt(difference / change);
  return result;
}

pair_result circuit_pair::result() const {
  pair_result r;
  r.by_layer = spikes_.counts();
  for (const spike_count& each : r.by_layer) r.spikes += each;
  r.weights = weights_.finish();
  for (const std::string& layer : layers_above_input(ours_.net)) r.layers.push_back(difference_of(layer));
  return r;
}

pair_result run_beside_backpropagation(const description& ours, const description& twin, const data_set& data,
                                       std::uint64_t updates,
                                       const std::function<presentation_times(std::uint64_t)>& times_of) {
  circuit_pair pair(ours, twin, data);
  const std::uint64_t batches = data.train.count() / ours.lanes;
  std::vector<std::uint32_t> order;
  bool diverged = false;
  for (std::uint64_t n = 0; n < updates && !diverged; ++n) {
    if (n % batches == 0) {
      order = presentation_order(data.train.count(), ours.shuffle, static_cast<std::uint32_t>(n / batches));
    }
    diverged = !pair.teach(std::span(order).subspan(n % batches * ours.lanes, ours.lanes), times_of(n));
  }
  pair_result result = pair.result();
  result.diverged = diverged;
  return result;
}

void serialize(archive& a, spike_count& s) {
  for (const auto& [name, count] : {std::pair{"deltas", &s.deltas},
                                    {"right", &s.right},
                                    {"faithful", &s.faithful},
                                    {"missed", &s.missed},
                                    {"spurious", &s.spurious}}) {
    a.value(name, *count);
  }
}

void serialize(archive& a, layer_difference& l) {
  a.value("layer", l.layer);
  a.value("max_abs", l.max_abs);
  a.value("of_change", l.of_change);
}

namespace {

void serialize_weights(archive& a, weight_comparison& w) {
  const auto part = a.enter("weights");
  a.value("rule", w.rule);
  std::uint64_t alone = w.alone.size();
  a.value("alone", alone);
  w.alone.resize(alone);
  for (std::size_t n = 0; n < w.alone.size(); ++n) a.value(fmt::format("alone{}", n), w.alone[n]);
  a.value("updates", w.updates);
  a.value("max_abs", w.max_abs);
  a.value("max_rel", w.max_rel);
  a.value("max_ulp", w.max_ulp);
  a.value("bit_identical", w.bit_identical);
  a.value("largest", w.largest);
  bool differs = w.first_difference.has_value();
  std::string first = w.first_difference.value_or("");
  a.value("differs", differs);
  a.value("first_difference", first);
  w.first_difference = differs ? std::optional(first) : std::nullopt;
}

}  // namespace

void serialize(archive& a, pair_result& r) {
  const auto part = [&a](const char* name, auto& list) {
    const auto entered = a.enter(name);
    sweep::serialize(a, list);
  };
  serialize(a, r.spikes);
  part("by_layer", r.by_layer);
  part("layers", r.layers);
  serialize_weights(a, r.weights);
  a.value("diverged", r.diverged);
}

}  // namespace locus::tools
