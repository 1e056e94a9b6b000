#pragma once
/// Free-running inference with feedback that always flows: what theory says of it, and what a running circuit does.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/data/data_set.hpp"
#include "sim/experiment/presenter.hpp"
#include "tools/reproduce/autonomy/inference_stability.hpp"

namespace locus::tools {

inline constexpr double disturbance = 1e-8;

/// One sample's inference, disturbed at rest.
struct disturbed_inference {
  inference_modes modes;
  double fastest_growth = 0;      ///< measured: factor a tick by which the fastest mode's part changes, signed
  std::vector<double> distances;  ///< Euclidean, of all values from rest; [ticks since the disturbance]

  /// Whether it is nearer to rest at the end than just after the disturbance.
  [[nodiscard]] bool settled() const { return distances.back() < distances.front(); }
};

/// Values at the forward values of one training sample a lane, where all errors are 0; then one value of each lane, the
/// one that weighs most in the fastest mode, is moved by `disturbance`, and followed for `ticks`. `weights`: those of
/// another simulator of the same network. Requires of the netlist: two-compartment neurons, start = "forward", rule =
/// "none".
[[nodiscard]] std::vector<disturbed_inference> disturb_inference(const description& netlist, const data_set& data,
                                                                 const simulator& weights, std::size_t ticks);

/// How long inference takes from the values that belong to another sample.
struct settling {
  std::optional<std::size_t> ticks;  ///< until no error of the lane is above `tolerance`; none: not within the limit
  double last_error = 0;             ///< largest in the last ten ticks before the limit; 0: all errors are exactly 0
};

/// [lane]. Requires of the netlist: rule = "none", start = "settle".
[[nodiscard]] std::vector<settling> settle_inference(const description& netlist, const data_set& data,
                                                     const simulator& weights, double tolerance, std::size_t limit);

/// For other processes.
void serialize(archive& a, disturbed_inference& x);
void serialize(archive& a, settling& s);

}  // namespace locus::tools
