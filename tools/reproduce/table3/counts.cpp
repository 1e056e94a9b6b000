#include "tools/reproduce/table3/counts.hpp"

#include <fmt/format.h>

#include <limits>
#include <memory>

#include "sim/core/find_by_name.hpp"
#include "sim/experiment/presenter.hpp"

namespace locus::tools {
namespace {

double percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::numeric_limits<double>::quiet_NaN();
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

/// Watches the phi neurons of all layers. P: the circuit's precision.
template <class P>
class onset_counter final : public tick_observer {
 public:
  explicit onset_counter(const circuit& net) {
    for (std::size_t n = net.populations.size(); n-- > 0;) {  // from the output
      const population& p = net.populations[n];
      if (p.model->info.name != "phi") continue;
      const std::size_t error = net.find_population(fmt::format("{}.error", layer_of(p))).value();
      layers_.push_back(
          {{n, p.model->find_field("spike").value()},
           {error, net.populations[error].model->find_field("eps").value()},
           onset_tally(std::size_t{p.size} * net.lanes, static_cast<std::int64_t>(layers_.size()), tolerance_of(p))});
    }
  }

  /// A presentation, whose teacher will come on in that tick.
  void begin(tick_t onset) { onset_ = onset; }

  void end() {
    for (watched& w : layers_) w.tally.end_of_presentation();
  }

  void on_tick(tick_t tick, const simulator& s) override {
    for (watched& w : layers_) see(w, tick, s);
  }

  /// Nobody spikes there; all that can be due is the look at the errors.
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (watched& w : layers_) {
      const tick_t look = onset_ + w.tally.layer();
      if (first <= look && look < last) see(w, look, s);
    }
  }

  [[nodiscard]] std::vector<onset_counts> counts() const {
    std::vector<onset_counts> all;
    for (const watched& w : layers_) all.push_back(w.tally.counts());
    return all;
  }

 private:
  struct watched {
    output_id spike, eps;
    onset_tally tally;
  };

  /// "hidden1" of "hidden1.phi"
  static std::string layer_of(const population& phi) { return phi.name.substr(0, phi.name.rfind('.')); }

  static double tolerance_of(const population& phi) {
    const auto& parameters = phi.model->parameters;
    return std::get<double>(parameters[find_by_name(parameters, "tolerance").value()].get(phi.params.get()));
  }

  void see(watched& w, tick_t tick, const simulator& s) {
    const std::int64_t since = tick - onset_;
    spikes_.resize(w.tally.cells());
    eps_.resize(w.tally.cells());
    s.read_field(w.spike, spikes_.data());
    if (since == w.tally.layer()) s.read_field(w.eps, eps_.data());
    w.tally.tick(since, std::span<const P>(spikes_), std::span<const P>(eps_));
  }

  tick_t onset_ = 0;
  std::vector<watched> layers_;
  std::vector<P> spikes_, eps_;
};

template <class P>
std::vector<onset_counts> counted(const circuit& net, const description& netlist, const data_set& data,
                                  const learnt_weights& weights, std::uint32_t presentations) {
  const std::unique_ptr<simulator> s = make_simulator(net);
  put_weights(*s, weights);
  presenter world(*s, netlist, data);
  onset_counter<P> counter(net);
  s->observe(&counter);
  std::vector<std::uint32_t> batch(net.lanes);
  std::uint32_t next = 0;
  for (std::uint32_t n = 0; n < presentations; ++n) {
    for (std::uint32_t& sample : batch) sample = next++ % data.train.count();
    const presentation_times times = draw_times(netlist.timeline, n);
    counter.begin(s->now() + times.predict);
    world.teach(batch, times);
    counter.end();
  }
  return counter.counts();
}

}  // namespace

void serialize(archive& a, onset_counts& c) {
  a.value("zero", c.zero);
  a.value("below", c.below);
  a.value("due", c.due);
  a.value("right", c.right);
  a.value("clean", c.clean);
  a.value("calm", c.calm);
  a.value("spurious_in_prediction", c.spurious_in_prediction);
  a.value("spurious_in_teaching", c.spurious_in_teaching);
}

onset_counts& onset_counts::operator+=(const onset_counts& other) {
  zero += other.zero;
  below += other.below;
  due += other.due;
  right += other.right;
  clean += other.clean;
  calm += other.calm;
  spurious_in_prediction += other.spurious_in_prediction;
  spurious_in_teaching += other.spurious_in_teaching;
  return *this;
}

double onset_counts::right_rate() const { return percent(right, due); }
double onset_counts::strict_rate() const { return percent(clean, due); }
double onset_counts::faultless_rate() const { return percent(clean + calm, zero + below + due); }

void onset_tally::see_error(std::size_t cell, bool any, bool due) {
  due_[cell] = due ? 1 : 0;
  ++(due ? counts_.due : any ? counts_.below : counts_.zero);
}

void onset_tally::see_spike(std::size_t cell, std::int64_t since_onset) {
  if (since_onset < 0) ++counts_.spurious_in_prediction;
  else if (since_onset == layer_ && due_[cell] != 0) right_[cell] = 1;
  else ++others_[cell];
}

void onset_tally::end_of_presentation() {
  for (std::size_t n = 0; n < due_.size(); ++n) {
    counts_.right += right_[n];
    if (others_[n] == 0) {
      counts_.clean += right_[n];
      counts_.calm += due_[n] == 0 ? 1 : 0;
    }
    counts_.spurious_in_teaching += others_[n];
    due_[n] = right_[n] = 0;
    others_[n] = 0;
  }
}

std::vector<onset_counts> count_onsets(const description& netlist, const data_set& data, const learnt_weights& weights,
                                       std::uint32_t presentations) {
  const circuit net = build_circuit(netlist);
  return with_numbers(net.precision,
                      [&]<class P>(P) { return counted<P>(net, netlist, data, weights, presentations); });
}

}  // namespace locus::tools
