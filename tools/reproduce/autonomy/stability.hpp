#pragma once
/// What the table of stability and its pictures share.

#include <string>
#include <vector>

#include "tools/reproduce/autonomy/inference.hpp"

namespace locus::tools {

/// The upper one of the two in the middle. Requires: not empty.
[[nodiscard]] double median(std::vector<double> v);

/// A network and the inferences of some samples in it, one a lane.
struct studied_circuit {
  std::string activation;
  std::size_t hidden = 0;     ///< layers
  std::uint64_t updates = 0;  ///< of training before

  struct disturbed {
    double gamma;
    std::vector<disturbed_inference> samples;
  };
  std::vector<disturbed> runs = {};           ///< gamma = 1 first
  std::vector<settling> settled = {};         ///< at gamma = 1
  std::vector<settling> settled_slowly = {};  ///< at slow_gamma
  double slow_gamma = 1;                      ///< the largest power of 2 up to 1 with all samples stable

  /// lambda_max of each sample.
  [[nodiscard]] std::vector<double> fastest() const;
};

/// For other processes.
void serialize(archive& a, studied_circuit::disturbed& run);
void serialize(archive& a, studied_circuit& c);

/// Of all samples of all circuits: measured growth against gamma lambda_max, as gnuplot commands.
[[nodiscard]] std::string growth_plot(const std::vector<studied_circuit>& circuits);

/// One sample's distance from rest over ticks, a curve for each gamma.
[[nodiscard]] std::string deviation_plot(const studied_circuit& circuit, std::size_t sample, const std::string& title);

}  // namespace locus::tools
