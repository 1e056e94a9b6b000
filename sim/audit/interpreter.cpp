#include "sim/audit/interpreter.hpp"

#include <algorithm>
#include <memory>

#include "sim/audit/interpreter_state.hpp"

namespace locus {
namespace {

using namespace detail;
using part = control_map::part;

template <class P>
class run {
 public:
  run(const circuit& c, const script& world, const control_map& control, const interpreter_options& options)
      : net_(c), world_(world), control_(control), schedule_(make_schedule(c)) {
    for (const population& p : c.populations) {
      fields_.emplace_back(p.model->fields.size(), cells<P>(p.size));
      ports_.emplace_back(p.model->ports.size(), cells<P>(p.size));
      delivered_.emplace_back(p.model->ports.size(), tick_t{-1});
      incoming_.emplace_back(p.model->ports.size());
      clamps_.emplace_back();
    }
    for (std::size_t i = 0; i < c.projections.size(); ++i) add_projection(i, options);
  }

  interpretation go() {
    const auto production = make_simulator(net_);
    player play(world_, *production);
    std::size_t span = 0;
    for (; !play.done(); ++tick_) {
      if (span < world_.spans.size() && world_.spans[span].first == tick_) {
        forget_marks();
        ++span;
      }
      play.run_tick();
      commit();
      for (std::size_t i = 0; i < late_.size(); ++i) shift(i);
      for (const scheduled_reaction& r : schedule_) react(r);
      deliver_rest();
      for (std::size_t i = 0; i < late_.size(); ++i) push(i);
      for (const synapse_site& site : sites_) learn(site);
      compare(*production);
      count_control();
    }
    out_.presentations = world_.spans.size();
    return std::move(out_);
  }

 private:
  // ---- construction -------------------------------------------------------------------------------------------

  void add_projection(std::size_t i, const interpreter_options& options) {
    const projection& p = net_.projections[i];
    incoming_[p.to.population][p.to.port].push_back(i);
    weights_.emplace_back();
    late_.emplace_back();
    if (p.delay > 0) {
      late_[i].now.resize(net_.size_before(p));
      late_[i].ring.assign(p.delay, late_[i].now);
    }
    if (p.synapse != nullptr) {
      for (const double w : initial_weights(net_, i)) weights_[i].push_back({static_cast<P>(w) + P(0), 0, 0, false});
    }
    if (p.learns()) add_site(i, options);
  }

  void add_site(std::size_t i, const interpreter_options& options) {
    const projection& p = net_.projections[i];
    synapse_site site;
    site.projection = i;
    const std::uint64_t n = net_.connections(p);
    const std::uint64_t all = learning_synapses();
    site.all = all <= options.max_synapses;
    const random_stream random(options.seed, "audit", p.name);
    const double share = static_cast<double>(options.max_synapses) / static_cast<double>(all);
    for (std::uint64_t k = 0; k < n; ++k) {
      if (site.all || random.uniform(k) < share) site.traced.push_back(k);
    }
    site.far_post = p.post.population != p.to.population;
    if (p.gate) {
      const std::size_t gate = p.gate->population;
      const std::size_t end = p.gate_at == gate_end::pre ? p.from.population : p.to.population;
      site.near_gate = attached(net_, gate, end);
      if (p.gate_at == gate_end::everywhere) site.near_gate.assign(1, net_.populations[end].size == 1 && site.near_gate[0]);
      for (std::size_t m = 0; m < site.near_gate.size(); ++m) {
        if (control_.of(gate, m) != part::none) site.near_gate[m] = true;
      }
    }
    out_.learning_synapses = all;
    out_.traced_synapses += site.traced.size();
    sites_.push_back(std::move(site));
  }

  std::uint64_t learning_synapses() const {
    std::uint64_t n = 0;
    for (const projection& p : net_.projections) n += p.learns() ? net_.connections(p) : 0;
    return n;
  }

  /// Non-local reads count within one presentation.
  void forget_marks() {
    const auto clear = [](auto& group) {
      for (auto& each : group) each.nonlocal = 0;
    };
    for (auto& population : fields_) std::for_each(population.begin(), population.end(), clear);
    for (auto& population : ports_) std::for_each(population.begin(), population.end(), clear);
    for (auto& projection : weights_) clear(projection);
    for (auto& line : late_) {
      clear(line.now);
      std::for_each(line.ring.begin(), line.ring.end(), clear);
    }
  }

  // ---- messages -----------------------------------------------------------------------------------------------

  const cells<P>& sent(std::size_t i) const {
    const projection& p = net_.projections[i];
    return p.delay > 0 ? late_[i].now : fields_[p.from.population][p.from.field];
  }

  void shift(std::size_t i) {
    auto& ring = late_[i].ring;
    if (!ring.empty()) late_[i].now = ring[static_cast<std::size_t>(tick_) % ring.size()];
  }
  void push(std::size_t i) {
    const projection& p = net_.projections[i];
    auto& ring = late_[i].ring;
    if (!ring.empty()) ring[static_cast<std::size_t>(tick_) % ring.size()] = fields_[p.from.population][p.from.field];
  }

  void deliver(std::size_t population, std::size_t port) {
    if (delivered_[population][port] == tick_) return;
    delivered_[population][port] = tick_;
    if (incoming_[population][port].empty()) return;
    for (std::size_t i = 0; i < net_.populations[population].size; ++i) {
      ports_[population][port][i] = received(population, port, i);
    }
  }

  /// The canonical sum over a port, and the marks of its message list.
  cell<P> received(std::size_t population, std::size_t port, std::size_t target) {
    cell<P> sum;
    for (const std::size_t index : incoming_[population][port]) {
      const projection& p = net_.projections[index];
      const cells<P>& messages = sent(index);
      const cells<P>* owned = p.shared_with ? &weights_[*p.shared_with] : &weights_[index];
      each_source(net_, p, target, [&](std::size_t j, std::size_t k) {
        const cell<P>& message = messages[j];
        cell<P> weight{P(1), 0, 0, false};
        if (p.synapse != nullptr) weight = (*owned)[p.shared_with ? owner_connection(net_, p, k) : k];
        sum.value = std::fma(weight.value, message.value, sum.value);
        if (p.shared_with && !sum.direct) {
          const entity_ref owner{true, *p.shared_with, owner_connection(net_, p, k)};
          sum.nonlocal = out_.paths.add({0, step_kind::shared_weight, {false, population, target}, tick_, owner,
                                         weight_field, tick_, static_cast<double>(weight.value)});
          sum.direct = true;
        }
        if (!sum.direct) sum.nonlocal = out_.paths.shorter(sum.nonlocal, out_.paths.shorter(message.nonlocal, weight.nonlocal));
        sum.control = out_.paths.shorter(sum.control, message.control);
      });
    }
    sum.value = sum.value + P(0);
    return sum;
  }

  // ---- neurons ------------------------------------------------------------------------------------------------

  void commit() {
    std::vector<std::size_t> imposed;
    for (; next_event_ < world_.events.size() && world_.events[next_event_].tick <= tick_; ++next_event_) {
      const stimulus_event& e = world_.events[next_event_];
      if (e.what == stimulus_event::action::clamp) clamps_[e.population] = e.values;
      if (e.what == stimulus_event::action::release) clamps_[e.population].clear();
      if (e.what == stimulus_event::action::impose) imposed.push_back(e.stimulus);
    }
    std::vector<bool> waits(net_.populations.size(), false);
    for (const std::size_t s : imposed) waits[net_.stimuli[s].population] = true;
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      if (!waits[n] && registered(n)) advance(n, clamped(n));
    }
    for (const std::size_t s : imposed) {
      const port_id source = *net_.stimuli[s].source;
      cells<P> values;
      for (std::size_t i = 0; i < net_.populations[source.population].size; ++i) {
        values.push_back(received(source.population, source.port, i));
        values.back().control = out_.paths.add({0, step_kind::imposed, {false, net_.stimuli[s].population, i}, tick_,
                                                {false, source.population, i}, source.port, tick_,
                                                static_cast<double>(values.back().value)});
        count_message("outside (imposed state)", net_.populations[net_.stimuli[s].population].name, false, 1);
      }
      advance(net_.stimuli[s].population, values);
    }
  }

  bool registered(std::size_t n) const {
    const auto& fields = net_.populations[n].model->fields;
    return std::any_of(fields.begin(), fields.end(), [](const field& f) { return f.by == writer::step; });
  }

  cells<P> clamped(std::size_t n) const {
    cells<P> values;
    for (const double v : clamps_[n]) values.push_back({static_cast<P>(v), 0, 0, false});
    return values;
  }

  void advance(std::size_t n, const cells<P>& clamp) {
    const population& p = net_.populations[n];
    const auto rule = traced_rules_of(*p.model).template rules<P>().advance;
    const phase_info none;
    const phase_info& phase = p.model->step ? *p.model->step : none;
    evaluate(n, writer::step, phase, clamp, [&](const traced<P>* ports, const traced<P>* imposed, traced<P>* fields) {
      rule(p.params.get(), tick_ > 0, ports, imposed, fields);
    });
  }

  void react(const scheduled_reaction& r) {
    const population& p = net_.populations[r.population];
    const phase_info& phase = p.model->reactions[r.reaction];
    for (const std::size_t q : phase.ports) deliver(r.population, q);
    const auto rule = traced_rules_of(*p.model).template rules<P>().react[r.reaction];
    evaluate(r.population, static_cast<writer>(r.reaction), phase, {},
             [&](const traced<P>* ports, const traced<P>*, traced<P>* fields) { rule(p.params.get(), ports, fields); });
  }

  void deliver_rest() {
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      for (std::size_t q = 0; q < ports_[n].size(); ++q) deliver(n, q);
    }
  }

  /// Runs one rule for all neurons of a population and takes over the fields that `by` writes.
  template <class Rule>
  void evaluate(std::size_t n, writer by, const phase_info& phase, const cells<P>& clamp, Rule&& rule) {
    using access = traced_access<P>;
    const population& p = net_.populations[n];
    std::array<traced<P>, max_fields> fields, ports;
    for (std::size_t i = 0; i < p.size; ++i) {
      const std::uint64_t number = tracing::begin_evaluation();
      if (i == 0) blocks_.push_back({number, false, n, static_cast<int>(by), tick_, {}});
      for (unsigned f = 0; f < p.model->fields.size(); ++f) fields[f] = access::source(fields_[n][f][i].value, f);
      for (unsigned q = 0; q < phase.ports.size(); ++q) {
        ports[q] = access::source(ports_[n][phase.ports[q]][i].value, first_port_slot + q);
      }
      traced<P> imposed;
      if (!clamp.empty()) imposed = access::source(clamp[i].value, clamp_slot);
      rule(ports.data(), clamp.empty() ? nullptr : &imposed, fields.data());
      std::array<cell<P>, max_fields> after;
      for (std::size_t f = 0; f < p.model->fields.size(); ++f) {
        if (p.model->fields[f].by != by) continue;
        after[f] = judged(n, i, f, access::from(fields[f]), phase, clamp);
        after[f].value = access::value(fields[f]) + P(0);
        note_neuron_write(n, i, f, after[f]);
      }
      for (std::size_t f = 0; f < p.model->fields.size(); ++f) {
        if (p.model->fields[f].by == by) fields_[n][f][i] = after[f];
      }
    }
  }

  /// The marks that a field gets from what entered it.
  cell<P> judged(std::size_t n, std::size_t i, std::size_t f, const origins& from, const phase_info& phase,
                 const cells<P>& clamp) {
    const entity_ref who{false, n, i};
    cell<P> marks;
    if (from.foreign != 0) {
      marks.nonlocal = smuggled(who, from.foreign);
      marks.direct = true;
    }
    std::uint32_t nonlocal = 0, control = 0;
    const auto take = [&](const cell<P>& source) {
      marks.direct = marks.direct || source.direct;
      nonlocal = out_.paths.shorter(nonlocal, source.nonlocal);
      control = out_.paths.shorter(control, source.control);
    };
    if (!clamp.empty() && (from.slots >> clamp_slot & 1) != 0) take(clamp[i]);
    for (std::size_t q = 0; q < phase.ports.size(); ++q) {
      if ((from.slots >> (first_port_slot + q) & 1) != 0) take(ports_[n][phase.ports[q]][i]);
    }
    for (std::size_t g = 0; g < net_.populations[n].model->fields.size(); ++g) {
      if ((from.slots >> g & 1) == 0) continue;
      cell<P> own = fields_[n][g][i];
      own.direct = false;  // the read was noted where the field was written
      take(own);
    }
    if (marks.nonlocal == 0 && nonlocal != 0) marks.nonlocal = passed_on(who, nonlocal, f);
    if (control != 0) marks.control = passed_on(who, control, f);
    if (control_.of(n, i) == part::source) {
      marks.control = out_.paths.add({0, step_kind::control_signal, who, tick_, who, f, tick_, 0});
    }
    return marks;
  }

  std::uint32_t passed_on(const entity_ref& who, std::uint32_t before, std::size_t f) {
    // A state that keeps itself (b <- b - ...) does not get longer paths by doing so.
    const trail_step& last = out_.paths.step(before);
    if (last.who == who && last.kind == step_kind::passed_on) return before;
    return out_.paths.add({before, step_kind::passed_on, who, tick_, who, f, tick_, 0});
  }

  std::uint32_t smuggled(const entity_ref& who, std::uint32_t foreign) {
    const foreign_read read = tracing::foreign(foreign);
    trail_step s{0, step_kind::smuggled, who, tick_, who, unknown_field, never, read.value};
    const auto next = std::upper_bound(blocks_.begin(), blocks_.end(), read.source,
                                       [](std::uint64_t n, const evaluation_block& b) { return n < b.first; });
    if (next != blocks_.begin()) locate(*std::prev(next), read, s);
    return out_.paths.add(s);
  }

  /// Whose state it was that was smuggled.
  void locate(const evaluation_block& b, const foreign_read& read, trail_step& s) const {
    const std::size_t offset = read.source - b.first;
    s.source = {b.is_synapse, b.group, b.sampled.empty() ? offset : b.sampled[offset]};
    s.source_tick = b.tick;
    s.field = weight_field;
    if (b.is_synapse) return;
    const model_declaration& model = *net_.populations[b.group].model;
    s.field = (read.slots >> clamp_slot & 1) != 0 ? imposed_field : received_field;
    for (unsigned f = 0; f < model.fields.size(); ++f) {
      if ((read.slots >> f & 1) == 0) continue;
      s.field = f;
      return;
    }
  }

  void note_neuron_write(std::size_t n, std::size_t i, std::size_t f, const cell<P>& after) {
    ++out_.writes;
    const P before = fields_[n][f][i].value;
    const entity_ref who{false, n, i};
    if (after.direct) tally(out_.nonlocal, who, f, after.nonlocal, before, after.value);
    if (after.control != 0 && control_.of(n, i) == part::none) {
      tally(out_.controlled_state, who, f, after.control, before, after.value);
    }
  }

  void tally(write_tallies& all, const entity_ref& who, std::size_t f, std::uint32_t trail, P before, P after) {
    std::uint32_t origin = trail;
    while (out_.paths.step(origin).before != 0) origin = out_.paths.step(origin).before;
    write_tally& t = all[{who.is_synapse, who.group, f, static_cast<int>(out_.paths.step(origin).kind)}];
    const bool changed = !same_number(static_cast<double>(before), static_cast<double>(after));
    t.changes += changed ? 1 : 0;
    if (t.count++ != 0 && (t.changed || !changed)) return;
    t = {t.count, t.changes, who, f, tick_, changed, static_cast<double>(before), static_cast<double>(after), trail};
  }

  // ---- synapses -----------------------------------------------------------------------------------------------

  void learn(const synapse_site& site) {
    using access = traced_access<P>;
    const projection& p = net_.projections[site.projection];
    const auto rule = traced_rules_of(*p.synapse).template rules<P>().learn;
    const cells<P>& pre = p.pre == p.from ? sent(site.projection) : fields_[p.pre.population][p.pre.field];
    const cells<P>& post = fields_[p.post.population][p.post.field];
    const cells<P>* gate = p.gate ? &fields_[p.gate->population][p.gate->field] : nullptr;
    for (std::size_t n = 0; n < site.traced.size(); ++n) {
      const std::size_t k = site.traced[n];
      const connection_ends at = ends_of(net_, p, k);
      const std::size_t g = p.gate_at == gate_end::pre ? at.pre : p.gate_at == gate_end::post ? at.post : 0;
      const std::uint64_t number = tracing::begin_evaluation();
      if (n == 0) blocks_.push_back({number, true, site.projection, -1, tick_, site.all ? std::vector<std::size_t>() : site.traced});
      cell<P>& theta = weights_[site.projection][k];
      const std::array<traced<P>, 3> ends = {
          access::source(pre[at.pre].value, pre_slot), access::source(post[at.post].value, post_slot),
          gate != nullptr ? access::source((*gate)[g].value, gate_slot) : traced<P>(1.0)};
      traced<P> next = access::source(theta.value, theta_slot);
      rule(p.params.get(), ends.data(), next);
      const std::array<const cell<P>*, 4> seen = {&theta, &pre[at.pre], &post[at.post], gate != nullptr ? &(*gate)[g] : nullptr};
      const cell<P> marks = judged_weight(site, k, at, g, access::from(next), seen);
      const P before = theta.value;
      theta.value = access::value(next) + P(0);
      // What a weight carries into later messages is experience: not a signal, and nothing at all if it stayed the same.
      if (!same_number(static_cast<double>(before), static_cast<double>(theta.value))) theta.nonlocal = marks.nonlocal;
      note_weight_write({true, site.projection, k}, marks, before, theta.value);
    }
  }

  cell<P> judged_weight(const synapse_site& site, std::size_t k, const connection_ends& at, std::size_t g,
                        const origins& from, const std::array<const cell<P>*, 4>& seen) {
    const projection& p = net_.projections[site.projection];
    const entity_ref who{true, site.projection, k};
    cell<P> marks;
    const auto begin = [&](step_kind kind, const output_id& output, std::size_t index, P value) {
      marks.nonlocal = out_.paths.add({0, kind, who, tick_, {false, output.population, index}, output.field, tick_,
                                       static_cast<double>(value)});
      marks.direct = true;
    };
    if (from.foreign != 0) {
      marks.nonlocal = smuggled(who, from.foreign);
      marks.direct = true;
    } else if ((from.slots >> post_slot & 1) != 0 && site.far_post) {
      begin(step_kind::far_post, p.post, at.post, seen[post_slot]->value);
    } else if ((from.slots >> gate_slot & 1) != 0 && !site.near_gate[g]) {
      begin(step_kind::far_gate, *p.gate, g, seen[gate_slot]->value);
    }
    for (const unsigned slot : {gate_slot, post_slot, pre_slot, theta_slot}) {
      if ((from.slots >> slot & 1) == 0) continue;
      if (marks.nonlocal == 0 && seen[slot]->nonlocal != 0) marks.nonlocal = passed_on(who, seen[slot]->nonlocal, weight_field);
      if (marks.control == 0 && seen[slot]->control != 0) marks.control = passed_on(who, seen[slot]->control, weight_field);
    }
    return marks;
  }

  void note_weight_write(const entity_ref& who, const cell<P>& marks, P before, P after) {
    ++out_.writes;
    if (marks.direct) tally(out_.nonlocal, who, weight_field, marks.nonlocal, before, after);
    if (marks.nonlocal != 0) tally(out_.tainted_learning, who, weight_field, marks.nonlocal, before, after);
    if (marks.control != 0) tally(out_.controlled_learning, who, weight_field, marks.control, before, after);
  }

  // ---- beside the production engine ---------------------------------------------------------------------------

  void compare(const simulator& production) {
    const snapshot real = read_snapshot(production);
    std::size_t row = 0;
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      for (std::size_t f = 0; f < fields_[n].size(); ++f, ++row) {
        for (std::size_t i = 0; i < fields_[n][f].size(); ++i) same({false, n, i}, f, fields_[n][f][i].value, real.fields[row][i]);
      }
    }
    for (const synapse_site& site : sites_) {
      const std::size_t w = site.projection;
      for (const std::size_t k : site.traced) same({true, w, k}, weight_field, weights_[w][k].value, real.weights[w][k]);
      if (site.all) continue;
      for (std::size_t k = 0; k < weights_[w].size(); ++k) weights_[w][k].value = static_cast<P>(real.weights[w][k]);
    }
  }

  void same(const entity_ref& who, std::size_t f, P traced_value, double real) {
    if (out_.difference || same_number(static_cast<double>(traced_value), real)) return;
    out_.difference = tracing_difference{who, f, tick_, static_cast<double>(traced_value), real};
  }

  // ---- control ------------------------------------------------------------------------------------------------

  void count_message(const std::string& sender, const std::string& receiver, bool synapses, std::uint64_t n) {
    control_traffic& t = out_.control[sender];
    (synapses ? t.to_synapses : t.to_neurons) += n;
    t.receivers[receiver] += n;
  }

  /// Messages of this tick from sources of control: to connected neurons and to synapses that look at them.
  void count_control() {
    for (const control_source& s : control_.sources) {
      auto& before = last_sent_[{s.population, s.neuron}];
      std::vector<P> now;
      for (const cells<P>& f : fields_[s.population]) now.push_back(f[s.neuron].value);
      for (std::size_t f = 0; f < now.size() && tick_ > 0; ++f) {
        if (!same_number(static_cast<double>(before[f]), static_cast<double>(now[f]))) send_control(s, f);
      }
      before = now;
    }
  }

  void send_control(const control_source& s, std::size_t f) {
    const output_id output{s.population, f};
    const std::string& name = net_.populations[s.population].name;
    for (const projection& p : net_.projections) {
      const bool gates = p.learns() && p.gate == output;
      if (!gates && p.from != output) continue;
      std::uint64_t messages = 0, gated = 0;
      each_connection(net_, p, [&](std::size_t pre, std::size_t post, std::size_t) {
        if (p.from == output && pre == s.neuron) ++messages;
        if (gates && s.neuron == (p.gate_at == gate_end::pre ? pre : p.gate_at == gate_end::post ? post : 0)) ++gated;
      });
      if (messages != 0) count_message(name, net_.populations[p.to.population].name, false, messages);
      if (gated != 0) count_message(name, p.name, true, gated);
    }
  }

  const circuit& net_;
  const script& world_;
  const control_map& control_;
  std::vector<scheduled_reaction> schedule_;
  std::vector<std::vector<cells<P>>> fields_;  ///< [population][field][neuron]
  std::vector<std::vector<cells<P>>> ports_;   ///< [population][port][neuron]
  std::vector<std::vector<tick_t>> delivered_;
  std::vector<std::vector<std::vector<std::size_t>>> incoming_;  ///< [population][port]: projections
  std::vector<std::vector<double>> clamps_;                      ///< [population]; empty: free
  std::vector<cells<P>> weights_;                                ///< [projection]
  std::vector<late_line<P>> late_;                               ///< [projection]
  std::vector<synapse_site> sites_;
  std::vector<evaluation_block> blocks_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<P>> last_sent_;
  std::size_t next_event_ = 0;
  tick_t tick_ = 0;
  interpretation out_;
};

}  // namespace

interpretation interpret(const circuit& c, const script& world, const control_map& control,
                         const interpreter_options& options) {
  if (c.precision == "f32") return run<float>(c, world, control, options).go();
  return run<double>(c, world, control, options).go();
}

}  // namespace locus
