#pragma once
/// A dense, obvious simulation of any circuit of the models that predictive coding and its like are made of: every port
/// is summed in every tick, reactions are repeated until nothing changes any more. It follows the definition of a tick
/// (sim/engine/README.md) and the equations in the heads of models/*.hpp literally, and shares no code with the engine
/// or with the models except the scalar activation functions.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/circuit/connections.hpp"
#include "sim/core/activation.hpp"

namespace locus::dense {

template <class P>
class long_form {
 public:
  using values = std::vector<P>;  ///< [neuron][lane]

  explicit long_form(const locus::circuit& c) : net(c), clamps(c.populations.size()) {
    for (const locus::population& p : c.populations) {
      fields.emplace_back(p.model->fields.size(), values(p.size * c.lanes));
      ports.emplace_back(p.model->ports.size(), values(p.size * c.lanes));
    }
    for (const locus::projection& p : c.projections) weights.emplace_back(c.connections(p), P(1));
  }

  const locus::circuit& net;
  std::vector<std::vector<values>> fields, ports;  ///< [population][field], [population][port]
  std::vector<values> weights;                     ///< [projection][connection]
  std::vector<std::optional<values>> clamps;       ///< [population]

  // What happens in the next tick only, in this order.
  struct imposition {
    std::size_t population;
    locus::port_id source;
  };
  std::vector<imposition> impositions;
  struct perturbation {
    locus::output_id field;
    std::size_t at;  ///< neuron * lanes + lane
    P value;
  };
  std::vector<perturbation> perturbations;

  /// One tick up to and including the exchange of messages.
  void exchange() {
    for (std::size_t n = 0; n < fields.size(); ++n) {
      if (!imposed(n)) commit(n, clamps[n] ? &*clamps[n] : nullptr);
    }
    for (const imposition& each : impositions) {
      const values told = received(each.source);
      commit(each.population, &told);
    }
    for (const perturbation& each : perturbations) {
      fields[each.field.population][each.field.field][each.at] = each.value + P(0);
      const bool of_step = net.populations[each.field.population].model->fields[each.field.field].by == writer::step;
      if (of_step) emit(each.field.population);
    }
    impositions.clear();
    perturbations.clear();
    late_arrived_ = true;
    const auto before = fields;
    // A chain of reactions is no longer than there are of them; a model has at most two here.
    std::vector<std::vector<values>> last;
    for (std::size_t round = 0; last != fields && round < 2 * fields.size(); ++round) {
      last = fields;
      for (std::size_t n = 0; n < fields.size(); ++n) react(n, before[n]);
    }
    for (std::size_t n = 0; n < ports.size(); ++n) {
      for (std::size_t q = 0; q < ports[n].size(); ++q) ports[n][q] = received({n, q});
    }
    seen_.clear();
    for (const locus::projection& p : net.projections) {
      sight& seen = seen_.emplace_back();
      for (const std::uint32_t delay : delays_of(p)) {
        if (!p.pre.empty()) seen.pre[delay] = arriving(p.pre[0], delay);
        if (p.gate) seen.gate[delay] = arriving(*p.gate, p.gate_at == gate_end::pre ? delay : 0);
      }
    }
    past_.push_back(fields);
    late_arrived_ = false;
    ++tick_;
  }

  /// Plasticity, with what the tick's exchange brought.
  void learn() {
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      if (net.projections[i].learns()) learn(i);
    }
  }

 private:
  [[nodiscard]] bool imposed(std::size_t n) const {
    for (const imposition& each : impositions) {
      if (each.population == n) return true;
    }
    return false;
  }

  [[nodiscard]] std::string_view model(std::size_t n) const { return net.populations[n].model->info.name; }

  values& field(std::size_t n, std::string_view name) {
    return fields[n][net.populations[n].model->find_field(name).value()];
  }
  [[nodiscard]] const values& port(std::size_t n, std::string_view name) const {
    return ports[n][net.populations[n].model->find_port(name).value()];
  }

  template <class V>
  static V parameter(const locus::model_declaration& of, const locus::parameter_block& params, std::string_view name) {
    for (const locus::parameter_info& each : of.parameters) {
      if (each.name == name) return std::get<V>(each.get(params.get()));
    }
    throw std::logic_error("no such parameter");
  }
  [[nodiscard]] P number(std::size_t n, std::string_view name) const {
    return static_cast<P>(parameter<double>(*net.populations[n].model, net.populations[n].params, name));
  }
  [[nodiscard]] activation f(std::size_t n) const {
    const auto name = parameter<std::string>(*net.populations[n].model, net.populations[n].params, "activation");
    return value_named<activation>(name).value();
  }

  // ---- neurons: steps, clamps, outputs ------------------------------------------------------------------------

  void commit(std::size_t n, const values* imposed) {
    const std::string_view kind = model(n);
    if (kind == "two-compartment-value") {
      if (tick_ > 0) step_two_compartments(n);
      if (imposed != nullptr) field(n, "b") = *imposed, field(n, "a").assign(imposed->size(), P(0));
    } else if (kind == "point-value") {
      if (tick_ > 0) step_point(n);
      if (imposed != nullptr) field(n, "x") = *imposed;
    } else if (kind == "controller") {
      if (tick_ > 0) field(n, "signal") = port(n, "trigger");
      if (imposed != nullptr) field(n, "signal") = *imposed;
    }
    emit(n);
  }

  void emit(std::size_t n) {
    const std::string_view kind = model(n);
    if (kind == "constant") field(n, "rate").assign(field(n, "rate").size(), number(n, "value"));
    if (kind != "two-compartment-value" && kind != "point-value") return;
    for (std::size_t k = 0; k < field(n, "x").size(); ++k) {
      if (kind == "two-compartment-value") field(n, "x")[k] = field(n, "b")[k] + field(n, "a")[k] + P(0);
      field(n, "rate")[k] = activate(f(n), field(n, "x")[k]) + P(0);
    }
  }

  void step_two_compartments(std::size_t n) {
    const P gamma = number(n, "gamma");
    const values x = field(n, "x"), rate = field(n, "rate");
    for (std::size_t k = 0; k < x.size(); ++k) {
      P &b = field(n, "b")[k], &a = field(n, "a")[k];
      const P mu = port(n, "prediction")[k], drive = slope(f(n), x[k], rate[k]) * port(n, "feedback")[k];
      b = gamma == 1 ? mu : std::fma(gamma, mu - b, b) + P(0);
      a = (gamma == 1 ? drive : std::fma(gamma, drive - a, a)) + P(0);
    }
  }

  void step_point(std::size_t n) {
    for (std::size_t k = 0; k < field(n, "x").size(); ++k) {
      P& x = field(n, "x")[k];
      const P f_prime = slope(f(n), x, field(n, "rate")[k]);
      x = std::fma(number(n, "gamma"), std::fma(f_prime, port(n, "feedback")[k], -port(n, "error")[k]), x) + P(0);
    }
  }

  // ---- neurons: reactions -------------------------------------------------------------------------------------

  /// From the state `before` any reaction of the tick.
  void react(std::size_t n, const std::vector<values>& before) {
    for (std::size_t q = 0; q < ports[n].size(); ++q) ports[n][q] = received({n, q});
    const auto state = [&](std::string_view name) -> const values& {
      return before[net.populations[n].model->find_field(name).value()];
    };
    for (std::size_t k = 0; model(n) == "error" && k < field(n, "mu").size(); ++k) {
      const P mu = port(n, "prediction")[k];
      field(n, "mu")[k] = mu;
      field(n, "eps")[k] = (port(n, "value")[k] - mu) + port(n, "apical")[k] + P(0);
      field(n, "burst")[k] = port(n, "gate")[k] * field(n, "eps")[k] + P(0);
    }
    if (model(n) != "phi") return;
    const P tolerance = number(n, "tolerance"), enough = number(n, "quiet_ticks");
    const bool gated = parameter<bool>(*net.populations[n].model, net.populations[n].params, "cause_gate");
    for (std::size_t k = 0; k < field(n, "spike").size(); ++k) {
      const P mu = port(n, "prediction")[k];
      const bool on = std::fabs(port(n, "error")[k]) > tolerance;
      const bool steady = !gated || !(std::fabs(mu - state("mu_before")[k]) > tolerance);
      field(n, "spike")[k] = on && steady && state("quiet")[k] >= enough ? P(1) : P(0);
      field(n, "quiet")[k] = on ? P(0) : std::fmin(state("quiet")[k] + P(1), enough);
      field(n, "mu_before")[k] = mu;
    }
  }

  // ---- messages -----------------------------------------------------------------------------------------------

  /// What arrives of an output, [source][lane]. While stimuli are imposed, what is late has not moved on yet.
  [[nodiscard]] values arriving(locus::output_id output, std::size_t delay) const {
    const values& now = fields[output.population][output.field];
    if (delay == 0) return now;
    const std::size_t back = delay + (late_arrived_ ? 0 : 1);
    if (past_.size() < back) return values(now.size(), P(0));
    return past_[past_.size() - back][output.population][output.field];
  }

  [[nodiscard]] values received(const locus::port_id& to) const {
    const bool largest = net.populations[to.population].model->ports[to.port].from == port_source::largest;
    constexpr P none = -std::numeric_limits<P>::infinity();
    values sums(net.populations[to.population].size * net.lanes, largest ? none : P(0));
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      const locus::projection& p = net.projections[i];
      if (!(p.to == to)) continue;
      std::map<std::uint32_t, values> sent;
      for (const std::uint32_t delay : delays_of(p)) sent[delay] = arriving(p.from, delay);
      for (std::size_t post = 0; post < net.size_after(p); ++post) {
        each_source(net, p, post, [&](std::size_t pre, std::size_t k) {
          for (std::size_t lane = 0; lane < net.lanes; ++lane) {
            P& sum = sums[post * net.lanes + lane];
            const P message = sent[delay_of(p, k)][pre * net.lanes + lane];
            sum = largest ? std::max(sum, weights[i][k] * message) : std::fma(weights[i][k], message, sum);
          }
        });
      }
    }
    for (P& sum : sums) sum = sum == none ? P(0) : sum + P(0);
    return sums;
  }

  // ---- synapses -----------------------------------------------------------------------------------------------

  void learn(std::size_t i) {
    const locus::projection& p = net.projections[i];
    const bool decays = p.synapse->info.name == "decaying-hebbian";
    const P alpha = static_cast<P>(parameter<double>(*p.synapse, p.params, "alpha"));
    const values& post = fields[p.post[0].population][p.post[0].field];
    for (std::size_t target = 0; target < net.size_after(p); ++target) {
      each_source(net, p, target, [&](std::size_t source, std::size_t k) {
        P product = 0, gates = 0;
        for (std::size_t lane = 0; lane < net.lanes; ++lane) {
          P before = seen_[i].pre.at(delay_of(p, k))[source * net.lanes + lane],
            after = post[target * net.lanes + lane], gate = 1;
          if (p.gate) {
            const std::size_t which = p.gate_at == gate_end::pre ? source : p.gate_at == gate_end::post ? target : 0;
            gate = seen_[i].gate.at(delay_of(p, k))[which * net.lanes + lane];
            P& end = p.gate_at == gate_end::pre ? before : after;
            end = gate * end;
          }
          product = std::fma(after, before, product);
          gates += std::fabs(gate);
        }
        P& theta = weights[i][k];
        P kept = theta;
        if (decays && gates > 0) kept = static_cast<P>(parameter<double>(*p.synapse, p.params, "lambda")) * theta;
        theta = std::fma(alpha, product, kept) + P(0);
      });
    }
  }

  std::vector<std::vector<std::vector<values>>> past_;  ///< all fields of the ticks that are over
  bool late_arrived_ = false;                           ///< in this tick
  /// What the synapses of a projection see of their presynaptic neurons and of the modulators.
  struct sight {
    std::map<std::uint32_t, values> pre, gate;  ///< by delay
  };
  std::vector<sight> seen_;  ///< [projection]
  std::size_t tick_ = 0;
};

}  // namespace locus::dense
