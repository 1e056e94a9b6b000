#pragma once
/// Why a number of a circuit changed: a chain of steps back to what came from outside. Says no word of files or JSON.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/enum_names.hpp"
#include "sim/core/tick.hpp"

namespace locus {

enum class cause_kind {
  change,    ///< a number of a synapse, by its learning
  gate,      ///< what a modulator said to a synapse
  message,   ///< what arrived over a connection
  spike,     ///< an event of a neuron
  state,     ///< another number of a neuron, or one that a synapse keeps
  stimulus,  ///< held from outside, imposed, or let go
  noise,     ///< drawn by the neuron itself
  initial,   ///< as it was when the run began, or as far back as is known
};
template <>
struct enum_names<cause_kind> {
  static constexpr std::pair<std::string_view, cause_kind> all[] = {
      {"change", cause_kind::change}, {"gate", cause_kind::gate},      {"message", cause_kind::message},
      {"spike", cause_kind::spike},   {"state", cause_kind::state},    {"stimulus", cause_kind::stimulus},
      {"noise", cause_kind::noise},   {"initial", cause_kind::initial}};
};

struct explanation_step {
  tick_t tick = 0;
  cause_kind kind = cause_kind::state;
  std::string entity;                   ///< whose number it is: "hidden1.phi[2].spike", "hidden1.forward[2][1].theta"
  std::string text;                     ///< what happened, as a phrase without the entity's name
  std::optional<double> before, value;  ///< the number in the tick before, and in this one
  std::optional<std::string> from;      ///< gate, message: who sent it, "hidden1.error[2].eps"
  std::optional<std::string> projection;
  std::optional<bool> local;      ///< gate, message, state of an end: whether the audit calls that read local
  std::optional<std::size_t> of;  ///< the step that this one explains; none: the question
};

struct explanation {
  std::string sentence;
  std::vector<explanation_step> steps;  ///< in the order of telling: each stands after the one that it explains
  std::size_t lane = 0;                 ///< of all that is told
  bool more = false;                    ///< steps were left out, because there would be too many
};

struct explanation_options {
  bool all = false;        ///< every branch, not the largest alone
  std::size_t most = 200;  ///< steps
};

}  // namespace locus
