#pragma once
/// The purity of a circuit's models (sim/audit/purity.hpp), with the parameters that they have in it.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/audit/audit.hpp"
#include "sim/audit/interpreter.hpp"
#include "sim/audit/purity.hpp"

namespace locus {

/// A model that is used with one set of parameters.
struct tested_model {
  const model_declaration* model = nullptr;
  std::vector<std::string> users;  ///< populations, or projections that learn
  purity_result result;
};

/// All models of neurons, and those of synapses that learn. What `run` has recorded is tried first. Forks (see
/// measure_purity()).
[[nodiscard]] std::vector<tested_model> test_models(const circuit& c, const interpretation& run, std::uint64_t seed);

/// What speaks against a criterion: local computation (neurons' rules look elsewhere), local plasticity (any rule
/// does), partial autonomy (neurons' rules look at what is outside the circuit, or keep time outside of it), full
/// autonomy (any rule does). Nothing for the others.
[[nodiscard]] std::vector<evidence> describe_impure(const std::vector<tested_model>& models, criterion about);

/// Whether a projection learns from more than is declared: by its own rule, or by what its neurons send.
[[nodiscard]] bool brings_more(const std::vector<tested_model>& models, const std::string& projection);

/// One sentence for all that were tested.
[[nodiscard]] std::string purity_measured(const std::vector<tested_model>& models);

/// Why nothing can be said of autonomy, if a rule has a memory that the circuit has not.
[[nodiscard]] std::string unclear_autonomy(const std::vector<tested_model>& models);

/// Why a rule could not be tested, if one could not.
[[nodiscard]] std::string opaque_models(const std::vector<tested_model>& models);

}  // namespace locus
