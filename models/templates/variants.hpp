#pragma once
/// Other circuits for the same task, made from a short form: what a circuit is compared with.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"

namespace locus {

/// Reads the same netlist again, with further overrides ("learning.rule=bp").
using netlist_reader = std::function<document(const std::vector<std::string>& overrides)>;

/// The same short form with another learning rule ("bp", "il", "z-il", "fa-z-il"); nothing for the long form and for
/// rules that the template does not have. All templates with layers or nodes have "bp".
/// Backpropagation gets the shortest timeline that it can do with, since its result does not depend on it.
[[nodiscard]] std::optional<description> with_rule(const netlist_reader& read, const std::string& rule);

/// The same short form with one more hidden layer, and the time that it needs. Nothing for the long form, where
/// weights are listed or read from a file, and for templates without layers or deeper circuits.
[[nodiscard]] std::optional<description> with_more_layers(const netlist_reader& read);

}  // namespace locus
