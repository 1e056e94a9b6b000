#pragma once
/// Reads all of a data set.

#include <cmath>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/data/labels.hpp"
#include "tests/fuzz/target.hpp"

namespace locus::fuzzing {

inline void read_part(const samples& part) {
  std::vector<double> input(part.inputs());
  std::vector<double> target(part.targets());
  require(part.target.rows() == part.count(), "there are as many targets as inputs");
  for (std::uint32_t i = 0; i < part.count(); ++i) {
    part.input_row(i, input);
    part.target_row(i, target);
    for (const double number : input) require(std::isfinite(number), "inputs are finite");
    for (const double number : target) require(std::isfinite(number), "targets are finite");
  }
  (void)labels_of(part);
}

/// Loads what `source` names.
inline void load_all(const std::string& source) {
  data_description wanted;
  wanted.source = source;
  accepted([&] {
    const data_set data = load_data(wanted);
    require(data.train.inputs() == data.test.inputs(), "test rows are as wide as training rows");
    require(data.train.targets() == data.test.targets(), "test targets are as wide as training targets");
    read_part(data.train);
    read_part(data.test);
  });
}

}  // namespace locus::fuzzing
