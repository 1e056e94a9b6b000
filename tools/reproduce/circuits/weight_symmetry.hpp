#pragma once
/// Table 1 of Li and Benna 2024, "Deep Learning without Weight Symmetry": six properties of eight algorithms, measured
/// of those that are here.

#include <string>
#include <vector>

#include "sim/core/text_table.hpp"
#include "tools/reproduce/circuits/measured_circuit.hpp"

namespace locus::tools {

/// A row for each circuit whose algorithm stands in the paper's table, with the paper's marks beside ours; the heading
/// alone if there is none.
[[nodiscard]] text_table weight_symmetry_table(const std::vector<measured_circuit>& circuits);

/// What its columns mean, and where our bounds lie.
[[nodiscard]] std::string weight_symmetry_notes();

}  // namespace locus::tools
