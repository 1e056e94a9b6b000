#pragma once
/// What is known of a model at run time: the declaration of models/NAME.hpp, read once into plain data.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/model.hpp"
#include "sim/core/parameter.hpp"

namespace locus {

namespace rules {
struct text_model;
}  // namespace rules

/// A model's params struct, typed only inside the model's own code.
using parameter_block = std::shared_ptr<void>;

struct parameter_info {
  std::string name, unit, meaning;
  limits valid;
  std::vector<std::string> names;  ///< a named choice's values; empty for numbers and flags
  /// Sets the member; returns "" or what was expected ("a number > 0").
  std::function<std::string(void*, const parameter_value&)> set;
  std::function<parameter_value(const void*)> get;
};

/// A step or a reaction: the ports that it reads, as indices into model_declaration::ports, in the order of its `in`.
struct phase_info {
  std::vector<std::size_t> ports;
};

/// One number of a synapse.
struct synapse_field {
  std::string name, unit, meaning;
  bool per_lane = false;  ///< one number for each lane, not one for all
  std::string initial;    ///< what it begins with, as its model says it; empty for theta
};

enum class model_kind { neuron, synapse };
template <>
struct enum_names<model_kind> {
  static constexpr std::pair<std::string_view, model_kind> all[] = {{"neuron", model_kind::neuron},
                                                                    {"synapse", model_kind::synapse}};
};

struct model_declaration {
  model_kind kind = model_kind::neuron;
  model_info info;
  std::vector<parameter_info> parameters;
  std::function<parameter_block()> make_parameters;

  // Neurons.
  std::vector<field> fields;
  std::vector<port> ports;  ///< of all phases, each once
  std::optional<phase_info> step;
  std::vector<phase_info> reactions;
  bool has_clamp = false;
  bool clamp_is_total = false;  ///< while a clamp stays, nothing can change

  // Code.
  std::shared_ptr<const void> kernels;            ///< what the engine runs (kernels_of()); null: only described
  std::shared_ptr<const void> traced;             ///< what the audit follows (traced_rules_of()); null: only described
  std::shared_ptr<const rules::text_model> text;  ///< what its rules say, if they are text; null: C++ alone

  // Synapses.
  std::vector<synapse_field> state;    ///< theta first
  std::size_t weight = 0;              ///< the field of state that messages are multiplied with
  std::vector<std::string> pre, post;  ///< the outputs of its ends that it sees, if any; one "": one without a name
  bool plastic = false;
  bool gated = false;  ///< its rule sees a modulator
  idle_rule idle;

  [[nodiscard]] std::optional<std::size_t> find_field(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> find_port(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> sent_names() const;
  [[nodiscard]] std::vector<std::string> port_names() const;
};

/// Models by name, in alphabetical order. Circuits point into the catalogue that they were built with.
class catalogue {
 public:
  catalogue() = default;
  /// Throws usage_error if two have one name.
  explicit catalogue(std::vector<model_declaration> models);

  /// The model with that name, or null.
  [[nodiscard]] const model_declaration* find(std::string_view name) const;

  [[nodiscard]] auto begin() const noexcept { return models_.begin(); }
  [[nodiscard]] auto end() const noexcept { return models_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return models_.size(); }

 private:
  std::vector<model_declaration> models_;
};

/// The models that this program was built with: one a file of models/.
[[nodiscard]] const catalogue& all_models();

/// "0.001", "true", "tanh".
[[nodiscard]] std::string text_of(const parameter_value& value);

/// "a, b or c"
[[nodiscard]] std::string one_of(const std::vector<std::string>& names);

/// What was expected ("a number > 0"), or "" if the value is valid.
[[nodiscard]] std::string misses(double value, const limits& valid);

/// "> 0", "a whole number >= 1", ...
[[nodiscard]] std::string text_of(const limits& valid);

}  // namespace locus
