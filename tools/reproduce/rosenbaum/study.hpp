#pragma once
/// What Figs. 1 to 5 of Rosenbaum 2022 measure: the weight updates of strict and fixed-prediction predictive coding
/// beside backpropagation's, after one batch against the ticks of relaxation, and over a training.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/data/data_set.hpp"
#include "sim/experiment/score.hpp"
#include "sim/netlist/description.hpp"
#include "tools/reproduce/target.hpp"
#include "tools/reproduce/training.hpp"

namespace locus::tools::rosenbaum {

/// A circuit.
struct setting {
  std::string rule = "bp";     ///< strict | fixed-prediction | bp
  bool cross_entropy = false;  ///< of probabilities; otherwise squares of a linear output, as in Figs. 1 and 2
  double gamma = 0.1;          ///< eta of the paper
  int ticks = 20;              ///< of relaxation, n of the paper
  std::string precision = "f32";
  bool summed = false;  ///< the loss of a batch is the sum over it, not the mean

  friend auto operator<=>(const setting&, const setting&) = default;

  /// "strict, eta = 0.1, n = 20, f32"
  [[nodiscard]] std::string text() const;
};

/// How far the updates of the layers' weights (not biases) are from backpropagation's, input side first.
struct layer_differences {
  std::vector<double> errors;   ///< |ours - BP's| / |BP's|
  std::vector<double> degrees;  ///< angle; not a number where there is no update
};

/// What the law of fixed prediction says of the errors, in exact arithmetic: P[Binomial(n - 1, eta) < d], d layers
/// below the output (models/relaxing-value.toml).
[[nodiscard]] std::vector<double> exact_errors(std::size_t layers, double gamma, int ticks);

/// What a rounded value cannot follow. A value x moves no more as soon as eta times what drives it is below half an ulp
/// of x; what is left of the drive is then up to ulp(x) / (2 eta).
struct stagnation {
  double largest = 0;  ///< residual over ulp(x) / (2 eta), of the neurons of the last hidden layer whose slope is not 0
  double mean = 0;
  double error_scale = 0;  ///< root mean square of backpropagation's deltas there
  double value_scale = 0;  ///< of the values
};

/// One batch.
struct update_outcome {
  layer_differences differences;
  stagnation left;  ///< of fixed prediction
};

/// A training.
struct training_outcome {
  std::vector<double> losses;           ///< of each batch, before it is taught
  std::vector<double> correct;          ///< share of it
  std::vector<double> accuracy;         ///< of the test set, after each epoch
  std::vector<std::uint64_t> measured;  ///< the batches at which the updates were compared
  std::vector<layer_differences> differences;
  training_stages weights;  ///< at the end, of backpropagation
};

// For other processes.
void serialize(archive& a, layer_differences& d);
void serialize(archive& a, update_outcome& o);
void serialize(archive& a, training_outcome& o);

/// What all of it has in common.
class study {
 public:
  explicit study(const reproduce_settings& asked);

  [[nodiscard]] const std::vector<double>& gammas() const { return gammas_; }
  [[nodiscard]] const std::vector<int>& ticks() const { return ticks_; }
  [[nodiscard]] const data_set& data() const { return data_; }
  [[nodiscard]] const std::vector<std::string>& layers() const { return layers_; }  ///< "hidden1", ..., "output"
  [[nodiscard]] std::uint64_t batches() const;                                      ///< of a training
  [[nodiscard]] std::uint32_t epochs() const { return epochs_; }
  [[nodiscard]] unsigned lanes() const { return lanes_; }
  /// The mean training loss of the paper's figures from that of a score.
  [[nodiscard]] double shown_loss(const setting& s, const answer_score& score) const;
  [[nodiscard]] document netlist(const setting& s, std::uint64_t seed) const;

  /// The updates that one batch asks of a network with these weights.
  [[nodiscard]] update_outcome update(const setting& s, std::uint64_t seed, const learnt_weights& weights) const;

  [[nodiscard]] training_outcome training(const setting& s, std::uint64_t seed) const;

 private:
  [[nodiscard]] document netlist(const setting& s, std::uint64_t seed, const std::vector<std::string>& more) const;
  [[nodiscard]] description read(const setting& s, std::uint64_t seed, const std::vector<std::string>& more) const;
  [[nodiscard]] bool measured_at(std::uint64_t batch) const;

  const reproduce_settings& asked_;
  std::vector<double> gammas_;
  std::vector<int> ticks_;
  std::uint32_t epochs_;
  unsigned lanes_ = 0;
  std::uint64_t outputs_ = 0;
  std::vector<std::string> layers_;
  data_set data_;
};

}  // namespace locus::tools::rosenbaum
