#pragma once
/// Compares the learnt weights of two circuits.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/simulator.hpp"
#include "sim/experiment/experiment.hpp"

namespace locus {

/// What of two circuits' weights can be compared.
struct learning_in_common {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;  ///< projections of one name that learn in both
  std::vector<std::string> alone;  ///< what learns in one of them only: "hidden2.forward (learns here only)"
};

/// Whether weight n of p joins the same two neurons as weight n of q.
[[nodiscard]] bool same_connections(const circuit& a, const projection& p, const circuit& b, const projection& q);

/// Throws usage_error if there is no pair, or if one joins other neurons here than there.
[[nodiscard]] learning_in_common common_learning(const circuit& a, const circuit& b);

class comparer {
 public:
  /// Throws usage_error if the two circuits have no learning projection in common or differ in precision or shape.
  comparer(const simulator& ours, const simulator& theirs, std::string rule);

  /// Looks for the first difference after update number `update`; cheap while there is none.
  void after_update(std::uint64_t update);

  /// All measures over the present weights.
  [[nodiscard]] weight_comparison finish() const;

  void serialize(archive& a);

 private:
  const simulator& ours_;
  const simulator& theirs_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;  ///< projections
  weight_comparison result_;
};

}  // namespace locus
