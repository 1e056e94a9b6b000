#pragma once
/// Audit reports as text: a table like Table 2 of Song et al. 2020, and the evidence under it.

#include <string>
#include <vector>

#include "sim/audit/audit.hpp"

namespace locus {

/// One row a circuit.
[[nodiscard]] std::string table_of(const std::vector<audit_report>& reports);

/// For one circuit: the evidence for every criterion that fails, what was measured, notes.
[[nodiscard]] std::string details_of(const audit_report& report);

/// Graphviz: the paths of all evidence that has one, each criterion in a cluster.
[[nodiscard]] std::string dot_of(const std::vector<audit_report>& reports);

}  // namespace locus
