#pragma once
/// What the tests of sim/circuit share.

#include <string>

#include "models/templates/catalogue.hpp"
#include "sim/circuit/circuit.hpp"
#include "sim/netlist/netlist.hpp"

namespace locus::testing {

/// Reads a netlist text under the name "n.toml".
inline description description_of(const std::string& text) {
  return read_netlist(document::from_text(text, "n.toml"), all_templates());
}

inline circuit circuit_of(const std::string& text) { return build_circuit(description_of(text)); }

/// The message of the usage_error that building the circuit throws.
inline std::string circuit_message(const description& netlist) {
  try {
    (void)build_circuit(netlist);
  } catch (const usage_error& error) {
    return error.what();
  }
  return "(no usage_error)";
}
inline std::string circuit_message(const std::string& text) { return circuit_message(description_of(text)); }

/// A short form of predictive coding with inline data; `keys` are further lines of [circuit], `tables` further tables.
inline std::string short_form_of(const std::string& layers, const std::string& keys = "",
                                 const std::string& tables = "") {
  return "[circuit]\ntemplate = \"predictive-coding\"\nlayers = " + layers + "\n" + keys + "\n" + tables;
}

}  // namespace locus::testing
