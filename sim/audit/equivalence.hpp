#pragma once
/// Equivalence to backpropagation: the circuit and its twin learn from the same data, from the same initial weights.

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/audit/agreement.hpp"
#include "sim/data/data_set.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

struct equivalence_options {
  std::uint64_t updates = 20;
  std::uint64_t seeds = 3;  ///< the netlist's own initialisation, and as many others
  std::function<void()> on_update;
};

struct equivalence_result {
  std::vector<layer_agreement> layers;  ///< worst over all runs
  std::vector<std::string> alone;       ///< what learns in one of the two circuits only
  std::vector<std::uint32_t> lanes;     ///< of the runs: the netlist's, and one
  std::uint64_t runs = 0;
  std::uint64_t updates = 0;  ///< of each run
  bool other_seeds = true;    ///< false: the weights are given, and there is one initialisation only
};

[[nodiscard]] equivalence_result measure_equivalence(const description& netlist, const description& twin,
                                                     const data_set& data, const equivalence_options& options = {});

}  // namespace locus
