#pragma once
/// The exchange of messages: from the senders' fields to the sums on the ports.

#include <algorithm>

#include "sim/engine/network_state.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/engine/worker_team.hpp"

namespace locus {

template <class P>
class exchange {
 public:
  /// `noisy`: neurons draw numbers.
  exchange(network_state<P>& network, worker_team& team, bool noisy) : network_(network), team_(team), noisy_(noisy) {}

  /// Computes a port in full if one of its sources or weights changed in this tick; counts the messages. `always`:
  /// whether or not anything changed; `track`: leave out silent sources.
  void deliver(port_state<P>& port, tick_t now, bool always, bool track, activity& counters) {
    if (port.noise) return draw(port, now);
    if (port.alias != nullptr || port.incoming.empty() || port.delivered_at == now) return;
    bool needed = always;
    for (const std::size_t i : port.incoming) {
      needed = needed || network_.senders[i]->changed(now) || network_.projections[i].dirty();
    }
    if (!needed) return;
    if (port.computed_at != now || port.computed_from != version(port)) compute(port, now, track);
    for (const std::size_t i : port.incoming) {
      const std::uint64_t n = network_.projections[i].messages(*network_.senders[i], now);
      (network_.net.projections[i].synapse != nullptr ? counters.messages : counters.links) += n;
      network_.projections[i].delivered();
    }
    port.delivered_at = now;
  }

  /// The canonical sum: projections in netlist order, sources ascending.
  void compute(port_state<P>& port, tick_t now, bool track) {
    if (port.alias != nullptr) return;
    port.computed_at = now;
    port.computed_from = version(port);
    if (port.changed_at != now) std::fill(port.changed_panels.begin(), port.changed_panels.end(), std::uint8_t{0});
    const P* before = nullptr;
    for (const std::size_t i : port.incoming) {
      const projection_state<P>& state = network_.projections[i];
      if (state.kind() == transport::copy) {
        copy(port, *network_.senders[i]);
        break;
      }
      const bool last = i == port.incoming.back();
      transfer_call<P> call;
      call.before = before;
      call.sum = last ? port.own.data() : port.partial.data();
      call.last = last;
      call.changed_panels = port.changed_panels.data();
      transfer(port, i, call, track);
      before = call.sum;
    }
    if (now == network_.first_tick) std::fill(port.changed_panels.begin(), port.changed_panels.end(), std::uint8_t{1});
    if (std::find(port.changed_panels.begin(), port.changed_panels.end(), 1) != port.changed_panels.end()) {
      port.changed_at = now;
    }
  }

  /// From tick `now` on, no numbers are drawn: noise is 0.
  void silence(tick_t now) {
    noisy_ = false;
    for (port_state<P>& port : network_.ports) {
      if (!port.noise) continue;
      std::fill(port.own.begin(), port.own.end(), P(0));
      port.changed_at = now;
    }
  }

 private:
  std::uint64_t version(const port_state<P>& port) const {
    std::uint64_t sum = 0;
    for (const std::size_t i : port.incoming) sum += network_.senders[i]->version();
    return sum;
  }

  /// Fills a port with this tick's noise, counted from the first tick.
  void draw(port_state<P>& port, tick_t now) {
    if (!noisy_ || port.delivered_at == now) return;
    const auto which = static_cast<std::uint64_t>(now - network_.first_tick);
    for (std::size_t i = 0; i < port.own.size() / network_.lanes; ++i) {
      for (std::size_t lane = 0; lane < network_.lanes; ++lane) {
        const double drawn = port.noise->draw(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(lane), which);
        port.own[field_offset(i, lane, network_.lanes)] = static_cast<P>(drawn) + P(0);
      }
    }
    port.delivered_at = port.changed_at = now;
  }

  /// The port of a plain link, kept apart from the source's field.
  void copy(port_state<P>& port, const outlet<P>& source) {
    std::copy_n(source.values(), port.own.size(), port.own.data());
    const std::uint8_t* moved = source.moved_panels();
    if (moved != nullptr) std::copy_n(moved, port.changed_panels.size(), port.changed_panels.begin());
    else std::fill(port.changed_panels.begin(), port.changed_panels.end(), std::uint8_t{1});
  }

  void transfer(port_state<P>& port, std::size_t projection, transfer_call<P>& call, bool track) {
    projection_state<P>& state = network_.projections[projection];
    outlet<P>& source = *network_.senders[projection];
    call.messages = source.values();
    call.lanes = network_.lanes;
    if (state.window() != nullptr) return transfer_window(projection, call, track);
    call.active = track && !port.largest ? source.active() : source.everyone();
    const bool push = track && !port.largest && state.pushes(call.active);
    state.fill(call);
    if (push) {
      port.scratch.resize(port.own.size());
      call.scratch = port.scratch.data();
      return network_.transfer.pushed(call);
    }
    const bool dense = state.kind() == transport::dense;
    const auto kernel = port.largest ? network_.transfer.largest
                        : dense      ? network_.transfer.dense
                                     : network_.transfer.sliced;
    const double share = dense ? static_cast<double>(call.active.count) / static_cast<double>(call.sources) : 8;
    const double nanoseconds = static_cast<double>(state.work()) * share * nanoseconds_per_product;
    team_.split(state.mine(), nanoseconds, [&](std::size_t, std::size_t first, std::size_t last) {
      transfer_call<P> part = call;
      part.first_panel = first;
      part.last_panel = last;
      kernel(part);
    });
  }

  /// Over a shared window. Who is silent is not left out.
  void transfer_window(std::size_t projection, const transfer_call<P>& call, bool track) {
    const projection_state<P>& state = network_.projections[projection];
    const window_layout<P>& layout = *state.window();
    window_copies<P>& copies = network_.windows.at(projection);
    if (!track) copies.forget();
    transfer_call<P> whole = call;
    state.fill(whole);
    whole.messages = network_.copy_of_sources(layout, call.messages, network_.senders[projection], copies.messages);
    whole.window = &layout.view();
    const double nanoseconds = static_cast<double>(state.work()) * nanoseconds_per_product;
    team_.split(layout.view().rows * call.lanes, nanoseconds, [&](std::size_t, std::size_t first, std::size_t last) {
      transfer_call<P> part = whole;
      part.first_row = first;
      part.last_row = last;
      network_.transfer.windows(part);
    });
  }

  static constexpr double nanoseconds_per_product = sizeof(P) == 4 ? 0.025 : 0.05;

  network_state<P>& network_;
  worker_team& team_;
  bool noisy_;
};

}  // namespace locus
