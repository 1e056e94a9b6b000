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

/// Distance in units in the last place; numbers of different sign are as far apart as both are from zero.
[[nodiscard]] std::uint64_t ulp_distance(double a, double b) noexcept;
[[nodiscard]] std::uint64_t ulp_distance(float a, float b) noexcept;

/// The projections that learn in both circuits and have the same name. Throws usage_error if there is none, or if two
/// of one name differ in size.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> common_learning(const circuit& a, const circuit& b);

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
