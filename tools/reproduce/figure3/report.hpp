#pragma once
/// Tables and pictures of Fig. 3.

#include "tools/reproduce/figure3/cells.hpp"
#include "tools/reproduce/results.hpp"

namespace locus::tools::figure3 {

/// Prints the tables and adds tables and pictures to the files. Requires: everything was run.
void report(const study& of, const results& all, result_files& files);

}  // namespace locus::tools::figure3
