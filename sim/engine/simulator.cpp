#include "sim/engine/simulator.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>

#include "sim/circuit/schedule.hpp"
#include "sim/engine/delay_line.hpp"
#include "sim/engine/models.hpp"
#include "sim/engine/population_state.hpp"
#include "sim/engine/projection_state.hpp"

namespace locus {
namespace {

/// A port in the course of a run.
template <class P>
struct port_state {
  std::vector<std::size_t> incoming;  ///< projections, in netlist order
  const P* values = nullptr;
  aligned_vector<P> own;             ///< empty for an alias
  aligned_vector<P> partial;         ///< sum of all projections but the last
  const outlet<P>* alias = nullptr;  ///< the source's field is the port
  tick_t delivered_at = never;       ///< last tick in which it was computed
  bool immediate = false;            ///< some reaction reads it
  bool registered = false;           ///< the step reads it

  [[nodiscard]] bool changed(tick_t t) const { return alias != nullptr ? alias->changed(t) : delivered_at == t; }
};

/// What a projection learns from.
template <class P>
struct learning_state {
  std::size_t projection = 0;
  void (*kernel)(learn_call<P>&) = nullptr;
  outlet<P>* pre = nullptr;
  outlet<P>* post = nullptr;
  outlet<P>* gate = nullptr;
  gate_position gate_at = gate_position::none;
  idle_rule idle;
  std::vector<std::size_t> readers;  ///< projections that share the weights
  bool settled = false;              ///< the last rule with these inputs changed no bit
};

/// Flush-to-zero would change results; some libraries switch it on behind one's back.
void check_subnormals() {
  volatile double smallest = std::numeric_limits<double>::min();
  volatile float smallest_single = std::numeric_limits<float>::min();
  if (smallest / 2 != 0 && smallest_single / 2 != 0) return;
  throw run_error("subnormal numbers are flushed to zero in this process: results would differ from other machines");
}

gate_position position_of(const projection& p) {
  if (!p.gate) return gate_position::none;
  switch (p.gate_at) {
    case gate_end::pre: return gate_position::pre;
    case gate_end::post: return gate_position::post;
    case gate_end::everywhere: break;
  }
  return gate_position::everywhere;
}

template <class P>
class simulation final : public simulator {
 public:
  simulation(const circuit& c, const simulator_options& options)
      : net_(c),
        track_(options.track_activity),
        lanes_(c.lanes),
        schedule_(make_schedule(c)),
        first_(options.first_tick),
        now_(options.first_tick) {
    check_subnormals();
    const simd_target target = options.target ? *options.target : chosen_target();
    transfer_ = &transfer_for<P>(target);
    for (const population& p : c.populations) {
      populations_.emplace_back(p, lanes_, kernels_of(*p.model, target).template neuron<P>());
    }
    build_ports();
    build_projections();
    build_learning(target);
    wire();
  }

  const circuit& net() const noexcept override { return net_; }
  tick_t now() const noexcept override { return now_; }
  const activity& counters() const noexcept override { return counters_; }
  const std::optional<std::string>& nonfinite() const noexcept override { return nonfinite_; }
  void observe(tick_observer* observer) override { observer_ = observer; }
  void set_learning(bool on) override {
    learning_on_ = on;
    for (learning_state<P>& l : learning_) l.settled = false;  // what it saw may have changed meanwhile
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

  void release(std::size_t population) override {
    population_state<P>& p = clampable(population);
    if (!p.clamp_on) return;
    p.clamp_on = false;
    p.clamp_changed = busy_ = true;
  }

  void impose(std::size_t population, port_id source) override {
    clampable(population).imposed_from = port_index(source);
    impositions_.push_back(population);
    busy_ = true;
  }

  double value(output_id field, std::size_t neuron, std::size_t lane) const override {
    return populations_[field.population].fields[field.field][field_offset(neuron, lane, lanes_)];
  }

  void read_field(output_id field, void* destination) const override {
    const population_state<P>& p = populations_[field.population];
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
    auto& state = const_cast<projection_state<P>&>(projections_[projection]);
    if (!has_weights(projection)) {
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
    if (!has_weights(projection)) throw internal_error("set_weights: a plain link has no weights");
    projection_state<P>& state = projections_[projection];
    std::size_t next = 0;
    state.each_weight([&](std::size_t, std::size_t, std::size_t at) {
      state.weights()[at] = static_cast<P>(values[next++]) + P(0);  // no negative zero
    });
    state.mark_dirty();
    for (std::size_t k = 0; k < projections_.size(); ++k) {
      if (net_.projections[k].shared_with == projection)
        projections_[k].refresh_from(state, net_.projections[k].transposed);
    }
    for (learning_state<P>& l : learning_) l.settled = l.settled && l.projection != projection;
    busy_ = true;
  }

  std::uint64_t memory() const noexcept override {
    std::uint64_t bytes = zeros_.size() * sizeof(P);
    for (const auto& p : populations_) bytes += (p.memory.size() + p.clamped.size()) * sizeof(P);
    for (const auto& q : ports_) bytes += (q.own.size() + q.partial.size()) * sizeof(P);
    for (const auto& p : projections_) bytes += p.memory();
    for (const auto& line : delays_) bytes += line->memory();
    return bytes;
  }

 private:
  struct perturbation {
    output_id field;
    std::size_t at;  ///< offset in the field
    P value;
  };

  // ---- construction -------------------------------------------------------------------------------------------

  std::size_t port_index(port_id id) const { return first_port_[id.population] + id.port; }

  bool has_weights(std::size_t projection) const {
    const transport kind = projections_[projection].kind();
    return kind == transport::dense || kind == transport::sliced;
  }

  population_state<P>& clampable(std::size_t population) {
    if (!net_.populations[population].model->has_clamp) {
      throw internal_error("population " + net_.populations[population].name + " cannot be clamped");
    }
    return populations_[population];
  }

  void build_ports() {
    for (const population& p : net_.populations) {
      first_port_.push_back(ports_.size());
      ports_.resize(ports_.size() + p.model->ports.size());
      if (p.model->step) {
        for (const std::size_t q : p.model->step->ports) ports_[first_port_.back() + q].registered = true;
      }
      for (const phase_info& reaction : p.model->reactions) {
        for (const std::size_t q : reaction.ports) ports_[first_port_.back() + q].immediate = true;
      }
    }
    for (std::size_t i = 0; i < net_.projections.size(); ++i) {
      ports_[port_index(net_.projections[i].to)].incoming.push_back(i);
    }
  }

  transport transport_of(const projection& p) const {
    const port_state<P>& port = ports_[port_index(p.to)];
    if (p.shape == projection_shape::dense) return transport::dense;
    if (p.shape == projection_shape::sparse || port.incoming.size() > 1) return transport::sliced;
    // All registered populations step in place: what one of them reads of another must be kept apart.
    const field& source = net_.populations[p.from.population].model->fields[p.from.field];
    return port.registered && source.by == writer::step && p.delay == 0 ? transport::copy : transport::alias;
  }

  /// The outlet whose messages arrive over a projection: the source's, or a delay line behind it.
  outlet<P>* sender(const projection& p) {
    outlet<P>* source = populations_[p.from.population].outlets[p.from.field].get();
    if (p.delay == 0) return source;
    for (auto& line : delays_) {
      if (&line->source() == source && line->delay() == p.delay) return &line->late();
    }
    delays_.push_back(std::make_unique<delay_line<P>>(*source, lanes_, p.delay, first_));
    return &delays_.back()->late();
  }

  void build_projections() {
    for (std::size_t i = 0; i < net_.projections.size(); ++i) {
      const projection& p = net_.projections[i];
      projections_.emplace_back(net_, p, transport_of(p), lanes_);
      senders_.push_back(sender(p));
      if (has_weights(i)) set_weights(i, initial_weights(net_, i));
    }
    for (auto& state : projections_) state.delivered();
  }

  void build_learning(simd_target target) {
    for (std::size_t i = 0; i < net_.projections.size(); ++i) {
      const projection& p = net_.projections[i];
      if (!p.learns()) continue;
      learning_state<P> l;
      l.projection = i;
      const synapse_kernels<P>& kernels = kernels_of(*p.synapse, target).template synapse<P>();
      l.kernel = projections_[i].kind() == transport::dense ? kernels.learn_dense : kernels.learn_sliced;
      // The synapse sits at the postsynaptic end: what is transmitted late is also seen late.
      l.pre = p.pre == p.from ? senders_[i] : populations_[p.pre.population].outlets[p.pre.field].get();
      l.post = populations_[p.post.population].outlets[p.post.field].get();
      l.gate = p.gate ? populations_[p.gate->population].outlets[p.gate->field].get() : nullptr;
      l.gate_at = position_of(p);
      l.idle = p.synapse->idle;
      for (std::size_t k = 0; k < net_.projections.size(); ++k) {
        if (net_.projections[k].shared_with == i) l.readers.push_back(k);
      }
      learning_.push_back(std::move(l));
    }
  }

  void wire() {
    std::size_t longest = 0;
    for (const auto& p : populations_) longest = std::max(longest, p.length());
    zeros_.resize(longest);
    for (std::size_t n = 0; n < populations_.size(); ++n) {
      population_state<P>& p = populations_[n];
      const model_declaration& model = *net_.populations[n].model;
      for (std::size_t q = 0; q < model.ports.size(); ++q) wire_port(ports_[first_port_[n] + q], p.length());
      const auto pointers = [&](const phase_info& phase) {
        std::vector<const P*> all;
        for (const std::size_t q : phase.ports) all.push_back(ports_[first_port_[n] + q].values);
        return all;
      };
      if (model.step) p.step_ports = pointers(*model.step);
      for (const phase_info& reaction : model.reactions) p.reaction_ports.push_back(pointers(reaction));
    }
  }

  void wire_port(port_state<P>& port, std::size_t length) {
    if (port.incoming.empty()) {
      port.values = zeros_.data();
    } else if (projections_[port.incoming.front()].kind() == transport::alias) {
      port.alias = senders_[port.incoming.front()];
      port.values = port.alias->values();
    } else {
      port.own.resize(length);
      port.values = port.own.data();
      if (port.incoming.size() > 1) port.partial.resize(length);
    }
  }

  // ---- one tick -----------------------------------------------------------------------------------------------

  void run_tick() {
    commit();
    for (auto& line : delays_) line->shift(now_);
    for (const scheduled_reaction& r : schedule_) react(r);
    for (port_state<P>& port : ports_) {
      if (!port.immediate) deliver(port);
    }
    count_links_and_spikes();
    for (auto& line : delays_) line->push(now_);
    if (observer_ != nullptr) observer_->on_tick(now_, *this);
    if (learning_on_) {
      for (learning_state<P>& l : learning_) learn(l);
    }
    busy_ = something_moves();
    ++counters_.ticks;
    ++now_;
  }

  /// Step (1) of a tick: registered entities take the state that follows from the messages of the tick before.
  void commit() {
    for (std::size_t n = 0; n < populations_.size(); ++n) {
      population_state<P>& p = populations_[n];
      if (!p.registered || p.imposed_from) continue;
      if (held(n)) continue;
      if (now_ == first_ || !track_ || p.clamp_changed || p.step_moved || step_port_changed(n, now_ - 1)) {
        advance_population(n, p.clamp_on ? p.clamped.data() : nullptr);
      }
    }
    for (const std::size_t n : impositions_) {
      population_state<P>& p = populations_[n];
      if (!p.imposed_from) continue;
      port_state<P>& port = ports_[*p.imposed_from];
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
    population_state<P>& p = populations_[each.field.population];
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
    const population_state<P>& p = populations_[n];
    return track_ && p.clamp_on && !p.clamp_changed && net_.populations[n].model->clamp_is_total;
  }

  bool step_port_changed(std::size_t n, tick_t t) const {
    const auto& step = net_.populations[n].model->step;
    if (!step) return false;
    for (const std::size_t q : step->ports) {
      if (ports_[first_port_[n] + q].changed(t)) return true;
    }
    return false;
  }

  void advance_population(std::size_t n, const P* imposed) {
    population_state<P>& p = populations_[n];
    neuron_call<P> call = p.call(p.step_ports);
    call.clamp = imposed;
    call.with_step = now_ > first_;
    p.kernels.advance(call);
    p.clamp_changed = false;
    p.step_moved = call.moved || now_ == first_;
    note(n, writer::step, call);
  }

  void react(const scheduled_reaction& r) {
    population_state<P>& p = populations_[r.population];
    bool needed = now_ == first_ || !track_ || p.reaction_moved[r.reaction] || p.own_change == now_;
    for (const std::size_t q : net_.populations[r.population].model->reactions[r.reaction].ports) {
      port_state<P>& port = ports_[first_port_[r.population] + q];
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
    population_state<P>& p = populations_[n];
    if (call.moved || now_ == first_) p.own_change = now_;
    const std::vector<field>& fields = net_.populations[n].model->fields;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (fields[f].by != by || !p.outlets[f]) continue;
      if (now_ == first_) p.outlets[f]->note_first(now_, call.nonzero[f]);
      else p.outlets[f]->note(now_, call.changed[f], call.nonzero[f]);
    }
    if (!call.finite) report_nonfinite_field(n);
  }

  /// Computes a port in full if one of its sources or weights changed.
  void deliver(port_state<P>& port) {
    if (port.alias != nullptr || port.incoming.empty() || port.delivered_at == now_) return;
    bool needed = now_ == first_ || !track_;
    for (const std::size_t i : port.incoming) needed = needed || senders_[i]->changed(now_) || projections_[i].dirty();
    if (!needed) return;
    compute(port);
    for (const std::size_t i : port.incoming) {
      const std::uint64_t n = projections_[i].messages(*senders_[i], now_, lanes_);
      (net_.projections[i].synapse != nullptr ? counters_.messages : counters_.links) += n;
      projections_[i].delivered();
    }
    port.delivered_at = now_;
  }

  /// The canonical sum: projections in netlist order, sources ascending.
  void compute(port_state<P>& port) {
    if (port.alias != nullptr) return;
    const P* before = nullptr;
    for (const std::size_t i : port.incoming) {
      const bool last = i == port.incoming.back();
      const outlet<P>& source = *senders_[i];
      if (projections_[i].kind() == transport::copy) {
        std::copy_n(source.values(), port.own.size(), port.own.data());
        return;
      }
      transfer_call<P> call;
      projections_[i].fill(call);
      call.messages = source.values();
      call.before = before;
      call.sum = last ? port.own.data() : port.partial.data();
      call.last = last;
      call.lanes = lanes_;
      call.active = track_ ? senders_[i]->active() : source.everyone();
      (projections_[i].kind() == transport::dense ? transfer_->dense : transfer_->sliced)(call);
      before = call.sum;
    }
  }

  void count_links_and_spikes() {
    for (const port_state<P>& port : ports_) {
      if (port.alias != nullptr) counters_.links += port.alias->total(now_);
    }
    for (const population_state<P>& p : populations_) {
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
    projection_state<P>& state = projections_[l.projection];
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
    if (!call.finite) report_nonfinite_weight(l.projection);
    if (!call.moved) return;
    ++counters_.weight_changes;
    state.mark_dirty();
    for (const std::size_t reader : l.readers) {
      projections_[reader].refresh_from(state, net_.projections[reader].transposed);
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
    for (std::size_t n = 0; n < populations_.size(); ++n) {
      const population_state<P>& p = populations_[n];
      if (!held(n) && ((p.registered && p.step_moved) || step_port_changed(n, now_))) return true;
      for (const bool moved : p.reaction_moved) {
        if (moved) return true;
      }
      for (const std::size_t f : p.events) {
        if (p.outlets[f]->nonzero()) return true;
      }
    }
    for (const auto& state : projections_) {
      if (state.dirty()) return true;
    }
    for (const auto& line : delays_) {
      if (line->busy(now_ + 1)) return true;
    }
    if (!learning_on_) return false;
    for (const auto& l : learning_) {
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
    if (!nonfinite_) nonfinite_ = what;
  }

  void report_nonfinite_field(std::size_t n) {
    if (nonfinite_) return;
    const population_state<P>& p = populations_[n];
    for (std::size_t f = 0; f < p.fields.size(); ++f) {
      for (std::size_t i = 0; i < p.size; ++i) {
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
          const P v = p.fields[f][field_offset(i, lane, lanes_)];
          if (std::isfinite(v)) continue;
          report_nonfinite(
              fmt::format("{}[{}], lane {}, tick {}: {}", net_.name_of(output_id{n, f}), i, lane, now_, v));
          return;
        }
      }
    }
  }

  void report_nonfinite_weight(std::size_t projection) {
    if (nonfinite_) return;
    projection_state<P>& state = projections_[projection];
    std::string what;
    state.each_weight([&](std::size_t post, std::size_t pre, std::size_t at) {
      if (!what.empty() || std::isfinite(state.weights()[at])) return;
      what = fmt::format("{}.theta[{}][{}], tick {}: {}", net_.projections[projection].name, post, pre, now_,
                         state.weights()[at]);
    });
    if (!what.empty()) report_nonfinite(what);
  }

  const circuit& net_;
  bool track_;
  std::size_t lanes_;
  const transfer_kernels<P>* transfer_ = nullptr;
  std::vector<scheduled_reaction> schedule_;
  std::vector<population_state<P>> populations_;
  std::vector<std::size_t> first_port_;  ///< [population]: index of its port 0 in ports_
  std::vector<port_state<P>> ports_;
  std::vector<projection_state<P>> projections_;
  std::vector<outlet<P>*> senders_;  ///< [projection]
  std::vector<std::unique_ptr<delay_line<P>>> delays_;
  std::vector<learning_state<P>> learning_;
  aligned_vector<P> zeros_;  ///< what an unconnected port holds

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
