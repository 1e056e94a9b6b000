#pragma once
/// Everything that a running circuit consists of, wired up once and then advanced by the simulator.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/circuit/initial_weights.hpp"
#include "sim/core/in_parallel.hpp"
#include "sim/core/noise.hpp"
#include "sim/engine/delay_fan.hpp"
#include "sim/engine/delay_line.hpp"
#include "sim/engine/models.hpp"
#include "sim/engine/population_state.hpp"
#include "sim/engine/projection_state.hpp"
#include "sim/rules/algebra.hpp"

namespace locus {

/// A port in the course of a run.
template <class P>
struct port_state {
  std::vector<std::size_t> incoming;  ///< projections, in netlist order
  const P* values = nullptr;
  aligned_vector<P> own;                     ///< empty for an alias
  aligned_vector<P> partial;                 ///< sum of all projections but the last
  aligned_vector<P> scratch;                 ///< for sweeps source by source; empty until needed
  std::optional<noise_stream> noise;         ///< what it holds is drawn
  bool largest = false;                      ///< it holds the largest of its messages, not their sum
  const outlet<P>* alias = nullptr;          ///< the source's field is the port
  tick_t delivered_at = never;               ///< last tick in which its messages were counted
  tick_t computed_at = never;                ///< last tick in which it was computed
  std::uint64_t computed_from = 0;           ///< sum of the versions of what it was computed from
  tick_t changed_at = never;                 ///< last tick in which a bit of it changed
  std::vector<std::uint8_t> changed_panels;  ///< where, in that tick; empty for an alias
  bool immediate = false;                    ///< some reaction reads it
  bool registered = false;                   ///< the step reads it

  [[nodiscard]] bool changed(tick_t t) const { return alias != nullptr ? alias->changed(t) : changed_at == t; }

  /// [panel]: 0 where nothing changed in the last tick with a change; null: anything may have.
  [[nodiscard]] const std::uint8_t* moved_panels() const {
    return alias != nullptr ? alias->moved_panels() : changed_panels.data();
  }
};

/// A copy of a field in the layout of a shared window, and of what it is one.
template <class P>
struct window_copy {
  aligned_vector<P> values;
  const outlet<P>* of = nullptr;  ///< null: of what changes without telling
  std::uint64_t version = 0;

  /// Whether it has to be made anew to be a copy of that; notes that it is.
  bool begin(const outlet<P>* source) {
    if (source != nullptr && of == source && version == source->version()) return false;
    of = source;
    version = source != nullptr ? source->version() : 0;
    return true;
  }
};

/// What the kernels work on in the place of fields, for a shared window.
template <class P>
struct window_copies {
  window_copy<P> messages;  ///< of the sources
  // While it learns:
  std::vector<window_copy<P>> before;    ///< [part] of the sources, and their modulator
  std::vector<aligned_vector<P>> after;  ///< [part] of some places of the targets, and their modulator
  aligned_vector<P> sums;                ///< [sum] of each synapse
  std::vector<std::uint16_t> gate_present;

  [[nodiscard]] std::size_t numbers() const noexcept {
    std::size_t n = messages.values.size() + sums.size();
    for (const window_copy<P>& part : before) n += part.values.size();
    for (const aligned_vector<P>& part : after) n += part.size();
    return n;
  }

  /// What was copied is a copy no more.
  void forget() {
    messages.of = nullptr;
    for (window_copy<P>& part : before) part.of = nullptr;
  }
};

/// What a rule takes from one end of its synapses.
template <class P>
struct end_state {
  std::vector<outlet<P>*> seen;   ///< [seen output]
  std::vector<const P*> outputs;  ///< what they hold
  std::vector<const P*> parts;    ///< [part]: an output as it is, or what a kernel makes of them
  std::vector<P*> made;           ///< [part]: where it makes it; null: an output as it is. Empty: all are
  std::size_t panels = 0;

  /// The output that a part is as it is; null: it is made.
  [[nodiscard]] const outlet<P>* alias_of(std::size_t part) const {
    const auto found = std::find(outputs.begin(), outputs.end(), parts[part]);
    return found == outputs.end() ? nullptr : seen[static_cast<std::size_t>(found - outputs.begin())];
  }
};

/// What a projection learns from.
template <class P>
struct learning_state {
  std::size_t projection = 0;
  void (*kernel)(learn_call<P>&) = nullptr;
  const synapse_kernels<P>* kernels = nullptr;  ///< all of its model
  end_state<P> pre, post;
  std::size_t sums = 1;  ///< that the rule adds up for each synapse
  outlet<P>* gate = nullptr;
  std::vector<const outlet<P>*> inputs;  ///< all that its rule sees
  gate_position gate_at = gate_position::none;
  idle_rule idle;
  std::vector<std::size_t> readers;    ///< projections that share the weights
  bool settled = false;                ///< the last rule with these inputs changed no bit
  std::optional<std::size_t> mirrors;  ///< index in `learning` of one whose weights, turned round, stay equal to these
                                       ///< if they ever are: same rule, same messages, ends exchanged
  std::optional<bool> mirror_holds;    ///< whether they are; nothing: to be looked at
};

/// Where a projection has its modulator.
[[nodiscard]] inline gate_position position_of(const projection& p) {
  if (!p.gate) return gate_position::none;
  switch (p.gate_at) {
    case gate_end::pre: return gate_position::pre;
    case gate_end::post: return gate_position::post;
    case gate_end::everywhere: break;
  }
  return gate_position::everywhere;
}

/// Pointers between the parts stay valid for its lifetime; it can be neither copied nor moved.
template <class P>
class network_state {
 public:
  network_state(const circuit& c, simd_target target, tick_t first, std::size_t threads, const partition& owners = {})
      : net(c), ranks(owners), transfer(transfer_for<P>(target)), lanes(c.lanes), first_tick(first), parts(threads) {
    for (const population& p : c.populations) {
      populations.emplace_back(p, lanes, kernels_of(*p.model, target).template neuron<P>(), ranks);
    }
    build_ports();
    build_projections();
    build_learning(target);
    wire();
  }
  network_state(const network_state&) = delete;
  network_state& operator=(const network_state&) = delete;

  /// Index of a port in `ports`.
  [[nodiscard]] std::size_t port_index(port_id id) const { return first_port[id.population] + id.port; }

  /// Whether a projection has weights of its own to store (a plain one-to-one link needs none).
  [[nodiscard]] bool has_weights(std::size_t projection) const {
    const transport kind = projections[projection].kind();
    return kind != transport::alias && kind != transport::copy;
  }

  /// Replaces a projection's weights, and those of the projections that share them. Requires: has_weights.
  void put_weights(std::size_t projection, std::span<const double> values) {
    projection_state<P>& state = projections[projection];
    std::size_t next = state.first_weight(state.known());
    const auto value = [&](std::size_t, std::size_t) { return values[next++]; };
    state.put_thetas(state.known(), value);
    note_new_values(projection);
  }

  /// Replaces a field but theta. `values`: each with all lanes one after the other if it is kept for each lane.
  void put_field(std::size_t projection, std::size_t field, std::span<const double> values) {
    projections[projection].put_field(field, values);
    note_new_values(projection);
  }

  /// Takes over all that the synapses of another state of the same circuit have.
  void take_synapses(const network_state& other) {
    for (std::size_t i = 0; i < projections.size(); ++i) {
      if (net.projections[i].synapse == nullptr) continue;
      projections[i].take_state(other.projections[i]);
      note_new_values(i);
    }
  }

  /// After weights were given other numbers than learning gives them.
  void look_at_mirrors_anew() {
    for (learning_state<P>& l : learning) l.mirror_holds.reset();
  }

  /// A shared window's copy of a field of its sources, made anew unless nothing has changed since. `of`: the output
  /// that the field is, if it is one.
  const P* copy_of_sources(const window_layout<P>& layout, const P* field, const outlet<P>* of, window_copy<P>& to) {
    if (to.begin(of)) {
      to.values.resize(layout.room());
      transfer.spread(layout.view(), lanes, field, to.values.data());
    }
    return to.values.data();
  }

  /// Bytes of state, ports, weights, indices and delay lines.
  [[nodiscard]] std::uint64_t memory() const noexcept {
    std::uint64_t bytes = zeros.size() * sizeof(P);
    for (const auto& p : populations) bytes += p.bytes();
    for (const auto& q : ports) {
      bytes += (q.own.size() + q.partial.size() + q.scratch.size()) * sizeof(P) + q.changed_panels.size();
    }
    for (const auto& p : projections) bytes += p.memory();
    for (const auto& line : delays) bytes += line->memory();
    for (const auto& fan : fans) bytes += fan->memory();
    for (const auto& [projection, copies] : windows) bytes += copies.numbers() * sizeof(P);
    return bytes;
  }

  const circuit& net;
  partition ranks;
  const transfer_kernels<P>& transfer;
  std::size_t lanes;
  tick_t first_tick;  ///< the tick in which every entity sends
  std::size_t parts;  ///< how many threads may learn at a time
  std::vector<population_state<P>> populations;
  std::vector<std::size_t> first_port;  ///< [population]: index of its port 0 in ports
  std::vector<port_state<P>> ports;
  std::vector<projection_state<P>> projections;
  std::vector<outlet<P>*> senders;  ///< [projection]: whose messages arrive over it
  std::vector<std::unique_ptr<delay_line<P>>> delays;
  std::vector<std::unique_ptr<delay_fan<P>>> fans;
  std::vector<learning_state<P>> learning;
  aligned_vector<P> zeros;                          ///< what an unconnected port holds
  std::map<std::size_t, window_copies<P>> windows;  ///< [projection], those with shared windows
  aligned_vector<P> parts_of_ends;                  ///< what is made of one projection's ends while it learns

 private:
  /// After a projection's synapses were given other numbers.
  void note_new_values(std::size_t projection) {
    projection_state<P>& state = projections[projection];
    state.mark_dirty();
    for (std::size_t k = 0; k < projections.size(); ++k) {
      if (net.projections[k].shared_with != projection) continue;
      projections[k].refresh_from(state, net.projections[k].transposed, transfer);
    }
    for (learning_state<P>& l : learning) l.settled = l.settled && l.projection != projection;
    look_at_mirrors_anew();
  }

  void build_ports() {
    for (const population& p : net.populations) {
      first_port.push_back(ports.size());
      ports.resize(ports.size() + p.model->ports.size());
      for (std::size_t q = 0; q < p.model->ports.size(); ++q) {
        const port& declared = p.model->ports[q];
        ports[first_port.back() + q].largest = declared.from == port_source::largest;
        if (!is_noise(declared.from)) continue;
        ports[first_port.back() + q].noise.emplace(net.noise_seed, p.name + "." + std::string(declared.name),
                                                   declared.from);
      }
      if (p.model->step) {
        for (const std::size_t q : p.model->step->ports) ports[first_port.back() + q].registered = true;
      }
      for (const phase_info& reaction : p.model->reactions) {
        for (const std::size_t q : reaction.ports) ports[first_port.back() + q].immediate = true;
      }
    }
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      ports[port_index(net.projections[i].to)].incoming.push_back(i);
    }
  }

  transport transport_of(const projection& p) const {
    const port_state<P>& port = ports[port_index(p.to)];
    if (p.shape == projection_shape::dense) return transport::dense;
    if (p.shape == projection_shape::shared_window) return transport::window;
    if (p.shape == projection_shape::sparse || port.incoming.size() > 1) return transport::sliced;
    // All registered populations step in place: what one of them reads of another must be kept apart.
    const field& source = net.populations[p.from.population].model->fields[p.from.field];
    return port.registered && source.by == writer::step && p.delay == 0 ? transport::copy : transport::alias;
  }

  outlet<P>& listen(output_id output) { return populations[output.population].listen(output.field); }

  /// What arrives of an output after so many ticks: the output's own outlet, or a delay line behind it.
  outlet<P>* arriving(output_id output, std::uint32_t delay) {
    outlet<P>* source = &listen(output);
    if (delay == 0) return source;
    for (auto& line : delays) {
      if (&line->source() == source && line->delay() == delay) return &line->late();
    }
    delays.push_back(std::make_unique<delay_line<P>>(*source, lanes, delay, first_tick));
    return &delays.back()->late();
  }

  /// What arrives of an output at the connections of a projection.
  outlet<P>* arriving(output_id output, const projection& p) {
    if (p.delays.empty()) return arriving(output, p.delay);
    std::vector<outlet<P>*> lines;
    for (const std::uint32_t delay : delays_of(p)) lines.push_back(arriving(output, delay));
    for (auto& fan : fans) {
      if (fan->lines() == lines) return &fan->together();
    }
    fans.push_back(std::make_unique<delay_fan<P>>(std::move(lines), lanes));
    return &fans.back()->together();
  }

  /// Whether another projection uses the weights of this one the other way round.
  [[nodiscard]] bool turned_round(std::size_t projection) const {
    return std::ranges::any_of(net.projections,
                               [&](const locus::projection& p) { return p.shared_with == projection && p.transposed; });
  }

  /// Gives a projection the weights that it begins with, several panels of targets at a time.
  void begin_weights(std::size_t i) {
    constexpr double nanoseconds = 5;  // a weight
    const initial_numbers numbers = initial_weight_numbers(net, i);
    projection_state<P>& state = projections[i];
    const panel_range known = state.known();
    const double all = static_cast<double>(state.first_weight({known.last, known.last}) - state.first_weight(known));
    const std::size_t shares = worthwhile_parts(nanoseconds * all, parts, known.size());
    in_parallel(shares, [&](std::size_t share) {
      const panel_range onto = known.share(share, shares);
      numbers.visit(state.first_weight(onto), [&](auto next) { state.put_thetas(onto, next); });
    });
    note_new_values(i);
  }

  void build_projections() {
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      const projection& p = net.projections[i];
      projections.emplace_back(net, p, transport_of(p), lanes, parts, ranks, ranks.alone() || turned_round(i));
      senders.push_back(arriving(p.from, p));
      if (!has_weights(i)) continue;
      if (const auto* layout = projections[i].window()) windows[i].messages.values.resize(layout->room());
      begin_weights(i);
      projections[i].begin_fields(net, i);
    }
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      if (const auto owner = net.projections[i].shared_with)  // what the owner's messages are multiplied with
        projections[i].refresh_from(projections[*owner], net.projections[i].transposed, transfer);
    }
    for (auto& state : projections) state.delivered();
  }

  void build_learning(simd_target target) {
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      const projection& p = net.projections[i];
      if (!p.learns()) continue;
      learning_state<P> l;
      l.projection = i;
      l.kernels = &kernels_of(*p.synapse, target).template synapse<P>();
      l.kernel = projections[i].matrix() ? l.kernels->learn_dense : l.kernels->learn_sliced;
      // The synapse sits at the postsynaptic end: what comes from the presynaptic end is seen when messages arrive.
      for (const output_id& seen : p.pre) l.pre.seen.push_back(arriving(seen, p));
      for (const output_id& seen : p.post) l.post.seen.push_back(&listen(seen));
      if (p.gate) l.gate = p.gate_at == gate_end::pre ? arriving(*p.gate, p) : &listen(*p.gate);
      l.gate_at = position_of(p);
      for (const end_state<P>* end : {&l.pre, &l.post})
        l.inputs.insert(l.inputs.end(), end->seen.begin(), end->seen.end());
      if (l.gate != nullptr) l.inputs.push_back(l.gate);
      l.pre.panels = senders[i]->panels();
      l.post.panels = panels_for(net.size_after(p));
      l.idle = p.synapse->idle;
      for (std::size_t k = 0; k < net.projections.size(); ++k) {
        if (net.projections[k].shared_with == i) l.readers.push_back(k);
      }
      learning.push_back(std::move(l));
    }
    find_mirrors();
    std::size_t most = 0;
    for (learning_state<P>& l : learning) most = std::max(most, place_parts(l));
    parts_of_ends.resize(most);
    for (learning_state<P>& l : learning) place_parts(l);
  }

  /// Which projections learn what one before them has learnt, the other way round: as the feedback copy does of a
  /// circuit whose forward and feedback synapses see the same two neurons and the same modulator.
  void find_mirrors() {
    if (!ranks.alone()) return;  // the other one's weights are elsewhere
    for (std::size_t k = 1; k < learning.size(); ++k) {
      for (std::size_t before = 0; before < k && !learning[k].mirrors; ++before) {
        if (mirrors(learning[k], learning[before])) learning[k].mirrors = before;
      }
    }
  }

  [[nodiscard]] bool mirrors(const learning_state<P>& a, const learning_state<P>& b) const {
    const projection &of_a = net.projections[a.projection], &of_b = net.projections[b.projection];
    const model_declaration& model = *of_a.synapse;
    const auto at_an_end = [](const learning_state<P>& l) {
      return l.gate_at == gate_position::pre || l.gate_at == gate_position::post;
    };
    const bool same_gate =
        model.gated ? a.gate == b.gate && at_an_end(a) && at_an_end(b) && a.gate_at != b.gate_at : true;
    const auto same_parameter = [&](const parameter_info& each) {
      return each.get(of_a.params.get()) == each.get(of_b.params.get());
    };
    return same_gate && of_b.synapse == &model && model.text != nullptr &&
           projections[a.projection].kind() == transport::dense &&
           projections[b.projection].kind() == transport::dense && a.pre.seen == b.post.seen &&
           a.post.seen == b.pre.seen && std::ranges::all_of(model.parameters, same_parameter) &&
           rules::same_with_ends_exchanged(*model.text);
  }

  /// Says where the parts of a rule's ends are: those that are made, in parts_of_ends, one after the other. Returns how
  /// many numbers these are; while there is no room for them, that alone.
  std::size_t place_parts(learning_state<P>& l) {
    const projection& p = net.projections[l.projection];
    const end_parts made_of = parts_of<P>(*p.synapse, *l.kernels, p.params.get(), l.gate_at);
    l.sums = made_of.sums;
    std::size_t used = 0;
    const auto place = [&](end_state<P>& end, const std::vector<std::optional<std::size_t>>& aliases) {
      end.outputs.clear();
      for (const outlet<P>* each : end.seen) end.outputs.push_back(each->values());
      end.parts.assign(aliases.size(), nullptr);
      end.made.assign(std::count(aliases.begin(), aliases.end(), std::nullopt) == 0 ? 0 : aliases.size(), nullptr);
      for (std::size_t k = 0; k < aliases.size(); ++k) {
        if (aliases[k]) {
          end.parts[k] = end.outputs[*aliases[k]];
          continue;
        }
        if (!parts_of_ends.empty()) end.parts[k] = end.made[k] = parts_of_ends.data() + used;
        used += end.panels * lanes * panel_width;
      }
    };
    place(l.pre, made_of.pre);
    place(l.post, made_of.post);
    return used;
  }

  void wire() {
    std::size_t longest = 0;
    for (const auto& p : populations) longest = std::max(longest, p.length());
    zeros.resize(longest);
    for (std::size_t n = 0; n < populations.size(); ++n) {
      population_state<P>& p = populations[n];
      const model_declaration& model = *net.populations[n].model;
      for (std::size_t q = 0; q < model.ports.size(); ++q) wire_port(ports[first_port[n] + q], p.length(), p.panels);
      if (model.step) wire_phase(p.phases[0], *model.step, n);
      for (std::size_t k = 0; k < model.reactions.size(); ++k) wire_phase(p.phases[k + 1], model.reactions[k], n);
    }
  }

  void wire_phase(phase_state<P>& phase, const phase_info& info, std::size_t population) {
    for (const std::size_t q : info.ports) {
      phase.port_indices.push_back(first_port[population] + q);
      phase.ports.push_back(ports[phase.port_indices.back()].values);
    }
  }

  void wire_port(port_state<P>& port, std::size_t length, std::size_t panels) {
    if (port.noise) {
      port.own.resize(length);
      port.changed_panels.resize(panels, 1);
      port.values = port.own.data();
    } else if (port.incoming.empty()) {
      port.values = zeros.data();
    } else if (projections[port.incoming.front()].kind() == transport::alias) {
      port.alias = senders[port.incoming.front()];
      port.values = port.alias->values();
    } else {
      port.own.resize(length);
      port.changed_panels.resize(panels);
      port.values = port.own.data();
      if (port.incoming.size() > 1) port.partial.resize(length);
    }
  }
};

}  // namespace locus
