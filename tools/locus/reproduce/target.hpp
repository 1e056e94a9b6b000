#pragma once
/// What `locus reproduce` can rerun: one file a target in this folder, and one row a target in targets.cpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace locus::tools {

/// The options that all targets have.
struct reproduce_settings {
  std::string out;                   ///< folder of the results; made if needed
  std::string netlists;              ///< folder of the netlists
  std::vector<std::uint64_t> seeds;  ///< at least one
  bool quick = false;                ///< a small form of the same, to see that it works

  /// OUT/NAME
  [[nodiscard]] std::string result(std::string_view name) const;
  /// NETLISTS/NAME.toml. Throws usage_error if there is no such file.
  [[nodiscard]] std::string netlist(std::string_view name) const;
};

struct reproduce_target {
  std::string_view name;
  std::string_view summary;  ///< one line
  /// Prints the results and writes them into settings.out. Throws user_error.
  void (*run)(const reproduce_settings& settings);
};

/// All targets in the order of the help text.
[[nodiscard]] const std::vector<reproduce_target>& all_targets();

// One a file of this folder.
void reproduce_bmvr(const reproduce_settings& settings);
void reproduce_circuits(const reproduce_settings& settings);

}  // namespace locus::tools
