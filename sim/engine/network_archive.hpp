#pragma once
/// All state of a running circuit in an archive. What a network_state gains has to be named here, or has to follow from
/// what is. Not stored: what is derived (which neurons are silent, counts of ones), what describes a tick that is over
/// (how many neurons changed), and what is recomputed before it is read (partial sums).

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "sim/core/rank_group.hpp"
#include "sim/engine/field_archive.hpp"
#include "sim/engine/network_state.hpp"

namespace locus {

/// Brings to rank 0 what each rank knows of its own panels alone, so that rank 0 can save it.
template <class P>
class panel_collection {
 public:
  panel_collection(network_state<P>& network, rank_group& group) : network_(network), group_(group) {}

  void collect() {
    for (std::size_t n = 0; n < network_.populations.size(); ++n) {
      population_state<P>& p = network_.populations[n];
      for (phase_state<P>& phase : p.phases) {
        collect(phase.moved.data(), 1, p.panels);
        std::vector<std::uint8_t> unseen(p.panels);
        phase.seen.mark_unseen(p.versions, unseen);
        const bool waits = largest(std::uint8_t{p.unseen(phase)}) != 0;
        collect(unseen.data(), 1, p.panels);
        if (network_.ranks.counts()) phase.seen.see_but(p.versions, waits, unseen);
      }
      for (std::size_t q = 0; q < network_.net.populations[n].model->ports.size(); ++q) {
        port_state<P>& port = network_.ports[network_.first_port[n] + q];
        if (port.own.empty()) continue;
        collect(port.own.data(), p.lanes * panel_width, p.panels);
        collect(port.changed_panels.data(), 1, p.panels);
        const tick_t changed_at = largest(port.changed_at);
        if (network_.ranks.counts()) port.changed_at = changed_at;
      }
    }
    for (learning_state<P>& l : network_.learning) {
      const bool moves = largest(std::uint8_t{!l.settled}) != 0;
      if (network_.ranks.counts()) l.settled = !moves;
    }
  }

 private:
  /// `step` numbers a panel.
  template <class T>
  void collect(T* values, std::size_t step, std::size_t panels) {
    const panel_range mine = network_.ranks.mine(panels);
    std::ranges::copy(numbers_of_all(std::span<const T>(values + mine.first * step, mine.size() * step), group_),
                      values);
  }

  template <class T>
  T largest(T mine) {
    for (const T each : numbers_of_all(std::span<const T>(&mine, 1), group_)) mine = std::max(mine, each);
    return mine;
  }

  network_state<P>& network_;
  rank_group& group_;
};

template <class P>
void serialize(archive& a, const population& named, population_state<P>& p) {
  const auto part = a.enter(named.name);
  for (std::size_t f = 0; f < p.fields.size(); ++f) {
    const std::string name(named.model->fields[f].name);
    serialize_fields(a, name, p.fields[f], {p.size, p.lanes});
    if (p.outlets[f]) p.outlets[f]->serialize(a, name);
  }
  if (a.loading()) p.count_events();
  p.serialize_phases(a);
  if (!named.model->has_clamp) return;
  serialize_fields(a, "clamped", p.clamped.data(), {p.size, p.lanes});
  a.value("clamp_on", p.clamp_on);
  a.value("clamp_changed", p.clamp_changed);
  a.value("clamp_since", p.clamp_since);
}

template <class P>
void serialize(archive& a, const std::string& name, port_state<P>& port, const population_state<P>& of) {
  if (port.own.empty()) return;
  serialize_fields(a, name, port.own.data(), {of.size, of.lanes});
  a.value(name + "_changed_at", port.changed_at);
  a.values(name + "_changed_panels", std::span(port.changed_panels));
}

template <class P>
void serialize_ports(archive& a, network_state<P>& network) {
  for (std::size_t n = 0; n < network.populations.size(); ++n) {
    const population& named = network.net.populations[n];
    const auto part = a.enter(named.name);
    for (std::size_t q = 0; q < named.model->ports.size(); ++q) {
      serialize(a, std::string(named.model->ports[q].name), network.ports[network.first_port[n] + q],
                network.populations[n]);
    }
  }
}

/// `group`: null: one rank.
template <class P>
void serialize_projections(archive& a, network_state<P>& network, rank_group* group) {
  for (std::size_t i = 0; i < network.projections.size(); ++i) {
    if (!network.has_weights(i)) continue;
    const auto part = a.enter(network.net.projections[i].name);
    network.projections[i].serialize(a, group);
  }
}

template <class P>
void serialize_learning(archive& a, network_state<P>& network) {
  for (learning_state<P>& l : network.learning) {
    const auto part = a.enter(network.net.projections[l.projection].name);
    a.value("settled", l.settled);
  }
}

template <class P>
void serialize_delays(archive& a, network_state<P>& network) {
  for (std::size_t k = 0; k < network.delays.size(); ++k) {
    const auto part = a.enter(fmt::format("{}", k));
    network.delays[k]->serialize(a);
  }
  for (std::size_t k = 0; k < network.fans.size(); ++k) {
    const auto part = a.enter(fmt::format("together{}", k));
    network.fans[k]->serialize(a);
  }
}

template <class P>
void serialize_populations(archive& a, network_state<P>& network) {
  for (std::size_t n = 0; n < network.populations.size(); ++n) {
    serialize(a, network.net.populations[n], network.populations[n]);
  }
}

/// `group`: null: one rank.
template <class P>
void serialize(archive& a, network_state<P>& network, rank_group* group) {
  if (network.ranks.alone()) group = nullptr;
  if (group != nullptr && !a.loading()) panel_collection<P>(network, *group).collect();
  const auto each = [&](const char* name, auto&& serialize_all) {
    const auto part = a.enter(name);
    serialize_all(a, network);
  };
  each("populations", serialize_populations<P>);
  each("ports", serialize_ports<P>);
  each("projections", [&](archive& to, network_state<P>& of) { serialize_projections(to, of, group); });
  each("learning", serialize_learning<P>);
  each("delays", serialize_delays<P>);
  for (auto& [projection, copies] : network.windows) copies.forget();
}

inline void serialize(archive& a, activity& counters) {
  a.value("ticks", counters.ticks);
  a.value("messages", counters.messages);
  a.value("links", counters.links);
  a.value("spikes", counters.spikes);
  a.value("weight_changes", counters.weight_changes);
}

}  // namespace locus
