#include "sim/engine/simulator.hpp"

#include <fmt/format.h>

#include <limits>

#include "sim/circuit/schedule.hpp"
#include "sim/engine/network_state.hpp"
#include "sim/engine/nonfinite.hpp"

namespace locus {
namespace {

/// Flush-to-zero would change results; some libraries switch it on behind one's back.
void check_subnormals() {
  volatile double smallest = std::numeric_limits<double>::min();
  volatile float smallest_single = std::numeric_limits<float>::min();
  if (smallest / 2 != 0 && smallest_single / 2 != 0) return;
  throw run_error("subnormal numbers are flushed to zero in this process: results would differ from other machines");
}

template <class P>
class simulation final : public simulator {
 public:
  simulation(const circuit& c, const simulator_options& options)
      : simulation(c, options, options.target ? *options.target : chosen_target()) {}

  const circuit& net() const noexcept override { return net_; }
  tick_t now() const noexcept override { return now_; }
  const activity& counters() const noexcept override { return counters_; }
  const std::optional<std::string>& nonfinite() const noexcept override { return nonfinite_; }
  void observe(tick_observer* observer) override { observer_ = observer; }
  void set_learning(bool on) override {
    learning_on_ = on;
    for (learning_state<P>& l : parts_.learning) l.settled = false;  // what it saw may have changed meanwhile
    busy_ = true;
  }

  void advance(tick_t until) override {
    while (now_ < until) {
      if (!busy_) {
        if (observer_ != nullptr) observer_->on_quiet(now_, until, *this);
        counters_.ticks += static_cast<std::uint64_t>(until - now_);
        now_ = until;
        return;
      }
      run_tick();
    }
  }

  void clamp(std::size_t population, std::span<const double> values) override {
    population_state<P>& p = clampable(population);
    if (values.size() != p.size * lanes_) throw internal_error("clamp: wrong number of values");
    for (std::size_t i = 0; i < p.size; ++i) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        p.clamped[field_offset(i, lane, lanes_)] = static_cast<P>(values[i * lanes_ + lane]);
      }
    }
    p.clamp_on = p.clamp_changed = busy_ = true;
  }

  void clamp_lane(std::size_t population, std::size_t lane, std::span<const double> values) override {
    population_state<P>& p = clampable(population);
    if (values.size() != p.size || lane >= lanes_) throw internal_error("clamp_lane: wrong number of values");
    for (std::size_t first = 0; first < p.size; first += panel_width) {
      P* to = p.clamped.data() + field_offset(first, lane, lanes_);
      const std::size_t count = std::min(panel_width, p.size - first);
      for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<P>(values[first + i]);
    }
    p.clamp_on = p.clamp_changed = busy_ = true;
  }

  void release(std::size_t population) override {
    population_state<P>& p = clampable(population);
    if (!p.clamp_on) return;
    p.clamp_on = false;
    p.clamp_changed = busy_ = true;
  }

  void impose(std::size_t population, port_id source) override {
    clampable(population).imposed_from = parts_.port_index(source);
    impositions_.push_back(population);
    busy_ = true;
  }

  double value(output_id field, std::size_t neuron, std::size_t lane) const override {
    return parts_.populations[field.population].fields[field.field][field_offset(neuron, lane, lanes_)];
  }

  void read_field(output_id field, void* destination) const override {
    const population_state<P>& p = parts_.populations[field.population];
    P* to = static_cast<P*>(destination);
    const P* from = p.fields[field.field];
    for (std::size_t i = 0; i < p.size; ++i) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) *to++ = from[field_offset(i, lane, lanes_)];
    }
  }

  void perturb(output_id field, std::size_t neuron, std::size_t lane, double value) override {
    perturbations_.push_back({field, field_offset(neuron, lane, lanes_), static_cast<P>(value) + P(0)});
    busy_ = true;
  }

  void read_weights(std::size_t projection, void* destination) const override {
    P* to = static_cast<P*>(destination);
    const projection_state<P>& state = parts_.projections[projection];
    if (!parts_.has_weights(projection)) {
      std::fill_n(to, net_.connections(net_.projections[projection]), P(1));
      return;
    }
    state.each_weight([&](std::size_t, std::size_t, std::size_t at) { *to++ = state.weights()[at]; });
  }

  std::vector<double> weights(std::size_t projection) const override {
    std::vector<P> native(net_.connections(net_.projections[projection]));
    read_weights(projection, native.data());
    return {native.begin(), native.end()};
  }

  void set_weights(std::size_t projection, std::span<const double> values) override {
    if (!parts_.has_weights(projection)) throw internal_error("set_weights: a plain link has no weights");
    parts_.put_weights(projection, values);
    busy_ = true;
  }

  std::uint64_t memory() const noexcept override { return parts_.memory(); }

 private:
  simulation(const circuit& c, const simulator_options& options, simd_target target)
      : net_(c),
        track_(options.track_activity),
        lanes_(c.lanes),
        transfer_(&transfer_for<P>(target)),
        schedule_(make_schedule(c)),
        parts_(c, target, options.first_tick),
        first_(options.first_tick),
        now_(options.first_tick) {
    check_subnormals();
  }

  struct perturbation {
    output_id field;
    std::size_t at;  ///< offset in the field
    P value;
  };

  population_state<P>& clampable(std::size_t population) {
    if (!net_.populations[population].model->has_clamp) {
      throw internal_error("population " + net_.populations[population].name + " cannot be clamped");
    }
    return parts_.populations[population];
  }

  // ---- one tick -----------------------------------------------------------------------------------------------

  void run_tick() {
    commit();
    for (auto& line : parts_.delays) line->shift(now_);
    for (const scheduled_reaction& r : schedule_) react(r);
    for (port_state<P>& port : parts_.ports) {
      if (!port.immediate) deliver(port);
    }
    count_links_and_spikes();
    for (auto& line : parts_.delays) line->push(now_);
    if (observer_ != nullptr) observer_->on_tick(now_, *this);
    if (learning_on_) {
      for (learning_state<P>& l : parts_.learning) learn(l);
    }
    busy_ = something_moves();
    ++counters_.ticks;
    ++now_;
  }

  /// Step (1) of a tick: registered entities take the state that follows from the messages of the tick before.
  void commit() {
    for (std::size_t n = 0; n < parts_.populations.size(); ++n) {
      population_state<P>& p = parts_.populations[n];
      if (!p.registered || p.imposed_from) continue;
      if (held(n)) continue;
      if (now_ == first_ || !track_ || p.clamp_changed || p.step_moved || step_port_changed(n, now_ - 1)) {
        advance_population(n, p.clamp_on ? p.clamped.data() : nullptr);
      }
    }
    for (const std::size_t n : impositions_) {
      population_state<P>& p = parts_.populations[n];
      if (!p.imposed_from) continue;
      port_state<P>& port = parts_.ports[*p.imposed_from];
      compute(port);
      advance_population(n, port.values);
      p.imposed_from.reset();
      p.step_moved = p.clamp_changed = true;  // from the next tick on it is free again, or held by its clamp
    }
    impositions_.clear();
    for (const perturbation& each : perturbations_) apply(each);
    perturbations_.clear();
  }

  void apply(const perturbation& each) {
    population_state<P>& p = parts_.populations[each.field.population];
    p.fields[each.field.field][each.at] = each.value;
    const writer by = net_.populations[each.field.population].model->fields[each.field.field].by;
    if (by == writer::step) {
      neuron_call<P> call = p.call(p.step_ports);
      call.with_step = false;
      p.kernels.advance(call);  // outputs that follow from the state
      for (const auto& out : p.outlets) {
        if (out) out->note_first(now_, true);
      }
      p.step_moved = p.clamp_changed = true;  // whatever holds it acts again in the next tick
    } else {
      p.reaction_moved[static_cast<std::size_t>(by)] = true;
    }
    p.own_change = now_;
  }

  /// Whether a stimulus holds population n where it was: the clamp is that of the tick before and decides everything.
  bool held(std::size_t n) const {
    const population_state<P>& p = parts_.populations[n];
    return track_ && p.clamp_on && !p.clamp_changed && net_.populations[n].model->clamp_is_total;
  }

  bool step_port_changed(std::size_t n, tick_t t) const {
    const auto& step = net_.populations[n].model->step;
    if (!step) return false;
    for (const std::size_t q : step->ports) {
      if (parts_.ports[parts_.first_port[n] + q].changed(t)) return true;
    }
    return false;
  }

  void advance_population(std::size_t n, const P* imposed) {
    population_state<P>& p = parts_.populations[n];
    neuron_call<P> call = p.call(p.step_ports);
    call.clamp = imposed;
    call.with_step = now_ > first_;
    p.kernels.advance(call);
    p.clamp_changed = false;
    p.step_moved = call.moved || now_ == first_;
    note(n, writer::step, call);
  }

  void react(const scheduled_reaction& r) {
    population_state<P>& p = parts_.populations[r.population];
    bool needed = now_ == first_ || !track_ || p.reaction_moved[r.reaction] || p.own_change == now_;
    for (const std::size_t q : net_.populations[r.population].model->reactions[r.reaction].ports) {
      port_state<P>& port = parts_.ports[parts_.first_port[r.population] + q];
      deliver(port);
      needed = needed || port.changed(now_);
    }
    if (!needed) return;
    neuron_call<P> call = p.call(p.reaction_ports[r.reaction]);
    p.kernels.react[r.reaction](call);
    p.reaction_moved[r.reaction] = call.moved;
    note(r.population, static_cast<writer>(r.reaction), call);
  }

  /// Notes what a sweep changed in the fields that `by` writes.
  void note(std::size_t n, writer by, const neuron_call<P>& call) {
    population_state<P>& p = parts_.populations[n];
    if (call.moved || now_ == first_) p.own_change = now_;
    const std::vector<field>& fields = net_.populations[n].model->fields;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (fields[f].by != by || !p.outlets[f]) continue;
      if (now_ == first_) p.outlets[f]->note_first(now_, call.nonzero[f]);
      else p.outlets[f]->note(now_, call.changed[f], call.nonzero[f]);
    }
    if (!call.finite && !nonfinite_) report_nonfinite(nonfinite_field(parts_, n, now_));
  }

  /// Computes a port in full if one of its sources or weights changed.
  void deliver(port_state<P>& port) {
    if (port.alias != nullptr || port.incoming.empty() || port.delivered_at == now_) return;
    bool needed = now_ == first_ || !track_;
    for (const std::size_t i : port.incoming)
      needed = needed || parts_.senders[i]->changed(now_) || parts_.projections[i].dirty();
    if (!needed) return;
    compute(port);
    for (const std::size_t i : port.incoming) {
      const std::uint64_t n = parts_.projections[i].messages(*parts_.senders[i], now_, lanes_);
      (net_.projections[i].synapse != nullptr ? counters_.messages : counters_.links) += n;
      parts_.projections[i].delivered();
    }
    port.delivered_at = now_;
  }

  /// The canonical sum: projections in netlist order, sources ascending.
  void compute(port_state<P>& port) {
    if (port.alias != nullptr) return;
    const P* before = nullptr;
    for (const std::size_t i : port.incoming) {
      const bool last = i == port.incoming.back();
      const outlet<P>& source = *parts_.senders[i];
      if (parts_.projections[i].kind() == transport::copy) {
        std::copy_n(source.values(), port.own.size(), port.own.data());
        return;
      }
      transfer_call<P> call;
      parts_.projections[i].fill(call);
      call.messages = source.values();
      call.before = before;
      call.sum = last ? port.own.data() : port.partial.data();
      call.last = last;
      call.lanes = lanes_;
      call.active = track_ ? parts_.senders[i]->active() : source.everyone();
      (parts_.projections[i].kind() == transport::dense ? transfer_->dense : transfer_->sliced)(call);
      before = call.sum;
    }
  }

  void count_links_and_spikes() {
    for (const port_state<P>& port : parts_.ports) {
      if (port.alias != nullptr) counters_.links += port.alias->total(now_);
    }
    for (const population_state<P>& p : parts_.populations) {
      for (const std::size_t f : p.events) {
        if (!p.outlets[f]->nonzero()) continue;
        for (std::size_t i = 0; i < p.length(); ++i) counters_.spikes += p.fields[f][i] != P(0) ? 1 : 0;
      }
    }
  }

  /// Whether a projection's weights can change in this tick.
  bool can_learn(const learning_state<P>& l) const {
    if (!track_) return true;
    if (l.idle.when_gate_is_zero && l.gate != nullptr && !l.gate->nonzero()) return false;
    if (l.idle.when_pre_is_zero && !l.pre->nonzero()) return false;
    return true;
  }

  void learn(learning_state<P>& l) {
    const bool new_inputs =
        l.pre->changed(now_) || l.post->changed(now_) || (l.gate != nullptr && l.gate->changed(now_));
    if (new_inputs) l.settled = false;
    if (!can_learn(l) || (track_ && l.settled)) return;
    learn_call<P> call;
    projection_state<P>& state = parts_.projections[l.projection];
    state.fill(call);
    call.pre = l.pre->values();
    call.post = l.post->values();
    call.gate = l.gate != nullptr ? l.gate->values() : nullptr;
    call.gate_at = l.gate_at;
    call.params = net_.projections[l.projection].params.get();
    call.lanes = lanes_;
    call.active = learning_sources(l);
    l.kernel(call);
    l.settled = !call.moved;
    if (!call.finite && !nonfinite_) report_nonfinite(nonfinite_weight(parts_, l.projection, now_));
    if (!call.moved) return;
    ++counters_.weight_changes;
    state.mark_dirty();
    for (const std::size_t reader : l.readers) {
      parts_.projections[reader].refresh_from(state, net_.projections[reader].transposed);
    }
  }

  source_list learning_sources(learning_state<P>& l) const {
    if (track_ && l.idle.when_gate_is_zero && l.gate_at == gate_position::pre) return l.gate->active();
    if (track_ && l.idle.when_pre_is_zero) return l.pre->active();
    return l.pre->everyone();
  }

  /// Whether anything can differ in the next tick. If not, time may jump to the next stimulus.
  bool something_moves() {
    if (!track_) return true;
    for (std::size_t n = 0; n < parts_.populations.size(); ++n) {
      const population_state<P>& p = parts_.populations[n];
      if (!held(n) && ((p.registered && p.step_moved) || step_port_changed(n, now_))) return true;
      for (const bool moved : p.reaction_moved) {
        if (moved) return true;
      }
      for (const std::size_t f : p.events) {
        if (p.outlets[f]->nonzero()) return true;
      }
    }
    for (const auto& state : parts_.projections) {
      if (state.dirty()) return true;
    }
    for (const auto& line : parts_.delays) {
      if (line->busy(now_ + 1)) return true;
    }
    if (!learning_on_) return false;
    for (const auto& l : parts_.learning) {
      if (can_learn(l) && !l.settled) return true;
    }
    return false;
  }

  // ---- non-finite numbers -------------------------------------------------------------------------------------

  void report_nonfinite(const std::string& what) {
    if (!net_.record_nonfinite) {
      throw run_error(
          fmt::format("{}: the run cannot go on (a smaller learning rate or gamma may help; "
                      "on_nonfinite = \"record\" goes on)",
                      what));
    }
    track_ = false;  // 0 times infinity is not 0: from here on nothing may be skipped
    nonfinite_ = what;
  }

  const circuit& net_;
  bool track_;
  std::size_t lanes_;
  const transfer_kernels<P>* transfer_;
  std::vector<scheduled_reaction> schedule_;
  network_state<P> parts_;

  tick_t first_;  ///< the tick in which every entity sends
  tick_t now_;
  bool busy_ = true;
  bool learning_on_ = true;
  std::vector<std::size_t> impositions_;
  std::vector<perturbation> perturbations_;
  activity counters_;
  std::optional<std::string> nonfinite_;
  tick_observer* observer_ = nullptr;
};

}  // namespace

std::unique_ptr<simulator> make_simulator(const circuit& c, const simulator_options& options) {
  if (c.precision == "f32") return std::make_unique<simulation<float>>(c, options);
  return std::make_unique<simulation<double>>(c, options);
}

}  // namespace locus
