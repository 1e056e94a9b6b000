#pragma once
/// Where two netlists differ.

#include <optional>
#include <string>

namespace locus {

/// A key and its value, as TOML, in either netlist; "" where a netlist does not have it.
struct netlist_difference {
  std::string key;  ///< "circuit.lanes", "population[2].size"
  std::string first;
  std::string second;

  /// "circuit.lanes is 20 THERE, 1 HERE"; long values are cut to the place where they differ.
  [[nodiscard]] std::string text(const std::string& there, const std::string& here) const;
};

/// The first difference between two canonical texts (document::canonical_text) or long forms that matters for the
/// state of a run: neither [trace] nor stimuli.epochs.
[[nodiscard]] std::optional<netlist_difference> first_difference(const std::string& first, const std::string& second);

}  // namespace locus
