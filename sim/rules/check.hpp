#pragma once
/// From what a `[[model]]` table says to a model whose rules are parsed and checked.

#include <optional>
#include <string>
#include <vector>

#include "sim/core/located_text.hpp"
#include "sim/rules/text_model.hpp"

namespace locus::rules {

/// A table as it was read, with the places of its names for errors.
struct model_draft {
  text_model declared;  ///< without sections and what is found from them
  source_position at;
  std::vector<source_position> parameter_at, port_at, field_at, pre_at, post_at;  ///< as in `declared`
  std::vector<std::optional<located_text>> initial;  ///< [field] of a synapse, if its model says it
  struct part {
    std::string section;  ///< "step", "emit", "clamp", "react", "react2", "react3", "learn"
    located_text text;
  };
  std::vector<part> rules;
};

/// The sections that a kind of model can have, as `model.rules` names them.
[[nodiscard]] std::vector<std::string> section_names(model_kind kind);

/// Parses the rules, finds who writes what, and what follows from the algebra. Throws usage_error at the first mistake.
[[nodiscard]] text_model checked(model_draft draft);

struct activation_draft {
  std::string name;
  source_position at;
  located_text function, derivative;
};
[[nodiscard]] text_activation checked(const activation_draft& draft);

}  // namespace locus::rules
