#pragma once
/// Results of epochs in an archive: a table with a column for each number.

#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/experiment/experiment.hpp"

namespace locus {

/// `reports`: those of the circuit.
void serialize(archive& a, const std::string& name, std::vector<epoch_result>& epochs,
               const std::vector<report_quantity>& reports);

}  // namespace locus
