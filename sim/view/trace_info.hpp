#pragma once
/// What a trace says of itself, as JSON.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/trace/trace_reader.hpp"

namespace locus {

/// "/api/info" of tools/view/README.md, but for what the caller knows: mode, name, files.
[[nodiscard]] nlohmann::json trace_info(const trace_reader& trace);

/// {"epoch": [...], "train_loss": [...], ...} of the file of `locus run --json` that stands beside the trace of that
/// name and names it; null if there is none.
[[nodiscard]] nlohmann::json results_beside(const std::string& trace);

/// "hidden1.phi" of the list "hidden1.phi" or "hidden1.phi.spike".
[[nodiscard]] std::string population_of_list(const trace_reader& trace, const std::string& group);

}  // namespace locus
