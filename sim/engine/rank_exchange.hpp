#pragma once
/// What ranks tell each other within a tick: the panels that their sweeps changed, the weights that others use turned
/// round, and what a tick came to. With one rank nothing is told.
///
/// After an exchange every rank holds the fields of all neurons, and of each output which neurons changed and which are
/// not silent. Ports, and what a sweep has still to see, it holds for its own panels alone.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/circuit/schedule.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/rank_group.hpp"
#include "sim/engine/network_state.hpp"
#include "sim/engine/simulator.hpp"

namespace locus {

/// What a tick came to on one rank; added up, on all.
struct tick_outcome {
  activity counted;
  bool busy = false;                 ///< something can differ in the next tick
  std::vector<std::uint8_t> learnt;  ///< [learning]: 1: some number of a synapse changed; 2: a weight did, too
  std::string nonfinite;             ///< the first number that is none, of synapses
};

template <class P>
class rank_exchange {
 public:
  /// `group`: null: one rank.
  rank_exchange(network_state<P>& network, rank_group* group, const std::vector<scheduled_reaction>& schedule)
      : network_(network), group_(group) {
    if (!alone()) plan(schedule);
  }

  [[nodiscard]] bool alone() const noexcept { return group_ == nullptr || group_->size() == 1; }

  /// Whether what has been swept is to be told before reaction `k` of the schedule hears it.
  [[nodiscard]] bool due_before(std::size_t k) const { return !alone() && due_[k]; }

  /// A phase of population n has run on this rank in the present tick, and noted what changed.
  void swept(std::size_t n, writer by, bool finite) { swept_.push_back({n, by, finite}); }

  /// Tells all what has been swept since the last time. Returns the populations with a number that is none, in the
  /// order in which one rank would have found them.
  std::vector<std::size_t> tell(tick_t now) {
    told_.clear();
    byte_writer to(told_);
    for (const sweep& each : swept_) put(to, each, now);
    swept_.clear();
    group_->all_gather(told_, heard_);
    return hear(now);
  }

  /// Adds up what a tick came to on all ranks.
  void add_up(tick_outcome& outcome) {
    told_.clear();
    byte_writer to(told_);
    to.put(outcome.counted);
    to.put(outcome.busy);
    to.put(std::span<const std::uint8_t>(outcome.learnt));
    told_ += outcome.nonfinite;
    group_->all_gather(told_, heard_);
    const std::size_t projections = outcome.learnt.size();
    outcome = {{}, false, std::vector<std::uint8_t>(projections), {}};
    std::vector<std::uint8_t> learnt(projections);
    for (std::size_t rank = 0; rank < group_->size(); ++rank) {
      byte_reader from(heard_.of(rank));
      const auto counted = from.get<activity>();
      outcome.counted.messages += counted.messages;
      outcome.counted.links += counted.links;
      outcome.counted.spikes += counted.spikes;
      outcome.busy = from.get<bool>() || outcome.busy;
      from.get(std::span(learnt));
      for (std::size_t l = 0; l < projections; ++l) outcome.learnt[l] |= learnt[l];
      if (outcome.nonfinite.empty()) outcome.nonfinite = std::string(from.rest());
    }
  }

  /// Gives all ranks the weights of a projection that some projection uses turned round. `moved`: some of this rank's
  /// changed. Returns whether some of anybody's did.
  bool share_weights(std::size_t projection, bool moved) {
    projection_state<P>& state = network_.projections[projection];
    told_.clear();
    byte_writer to(told_);
    const auto [first, last] = state.places(state.mine());
    if (moved) to.put(std::span<const P>(state.weights() + first, last - first));
    group_->all_gather(told_, heard_);
    bool any = false;
    for (std::size_t rank = 0; rank < group_->size(); ++rank) {
      const auto [begin, end] = state.places(network_.ranks.of(rank, state.panels()));
      byte_reader from(heard_.of(rank));
      if (from.done()) continue;
      any = true;
      if (rank != group_->rank()) from.get(std::span<P>(state.weights() + begin, end - begin));
    }
    return any;
  }

 private:
  struct sweep {
    std::size_t population;
    writer by;
    bool finite;
  };

  /// Which reactions hear of what another rank may have swept since the last exchange. A plain one-to-one link, which
  /// stays within a rank, needs none.
  void plan(const std::vector<scheduled_reaction>& schedule) {
    std::vector<std::pair<std::size_t, writer>> untold;
    for (const scheduled_reaction& r : schedule) {
      const auto by = static_cast<writer>(r.reaction);
      bool due = false;
      for (const std::size_t q : network_.populations[r.population].phase(by).port_indices) {
        const port_state<P>& port = network_.ports[q];
        if (port.alias != nullptr || port.noise) continue;
        for (const std::size_t i : port.incoming) {
          const projection& p = network_.net.projections[i];
          const auto& fields = network_.net.populations[p.from.population].model->fields;
          due = due || std::ranges::count(untold, std::pair(p.from.population, fields[p.from.field].by)) != 0;
        }
      }
      due_.push_back(due);
      if (due) untold.clear();
      untold.emplace_back(r.population, by);
    }
  }

  template <class F>
  void each_field(std::size_t n, writer by, F&& f) {
    const std::vector<field>& fields = network_.net.populations[n].model->fields;
    for (std::size_t k = 0; k < fields.size(); ++k) {
      if (fields[k].by == by) f(k);
    }
  }

  /// population, phase, finite, number of panels, these, and of each the fields that the phase writes
  void put(byte_writer& to, const sweep& each, tick_t now) {
    population_state<P>& p = network_.populations[each.population];
    const phase_state<P>& phase = p.phase(each.by);
    panels_.clear();
    for (std::size_t i = p.mine.first; i < p.mine.last; ++i) {
      if (now == network_.first_tick || phase.moved[i] != 0) panels_.push_back(static_cast<std::uint32_t>(i));
    }
    to.put(static_cast<std::uint32_t>(each.population));
    to.put(static_cast<std::uint32_t>(static_cast<std::size_t>(each.by) + 1));
    to.put(static_cast<std::uint32_t>(each.finite));
    to.put(static_cast<std::uint32_t>(panels_.size()));
    to.put(std::span<const std::uint32_t>(panels_));
    const std::size_t length = p.lanes * panel_width;
    each_field(each.population, each.by, [&](std::size_t f) {
      for (const std::uint32_t i : panels_) to.put(std::span<const P>(p.fields[f] + i * length, length));
    });
  }

  /// A phase of a population that some rank has run.
  struct heard_sweep {
    std::size_t population;
    writer by;
    bool mine = false;
    bool finite = true;
    std::array<std::uint64_t, max_fields> changed{};  ///< elsewhere
  };

  std::vector<std::size_t> hear(tick_t now) {
    heard_sweeps_.clear();
    for (std::size_t rank = 0; rank < group_->size(); ++rank) {
      byte_reader from(heard_.of(rank));
      while (!from.done()) hear(from, rank == group_->rank());
    }
    std::vector<std::size_t> broken;
    for (heard_sweep& each : heard_sweeps_) {
      note(each, now);
      if (!each.finite) broken.push_back(each.population);
    }
    std::ranges::sort(broken);
    return broken;
  }

  heard_sweep& begin(std::size_t population, writer by) {
    for (heard_sweep& each : heard_sweeps_) {
      if (each.population == population && each.by == by) return each;
    }
    const population_state<P>& p = network_.populations[population];
    nothing_moved(population, by, {0, p.mine.first});  // where nobody says that something did
    nothing_moved(population, by, {p.mine.last, p.panels});
    return heard_sweeps_.emplace_back(heard_sweep{population, by});
  }

  /// Notes that a phase has changed nothing in some panels.
  void nothing_moved(std::size_t population, writer by, panel_range panels) {
    population_state<P>& p = network_.populations[population];
    std::fill_n(p.phase(by).moved.data() + panels.first, panels.size(), std::uint8_t{0});
    each_field(population, by, [&](std::size_t f) {
      if (p.changes[f] != nullptr)
        std::fill_n(p.changes[f] + panels.first * panel_width, panels.size() * panel_width, P(0));
    });
  }

  /// `mine`: this rank said it.
  void hear(byte_reader& from, bool mine) {
    const std::size_t population = from.get<std::uint32_t>();
    const auto by = static_cast<writer>(static_cast<int>(from.get<std::uint32_t>()) - 1);
    heard_sweep& each = begin(population, by);
    each.finite = from.get<std::uint32_t>() != 0 && each.finite;
    panels_.resize(from.get<std::uint32_t>());
    from.get(std::span(panels_));
    population_state<P>& p = network_.populations[population];
    const std::size_t length = p.lanes * panel_width;
    values_.resize(length);
    each.mine = each.mine || mine;
    if (!mine) {
      for (const std::uint32_t i : panels_) p.phase(by).moved[i] = 1;
    }
    each_field(population, by, [&](std::size_t f) {
      if (mine) return from.skip(panels_.size() * length * sizeof(P));
      for (const std::uint32_t i : panels_) {
        from.get(std::span(values_));
        each.changed[f] += put_panel(p, f, i);
      }
    });
  }

  /// Puts values_ in the place of a panel. Returns how many of its numbers changed.
  std::uint64_t put_panel(population_state<P>& p, std::size_t f, std::size_t panel) {
    P* const to = p.fields[f] + panel * p.lanes * panel_width;
    std::uint64_t changed = 0;
    std::uint16_t present = 0;
    std::uint32_t ones = 0;
    for (std::size_t i = 0; i < panel_width; ++i) {
      std::uint32_t of_neuron = 0;
      for (std::size_t at = i; at < values_.size(); at += panel_width) {
        of_neuron += same_bits(to[at], values_[at]) ? 0 : 1;
        if (values_[at] == P(0)) continue;
        present |= static_cast<std::uint16_t>(1u << i);
        ++ones;
      }
      if (p.changes[f] != nullptr) p.changes[f][panel * panel_width + i] = static_cast<P>(of_neuron);
      changed += of_neuron;
    }
    std::copy(values_.begin(), values_.end(), to);
    if (p.present[f] != nullptr) p.present[f][panel] = present;
    if (p.events[f] != nullptr) p.events[f][panel] = ones;
    return p.changes[f] != nullptr ? changed : 0;  // of what nobody listens to, changes are not counted
  }

  void note(const heard_sweep& each, tick_t now) {
    population_state<P>& p = network_.populations[each.population];
    phase_state<P>& phase = p.phase(each.by);
    if (now == network_.first_tick) std::fill(phase.moved.begin(), phase.moved.end(), std::uint8_t{1});
    else if (!each.mine)
      nothing_moved(each.population, each.by, p.mine);  // this rank's last sweep was in an earlier one
    each_field(each.population, each.by, [&](std::size_t f) {
      if (!p.outlets[f]) return;
      if (now == network_.first_tick) {
        p.outlets[f]->note_first(now);
        return;
      }
      p.outlets[f]->note_more(now, each.changed[f]);
    });
  }

  network_state<P>& network_;
  rank_group* group_;
  std::vector<bool> due_;  ///< [reaction of the schedule]
  std::vector<sweep> swept_;
  std::vector<heard_sweep> heard_sweeps_;
  std::string told_;
  gathered heard_;
  std::vector<std::uint32_t> panels_;
  std::vector<P> values_;
};

}  // namespace locus
