#pragma once
/// Reads all of a data set.

#include <cmath>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/data/labels.hpp"
#include "tests/fuzz/target.hpp"

namespace locus::fuzzing {

inline void read_part(const samples& part) {
  require(part.targets() == 0 || part.target.rows() == part.count() * part.target_frames,
          "there are as many targets as inputs");
  for (std::uint32_t i = 0; i < part.count(); ++i) {
    for (const double number : part.input_of(i)) require(std::isfinite(number), "inputs are finite");
    for (const double number : part.target_of(i)) require(std::isfinite(number), "targets are finite");
  }
  (void)labels_of(part);
}

/// Loads what is described.
inline void load_all(const data_description& wanted) {
  accepted([&] {
    const data_set data = load_data(wanted);
    require(data.train.inputs() == data.test.inputs(), "test rows are as wide as training rows");
    require(data.train.targets() == data.test.targets(), "test targets are as wide as training targets");
    read_part(data.train);
    read_part(data.test);
  });
}

/// Loads what `source` names.
inline void load_all(const std::string& source) {
  data_description wanted;
  wanted.source = source;
  load_all(wanted);
}

}  // namespace locus::fuzzing
