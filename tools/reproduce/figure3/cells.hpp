#pragma once
/// The runs of Fig. 3 of Song et al. 2020: what is varied, and what one run comes to.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/core/text_table.hpp"
#include "sim/data/data_set.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools::figure3 {

/// One run: a network, a seed, and how far it is from the three conditions under which Z-IL is backpropagation.
struct cell {
  unsigned hidden = 1;                         ///< hidden layers
  std::uint64_t seed = 1;                      ///< of weights, order of samples, and noise
  bool backpropagation = false;                ///< what the others are compared with
  double sigma = 0;                            ///< C1: noise on the hidden values at t = 0
  std::optional<std::int64_t> update_at = {};  ///< C2: all synapses learn at this t; nothing: those of layer l at t = l
  double gamma = 1;                            ///< C3

  friend auto operator<=>(const cell&, const cell&) = default;

  /// "3 hidden layers, seed 5, t = l, gamma = 0.5"
  [[nodiscard]] std::string text() const;
};

/// "l" or a number.
[[nodiscard]] std::string text_of(const std::optional<std::int64_t>& update_at);

/// Final weights of a run, layer by layer.
using weights = std::vector<std::vector<double>>;

struct outcome {
  std::vector<double> test_error;  ///< percent, after each epoch
  std::vector<double> distances;   ///< of the final weights from backpropagation's, Euclidean, layer by layer
  std::uint64_t diverged_at = 0;   ///< the update at which a number became infinite; 0: none
  double seconds = 0;
  std::string weights_sha256;
  weights final_weights;  ///< of backpropagation only
};

/// For other processes.
void serialize(archive& a, outcome& o);

/// What all runs have in common.
class study {
 public:
  /// The paper says alpha = 0.001, and not whether updates of a batch are summed or averaged. `averaged`: the latter.
  study(const reproduce_settings& asked, bool averaged);

  [[nodiscard]] std::string name() const { return averaged_ ? "figure3-mean" : "figure3"; }  ///< of the target
  [[nodiscard]] bool averaged() const { return averaged_; }

  [[nodiscard]] const std::vector<cell>& references() const { return references_; }
  [[nodiscard]] const std::vector<cell>& cells() const { return cells_; }
  [[nodiscard]] const std::vector<unsigned>& hidden() const { return hidden_; }
  [[nodiscard]] const std::vector<double>& sigmas() const { return sigmas_; }
  [[nodiscard]] const std::vector<double>& gammas() const { return gammas_; }
  [[nodiscard]] const std::vector<std::uint64_t>& seeds() const { return asked_.seeds; }
  /// In the order of the figure's axis: t = l stands between L - 2 and L - 1.
  [[nodiscard]] std::vector<std::optional<std::int64_t>> times(unsigned hidden) const;

  [[nodiscard]] std::uint32_t epochs() const { return epochs_; }
  [[nodiscard]] const data_set& data() const { return data_; }
  [[nodiscard]] std::string network(unsigned hidden) const;  ///< "784-32-32-10"
  [[nodiscard]] document netlist(const cell& c, const std::vector<std::string>& more = {}) const;

  /// Name and value of what must be equal for results to be of the same study.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& settings() const { return settings_; }

  /// `reference`: weights of backpropagation's run of the same network and seed; without them there are no distances.
  [[nodiscard]] outcome run(const cell& c, const weights* reference) const;

  /// Seconds that all these runs take, one after the other, from short samples of them.
  [[nodiscard]] double estimated_seconds(const std::vector<cell>& runs) const;

 private:
  [[nodiscard]] description description_of(const cell& c) const;
  [[nodiscard]] double seconds_of(const cell& c, std::uint64_t updates, bool evaluate) const;

  const reproduce_settings& asked_;
  bool averaged_;
  std::vector<unsigned> hidden_;
  std::vector<double> sigmas_, gammas_;
  std::vector<std::int64_t> fixed_times_;
  std::uint32_t epochs_;
  data_set data_;
  std::vector<cell> references_, cells_;
  std::vector<std::pair<std::string, std::string>> settings_;
};

/// What has been run.
struct results {
  std::map<cell, outcome> cells;
  std::map<cell, weights> references;

  /// Takes over what is in a results file. Throws usage_error if it is of another study, run_error if it is damaged.
  void load(const std::string& file, const study& of);
  /// As tables of a results file.
  [[nodiscard]] text_table cell_table() const;
  [[nodiscard]] text_table error_table() const;
};

/// "reference/2-1482555873/hidden1": where weights of a reference lie in a results file.
[[nodiscard]] std::string weights_path(const cell& reference, std::size_t layer);

}  // namespace locus::tools::figure3
