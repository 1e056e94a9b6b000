#include "sim/experiment/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/sha256.hpp"
#include "sim/data/order.hpp"
#include "sim/experiment/comparison.hpp"

namespace locus {

/// A circuit with its world.
struct experiment::side {
  side(const description& d, const data_set& data, const simulator_options& options)
      : netlist(d), net(build_circuit(d)), sim(make_simulator(net, options)), world(*sim, d, data) {}

  const description& netlist;
  circuit net;
  std::unique_ptr<simulator> sim;
  presenter world;
  std::unique_ptr<comparer> against;
};

experiment::experiment(const description& netlist, const data_set& data, experiment_options options)
    : netlist_(netlist),
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
  if (options_.against == nullptr) return;
  twin_ = std::make_unique<side>(*options_.against, data, options_.simulation);
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
  const timeline_description& t = netlist_.timeline;
  const auto cycle = static_cast<std::uint64_t>(t.predict.high + t.teach.high + t.rest.high);
  const std::uint64_t all = batches() * netlist_.epochs;
  return cycle * (options_.max_updates == 0 ? all : std::min(all, options_.max_updates));
}

bool experiment::enough() const {
  return result_.stopped || (options_.max_updates != 0 && result_.presentations >= options_.max_updates);
}

run_result experiment::run() {
  result_ = {};
  for (std::uint32_t epoch = 1; epoch <= netlist_.epochs && !enough(); ++epoch) run_epoch(epoch);
  result_.total = main_->sim->counters();
  result_.weights_sha256 = weights_sha256(*main_->sim);
  result_.nonfinite = main_->sim->nonfinite();
  if (main_->against) result_.against = main_->against->finish();
  return result_;
}

void experiment::run_epoch(std::uint32_t epoch) {
  const std::vector<std::uint32_t> order =
      presentation_order(static_cast<std::uint32_t>(data_.train.count()), netlist_.shuffle, epoch - 1);
  const bool learns = std::any_of(main_->net.projections.begin(), main_->net.projections.end(),
                                  [](const projection& p) { return p.learns(); });
  epoch_result e;
  angle_mean mean;
  e.epoch = epoch;
  for (std::uint64_t batch = 0; batch < batches() && !enough(); ++batch) {
    const std::span<const std::uint32_t> samples(order.data() + batch * main_->net.lanes, main_->net.lanes);
    const std::uint64_t number = result_.presentations++;
    if (angles_) angles_->before_update();
    const answer_score answer = main_->world.teach(samples, draw_times(netlist_.timeline, number));
    e.train += answer;
    if (learns) ++result_.updates;
    if (twin_) {
      twin_->world.teach(samples, draw_times(twin_->netlist.timeline, number));
      if (main_->against) main_->against->after_update(result_.presentations);
    }
    if (angles_) {
      const angle_sample sample = angles_->after_update();
      mean.add(sample);
      if (options_.on_angle) options_.on_angle(result_.presentations, sample, answer);
    }
    if (options_.on_batch) options_.on_batch(epoch, batch + 1, batches());
    if (options_.stop && options_.stop()) result_.stopped = true;
  }
  if (evaluator_ && !result_.stopped) e.test = evaluator_->evaluate(*main_->sim, data_.test);
  if (angles_) e.angle = mean.mean();
  e.total = main_->sim->counters();
  e.updates = result_.updates;
  result_.epochs.push_back(e);
  if (options_.on_epoch) options_.on_epoch(e);
}

std::string weights_sha256(const simulator& s) {
  const circuit& c = s.net();
  const std::size_t width = c.precision == "f32" ? sizeof(float) : sizeof(double);
  sha256 hash;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    if (!c.projections[i].learns() || c.projections[i].copied_from) continue;
    std::vector<std::byte> bytes(c.connections(c.projections[i]) * width);
    s.read_weights(i, bytes.data());
    hash.update(bytes);
  }
  return hash.hex();
}

}  // namespace locus
