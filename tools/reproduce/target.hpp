#pragma once
/// What `locus reproduce` can rerun: one file or folder a target, and one row a target in targets.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/audit/audit.hpp"
#include "sim/netlist/document.hpp"

namespace locus::tools {

/// How much is run.
enum class extent { quick, normal, full };

/// The options of `locus reproduce`. Those that a target does not list in its row are refused.
struct reproduce_settings {
  std::string out;                          ///< folder of the results; made if needed
  std::string netlists;                     ///< folder of the netlists
  std::vector<std::uint64_t> seeds;         ///< at least one
  extent size = extent::normal;             ///< --quick: to see that it works; --full: the published size
  std::optional<std::uint32_t> epochs;      ///< --epochs
  std::optional<std::uint32_t> train_size;  ///< --train-size, samples
  unsigned jobs = 1;                        ///< --jobs, at once; at least 1
  std::vector<std::string> overrides;       ///< --set, of every netlist of the target, before the target's own
  std::vector<std::string> chosen;          ///< netlists, files or names in the folder; none: all

  [[nodiscard]] bool quick() const noexcept { return size == extent::quick; }
  /// One of three, by size.
  template <class T>
  [[nodiscard]] T by_size(T quick_form, T normal_form, T full_form) const {
    return size == extent::quick ? quick_form : size == extent::normal ? normal_form : full_form;
  }

  /// NETLISTS/NAME.toml with --set's overrides and then these. Throws usage_error if there is no such file.
  [[nodiscard]] document netlist(std::string_view name, const std::vector<std::string>& changes) const;
  /// NETLISTS/NAME.toml. Throws usage_error if there is no such file.
  [[nodiscard]] std::string netlist_file(std::string_view name) const;
};

/// How much an audit measures.
[[nodiscard]] locus::audit_options audit_effort(const reproduce_settings& settings);

struct reproduce_target {
  std::string_view name;
  std::string_view summary;                                 ///< one line
  void (*run)(const reproduce_settings& settings);          ///< prints and writes the results; throws user_error
  std::vector<std::string_view> takes = {"seed", "quick"};  ///< options beside --out and --netlists, and "netlist"
  std::vector<std::uint64_t> seeds = {1};                   ///< default of --seed
};

/// All targets in the order of the help text.
[[nodiscard]] const std::vector<reproduce_target>& all_targets();

// One a file or folder.
void reproduce_autonomy(const reproduce_settings& settings);
void reproduce_bmvr(const reproduce_settings& settings);
void reproduce_circuits(const reproduce_settings& settings);
void reproduce_figure3(const reproduce_settings& settings);
void reproduce_figure3_mean(const reproduce_settings& settings);
void reproduce_rosenbaum(const reproduce_settings& settings);
void reproduce_table2(const reproduce_settings& settings);
void reproduce_table3(const reproduce_settings& settings);
void reproduce_table4(const reproduce_settings& settings);

}  // namespace locus::tools
