#include "sim/audit/interpreter.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include "sim/audit/interpreter_state.hpp"

namespace locus {
namespace {

using namespace detail;

template <class P>
class run : message_state<P> {
  using message_state<P>::net_;
  using message_state<P>::fields_;
  using message_state<P>::ports_;
  using message_state<P>::weights_;
  using message_state<P>::more_;
  using message_state<P>::heard_;
  using message_state<P>::out_;
  using message_state<P>::books_;
  using message_state<P>::tick_;

 public:
  run(const circuit& c, const script& world, const script& ties, const control_map& control,
      const interpreter_options& options)
      : message_state<P>(c),
        world_(world),
        control_(control),
        schedule_(make_schedule(c)),
        clamps_(c.populations.size()),
        sites_(find_sites(c, ties, control, options)) {
    for (const synapse_site& site : sites_) out_.traced_synapses += site.traced.size();
    out_.learning_synapses = learning_synapses(c);
    // As long as the longest way without a loop takes, in any case.
    for (const projection& p : c.projections) patience_ += longest_delay(p) + 1;
    patience_ += static_cast<tick_t>(2 * c.populations.size());
    out_.neuron_inputs.resize(c.populations.size());
    out_.synapse_inputs.resize(c.projections.size());
    for (const synapse_site& site : sites_) out_.reads.push_back(first_look(site));
  }

  interpretation go() {
    const auto production = make_simulator(net_);
    player play(world_, *production);
    std::size_t span = 0;
    for (; !play.done(); ++tick_) {
      if (span < world_.spans.size() && world_.spans[span].first == tick_) {
        this->forget_what_weights_heard();
        ++span;
      }
      play.run_tick();
      books_.begin_tick(tick_);
      commit();
      this->shift();
      for (const scheduled_reaction& r : schedule_) react(r);
      this->deliver_rest();
      this->push();
      for (std::size_t n = 0; n < sites_.size(); ++n) learn(sites_[n], out_.reads[n], values_[n]);
      compare(*production);
      count_control();
      pass_over_rest(play);
    }
    for (std::size_t n = 0; n < sites_.size(); ++n) out_.reads[n].values = values_[n].size();
    out_.presentations = world_.spans.size();
    return std::move(out_);
  }

 private:
  // ---- neurons ------------------------------------------------------------------------------------------------

  void commit() {
    std::vector<const stimulus_event*> imposed;
    for (; next_event_ < world_.events.size() && world_.events[next_event_].tick <= tick_; ++next_event_) {
      const stimulus_event& e = world_.events[next_event_];
      if (e.what == stimulus_event::action::clamp) clamps_[e.population] = e.values;
      if (e.what == stimulus_event::action::release) clamps_[e.population].clear();
      if (e.what == stimulus_event::action::impose) imposed.push_back(&e);
    }
    std::vector<bool> waits(net_.populations.size(), false);
    for (const stimulus_event* e : imposed) waits[e->population] = true;
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      if (!waits[n] && registered(n)) advance(n, clamped(n));
    }
    for (const stimulus_event* e : imposed) {
      const std::size_t s = e->stimulus;
      const port_id source = *net_.stimuli[s].source;
      cells<P> values;
      for (std::size_t i = 0; i < net_.populations[source.population].size; ++i) {
        values.push_back(this->received(source.population, source.port, i));
        if (!e->values.empty()) values.back().value += static_cast<P>(e->values[i]);
        values.back().control = books_.begin(step_kind::imposed, {false, net_.stimuli[s].population, i},
                                             {false, source.population, i}, source.port, values.back().value);
      }
      books_.count_imposition(net_.stimuli[s].population, values.size());
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
    for (const std::size_t q : phase.ports) this->deliver(r.population, q);
    const auto rule = traced_rules_of(*p.model).template rules<P>().react[r.reaction];
    evaluate(r.population, static_cast<writer>(r.reaction), phase, {},
             [&](const traced<P>* ports, const traced<P>*, traced<P>* fields) { rule(p.params.get(), ports, fields); });
  }

  /// Runs one rule for all neurons of a population and takes over the fields that `by` writes.
  template <class Rule>
  void evaluate(std::size_t n, writer by, const phase_info& phase, const cells<P>& clamp, Rule&& rule) {
    using access = traced_access<P>;
    const population& p = net_.populations[n];
    std::array<traced<P>, max_fields> fields, ports;
    tracing::reserve_evaluations(p.size);
    for (std::size_t i = 0; i < p.size; ++i) {
      const std::uint64_t number = tracing::begin_evaluation();
      if (i == 0) books_.open({number, false, n, tick_});
      if (by == writer::step && drawn(i, p.size)) record(n, i, clamp);
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

  /// Whether the inputs of this evaluation, of `count`, are noted: of one in each tick, as long as there are few.
  bool drawn(std::size_t i, std::size_t count) const {
    constexpr tick_t ticks = 64;
    return tick_ < ticks && i == mix_bits(static_cast<std::uint64_t>(tick_)) % count;
  }

  void record(std::size_t n, std::size_t i, const cells<P>& clamp) {
    std::vector<double> row;
    for (const cells<P>& field : fields_[n]) row.push_back(field[i].value);
    for (const cells<P>& port : ports_[n]) row.push_back(port[i].value);
    if (!clamp.empty()) row.push_back(clamp[i].value);
    out_.neuron_inputs[n].push_back(std::move(row));
  }

  /// The marks that a field gets from what entered it.
  cell<P> judged(std::size_t n, std::size_t i, std::size_t f, const origins& from, const phase_info& phase,
                 const cells<P>& clamp) {
    const entity_ref who{false, n, i};
    cell<P> marks;
    if (from.foreign != 0) {
      marks.nonlocal = books_.smuggled(who, from.foreign);
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
    if (marks.nonlocal == 0 && nonlocal != 0) marks.nonlocal = books_.passed_on(who, nonlocal, f);
    if (control != 0) marks.control = books_.passed_on(who, control, f);
    if (control_.of(n, i) == control_map::part::source) {
      marks.control = books_.begin(step_kind::control_signal, who, who, f, 0);
    }
    return marks;
  }

  void note_neuron_write(std::size_t n, std::size_t i, std::size_t f, const cell<P>& after) {
    books_.count_write();
    const P before = fields_[n][f][i].value;
    const entity_ref who{false, n, i};
    if (after.direct) books_.tally(out_.nonlocal, who, f, after.nonlocal, before, after.value);
    if (after.control != 0 && control_.of(n, i) == control_map::part::none) {
      books_.tally(out_.controlled_state, who, f, after.control, before, after.value);
    }
  }

  // ---- synapses -----------------------------------------------------------------------------------------------

  /// What follows from the connections alone.
  synapse_reads first_look(const synapse_site& site) {
    const projection& p = net_.projections[site.projection];
    synapse_reads reads;
    reads.projection = site.projection;
    reads.one_signal = site.one_signal;
    values_.emplace_back();
    if (!p.gate) return reads;
    std::vector<std::uint64_t> seen_by(site.near_gate.size(), 0);
    each_connection(net_, p, [&](std::size_t pre, std::size_t post, std::size_t) {
      ++seen_by[modulator_of(p, {pre, post})];
    });
    for (std::size_t m = 0; m < seen_by.size(); ++m) {
      if (seen_by[m] == 0) continue;
      ++reads.modulators;
      reads.fan_out = std::max(reads.fan_out, seen_by[m]);
      const bool control = control_.pure[p.gate->population][m];
      reads.near_gate = reads.near_gate && site.near_gate[m] && !control;
      reads.pure_control = reads.pure_control && control;
    }
    return reads;
  }

  void learn(const synapse_site& site, synapse_reads& reads, std::set<P>& values) {
    using access = traced_access<P>;
    const projection& p = net_.projections[site.projection];
    const auto rule = traced_rules_of(*p.synapse).template rules<P>().learn;
    std::vector<const cells<P>*> pre(p.pre.size()), post;
    for (const output_id& seen : p.post) post.push_back(&fields_[seen.population][seen.field]);
    const cells<P>* gate = nullptr;
    std::vector<cells<P>*> state = {&weights_[site.projection]};
    for (cells<P>& field : more_[site.projection]) state.push_back(&field);
    std::vector<traced<P>> before, after, gates, next(state.size());
    std::vector<connection_ends> places;
    tracing::reserve_evaluations(site.traced.size());
    for (std::size_t n = 0; n < site.traced.size(); ++n) {
      const std::size_t k = site.traced[n];
      places_of(p, k, places);
      const connection_ends at = places.front();
      for (std::size_t i = 0; i < pre.size(); ++i) pre[i] = &this->arriving(p.pre[i], delay_of(p, k));
      if (p.gate) gate = &this->arriving(*p.gate, delay_of_gate(p, k));
      const std::size_t g = modulator_of(p, at);
      const std::uint64_t number = tracing::begin_evaluation();
      if (n == 0) books_.open({number, true, site.projection, tick_, site.all ? nullptr : &site.traced});
      std::array<const cell<P>*, 32> seen{};  // by slot
      for (std::size_t i = 0; i < pre.size(); ++i) seen[pre_slot + i] = &(*pre[i])[at.pre];
      for (std::size_t i = 0; i < post.size(); ++i) seen[post_slot + i] = &(*post[i])[at.post];
      for (std::size_t f = 0; f < state.size(); ++f) seen[theta_slot + f] = &(*state[f])[k];
      if (gate != nullptr) seen[gate_slot] = &(*gate)[g];
      const auto source = [&](std::size_t slot) {
        return access::source(seen[slot]->value, static_cast<unsigned>(slot));
      };
      const auto look = [&](std::vector<traced<P>>& to, const cell<P>& c, std::size_t slot) {
        to.push_back(access::source(c.value, static_cast<unsigned>(slot)));
      };
      before.clear(), after.clear(), gates.clear();
      for (const connection_ends& place : places) {
        for (std::size_t i = 0; i < pre.size(); ++i) look(before, (*pre[i])[place.pre], pre_slot + i);
        for (std::size_t i = 0; i < post.size(); ++i) look(after, (*post[i])[place.post], post_slot + i);
        if (gate != nullptr) look(gates, (*gate)[modulator_of(p, place)], gate_slot);
      }
      for (std::size_t f = 0; f < state.size(); ++f) next[f] = source(theta_slot + f);
      rule(p.params.get(), places.size(), before.data(), after.data(), gate != nullptr ? gates.data() : nullptr,
           p.gate_at == gate_end::pre, next.data());
      if (state.size() == 1 && pre.size() == 1 && post.size() == 1 && drawn(n, site.traced.size())) {
        out_.synapse_inputs[site.projection].push_back({seen[theta_slot]->value, seen[pre_slot]->value,
                                                        seen[post_slot]->value,
                                                        gate != nullptr ? seen[gate_slot]->value : P(1)});
      }
      std::vector<cell<P>> marks;
      std::vector<tick_t> heard;
      for (std::size_t f = 0; f < state.size(); ++f) {
        const origins from = access::from(next[f]);
        note_reads(p, from, reads);
        heard.push_back(oldest_in(site.projection, k, from));
        if (reads.gate && (from.slots >> gate_slot & 1) != 0 && values.size() < most_values)
          values.insert(seen[gate_slot]->value);
        marks.push_back(judged_weight(site, k, at, g, from, seen, f));
        if (places.size() > 1) judge_places(site, k, places, from, marks.back(), f);
      }
      for (std::size_t f = 0; f < state.size(); ++f) {
        cell<P>& kept = (*state[f])[k];
        const P was = kept.value;
        kept.value = access::value(next[f]) + P(0);
        // What a weight carries into later messages is experience: not a signal, and nothing at all if it stayed the
        // same.
        if (!same_bits(static_cast<double>(was), static_cast<double>(kept.value))) {
          kept.nonlocal = marks[f].nonlocal;
          if (f != 0) kept.control = marks[f].control;
          if (f != 0) heard_[site.projection][f - 1][k] = heard[f];
          if ((f == 0 || f == p.synapse->weight) && heard[f] != nothing_heard)
            reads.age = std::max(reads.age, tick_ - heard[f]);
        }
        note_weight_write({true, site.projection, k}, marks[f], field_number(f), was, kept.value);
      }
    }
  }

  /// The ends between which weight k serves.
  void places_of(const projection& p, std::size_t k, std::vector<connection_ends>& places) const {
    places.clear();
    if (!p.window) return places.push_back(ends_of(net_, p, k));
    p.window->each_use(k, [&](std::uint32_t pre, std::uint32_t post) { return places.push_back({pre, post}), true; });
  }

  /// One weight that learns from many places reads what it is not near to, wherever it is.
  void judge_places(const synapse_site& site, std::size_t k, const std::vector<connection_ends>& places,
                    const origins& from, cell<P>& marks, std::size_t f) {
    const projection& p = net_.projections[site.projection];
    const entity_ref who{true, site.projection, k};
    const auto take = [&](const cell<P>& seen) {
      if (marks.control == 0 && seen.control != 0) marks.control = books_.passed_on(who, seen.control, field_number(f));
    };
    const auto far = [&](const output_id& seen, std::size_t neuron, const cell<P>& value) {
      if (marks.direct) return;
      marks.nonlocal =
          books_.begin(step_kind::many_places, who, {false, seen.population, neuron}, seen.field, value.value);
      marks.direct = true;
    };
    for (std::size_t n = 1; n < places.size(); ++n) {
      for (std::size_t i = 0; i < p.pre.size(); ++i) {
        if ((from.slots >> (pre_slot + i) & 1) == 0) continue;
        const cell<P>& value = this->arriving(p.pre[i], delay_of(p, k))[places[n].pre];
        far(p.pre[i], places[n].pre, value), take(value);
      }
      for (std::size_t i = 0; i < p.post.size(); ++i) {
        if ((from.slots >> (post_slot + i) & 1) == 0) continue;
        const cell<P>& value = fields_[p.post[i].population][p.post[i].field][places[n].post];
        far(p.post[i], places[n].post, value), take(value);
      }
      if (p.gate && (from.slots >> gate_slot & 1) != 0)
        take(this->arriving(*p.gate, delay_of_gate(p, k))[modulator_of(p, places[n])]);
    }
  }

  /// What evidence calls a field of a synapse.
  static std::size_t field_number(std::size_t f) { return f == 0 ? weight_field : f; }

  static bool reads_any(const origins& from, unsigned first, unsigned last) {
    const std::uint32_t slots = (std::uint32_t{1} << last) - (std::uint32_t{1} << first);
    return (from.slots & slots) != 0;
  }

  static void note_reads(const projection& p, const origins& from, synapse_reads& reads) {
    reads.weight = reads.weight || (from.slots >> theta_slot & 1) != 0;
    reads.state = reads.state || reads_any(from, theta_slot + 1, pre_slot);
    reads.pre = reads.pre || reads_any(from, pre_slot, post_slot);
    reads.post = reads.post || reads_any(from, post_slot, gate_slot);
    reads.gate = reads.gate || (from.slots >> gate_slot & 1) != 0;
    if (reads.pre) reads.age = std::max<tick_t>(reads.age, longest_delay(p));
  }

  /// When the oldest message was sent that entered a number of synapse k, now or by way of what the synapse has kept.
  /// What its weight has learnt is experience, and no message any more.
  [[nodiscard]] tick_t oldest_in(std::size_t index, std::size_t k, const origins& from) const {
    const projection& p = net_.projections[index];
    tick_t oldest = nothing_heard;
    if (reads_any(from, pre_slot, post_slot)) oldest = std::min<tick_t>(oldest, tick_ - delay_of(p, k));
    if (reads_any(from, post_slot, gate_slot)) oldest = std::min(oldest, tick_);
    if (reads_any(from, gate_slot, gate_slot + 1)) oldest = std::min<tick_t>(oldest, tick_ - delay_of_gate(p, k));
    for (std::size_t f = 0; f < heard_[index].size(); ++f) {
      if ((from.slots >> (theta_slot + 1 + f) & 1) != 0) oldest = std::min(oldest, heard_[index][f][k]);
    }
    return oldest;
  }

  cell<P> judged_weight(const synapse_site& site, std::size_t k, const connection_ends& at, std::size_t g,
                        const origins& from, const std::array<const cell<P>*, 32>& seen, std::size_t f) {
    const projection& p = net_.projections[site.projection];
    const entity_ref who{true, site.projection, k};
    cell<P> marks;
    const auto begin = [&](step_kind kind, const output_id& output, std::size_t index, P value) {
      marks.nonlocal = books_.begin(kind, who, {false, output.population, index}, output.field, value);
      marks.direct = true;
    };
    if (from.foreign != 0) {
      marks.nonlocal = books_.smuggled(who, from.foreign);
      marks.direct = true;
    }
    for (std::size_t i = 0; i < p.post.size() && !marks.direct; ++i) {
      if ((from.slots >> (post_slot + i) & 1) != 0 && p.post[i].population != p.to.population && site.far_post)
        begin(step_kind::far_post, p.post[i], at.post, seen[post_slot + i]->value);
    }
    if (!marks.direct && (from.slots >> gate_slot & 1) != 0 && !site.near_gate[g])
      begin(step_kind::far_gate, *p.gate, g, seen[gate_slot]->value);
    for (unsigned slot = gate_slot + 1; slot-- > 0;) {
      if ((from.slots >> slot & 1) == 0) continue;
      if (marks.nonlocal == 0 && seen[slot]->nonlocal != 0)
        marks.nonlocal = books_.passed_on(who, seen[slot]->nonlocal, field_number(f));
      if (marks.control == 0 && seen[slot]->control != 0)
        marks.control = books_.passed_on(who, seen[slot]->control, field_number(f));
    }
    return marks;
  }

  void note_weight_write(const entity_ref& who, const cell<P>& marks, std::size_t field, P before, P after) {
    books_.count_write();
    out_.weight_changes += same_bits(before, after) ? 0 : 1;
    if (marks.direct) books_.tally(out_.nonlocal, who, field, marks.nonlocal, before, after);
    // What goes back to such a read, and changes nothing, does nothing.
    if (marks.direct || (marks.nonlocal != 0 && !same_bits(before, after)))
      books_.tally(out_.tainted_learning, who, field, marks.nonlocal, before, after);
    if (marks.control != 0) books_.tally(out_.controlled_learning, who, field, marks.control, before, after);
  }

  // ---- beside the production engine ---------------------------------------------------------------------------

  /// Where nothing has changed for so long that all messages have arrived and all that entered them has spread, every
  /// further tick would be the same: goes on before the next event.
  void pass_over_rest(player& play) {
    if (still_for_ < patience_) return;
    tick_t until = world_.ticks();
    if (next_event_ < world_.events.size()) until = std::min(until, world_.events[next_event_].tick);
    for (const presentation_span& span : world_.spans) {
      if (span.first > tick_) until = std::min(until, span.first);
    }
    if (until <= tick_ + 1) return;
    out_.passed_over += until - tick_ - 1;
    tick_ = until - 1;
    play.run_to(until);
    still_for_ = 0;
  }

  void compare(const simulator& production) {
    snapshot real = read_snapshot(production);
    still_for_ = real == last_ ? still_for_ + 1 : 0;
    std::size_t row = 0;
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      for (std::size_t f = 0; f < fields_[n].size(); ++f, ++row) {
        for (std::size_t i = 0; i < fields_[n][f].size(); ++i)
          books_.compare({false, n, i}, f, fields_[n][f][i].value, real.fields[row][i]);
      }
    }
    for (const synapse_site& site : sites_) {
      const std::size_t w = site.projection;
      for (const std::size_t k : site.traced)
        books_.compare({true, w, k}, weight_field, weights_[w][k].value, real.weights[w][k]);
      for (std::size_t f = 0; f < more_[w].size(); ++f) {
        for (const std::size_t k : site.traced)
          books_.compare({true, w, k}, f + 1, more_[w][f][k].value, real.synapses[w][f][k]);
        if (site.all) continue;
        for (std::size_t k = 0; k < more_[w][f].size(); ++k)
          more_[w][f][k].value = static_cast<P>(real.synapses[w][f][k]);
      }
      if (site.all) continue;
      for (std::size_t k = 0; k < weights_[w].size(); ++k) weights_[w][k].value = static_cast<P>(real.weights[w][k]);
    }
    last_ = std::move(real);
  }

  // ---- control ------------------------------------------------------------------------------------------------

  /// Messages of this tick from sources of control: to connected neurons and to synapses that look at them.
  void count_control() {
    for (const control_source& s : control_.sources) {
      auto& before = last_sent_[{s.population, s.neuron}];
      std::vector<P> now;
      for (const cells<P>& f : fields_[s.population]) now.push_back(f[s.neuron].value);
      for (std::size_t f = 0; f < now.size() && tick_ > 0; ++f) {
        if (!same_bits(static_cast<double>(before[f]), static_cast<double>(now[f]))) books_.count_change(s, f);
      }
      before = now;
    }
  }

  const script& world_;
  const control_map& control_;
  std::vector<scheduled_reaction> schedule_;
  std::vector<std::vector<double>> clamps_;  ///< [population]; empty: free
  std::vector<synapse_site> sites_;
  std::vector<std::set<P>> values_;  ///< [site]: what modulators sent
  std::map<std::pair<std::size_t, std::size_t>, std::vector<P>> last_sent_;
  std::size_t next_event_ = 0;
  snapshot last_;         ///< of the production engine, a tick ago
  tick_t still_for_ = 0;  ///< ticks since it changed
  tick_t patience_ = 0;
};

}  // namespace

interpretation interpret(const circuit& c, const script& world, const script& ties, const control_map& control,
                         const interpreter_options& options) {
  return with_numbers(c.precision, [&]<class P>(P) { return run<P>(c, world, ties, control, options).go(); });
}

}  // namespace locus
