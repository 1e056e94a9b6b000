#pragma once
/// Results of epochs in an archive: a table with a column for each number.

#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/experiment/experiment.hpp"

namespace locus {

void serialize(archive& a, const std::string& name, std::vector<epoch_result>& epochs);

}  // namespace locus
