#pragma once
/// A model as its text declares it: what `[[model]]` of a TOML file says, checked. docs/rules.md is the reference.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/activation.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/rules/graph.hpp"

namespace locus::rules {

/// An activation of a netlist's own: f(x), and f'(x) from x and y = f(x).
struct text_activation {
  std::string name;
  graph function, derivative;
  node_id function_root = 0, derivative_root = 0;
  std::string text;  ///< its [[activation]] table, as TOML
};

struct text_parameter {
  std::string name, unit, meaning;
  limits valid;
  parameter_value standard;  ///< a number, a flag, or the name of an activation
  bool is_activation() const { return std::holds_alternative<std::string>(standard); }
  bool is_flag() const { return std::holds_alternative<bool>(standard); }
};

struct text_port {
  std::string name, unit, meaning;
  port_source from = port_source::messages;
};

struct text_field {
  std::string name, unit, meaning;
  bool hidden = false;
  bool event = false;
  writer by = writer::step;     ///< found from the sections that assign it
  bool per_lane = false;        ///< synapses: one number for each lane
  std::optional<rule> initial;  ///< synapses, but theta: assigns what it begins with, from the fields before it
  std::string initial_text;     ///< the same as the model has it
};

inline constexpr std::size_t most_reactions = 3;

struct text_model {
  model_kind kind = model_kind::neuron;
  std::string name, title, equation, source, notes, deviations;
  std::vector<text_parameter> parameters;
  std::vector<text_port> ports;    ///< neurons
  std::vector<text_field> fields;  ///< neurons: state and outputs; synapses: theta and what else they keep

  // Neurons.
  std::optional<rule> step, emit, clamp;
  std::vector<rule> reactions;
  bool clamp_is_total = false;  ///< found: after a clamp, what the step writes depends on the imposed value alone

  // Synapses.
  std::vector<std::string> pre, post;  ///< outputs of the two ends that the rule reads, if any; one "": it has no name
  std::size_t weight = 0;              ///< the field that messages are multiplied with
  std::optional<rule> learn;
  bool gated = false;  ///< found: the rule sees a modulator
  idle_rule idle;      ///< found by algebra

  std::vector<std::shared_ptr<const text_activation>> activations;  ///< that its parameters may name, beside ours
  std::string text;                                                 ///< its [[model]] table, as TOML
};

}  // namespace locus::rules
