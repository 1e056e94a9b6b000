#pragma once
/// What the interpreter holds: every field, port and weight as a number with the marks of its ancestry.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "sim/audit/ledger.hpp"
#include "sim/audit/rules.hpp"
#include "sim/audit/sites.hpp"
#include "sim/circuit/schedule.hpp"
#include "sim/core/noise.hpp"
#include "sim/rules/beginning.hpp"
#include "sim/rules/declaration.hpp"

namespace locus::detail {

/// A number with trails to the first non-local read and the first control in its ancestry (0: none).
template <class P>
struct cell {
  P value = 0;
  std::uint32_t nonlocal = 0;
  std::uint32_t control = 0;
  bool direct = false;  ///< a port: the non-local read is in one of its own messages
};
template <class P>
using cells = std::vector<cell<P>>;

/// After all ticks: what goes back to no message.
inline constexpr tick_t nothing_heard = std::numeric_limits<tick_t>::max();

/// What one output sent, some ticks late.
template <class P>
struct late_line {
  std::vector<cells<P>> ring;  ///< [tick modulo delay]
  cells<P> now;
};

/// The numbers of a circuit, and how messages get from fields to ports.
template <class P>
class message_state {
 protected:
  explicit message_state(const circuit& c) : net_(c) {
    for (const population& p : c.populations) {
      fields_.emplace_back(p.model->fields.size(), cells<P>(p.size));
      ports_.emplace_back(p.model->ports.size(), cells<P>(p.size));
      delivered_.emplace_back(p.model->ports.size(), tick_t{-1});
      incoming_.emplace_back(p.model->ports.size());
    }
    for (std::size_t i = 0; i < c.projections.size(); ++i) {
      const projection& p = c.projections[i];
      incoming_[p.to.population][p.to.port].push_back(i);
      weights_.emplace_back();
      for (const std::uint32_t delay : delays_of(p)) {
        if (delay == 0) continue;
        make_late(p.from, delay);
        if (!p.learns()) continue;
        for (const output_id& seen : p.pre) make_late(seen, delay);
        if (p.gate && p.gate_at == gate_end::pre) make_late(*p.gate, delay);
      }
      more_.emplace_back();
      heard_.emplace_back();
      if (p.synapse == nullptr) continue;
      for (const double w : initial_weights(c, i)) weights_[i].push_back({static_cast<P>(w) + P(0), 0, 0, false});
      for (std::size_t f = 1; p.learns() && f < p.synapse->state.size(); ++f) {
        more_[i].emplace_back(weights_[i].size());
        begin_field(i, f);
        heard_[i].emplace_back(weights_[i].size(), nothing_heard);
      }
    }
  }

  void begin_field(std::size_t index, std::size_t f) {
    const projection& p = net_.projections[index];
    const auto given = initial_field(net_, index, f);
    const rules::beginning<P> begins(*p.synapse->text, f, rules::values_of(p.params.get()));
    for (std::size_t k = 0; k < more_[index][f - 1].size(); ++k) {
      const auto before = [&](std::size_t g) {
        return g == 0 ? weights_[index][k].value : more_[index][g - 1][k].value;
      };
      more_[index][f - 1][k].value = given ? static_cast<P>((*given)[k]) + P(0) : begins(before);
    }
  }

  /// What a weight has learnt is a signal within the presentation in which it learnt it, and experience from then on.
  /// What neurons and delay lines keep stays what it is for as long as they keep it.
  void forget_what_weights_heard() {
    for (auto& fields : more_) {
      for (auto& field : fields) {
        for (cell<P>& each : field) each.nonlocal = each.control = 0;
      }
    }
    for (auto& projection : weights_) {
      for (auto& each : projection) each.nonlocal = 0;
    }
  }

  void make_late(output_id output, std::uint32_t delay) {
    const cells<P> nothing(net_.populations[output.population].size);
    late_.try_emplace({output.population, output.field, delay}, late_line<P>{std::vector(delay, nothing), nothing});
  }

  /// What arrives of an output after so many ticks.
  const cells<P>& arriving(output_id output, std::uint32_t delay) const {
    if (delay == 0) return fields_[output.population][output.field];
    return late_.at({output.population, output.field, delay}).now;
  }

  /// Late messages arrive; those of this tick set out.
  void shift() {
    for (auto& [key, line] : late_) line.now = line.ring[static_cast<std::size_t>(tick_) % line.ring.size()];
  }
  void push() {
    for (auto& [key, line] : late_) {
      const auto& [population, field, delay] = key;
      line.ring[static_cast<std::size_t>(tick_) % line.ring.size()] = fields_[population][field];
    }
  }

  void deliver(std::size_t population, std::size_t port) {
    if (delivered_[population][port] == tick_) return;
    delivered_[population][port] = tick_;
    if (is_noise(net_.populations[population].model->ports[port].from)) return draw(population, port);
    if (incoming_[population][port].empty()) return;
    for (std::size_t i = 0; i < net_.populations[population].size; ++i) {
      ports_[population][port][i] = received(population, port, i);
    }
  }

  /// A neuron's own noise is no message: it carries no marks.
  void draw(std::size_t population, std::size_t port) {
    const circuit& c = net_;
    const noise_stream noise(c.noise_seed, c.name_of(port_id{population, port}),
                             c.populations[population].model->ports[port].from);
    cells<P>& drawn = ports_[population][port];
    for (std::uint32_t i = 0; i < drawn.size(); ++i) {
      drawn[i].value = static_cast<P>(noise.draw(i, 0, static_cast<std::uint64_t>(tick_))) + P(0);
    }
  }

  /// What messages over a projection are multiplied with.
  [[nodiscard]] const cells<P>& delivered_weights(std::size_t index) const {
    const projection& p = net_.projections[index];
    return p.learns() && p.synapse->weight != 0 ? more_[index][p.synapse->weight - 1] : weights_[index];
  }

  /// The canonical sum over a port, and the marks of its message list.
  cell<P> received(std::size_t population, std::size_t port, std::size_t target) {
    cell<P> sum;
    const bool largest = net_.populations[population].model->ports[port].from == port_source::largest;
    bool any = false;
    for (const std::size_t index : incoming_[population][port]) {
      const projection& p = net_.projections[index];
      const cells<P>* owned = &delivered_weights(p.shared_with ? *p.shared_with : index);
      each_source(net_, p, target, [&](std::size_t j, std::size_t k) {
        const cell<P>& message = arriving(p.from, delay_of(p, k))[j];
        cell<P> weight{P(1), 0, 0, false};
        if (p.synapse != nullptr) weight = (*owned)[p.shared_with ? owner_connection(net_, p, k) : k];
        const P product = weight.value * message.value;
        if (!largest) sum.value = std::fma(weight.value, message.value, sum.value);
        else if (!any || sum.value < product) sum.value = product;
        any = true;
        // A weight of a shared window is one entity, whose name is that of the first place at which it serves.
        const bool elsewhere =
            p.shared_with || (p.window && p.window->first_use(k) != std::pair(static_cast<std::uint32_t>(j),
                                                                              static_cast<std::uint32_t>(target)));
        if (elsewhere && !sum.direct) {
          const entity_ref owner{true, p.shared_with.value_or(index), p.shared_with ? owner_connection(net_, p, k) : k};
          sum.nonlocal =
              books_.begin(step_kind::shared_weight, {false, population, target}, owner, weight_field, weight.value);
          sum.direct = true;
        }
        if (!sum.direct)
          sum.nonlocal = out_.paths.shorter(sum.nonlocal, out_.paths.shorter(message.nonlocal, weight.nonlocal));
        sum.control = out_.paths.shorter(sum.control, message.control);
      });
    }
    sum.value = sum.value + P(0);
    return sum;
  }

  void deliver_rest() {
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      for (std::size_t q = 0; q < ports_[n].size(); ++q) deliver(n, q);
    }
  }

  const circuit& net_;
  std::vector<std::vector<cells<P>>> fields_;  ///< [population][field][neuron]
  std::vector<std::vector<cells<P>>> ports_;   ///< [population][port][neuron]
  std::vector<std::vector<tick_t>> delivered_;
  std::vector<std::vector<std::vector<std::size_t>>> incoming_;  ///< [population][port]: projections
  std::vector<cells<P>> weights_;                                ///< [projection]: theta
  std::vector<std::vector<cells<P>>> more_;                      ///< [projection][field but theta], if it learns
  /// [projection][field but theta][synapse]: when the oldest message was sent that its value goes back to.
  std::vector<std::vector<std::vector<tick_t>>> heard_;
  std::map<std::tuple<std::size_t, std::size_t, std::uint32_t>, late_line<P>> late_;  ///< (population, field, delay)
  tick_t tick_ = 0;
  interpretation out_;
  ledger books_{net_, out_};
};

}  // namespace locus::detail
