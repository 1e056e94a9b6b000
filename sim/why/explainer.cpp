#include "sim/why/explainer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "sim/audit/rules.hpp"
#include "sim/audit/wiring.hpp"
#include "sim/circuit/connections.hpp"
#include "sim/circuit/entity_names.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/noise.hpp"
#include "sim/core/precision.hpp"

namespace locus {
namespace {

/// What an explanation needs is no longer kept.
struct beyond {};

/// How a number changed, for choosing what counts most.
double distance(double a, double b) {
  const double d = std::abs(a - b);
  return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
}

/// What arrived at a port.
struct arrived {
  double sum = 0, before = 0;
  [[nodiscard]] bool changed() const { return !same_bits(sum, before); }
};

/// An input of a rule that changed, and how much of the result it made.
struct influence {
  std::size_t which = 0;  ///< port, or field
  double effect = 0;      ///< on the result
  double moved = 0;       ///< itself
};

/// A lane and a place at which a synapse learns.
struct learning_site {
  std::size_t lane = 0;
  connection_ends at;
  bool first_place = true;
};

template <class P>
class walk {
 public:
  walk(const explanation_world& world, const explanation_options& options)
      : world_(world), kept_(world.kept), net_(world.kept.net()), options_(options) {
    incoming_.resize(net_.populations.size());
    for (std::size_t n = 0; n < net_.populations.size(); ++n)
      incoming_[n].resize(net_.populations[n].model->ports.size());
    for (std::size_t i = 0; i < net_.projections.size(); ++i)
      incoming_[net_.projections[i].to.population][net_.projections[i].to.port].push_back(i);
  }

  explanation go(const asked_event& e, std::size_t field, const std::optional<std::size_t>& lane) {
    out_.lane = lane.value_or(0);
    if (e.synapse) learning(e.group, field, e.index, e.tick, lane, std::nullopt, true);
    else value({e.group, field}, e.index, lane.value_or(0), e.tick, std::nullopt);
    out_.sentence = sentence(e.synapse);
    return std::move(out_);
  }

 private:
  using access = traced_access<P>;
  using step_of = std::optional<std::size_t>;

  // ---- steps --------------------------------------------------------------------------------------------------

  [[nodiscard]] bool full() {
    if (out_.steps.size() < options_.most) return false;
    out_.more = true;
    return true;
  }

  std::size_t add(explanation_step s) {
    out_.steps.push_back(std::move(s));
    return out_.steps.size() - 1;
  }

  /// A step that has no numbers.
  [[nodiscard]] static explanation_step told(cause_kind kind, tick_t t, std::string entity, std::size_t of,
                                             std::string text) {
    explanation_step s;
    s.kind = kind;
    s.tick = t;
    s.entity = std::move(entity);
    s.of = of;
    s.text = std::move(text);
    return s;
  }

  [[nodiscard]] static std::string set_text(double result) {
    return fmt::format("set from outside: its rule gives {}", text_of_number(result));
  }

  /// "0.1", with the digits that the circuit's precision needs.
  [[nodiscard]] static std::string text_of_number(double v) { return fmt::format("{}", static_cast<P>(v)); }

  [[nodiscard]] std::string neuron_name(std::size_t population, std::size_t neuron) const {
    return net_.populations[population].name + index_text(net_, population, neuron);
  }

  [[nodiscard]] std::string port_name(port_id port, std::size_t neuron) const {
    return fmt::format("{}.{}", neuron_name(port.population, neuron),
                       net_.populations[port.population].model->ports[port.port].name);
  }

  // ---- numbers ------------------------------------------------------------------------------------------------

  [[nodiscard]] double field(output_id o, std::size_t neuron, std::size_t lane, tick_t t) const {
    if (!kept_.knows(t)) throw beyond();
    return kept_.value(o, neuron, lane, t);
  }

  [[nodiscard]] double synapse(std::size_t p, std::size_t f, std::size_t k, std::size_t lane, tick_t t) const {
    if (!kept_.knows(t)) throw beyond();
    return kept_.synapse(p, f, k, lane, t);
  }

  [[nodiscard]] bool held(std::size_t population, tick_t t) const {
    return kept_.knows(t) && kept_.held_since(population, t).has_value();
  }

  /// The projection and synapse whose weight a connection uses.
  [[nodiscard]] std::pair<std::size_t, std::size_t> owner(std::size_t index, std::size_t k) const {
    const projection& p = net_.projections[index];
    if (!p.shared_with) return {index, k};
    return {*p.shared_with, owner_connection(net_, p, k)};
  }

  /// What messages are multiplied with.
  [[nodiscard]] std::size_t weight_field_of(std::size_t owner) const {
    const projection& p = net_.projections[owner];
    return p.learns() ? p.synapse->weight : 0;
  }

  [[nodiscard]] double weight(std::size_t index, std::size_t k, std::size_t lane, tick_t t) const {
    if (net_.projections[index].synapse == nullptr) return 1;
    const auto [p, w] = owner(index, k);
    return synapse(p, weight_field_of(p), w, lane, std::max<tick_t>(t, 0));
  }

  /// What arrives at a port in tick `t` and in the one before, as the engine sums it.
  arrived at_port(port_id port, std::size_t neuron, std::size_t lane, tick_t t) const {
    const locus::port& declared = net_.populations[port.population].model->ports[port.port];
    if (is_noise(declared.from)) {
      const noise_stream noise(net_.noise_seed, net_.name_of(port), declared.from);
      const auto draw = [&](tick_t when) {
        if (when < 0) return 0.0;
        const double drawn = noise.draw(static_cast<std::uint32_t>(neuron), static_cast<std::uint32_t>(lane),
                                        static_cast<std::uint64_t>(when));
        return static_cast<double>(static_cast<P>(drawn) + P(0));
      };
      return {draw(t), draw(t - 1)};
    }
    P sum = 0, before = 0;
    bool any = false;
    each_message(port, neuron, lane, t,
                 [&](std::size_t, std::size_t, std::size_t, P sent, P w, P sent_before, P w_before) {
                   if (declared.from == port_source::largest) {
                     const P now = w * sent, then = w_before * sent_before;
                     if (!any || sum < now) sum = now;
                     if (!any || before < then) before = then;
                   } else {
                     sum = std::fma(w, sent, sum);
                     before = std::fma(w_before, sent_before, before);
                   }
                   any = true;
                 });
    if (t <= 0) before = 0;
    return {static_cast<double>(sum + P(0)), static_cast<double>(before + P(0))};
  }

  /// Calls f(projection, connection, source, sent, weight, sent before, weight before) in the order of the sum.
  template <class F>
  void each_message(port_id port, std::size_t neuron, std::size_t lane, tick_t t, F&& f) const {
    for (const std::size_t index : incoming_[port.population][port.port]) {
      const projection& p = net_.projections[index];
      each_source(net_, p, neuron, [&](std::size_t source, std::size_t k) {
        const auto late = static_cast<tick_t>(delay_of(p, k));
        const auto number = [](double v) { return static_cast<P>(v); };
        f(index, k, source, number(field(p.from, source, lane, t - late)), number(weight(index, k, lane, t)),
          number(field(p.from, source, lane, t - late - 1)), number(weight(index, k, lane, t - 1)));
      });
    }
  }

  /// The messages of a port that changed, the largest change first.
  std::vector<changed_message> changed_messages(port_id port, std::size_t neuron, std::size_t lane, tick_t t) const {
    std::vector<changed_message> all;
    each_message(
        port, neuron, lane, t,
        [&](std::size_t index, std::size_t k, std::size_t source, P sent, P w, P sent_before, P w_before) {
          const bool first = t == static_cast<tick_t>(delay_of(net_.projections[index], k));  // everybody sends
          const bool sender = first || !same_bits(sent, sent_before), other = t > 0 && !same_bits(w, w_before);
          if (!sender && !other) return;
          all.push_back({index, k, source, sent, w * sent, sent_before, w_before * sent_before, sender, other});
        });
    if (world_.on_messages) world_.on_messages(t, port, neuron, lane, all);
    std::stable_sort(all.begin(), all.end(), [](const changed_message& a, const changed_message& b) {
      return distance(a.value, a.value_before) > distance(b.value, b.value_before);
    });
    // One that brought the same number as before made nothing.
    const auto moved = [](const changed_message& m) { return !same_bits(m.value, m.value_before); };
    all.erase(std::find_if_not(all.begin(), all.end(), moved), all.end());
    return all;
  }

  // ---- rules of neurons ---------------------------------------------------------------------------------------

  /// The inputs of one evaluation, and the same in the tick before.
  struct inputs {
    output_id of;
    std::size_t neuron = 0, lane = 0;
    tick_t tick = 0;     ///< of the result
    tick_t arrived = 0;  ///< of the messages: a tick before for a step
    bool clamped = false;
    double clamp = 0;
    std::vector<double> fields, fields_before;  ///< [field]
    std::vector<std::size_t> ports;             ///< of the phase
    std::vector<locus::arrived> at;             ///< [port of the phase]
  };

  inputs inputs_of(output_id o, std::size_t neuron, std::size_t lane, tick_t t) const {
    const model_declaration& model = *net_.populations[o.population].model;
    const writer by = model.fields[o.field].by;
    const bool step = by == writer::step;
    inputs in{o, neuron, lane, t, step ? t - 1 : t, step && held(o.population, t), 0, {}, {}, {}, {}};
    for (std::size_t g = 0; g < model.fields.size(); ++g) {
      // A reaction sees what was written before it in the same tick.
      const bool new_already = !step && static_cast<int>(model.fields[g].by) < static_cast<int>(by);
      const tick_t seen = new_already ? t : t - 1;
      in.fields.push_back(field({o.population, g}, neuron, lane, seen));
      in.fields_before.push_back(field({o.population, g}, neuron, lane, seen - 1));
    }
    if (step && model.step && t > 0) in.ports = model.step->ports;
    if (!step) in.ports = model.reactions[static_cast<std::size_t>(by)].ports;
    for (const std::size_t q : in.ports) in.at.push_back(at_port({o.population, q}, neuron, lane, in.arrived));
    if (in.clamped) in.clamp = in.fields.empty() ? 0 : field(o, neuron, lane, t);
    return in;
  }

  /// The result, and the slots of what entered it.
  std::pair<double, origins> evaluate(const inputs& in) const {
    const population& p = net_.populations[in.of.population];
    const auto& rules = traced_rules_of(*p.model).template rules<P>();
    tracing::begin_evaluation();
    std::vector<traced<P>> fields, ports;
    for (std::size_t g = 0; g < in.fields.size(); ++g)
      fields.push_back(access::source(static_cast<P>(in.fields[g]), static_cast<unsigned>(g)));
    for (std::size_t q = 0; q < in.ports.size(); ++q)
      ports.push_back(access::source(static_cast<P>(in.at[q].sum), static_cast<unsigned>(detail::first_port_slot + q)));
    const writer by = p.model->fields[in.of.field].by;
    if (by == writer::step) {
      const traced<P> imposed = access::source(static_cast<P>(in.clamp), detail::clamp_slot);
      // Models that wait for their first step have no ports yet.
      rules.advance(p.params.get(), in.tick > 0, ports.data(), in.clamped ? &imposed : nullptr, fields.data());
    } else {
      rules.react[static_cast<std::size_t>(by)](p.params.get(), ports.data(), fields.data());
    }
    const traced<P>& result = fields[in.of.field];
    return {static_cast<double>(access::value(result) + P(0)), access::from(result)};
  }

  [[nodiscard]] static bool reads(const origins& from, std::size_t slot) { return (from.slots >> slot & 1) != 0; }

  /// What happened to the result if one input were as it was in the tick before.
  template <class Change>
  double effect(inputs in, double result, Change&& change) const {
    change(in);
    return distance(evaluate(in).first, result);
  }

  /// Ports that changed and that the result was computed from, those that mattered first.
  std::vector<influence> ports_that_changed(const inputs& in, const origins& from, double result) const {
    std::vector<influence> all;
    for (std::size_t q = 0; q < in.ports.size(); ++q) {
      if (!in.at[q].changed() || !reads(from, detail::first_port_slot + q)) continue;
      all.push_back({q, effect(in, result, [&](inputs& i) { i.at[q].sum = i.at[q].before; }),
                     distance(in.at[q].sum, in.at[q].before)});
    }
    return sorted(std::move(all));
  }

  std::vector<influence> fields_that_changed(const inputs& in, const origins& from, double result) const {
    std::vector<influence> all;
    for (std::size_t g = 0; g < in.fields.size(); ++g) {
      if (same_bits(in.fields[g], in.fields_before[g]) || !reads(from, g)) continue;
      all.push_back({g, effect(in, result, [&](inputs& i) { i.fields[g] = i.fields_before[g]; }),
                     distance(in.fields[g], in.fields_before[g])});
    }
    return sorted(std::move(all));
  }

  static std::vector<influence> sorted(std::vector<influence> all) {
    std::stable_sort(all.begin(), all.end(), [](const influence& a, const influence& b) {
      return std::pair(a.effect, a.moved) > std::pair(b.effect, b.moved);
    });
    return all;
  }

  // ---- neurons ------------------------------------------------------------------------------------------------

  /// Where a number of a neuron came from, by its last change up to tick `t`.
  void value(output_id o, std::size_t neuron, std::size_t lane, tick_t t, step_of of) {
    if (full()) return;
    const field_key asked{o.population, o.field, neuron, lane};
    const std::optional<tick_t> changed = kept_.knows(t) ? kept_.last_change(o, neuron, lane, t) : std::nullopt;
    explanation_step s;
    s.entity = name_of_field(net_, o, neuron);
    s.of = of;
    s.tick = changed.value_or(std::max<tick_t>(kept_.extent().first, 0));
    if (kept_.knows(t)) s.value = field(o, neuron, lane, t);
    if (!changed) return beginning(s, o.population, neuron, lane, t);
    const tick_t when = s.tick;
    const locus::field& declared = net_.populations[o.population].model->fields[o.field];
    s.kind = declared.event && s.value == 1.0 ? cause_kind::spike : cause_kind::state;
    s.before = when == 0 ? 0.0 : field(o, neuron, lane, when - 1);
    s.text = s.kind == cause_kind::spike ? "spiked" : "changed";
    if (when < t) s.text += fmt::format(", and has not changed since (up to tick {})", t);
    if (const auto told = told_.find({asked, when}); told != told_.end()) {
      s.text += fmt::format("; told as step {}", told->second + 1);
      add(std::move(s));
      return;
    }
    told_.emplace(std::pair(asked, when), out_.steps.size());
    const std::size_t here = add(std::move(s));
    try {
      cause(o, neuron, lane, when, here);
    } catch (const beyond&) {
      not_kept(here);
    }
  }

  void beginning(explanation_step s, std::size_t population, std::size_t neuron, std::size_t lane, tick_t t) {
    s.kind = cause_kind::initial;
    const window all = kept_.extent();
    if (all.first > 0) {
      s.text = fmt::format("has been so since tick {} at least; nothing is kept of what was before", all.first);
    } else if (held(population, t)) {
      // It was held at what it would have been anyway.
      s.kind = cause_kind::stimulus;
      s.text = stimulus_text(population, neuron, lane, kept_.held_since(population, t).value_or(t)) +
               ", at what it was from the beginning";
    } else {
      s.text = "has been so since the run began";
    }
    add(std::move(s));
  }

  void not_kept(std::size_t of) {
    const tick_t first = kept_.extent().first;
    add(told(cause_kind::initial, first, out_.steps[of].entity, of,
             fmt::format("nothing is kept of what was before tick {}", first)));
  }

  /// What made a field what it became in tick `t`.
  void cause(output_id o, std::size_t neuron, std::size_t lane, tick_t t, std::size_t of) {
    tick_t until = t;
    for (;;) {
      const inputs in = inputs_of(o, neuron, lane, t);
      const auto [result, from] = evaluate(in);
      if (in.clamped && reads(from, detail::clamp_slot))
        return by_stimulus(o, neuron, lane, t, moved_on(o, neuron, lane, t, until, of));
      if (!same_bits(result, field(o, neuron, lane, t)) && !in.clamped)
        return set_from_outside(o, neuron, t, result, of);
      const std::vector<influence> ports = ports_that_changed(in, from, result);
      const std::vector<influence> own = fields_that_changed(in, from, result);
      const bool matters = !ports.empty() && ports.front().effect > 0;
      const bool own_matters = !own.empty() && own.front().effect > 0;
      const bool let_go = in.tick > 0 && !in.clamped && held(o.population, t - 1) && in.arrived < t;
      if (!ports.empty() && (matters || !own_matters)) {
        of = moved_on(o, neuron, lane, t, until, of);
        for (const influence& each : ports) {
          if (each.effect == 0 && &each != &ports.front()) continue;
          by_port(in, each.which, of);
          if (!options_.all) break;
        }
        if (options_.all && own_matters) by_field(o, neuron, lane, own, t, of);
        return;
      }
      if (let_go) return released(o, neuron, t, moved_on(o, neuron, lane, t, until, of));
      if (own.empty()) return by_itself(o, neuron, t, moved_on(o, neuron, lane, t, until, of));
      // It goes on from its own state: back to when that was moved.
      const output_id next{o.population, own.front().which};
      const tick_t seen = seen_tick(o, next.field, t);
      const auto changed = kept_.last_change(next, neuron, lane, seen);
      if (!changed) return by_itself(o, neuron, t, moved_on(o, neuron, lane, t, until, of));
      o = next;
      t = *changed;
    }
  }

  /// The tick of what a field's rule sees of another field of the neuron.
  [[nodiscard]] tick_t seen_tick(output_id o, std::size_t other, tick_t t) const {
    const auto& fields = net_.populations[o.population].model->fields;
    const bool step = fields[o.field].by == writer::step;
    return !step && static_cast<int>(fields[other].by) < static_cast<int>(fields[o.field].by) ? t : t - 1;
  }

  /// A step that says how long a neuron went on from its own state, if it did. Returns what the next step explains.
  std::size_t moved_on(output_id o, std::size_t neuron, std::size_t lane, tick_t t, tick_t until, std::size_t of) {
    explanation_step s;
    s.entity = name_of_field(net_, o, neuron);
    if (t == until && s.entity == out_.steps[of].entity) return of;
    s.kind = cause_kind::state;
    s.tick = t;
    s.before = t == 0 ? 0.0 : field(o, neuron, lane, t - 1);
    s.value = field(o, neuron, lane, t);
    s.text = t == until ? "its own state changed"
                        : fmt::format("its own state changed, and went on by itself up to tick {}", until);
    s.of = of;
    return add(std::move(s));
  }

  void by_field(output_id o, std::size_t neuron, std::size_t lane, const std::vector<influence>& own, tick_t t,
                std::size_t of) {
    for (const influence& each : own) {
      if (each.effect > 0) value({o.population, each.which}, neuron, lane, seen_tick(o, each.which, t), of);
    }
  }

  /// A changed port: the noise there, or the messages.
  void by_port(const inputs& in, std::size_t which, std::size_t of) {
    const port_id port{in.of.population, in.ports[which]};
    if (is_noise(net_.populations[port.population].model->ports[port.port].from)) {
      if (full()) return;
      explanation_step s;
      s.kind = cause_kind::noise;
      s.tick = in.arrived;
      s.entity = port_name(port, in.neuron);
      s.before = in.at[which].before;
      s.value = in.at[which].sum;
      s.text = "drawn by the neuron itself";
      s.of = of;
      add(std::move(s));
      return;
    }
    by_messages(port, in.neuron, in.lane, in.arrived, of);
  }

  void by_messages(port_id port, std::size_t neuron, std::size_t lane, tick_t t, std::size_t of) {
    const std::vector<changed_message> all = changed_messages(port, neuron, lane, t);
    for (std::size_t n = 0; n < all.size(); ++n) {
      if (full()) return;
      by_message(port, neuron, lane, t, all, n, of);
      if (!options_.all) return;
    }
  }

  void by_message(port_id port, std::size_t neuron, std::size_t lane, tick_t t, const std::vector<changed_message>& all,
                  std::size_t n, std::size_t of) {
    const changed_message& m = all[n];
    const projection& p = net_.projections[m.projection];
    const auto late = static_cast<tick_t>(delay_of(p, m.k));
    explanation_step s;
    s.kind = cause_kind::message;
    s.tick = t;
    s.entity = port_name(port, neuron);
    s.from = name_of_field(net_, p.from, m.source);
    s.projection = p.name;
    s.before = m.value_before;
    s.value = m.value;
    s.local = world_.near.message(m.projection, m.k, m.source, neuron);
    s.of = of;
    if (p.synapse != nullptr)
      s.text = fmt::format("{} sent, times the weight {}", text_of_number(m.sent),
                           text_of_number(weight(m.projection, m.k, lane, t)));
    else s.text = "sent over a link";
    if (late > 0) s.text += fmt::format(", {} tick{} before", late, late == 1 ? "" : "s");
    if (all.size() == 1) s.text += "; no other message changed there";
    else if (n == 0) s.text += fmt::format("; of {} messages that changed there, this one did most", all.size());
    if (!*s.local) s.text += "; the weight is another synapse's";
    const std::size_t here = add(std::move(s));
    // What the sender's change alone, and the weight's alone, made of the message.
    const double w = weight(m.projection, m.k, lane, t), w_before = weight(m.projection, m.k, lane, t - 1);
    const bool by_weight =
        m.weight_changed && (!m.sender_changed || distance(w, w_before) * std::abs(m.sent) >
                                                      distance(m.sent, m.sent_before) * std::abs(w_before));
    if (!by_weight || options_.all) value(p.from, m.source, lane, t - late, here);
    if (by_weight || (options_.all && m.weight_changed)) {
      const auto [owned, k] = owner(m.projection, m.k);
      learning(owned, weight_field_of(owned), k, t - 1, lane, here, false);
    }
  }

  // ---- from outside -------------------------------------------------------------------------------------------

  [[nodiscard]] const kept_presentation* presented_at(tick_t t) const {
    const auto after = std::upper_bound(world_.presentations.begin(), world_.presentations.end(), t,
                                        [](tick_t tick, const kept_presentation& p) { return tick < p.first; });
    return after == world_.presentations.begin() ? nullptr : &*(after - 1);
  }

  [[nodiscard]] bool by_hand(std::size_t population, tick_t on) const {
    return world_.by_hand && world_.by_hand(population, on);
  }

  [[nodiscard]] std::string stimulus_text(std::size_t population, std::size_t neuron, std::size_t lane,
                                          tick_t on) const {
    if (by_hand(population, on)) return fmt::format("clamped by hand since tick {}", on);
    std::vector<std::string> roles;
    bool data = false;
    std::optional<std::uint32_t> column;
    for (const stimulus& s : net_.stimuli) {
      if (s.population != population) continue;
      roles.emplace_back(name_of(s.role));
      if (s.role != stimulus_role::input && s.role != stimulus_role::teacher) continue;
      data = true;
      column = s.column_of(static_cast<std::uint32_t>(neuron));
    }
    std::string text = fmt::format("held from outside ({}) since tick {}", fmt::join(roles, " or "), on);
    const kept_presentation* p = data ? presented_at(on) : nullptr;
    if (p == nullptr || lane >= p->samples.size()) return text;
    text += fmt::format(": sample {}", p->samples[lane]);
    if (lane < p->labels.size() && p->labels[lane] >= 0) text += fmt::format(", label {}", p->labels[lane]);
    return text + fmt::format(", column {}, presentation {} of epoch {}", *column, p->number, p->epoch);
  }

  [[nodiscard]] const stimulus* imposed_on(std::size_t population) const {
    const stimulus* found = nullptr;
    for (const stimulus& s : net_.stimuli) {
      if (s.population != population) continue;
      if (s.role != stimulus_role::imposed) return nullptr;
      found = &s;
    }
    return found;
  }

  void by_stimulus(output_id o, std::size_t neuron, std::size_t lane, tick_t t, std::size_t of) {
    if (full()) return;
    explanation_step s;
    s.kind = cause_kind::stimulus;
    s.tick = t;
    s.entity = neuron_name(o.population, neuron);
    s.of = of;
    s.value = field(o, neuron, lane, t);
    const tick_t on = *kept_.held_since(o.population, t);
    const stimulus* imposed = by_hand(o.population, on) ? nullptr : imposed_on(o.population);
    if (imposed == nullptr) {
      s.text = stimulus_text(o.population, neuron, lane, on);
      add(std::move(s));
      return;
    }
    s.text = fmt::format("set from outside to what arrives at {}{}", port_name(*imposed->source, neuron),
                         imposed->sigma != 0 ? ", and noise" : "");
    const std::size_t here = add(std::move(s));
    by_messages(*imposed->source, neuron, lane, t, here);
  }

  void released(output_id o, std::size_t neuron, tick_t t, std::size_t of) {
    if (full()) return;
    add(told(cause_kind::stimulus, t, neuron_name(o.population, neuron), of,
             "let go: what held it from outside has ended"));
  }

  void set_from_outside(output_id o, std::size_t neuron, tick_t t, double result, std::size_t of) {
    if (full()) return;
    add(told(cause_kind::stimulus, t, name_of_field(net_, o, neuron), of, set_text(result)));
  }

  void by_itself(output_id o, std::size_t neuron, tick_t t, std::size_t of) {
    if (full()) return;
    add(told(cause_kind::initial, t, neuron_name(o.population, neuron), of,
             t == 0 ? "what its model begins with" : "what its rule makes of what it began with: no message changed"));
  }

  // ---- synapses -----------------------------------------------------------------------------------------------

  /// One evaluation of a learning rule.
  struct learnt {
    std::vector<double> state, pre, post;  ///< [field], [place][output seen]
    std::vector<double> gate;              ///< [place]; empty: none
    std::size_t places = 1;
  };

  std::pair<double, origins> evaluate(std::size_t index, std::size_t f, const learnt& in) const {
    const projection& p = net_.projections[index];
    const auto rule = traced_rules_of(*p.synapse).template rules<P>().learn;
    tracing::begin_evaluation();
    const auto sources = [](const std::vector<double>& values, std::size_t width, unsigned slot) {
      std::vector<traced<P>> all;
      for (std::size_t i = 0; i < values.size(); ++i)
        all.push_back(access::source(static_cast<P>(values[i]), slot + static_cast<unsigned>(i % width)));
      return all;
    };
    const std::vector<traced<P>> pre = sources(in.pre, std::max<std::size_t>(p.pre.size(), 1), detail::pre_slot);
    const std::vector<traced<P>> post = sources(in.post, std::max<std::size_t>(p.post.size(), 1), detail::post_slot);
    const std::vector<traced<P>> gate = sources(in.gate, 1, detail::gate_slot);
    std::vector<traced<P>> state = sources(in.state, in.state.size(), detail::theta_slot);
    rule(p.params.get(), in.places, pre.data(), post.data(), gate.empty() ? nullptr : gate.data(),
         p.gate_at == gate_end::pre, state.data());
    return {static_cast<double>(access::value(state[f]) + P(0)), access::from(state[f])};
  }

  /// The places and lanes at which a synapse learns, in the order of its sums.
  std::vector<learning_site> sites_of(std::size_t index, std::size_t k) const {
    const projection& p = net_.projections[index];
    std::vector<learning_site> all;
    const auto place = [&](const connection_ends& at, bool first) {
      for (std::size_t lane = 0; lane < net_.lanes; ++lane) all.push_back({lane, at, first});
    };
    if (!p.window) place(ends_of(net_, p, k), true);
    else
      p.window->each_use(k, [&](std::uint32_t pre, std::uint32_t post) {
        return place({pre, post}, all.empty()), true;
      });
    return all;
  }

  void look(std::size_t index, std::size_t k, tick_t t, const learning_site& site, learnt& in) const {
    const projection& p = net_.projections[index];
    const auto late = static_cast<tick_t>(delay_of(p, k));
    for (const output_id& seen : p.pre) in.pre.push_back(field(seen, site.at.pre, site.lane, t - late));
    for (const output_id& seen : p.post) in.post.push_back(field(seen, site.at.post, site.lane, t));
    if (p.gate)
      in.gate.push_back(
          field(*p.gate, modulator_of(p, site.at), site.lane, t - static_cast<tick_t>(delay_of_gate(p, k))));
  }

  learnt inputs_of(std::size_t index, std::size_t k, tick_t t, const std::vector<learning_site>& sites) const {
    learnt in;
    for (std::size_t f = 0; f < kept_fields(net_.projections[index]); ++f)
      in.state.push_back(synapse(index, f, k, sites.front().lane, t));
    for (const learning_site& site : sites) look(index, k, t, site, in);
    in.places = sites.size();
    return in;
  }

  /// The site that counts most: where the product of what a synapse sees is the largest.
  std::size_t largest_site(std::size_t index, std::size_t k, tick_t t, const std::vector<learning_site>& sites,
                           const std::optional<std::size_t>& lane) const {
    std::size_t best = sites.size();
    double most = -1;
    for (std::size_t n = 0; n < sites.size(); ++n) {
      if (lane && sites[n].lane != *lane) continue;
      learnt in;
      look(index, k, t, sites[n], in);
      double product = 1;
      for (const std::vector<double>* seen : {&in.pre, &in.post, &in.gate}) {
        double largest = seen->empty() ? 1 : 0;
        for (const double v : *seen) largest = std::max(largest, std::abs(v));
        product *= largest;
      }
      if (product > most) most = product, best = n;
    }
    return best;
  }

  /// A number of a synapse, as its learning in tick `t` made it.
  void learning(std::size_t index, std::size_t f, std::size_t k, tick_t t, const std::optional<std::size_t>& lane,
                step_of of, bool main) {
    if (full()) return;
    const projection& p = net_.projections[index];
    const std::vector<learning_site> sites = sites_of(index, k);
    const learning_site site = sites[largest_site(index, k, t, sites, lane)];
    if (!of) out_.lane = site.lane;
    explanation_step s;
    s.kind = cause_kind::change;
    s.tick = t;
    s.entity = name_of_synapse(net_, index, f, k);
    s.projection = p.name;
    s.before = synapse(index, f, k, site.lane, t);
    s.value = synapse(index, f, k, site.lane, t + 1);
    s.of = of;
    s.text = fmt::format("learnt: {}", one_line(p.synapse->info.equation));
    if (net_.lanes > 1) s.text += fmt::format("; of {} lanes, {} is followed", net_.lanes, site.lane);
    if (p.window && sites.size() > net_.lanes)
      s.text += fmt::format("; of {} places at which it serves, {} is followed", sites.size() / net_.lanes,
                            index_text(net_, p, site.at.post, site.at.pre));
    const change_key key{index, f, k, t};
    if (const auto told = told_changes_.find(key); told != told_changes_.end()) {
      s.text = fmt::format("learnt; told as step {}", told->second + 1);
      add(std::move(s));
      return;
    }
    told_changes_.emplace(key, out_.steps.size());
    const std::size_t here = add(std::move(s));
    try {
      by_learning(index, f, k, t, sites, site, here, main || options_.all);
    } catch (const beyond&) {
      not_kept(here);
    }
  }

  static std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
  }

  /// What a synapse read of one kind.
  struct read {
    enum class kind { gate, post, pre, state } what = kind::gate;
    std::size_t which = 0;
    double effect = 0;  ///< how much less the synapse would have learnt without
  };

  void by_learning(std::size_t index, std::size_t f, std::size_t k, tick_t t, const std::vector<learning_site>& sites,
                   const learning_site& site, std::size_t of, bool every) {
    const projection& p = net_.projections[index];
    const auto& state = p.synapse->state;
    const bool by_lane =
        net_.lanes > 1 && std::any_of(state.begin(), state.end(), [](const synapse_field& g) { return g.per_lane; });
    const learnt all = inputs_of(index, k, t, by_lane ? std::vector{site} : sites);
    const auto [result, from] = evaluate(index, f, all);
    if (!by_lane && !same_bits(result, synapse(index, f, k, site.lane, t + 1))) {
      add(told(cause_kind::stimulus, t, name_of_synapse(net_, index, f, k), of, set_text(result)));
      return;
    }
    const learnt alone = inputs_of(index, k, t, {site});
    std::vector<read> what = reads_of(index, f, alone, from);
    if (!every && what.size() > 1) {
      // The gate first: it says when. Without one, what made the most of it.
      if (what.front().what != read::kind::gate)
        std::stable_sort(what.begin(), what.end(), [](const read& a, const read& b) { return a.effect > b.effect; });
      what.resize(1);
    }
    for (const read& each : what) by_read(index, k, t, site, each, of);
  }

  std::vector<read> reads_of(std::size_t index, std::size_t f, const learnt& in, const origins& from) const {
    const projection& p = net_.projections[index];
    const double whole = evaluate(index, f, in).first;
    std::vector<read> all;
    const auto note = [&](typename read::kind what, std::size_t which, std::vector<double> learnt::*values) {
      learnt less = in;
      (less.*values)[which] = 0;
      all.push_back({what, which, distance(evaluate(index, f, less).first, whole)});
    };
    if (p.gate && reads(from, detail::gate_slot)) note(read::kind::gate, 0, &learnt::gate);
    for (std::size_t i = 0; i < p.post.size(); ++i) {
      if (reads(from, detail::post_slot + i)) note(read::kind::post, i, &learnt::post);
    }
    for (std::size_t i = 0; i < p.pre.size(); ++i) {
      if (reads(from, detail::pre_slot + i)) note(read::kind::pre, i, &learnt::pre);
    }
    for (std::size_t g = 1; g < in.state.size(); ++g) {
      if (g != f && reads(from, detail::theta_slot + g)) note(read::kind::state, g, &learnt::state);
    }
    return all;
  }

  void by_read(std::size_t index, std::size_t k, tick_t t, const learning_site& site, const read& r, std::size_t of) {
    if (full()) return;
    const projection& p = net_.projections[index];
    if (r.what == read::kind::state) return kept_by_synapse(index, r.which, k, site.lane, t, of);
    explanation_step s;
    s.tick = t;
    s.entity = p.name + index_text(net_, p, ends_of(net_, p, k).post, ends_of(net_, p, k).pre);
    s.projection = p.name;
    s.of = of;
    output_id seen;
    std::size_t neuron = 0;
    tick_t late = 0;
    if (r.what == read::kind::gate) {
      seen = *p.gate;
      neuron = modulator_of(p, site.at);
      late = static_cast<tick_t>(delay_of_gate(p, k));
      s.kind = cause_kind::gate;
      s.local = world_.near.gate(index, neuron);
      s.text = p.gate_at == gate_end::everywhere ? "modulates all synapses of the projection"
               : p.gate_at == gate_end::post     ? "modulates at the postsynaptic end"
                                                 : "modulates at the presynaptic end";
      if (is_control(p.gate->population)) s.text += "; it is control from outside";
    } else if (r.what == read::kind::post) {
      seen = p.post[r.which];
      neuron = site.at.post;
      s.kind = cause_kind::message;
      s.local = world_.near.post(index, r.which);
      s.text = "seen at the postsynaptic end";
    } else {
      seen = p.pre[r.which];
      neuron = site.at.pre;
      late = static_cast<tick_t>(delay_of(p, k));
      s.kind = cause_kind::message;
      s.local = true;
      s.text = "seen at the presynaptic end";
    }
    if (!site.first_place && s.local) {
      s.local = false;
      s.text += ", at another place than the first that the weight serves";
    }
    if (late > 0) s.text += fmt::format(", {} tick{} late", late, late == 1 ? "" : "s");
    s.from = name_of_field(net_, seen, neuron);
    s.value = field(seen, neuron, site.lane, t - late);
    s.before = field(seen, neuron, site.lane, t - late - 1);
    const std::size_t here = add(std::move(s));
    value(seen, neuron, site.lane, t - late, here);
  }

  [[nodiscard]] bool is_control(std::size_t population) const {
    return std::any_of(net_.stimuli.begin(), net_.stimuli.end(), [&](const stimulus& s) {
      return s.population == population && s.role == stimulus_role::control;
    });
  }

  /// A number that a synapse kept: back to the last tick in which what it saw made something of it.
  void kept_by_synapse(std::size_t index, std::size_t g, std::size_t k, std::size_t lane, tick_t t, std::size_t of) {
    explanation_step s;
    s.kind = cause_kind::state;
    s.tick = t;
    s.entity = name_of_synapse(net_, index, g, k);
    s.projection = net_.projections[index].name;
    s.before = synapse(index, g, k, lane, t - 1);
    s.value = synapse(index, g, k, lane, t);
    s.local = true;
    s.text = "kept by the synapse";
    s.of = of;
    const std::size_t here = add(std::move(s));
    const std::vector<learning_site> sites = sites_of(index, k);
    const auto own =
        std::find_if(sites.begin(), sites.end(), [&](const learning_site& each) { return each.lane == lane; });
    for (auto changed = kept_.last_change_of_synapse(index, g, k, lane, t); changed && *changed > 0;
         changed = kept_.last_change_of_synapse(index, g, k, lane, *changed - 1)) {
      const tick_t learnt_at = *changed - 1;
      learnt in = inputs_of(index, k, learnt_at, {*own});
      const double whole = evaluate(index, g, in).first;
      for (std::vector<double>* seen : {&in.pre, &in.post, &in.gate}) std::fill(seen->begin(), seen->end(), 0.0);
      if (same_bits(evaluate(index, g, in).first, whole)) continue;  // it went on by itself
      if (learnt_at + 1 < t) out_.steps[here].text += fmt::format("; went on by itself since tick {}", learnt_at);
      return learning(index, g, k, learnt_at, lane, here, false);
    }
    explanation_step start;
    start.kind = cause_kind::initial;
    start.tick = kept_.extent().first;
    start.entity = out_.steps[here].entity;
    start.text = start.tick == 0 ? "what the run began with"
                                 : fmt::format("nothing is kept of what was before tick {}", start.tick);
    start.of = here;
    add(std::move(start));
  }

  // ---- in a sentence ------------------------------------------------------------------------------------------

  [[nodiscard]] std::string sentence(bool synapse) const {
    const explanation_step& first = out_.steps.front();
    std::string text;
    if (first.before && first.value) {
      const auto now = static_cast<P>(*first.value), before = static_cast<P>(*first.before);
      text = first.kind == cause_kind::spike ? fmt::format("{} spiked in tick {}", first.entity, first.tick)
                                             : fmt::format("{} changed in tick {} from {} to {} (by {})", first.entity,
                                                           first.tick, before, now, now - before);
    } else {
      text = fmt::format("{} is {}", first.entity, text_of_number(first.value.value_or(0)));
    }
    std::vector<std::string> because, ends;
    for (const explanation_step& s : out_.steps) {
      if (s.of == std::size_t{0} && s.from) {
        because.push_back(synapse ? fmt::format("{} = {}", *s.from, text_of_number(s.value.value_or(0)))
                                  : fmt::format("{} (here {}, before {})", *s.from, text_of_number(s.value.value_or(0)),
                                                text_of_number(s.before.value_or(0))));
      }
      const bool end = s.kind == cause_kind::stimulus || s.kind == cause_kind::noise;
      if (!end) continue;
      std::string origin =
          fmt::format("{} ({}, tick {})", s.entity, s.kind == cause_kind::noise ? "its noise" : "from outside", s.tick);
      if (std::find(ends.begin(), ends.end(), origin) == ends.end()) ends.push_back(std::move(origin));
    }
    if (!because.empty())
      text += fmt::format("; {} {}", synapse ? "it saw" : "what did most was a message from", fmt::join(because, ", "));
    constexpr std::size_t few = 4;
    if (!ends.empty()) {
      const std::size_t rest = ends.size() > few ? ends.size() - few : 0;
      ends.resize(ends.size() - rest);
      text += fmt::format(". It goes back to {}{}", fmt::join(ends, ", "),
                          rest > 0 ? fmt::format(" and {} more", rest) : "");
    }
    return text + ".";
  }

  using field_key = std::tuple<std::size_t, std::size_t, std::size_t, std::size_t>;
  using change_key = std::tuple<std::size_t, std::size_t, std::size_t, tick_t>;

  const explanation_world& world_;
  const history& kept_;
  const circuit& net_;
  explanation_options options_;
  std::vector<std::vector<std::vector<std::size_t>>> incoming_;  ///< [population][port]: projections
  std::map<std::pair<field_key, tick_t>, std::size_t> told_;     ///< steps that tell of neurons' fields
  std::map<change_key, std::size_t> told_changes_;               ///< and of synapses'
  explanation out_;
};

bool is_event(const history& kept, const asked_event& e, std::size_t field) {
  return !e.synapse && kept.net().populations[e.group].model->fields[field].event;
}

bool field_happened(const history& kept, const asked_event& e, std::size_t field, std::size_t lane) {
  if (e.synapse) {
    const std::size_t first = lane;
    return !same_bits(kept.synapse(e.group, field, e.index, first, e.tick),
                      kept.synapse(e.group, field, e.index, first, e.tick + 1));
  }
  const double now = kept.value({e.group, field}, e.index, lane, e.tick);
  if (is_event(kept, e, field)) return now == 1;
  return !same_bits(now, kept.value({e.group, field}, e.index, lane, e.tick - 1));
}

}  // namespace

std::optional<std::size_t> field_of(const history& kept, const asked_event& e, std::size_t lane) {
  if (e.field) return field_happened(kept, e, *e.field, lane) ? e.field : std::nullopt;
  const auto& fields = kept.net().populations[e.group].model->fields;
  const auto first = [&](auto&& wanted) -> std::optional<std::size_t> {
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (wanted(fields[f]) && field_happened(kept, e, f, lane)) return f;
    }
    return std::nullopt;
  };
  if (const auto event = first([](const field& f) { return f.event; })) return event;
  if (const auto sent = first([](const field& f) { return f.seen == visibility::sent; })) return sent;
  return first([](const field&) { return true; });
}

bool happened(const history& kept, const asked_event& e, std::size_t lane) {
  return field_of(kept, e, lane).has_value();
}

std::optional<tick_t> happened_before(const history& kept, const asked_event& e, std::size_t lane) {
  asked_event earlier = e;
  for (earlier.tick = e.tick - 1; earlier.tick >= 0 && kept.knows(earlier.tick - 1); --earlier.tick) {
    if (kept.knows(earlier.tick) && happened(kept, earlier, lane)) return earlier.tick;
  }
  return std::nullopt;
}

std::optional<tick_t> happened_after(const history& kept, const asked_event& e, std::size_t lane) {
  asked_event later = e;
  for (later.tick = e.tick + 1; kept.knows(later.tick + (e.synapse ? 1 : 0)); ++later.tick) {
    if (kept.knows(later.tick - 1) && happened(kept, later, lane)) return later.tick;
  }
  return std::nullopt;
}

std::string did_not_happen(const history& kept, const asked_event& e, const std::string& question,
                           std::optional<tick_t> before, std::optional<tick_t> after, tick_t last) {
  const bool event = e.field && is_event(kept, e, *e.field);
  std::string text = fmt::format("{}: {} did not {} in tick {}", question, question.substr(0, question.rfind('@')),
                                 event ? "spike" : "change", e.tick);
  const char* did = event ? "spiked" : "changed";
  if (before) text += fmt::format("; it {} in tick {} before that", did, *before);
  else if (kept.extent().first == 0) text += fmt::format("; it never {} before that", did);
  if (after) text += fmt::format("{} in tick {} next", before ? " and" : fmt::format("; it {}", did), *after);
  else text += fmt::format("{}, up to tick {}", before ? " and not again" : " nor after", last);
  return text;
}

explanation explain(const explanation_world& world, const asked_event& e, const std::optional<std::size_t>& lane,
                    const explanation_options& options) {
  const std::size_t field = field_of(world.kept, e, lane.value_or(0)).value();
  return with_numbers(world.kept.net().precision,
                      [&]<class P>(P) { return walk<P>(world, options).go(e, field, lane); });
}

}  // namespace locus
