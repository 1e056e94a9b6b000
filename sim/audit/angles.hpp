#pragma once
/// The angle between the weight updates of a circuit and of another one, both from the circuit's weights: does it go
/// where the other would go?

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

/// Of the updates of one projection, or of all as one vector. Only updates in which both circuits changed count; not a
/// number: there was none.
struct layer_angle {
  std::string projection;
  std::uint64_t updates = 0;                                  ///< that count
  double mean = std::numeric_limits<double>::quiet_NaN();     ///< degrees
  double largest = std::numeric_limits<double>::quiet_NaN();  ///< degrees
  double ratio = std::numeric_limits<double>::quiet_NaN();    ///< mean of |our update| / |their update|
};

struct angle_result {
  std::string other;  ///< the other netlist
  std::vector<layer_angle> layers;
  layer_angle all;
  std::uint64_t updates = 0;  ///< presentations
  std::uint32_t lanes = 1;
  std::vector<std::string> alone;     ///< what learns in one of the two only ("hidden1.feedback (learns here only)")
  std::vector<std::string> kept_own;  ///< synapses of the other circuit that were not given our weights, and why
};

struct angle_options {
  std::uint64_t updates = 20;
  std::function<void()> on_update;
};

/// Before each presentation, the other circuit is given our weights, of all projections of synapses that both have;
/// then both make the same presentation, each with its own times. With the netlist's lanes, or one if the data are
/// fewer. Throws usage_error if nothing can be compared (common_learning).
[[nodiscard]] angle_result measure_angles(const description& netlist, const description& other, const data_set& data,
                                          const angle_options& options = {});

/// A table, indented by four: projection, mean, largest, ratio.
[[nodiscard]] std::string table_of(const angle_result& result);

/// Sentences for audit_report::measured.
[[nodiscard]] std::vector<std::string> angles_measured(const angle_result& result);

}  // namespace locus
