#pragma once
/// Goes back from a change to what came from outside, tick by tick, along the messages that changed.
///
/// What entered a number is what its rule read: the rule is evaluated over the audit's traced numbers
/// (audit/traced.hpp) with the inputs that the neuron or synapse had. Of a neuron, the port counts most whose change
/// changed the result most (the rule is evaluated with that port as it was in the tick before), and of the messages
/// there the one that changed most. A neuron that goes on by itself, with no changed message that mattered, is followed
/// back to the tick in which one did.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/why/event.hpp"
#include "sim/why/explanation.hpp"
#include "sim/why/history.hpp"
#include "sim/why/locality.hpp"

namespace locus {

/// What was presented, in all lanes.
struct kept_presentation {
  tick_t first = 0;
  std::uint64_t number = 0;
  std::uint32_t epoch = 0;             ///< from 1
  std::vector<std::uint32_t> samples;  ///< [lane]: rows of the training data
  std::vector<std::int32_t> labels;    ///< [lane]: classes, -1: none
};

/// A message whose sender or weight changed.
struct changed_message {
  std::size_t projection = 0, k = 0, source = 0;
  double sent = 0, value = 0;                ///< what left the source, and what arrived
  double sent_before = 0, value_before = 0;  ///< in the tick before
  bool sender_changed = false, weight_changed = false;
};

struct explanation_world {
  const history& kept;
  const locality& near;
  const std::vector<kept_presentation>& presentations;  ///< ascending
  /// Told all changed messages of a port of a neuron that are used, for those who can hold them against a log; may be
  /// empty.
  std::function<void(tick_t, port_id, std::size_t neuron, std::size_t lane, const std::vector<changed_message>&)>
      on_messages;
  /// Whether what held a population from a tick on was somebody who interfered, and not the netlist; may be empty.
  std::function<bool(std::size_t population, tick_t on)> by_hand = {};
};

/// Whether the number that an event names changed in its tick, or spiked: of a synapse, by the learning of that tick.
/// Requires: the history knows the ticks before and after.
[[nodiscard]] bool happened(const history& kept, const asked_event& e, std::size_t lane);

/// The field that an event means: that which it names, or the first that changed.
[[nodiscard]] std::optional<std::size_t> field_of(const history& kept, const asked_event& e, std::size_t lane);

/// The nearest earlier and later tick, as far as is kept, in which what an event names happened.
[[nodiscard]] std::optional<tick_t> happened_before(const history& kept, const asked_event& e, std::size_t lane);
[[nodiscard]] std::optional<tick_t> happened_after(const history& kept, const asked_event& e, std::size_t lane);

/// Says of what did not happen when it did, `before` and `after` that; it was looked for up to tick `last`.
/// `question`: as in read_event().
[[nodiscard]] std::string did_not_happen(const history& kept, const asked_event& e, const std::string& question,
                                         std::optional<tick_t> before, std::optional<tick_t> after, tick_t last);

/// `lane`: none: of a synapse, the lane that counts most; of a neuron, lane 0. Requires: happened().
[[nodiscard]] explanation explain(const explanation_world& world, const asked_event& e,
                                  const std::optional<std::size_t>& lane, const explanation_options& options);

}  // namespace locus
