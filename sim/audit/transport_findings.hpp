#pragma once
/// Turns what find_transport() found into sentences.

#include <string>
#include <vector>

#include "sim/audit/audit.hpp"
#include "sim/audit/transport.hpp"

namespace locus {

/// One for each pair that transports.
[[nodiscard]] std::vector<evidence> describe_transport(const circuit& c, const transport_result& found);

/// All pairs, with names.
[[nodiscard]] std::vector<feedback_report> report_feedback(const circuit& c, const transport_result& found);

/// Sentences for audit_report::measured.
[[nodiscard]] std::vector<std::string> transport_measured(const circuit& c, const transport_result& found);

/// "unstable" (cannot be said), "born equal", "born proportional" or nothing, of circuits without transport.
[[nodiscard]] std::string transport_detail(const transport_result& found);

}  // namespace locus
