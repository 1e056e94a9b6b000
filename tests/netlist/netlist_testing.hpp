#pragma once
/// What the tests of sim/netlist share.

#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"

namespace locus::testing {

/// The message of the usage_error that `action` throws, or a text that says that it did not.
template <typename Action>
std::string usage_message(const Action& action) {
  try {
    action();
  } catch (const usage_error& error) {
    return error.what();
  }
  return "(no usage_error)";
}

/// Reads a netlist text under the name "n.toml", without templates unless some are given.
inline description read(const std::string& text, const std::vector<std::string>& overrides = {},
                        const template_catalogue& templates = {}) {
  return read_netlist(document::from_text(text, "n.toml", overrides), templates);
}

inline std::string read_message(const std::string& text, const std::vector<std::string>& overrides = {},
                                const template_catalogue& templates = {}) {
  return usage_message([&] { (void)read(text, overrides, templates); });
}

/// Everything that a description says, on lines of its own, except positions, file name and warnings. Numbers in
/// hexadecimal: equal texts mean equal bits.
std::string spelled_out(const description& netlist);

/// A long form that uses every key at least once.
extern const char* const rich_netlist;

}  // namespace locus::testing
