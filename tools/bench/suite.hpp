#pragma once
/// A suite: what it measures, in words, and its jobs. One file a suite.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/report.hpp"

namespace locus::bench {

/// A netlist that a job runs, for those who want to see it.
struct shown_netlist {
  std::string name;
  std::string text;
};

/// One table of a suite.
struct job {
  std::string title;
  std::vector<shown_netlist> netlists;
  std::function<void(table& out, const pace& p)> run;
};

struct suite {
  std::string_view name;
  std::string_view what;  ///< what is measured, and against what: a sentence or two
  /// The jobs, nothing being built yet; `overrides` (KEY=VALUE) apply to the networks that learn images.
  std::vector<job> (*jobs)(const std::vector<std::string>& overrides);
};

/// All suites in the order in which they run.
[[nodiscard]] const std::vector<suite>& all_suites();

// One a file of this folder.
std::vector<job> update_jobs(const std::vector<std::string>& overrides);
std::vector<job> message_jobs(const std::vector<std::string>& overrides);
std::vector<job> learn_jobs(const std::vector<std::string>& overrides);
std::vector<job> build_jobs(const std::vector<std::string>& overrides);
std::vector<job> memory_jobs(const std::vector<std::string>& overrides);
std::vector<job> trace_jobs(const std::vector<std::string>& overrides);
std::vector<job> quiet_jobs(const std::vector<std::string>& overrides);
std::vector<job> threads_jobs(const std::vector<std::string>& overrides);
std::vector<job> kernel_jobs(const std::vector<std::string>& overrides);
std::vector<job> windows_jobs(const std::vector<std::string>& overrides);
std::vector<job> rules_jobs(const std::vector<std::string>& overrides);

}  // namespace locus::bench
