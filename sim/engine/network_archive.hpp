#pragma once
/// All state of a running circuit in an archive. What a network_state gains has to be named here, or has to follow from
/// what is. Not stored: what is derived (which neurons are silent, counts of ones), what describes a tick that is over
/// (how many neurons changed), and what is recomputed before it is read (partial sums).

#include <fmt/format.h>

#include "sim/engine/field_archive.hpp"
#include "sim/engine/network_state.hpp"

namespace locus {

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

template <class P>
void serialize_projections(archive& a, network_state<P>& network) {
  for (std::size_t i = 0; i < network.projections.size(); ++i) {
    if (!network.has_weights(i)) continue;
    const auto part = a.enter(network.net.projections[i].name);
    network.projections[i].serialize(a);
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

template <class P>
void serialize(archive& a, network_state<P>& network) {
  const auto each = [&](const char* name, auto&& serialize_all) {
    const auto part = a.enter(name);
    serialize_all(a, network);
  };
  each("populations", serialize_populations<P>);
  each("ports", serialize_ports<P>);
  each("projections", serialize_projections<P>);
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
