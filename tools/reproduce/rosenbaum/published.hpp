#pragma once
/// What Rosenbaum 2022 shows, read from the vector graphics of the authors' program (RobertRosenbaum/
/// PredictiveCodingVsBackProp). Layers from the input side; the output's errors are 7e-4 at most, or 0.

#include <optional>
#include <string_view>
#include <vector>

#include "tools/reproduce/rosenbaum/study.hpp"

namespace locus::tools::rosenbaum {

/// Of one batch, on the network that backpropagation has trained: Fig. 2 (strict, squares) and Fig. 4 (fixed
/// prediction, cross-entropy). degrees may be empty.
struct published_update {
  std::string_view rule;
  double gamma;
  int ticks;
  std::vector<double> errors, degrees;
};
[[nodiscard]] const std::vector<published_update>& published_updates();

/// Figs. 1, 3 and 5: means over the last 20 of 400 batches.
struct published_training {
  std::string_view figure;
  std::string_view rule;
  bool cross_entropy;
  double gamma;
  int ticks;
  std::vector<double> errors, degrees;
  double accuracy, accuracy_of_bp;  ///< percent of test batches
};
[[nodiscard]] const std::vector<published_training>& published_trainings();

/// Training loss of Fig. 1 at batches 0, 50, ..., 350.
struct published_loss {
  std::string_view rule;  ///< strict | bp
  std::vector<double> losses;
};
[[nodiscard]] const std::vector<published_loss>& published_losses();

}  // namespace locus::tools::rosenbaum
