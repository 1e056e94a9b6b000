#pragma once
/// Tables and pictures of `locus reproduce rosenbaum`.

#include <map>
#include <vector>

#include "tools/reproduce/results.hpp"
#include "tools/reproduce/rosenbaum/study.hpp"

namespace locus::tools::rosenbaum {

/// What has been run, with each seed.
struct results {
  std::map<setting, std::vector<update_outcome>> updates;
  std::map<setting, std::vector<training_outcome>> trainings;
};

/// Prints the tables and adds them and the pictures to the files.
void report(const study& of, const results& all, result_files& files);

}  // namespace locus::tools::rosenbaum
