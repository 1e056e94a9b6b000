#include "sim/experiment/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/circuit/census.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/sha256.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/data/labels.hpp"
#include "sim/data/order.hpp"
#include "sim/experiment/comparison.hpp"
#include "sim/experiment/epoch_archive.hpp"
#include "sim/experiment/running_circuit.hpp"

namespace locus {

/// A circuit with its world.
struct experiment::side : running_circuit {
  using running_circuit::running_circuit;

  [[nodiscard]] bool learns() const { return net.learns(); }

  std::unique_ptr<comparer> against;
};

namespace {

/// The netlist of a run, if the circuits that it holds at once fit into memory: the one that learns, a copy that is
/// tested, and the twin, whose weights are compared in copies. Throws run_error.
const description& fitting(const description& netlist, const data_set& data, const experiment_options& options) {
  const memory_prediction own = predict_memory(outline_circuit(netlist));
  std::string parts = fmt::format("its circuit ({})", bytes_text(own.total()));
  std::uint64_t bytes = own.total(), building = own.building;
  if (options.evaluate && data.test.count() > 0) {
    parts += fmt::format(", a copy of it that is tested ({})", bytes_text(own.total()));
    bytes = bounded_sum(bytes, own.total());
  }
  if (options.against != nullptr) {
    const memory_prediction twin = predict_memory(outline_circuit(*options.against));
    parts += fmt::format(", the circuit that it is compared with ({})", bytes_text(twin.total()));
    bytes = bounded_sum(bytes, twin.total());
    building = bounded_sum(building, twin.building);
  }
  require_memory(bounded_sum(bytes, building),
                 fmt::format("{}: a run with {} and {} to make weights", netlist.source, parts, bytes_text(building)));
  return netlist;
}

}  // namespace

experiment::experiment(const description& netlist, const data_set& data, experiment_options options)
    : netlist_(fitting(netlist, data, options)),
      data_(data),
      options_(std::move(options)),
      main_(std::make_unique<side>(netlist, data, options_.simulation)) {
  if (data.train.count() < main_->net.lanes) {
    throw usage_error(
        fmt::format("circuit.lanes = {}: the data \"{}\" have only {} training samples, which fill no batch",
                    main_->net.lanes, data.name, data.train.count()));
  }
  if (options_.evaluate && data.test.count() > 0) {
    evaluator_ = std::make_unique<evaluator>(main_->net, netlist, data, options_.simulation);
  }
  if (options_.against != nullptr) add_twin();
  check_length();
}

void experiment::add_twin() {
  simulator_options alone = options_.simulation;
  alone.ranks = nullptr;  // other ranks have no part of it
  twin_ = std::make_unique<side>(*options_.against, data_, alone);
  if (twin_->net.lanes != main_->net.lanes)
    throw usage_error("the two circuits differ in lanes: they cannot be compared");
  if (options_.measure_angles) angles_ = std::make_unique<update_angles>(*main_->sim, *twin_->sim);
  else main_->against = std::make_unique<comparer>(*main_->sim, *twin_->sim, options_.against_name);
}

experiment::~experiment() = default;

const circuit& experiment::net() const noexcept { return main_->net; }
simulator& experiment::sim() noexcept { return *main_->sim; }
std::uint64_t experiment::batches() const noexcept { return data_.train.count() / main_->net.lanes; }
std::uint64_t experiment::dropped() const noexcept { return data_.train.count() % main_->net.lanes; }

std::uint64_t experiment::planned_ticks() const noexcept {
  const std::uint64_t end = planned_presentations();
  return longest_presentation(netlist_.timeline) * (end - std::min(end, result_.presentations));
}

std::uint64_t experiment::planned_presentations() const noexcept {
  const std::uint64_t all = batches() * netlist_.epochs;
  return options_.max_updates == 0 ? all : std::min(all, options_.max_updates);
}

/// Adding ticks up must stay possible.
void experiment::check_length() const {
  const std::uint64_t presentations = planned_presentations();
  check_run_length(netlist_.timeline, presentations);
  if (twin_) check_run_length(twin_->netlist.timeline, presentations);
  if (!evaluator_) return;
  timeline_description questions;
  questions.predict = netlist_.timeline.predict;
  for (const reading& r : readings_of(net(), netlist_.timeline, data_.test, questions.predict.high))
    questions.predict.high = std::max(questions.predict.high, r.at);
  questions.teach = questions.rest = {0, 0, {}};
  const std::uint64_t epochs = batches() == 0 ? 0 : presentations / batches() + 1;
  check_run_length(questions, bounded_product(epochs, data_.test.count()));
}

bool experiment::enough() const {
  return result_.stopped || (options_.max_updates != 0 && result_.presentations >= options_.max_updates);
}

void experiment::on_presentation(std::function<void(const begun_presentation&)> tell) {
  tell_ = std::move(tell);
  labels_ = labels_of(data_.train);
}

run_result experiment::run() {
  while (epoch_.epoch != 0 || (result_.epochs.size() < netlist_.epochs && !enough())) run_epoch();
  result_.total = main_->sim->counters();
  result_.weights_sha256 = weights_sha256(*main_->sim);
  result_.nonfinite = main_->sim->nonfinite();
  if (main_->against) result_.against = main_->against->finish();
  return result_;
}

void experiment::run_epoch() {
  epoch_.epoch = static_cast<std::uint32_t>(result_.epochs.size()) + 1;
  try {
    run_presentations();
    if (evaluator_ && !result_.stopped) epoch_.test = evaluator_->evaluate(*main_->sim, data_.test);
  } catch (const advance_stopped&) {
    result_.stopped = true;
  }
  const bool begun = result_.presentations > result_.epochs.size() * batches();
  if (result_.stopped && !begun) {  // in its first presentation
    epoch_ = {};
    return;
  }
  if (angles_) epoch_.angle = angle_.mean();
  angle_ = {};
  epoch_.total = main_->sim->counters();
  epoch_.updates = result_.updates;
  result_.epochs.push_back(epoch_);
  epoch_ = {};
  if (options_.on_epoch) options_.on_epoch(*this, result_.epochs.back());
}

void experiment::run_presentations() {
  const std::uint64_t before = result_.epochs.size() * batches();
  const std::vector<std::uint32_t> order =
      presentation_order(static_cast<std::uint32_t>(data_.train.count()), netlist_.shuffle, epoch_.epoch - 1);
  while (result_.presentations < before + batches() && !enough()) {
    const std::uint64_t batch = result_.presentations - before;
    present(std::span(order).subspan(batch * main_->net.lanes, main_->net.lanes));
    if (options_.on_batch) options_.on_batch(*this, epoch_.epoch);
    if (options_.stop && options_.stop(*this)) result_.stopped = true;
    const bool last = enough() || (epoch_.epoch == netlist_.epochs && batch + 1 == batches());
    if (options_.on_pause) options_.on_pause(*this, last);
  }
}

/// One presentation to the circuit and its twin.
void experiment::present(std::span<const std::uint32_t> samples) {
  const std::uint64_t number = result_.presentations;
  if (angles_) angles_->before_update();
  const presentation_times times = draw_times(netlist_.timeline, number);
  if (tell_) tell_({main_->sim->now(), times, epoch_.epoch, samples, labels_});
  const answer_score answer = main_->world.teach(samples, times);
  if (twin_) twin_->world.teach(samples, draw_times(twin_->netlist.timeline, number));
  ++result_.presentations;
  epoch_.train += answer;
  if (main_->learns()) ++result_.updates;
  if (main_->against) main_->against->after_update(result_.presentations);
  if (!angles_) return;
  const angle_sample sample = angles_->after_update();
  angle_.add(sample);
  if (options_.on_angle) options_.on_angle(*this, sample, answer);
}

void experiment::serialize(archive& a) {
  if (angles_) throw internal_error("an experiment that measures angles has no checkpoints");
  serialize_progress(a);
  const auto each = [&](const char* name, auto* state) {
    if (state == nullptr) return;
    const auto part = a.enter(name);
    state->serialize(a);
  };
  each("circuit", main_->sim.get());
  each("twin", twin_ ? twin_->sim.get() : nullptr);
  each("comparison", main_->against.get());
  each("evaluation", evaluator_.get());
}

void experiment::serialize_progress(archive& a) {
  const auto part = a.enter("progress");
  std::uint64_t train = data_.train.count(), test = data_.test.count();
  a.value("train_samples", train);
  a.value("test_samples", test);
  if (train != data_.train.count() || test != data_.test.count()) {
    a.fail(fmt::format("its data had {} training and {} test samples, \"{}\" now has {} and {}", train, test,
                       data_.name, data_.train.count(), data_.test.count()));
  }
  a.value("presentations", result_.presentations);
  locus::serialize(a, "finished", result_.epochs, net().reports);
  std::vector<epoch_result> present = {epoch_};
  locus::serialize(a, "present", present, net().reports);
  if (!a.loading()) return;
  const std::uint64_t finished = result_.epochs.size();
  if (present.size() != 1 || result_.presentations < finished * batches() ||
      result_.presentations - finished * batches() > batches()) {
    a.fail(fmt::format("{} presentations and {} finished epochs of {} batches do not fit together",
                       result_.presentations, finished, batches()));
  }
  if (result_.presentations > batches() * netlist_.epochs) {
    a.fail(fmt::format("it is in epoch {}: stimuli.epochs = {} must not be less",
                       (result_.presentations - 1) / batches() + 1, netlist_.epochs));
  }
  epoch_ = present.front();
  epoch_.epoch = result_.presentations > finished * batches() ? static_cast<std::uint32_t>(finished) + 1 : 0;
  result_.updates = main_->learns() ? result_.presentations : 0;
}

std::string weights_sha256(const simulator& s) {
  const circuit& c = s.net();
  const std::size_t width = size_of(c.precision);
  sha256 hash;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    if (!c.projections[i].learns() || c.projections[i].copied_from) continue;
    std::vector<std::byte> bytes(c.weights(c.projections[i]) * width);
    s.read_weights(i, bytes.data());
    hash.update(bytes);
  }
  return hash.hex();
}

}  // namespace locus
