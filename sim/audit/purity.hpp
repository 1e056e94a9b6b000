#pragma once
/// Whether a model's rule is a function of what the model declares: its fields and ports, or a weight and its ends. A
/// rule is C++ and could look anywhere. So its kernels, as they run in production, are given the same inputs under
/// other circumstances, and equal inputs must give equal bits.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/catalogue.hpp"
#include "sim/core/precision.hpp"

namespace locus {

/// What circumstances are changed, and what else is looked at; tests switch them off one by one.
struct purity_mechanisms {
  bool order = true;       ///< the same evaluations once more and in other orders, dense and sparse
  bool neighbours = true;  ///< others stand in the same panel
  bool lanes = true;       ///< other numbers of lanes; effects of a synapse's lanes must add
  bool places = true;      ///< other addresses, other depths of the stack, other parts of a population
  bool many = true;        ///< millions of evaluations
  bool sealed = true;      ///< all of these in a process that is cut off from the world
  bool symbols = true;     ///< the program's symbol table: variables of the model
  bool sets = true;        ///< the scalar kernels against those of the chosen instruction set
  bool traced = true;      ///< the rules that the audit follows against the kernels
};

struct purity_options {
  std::uint64_t seed = 1;
  /// Of each rule in each precision; what is computed in one vector counts as one. Fewer where time does not suffice.
  std::uint64_t evaluations = 2'200'000;
  double seconds = 1;             ///< of processor time, for all of these
  std::optional<precision> only;  ///< evaluates the rules in one precision; both without
  purity_mechanisms use = {};
  /// Inputs of real evaluations, which are tried before drawn ones: all fields, then all ports, then what is imposed;
  /// of a synapse theta, pre, post, gate. What is missing at the end of one is drawn.
  std::vector<std::vector<double>> recorded = {};
};

struct purity_finding {
  std::string model;
  std::string mechanism;  ///< "order", "sealed", as in purity_mechanisms
  std::string what;       ///< one sentence; with the inputs, and what they gave
};

struct purity_result {
  bool tested = false;  ///< else the model is opaque
  bool by_text =
      false;  ///< its rules are text, in which nothing can be named but what it declares: nothing was evaluated
  std::vector<purity_finding> findings;
  std::uint64_t evaluations = 0;  ///< of rules, one for each neuron or synapse and lane
  bool sealed = false;            ///< all was evaluated where nothing else can be asked; there may be no rule at all
  std::uint64_t calls = 0;        ///< of each rule in a row, at least
  std::string watched;            ///< what was done and what not, one sentence
  std::string why_not;            ///< if it was not tested

  [[nodiscard]] bool pure() const noexcept { return tested && findings.empty(); }
};

/// Requires: `params` are the model's. To be called before threads hold locks of this process, and better before it has
/// much memory: it is copied.
[[nodiscard]] purity_result measure_purity(const model_declaration& model, const parameter_block& params,
                                           const purity_options& options = {});

}  // namespace locus
