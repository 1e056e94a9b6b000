#pragma once
/// A whole run: epochs of training, evaluation, and a second circuit beside it for comparison.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/experiment/presenter.hpp"
#include "sim/experiment/update_angles.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

/// What one epoch came to. Training scores are online: each sample is scored just before it is taught.
struct epoch_result {
  std::uint32_t epoch = 0;  ///< from 1
  answer_score train;
  std::optional<answer_score> test;   ///< none without a test set
  activity total;                     ///< since the start of the run
  std::uint64_t updates = 0;          ///< since the start of the run
  std::optional<angle_sample> angle;  ///< between our updates and the twin's, mean over the epoch
};

/// How the learnt weights differ from another circuit's. Compared are the projections that learn in both circuits and
/// have the same name.
struct weight_comparison {
  std::string rule;                ///< what it was compared with
  std::vector<std::string> alone;  ///< what could not be compared: "hidden2.forward (learns here only)"
  std::uint64_t updates = 0;
  double max_abs = 0;
  double max_rel = 0;  ///< |difference| / the larger magnitude of the two
  std::uint64_t max_ulp = 0;
  bool bit_identical = true;
  std::string largest;                          ///< where max_abs is: "hidden1.forward.theta[3][17]"
  std::optional<std::string> first_difference;  ///< "update 12, hidden1.forward.theta[3][17]: 0.1 against 0.2"
};

struct run_result {
  std::vector<epoch_result> epochs;
  activity total;
  std::uint64_t updates = 0;        ///< presentations, if something learns
  std::uint64_t presentations = 0;  ///< batches presented in training
  std::string weights_sha256;
  std::optional<weight_comparison> against;
  std::optional<std::string> nonfinite;
  bool stopped = false;  ///< options.stop or options.simulation.stop ended it
};

class experiment;

/// What is to be run. The functions are called with the running experiment.
struct experiment_options {
  simulator_options simulation;
  const description* against = nullptr;  ///< netlist of the twin, on the same data in the same order
  std::string against_name;
  /// Compare single updates instead of whole runs: the twin gets our weights before each, and results have angles.
  bool measure_angles = false;
  std::uint64_t max_updates = 0;  ///< 0: as the netlist says
  bool evaluate = true;           ///< score the test set after each epoch
  std::function<void(experiment&, const epoch_result&)> on_epoch;
  std::function<void(experiment&, std::uint32_t epoch)> on_batch;                       ///< after each presentation
  std::function<void(experiment&, const angle_sample&, const answer_score&)> on_angle;  ///< after each update
  /// Called between two presentations: the moment for a checkpoint.
  std::function<void(experiment&, bool last)> on_pause;
  /// Asked after each presentation; true ends the run with what it has come to. simulation.stop ends it within one:
  /// then there is no pause, because no run can go on from there.
  std::function<bool(experiment&)> stop;
};

class experiment {
 public:
  /// `netlist` and `data` must outlive the experiment.
  experiment(const description& netlist, const data_set& data, experiment_options options = {});
  ~experiment();

  [[nodiscard]] const circuit& net() const noexcept;
  [[nodiscard]] simulator& sim() noexcept;

  /// Batches of an epoch, and training samples left out because they fill no batch.
  [[nodiscard]] std::uint64_t batches() const noexcept;
  [[nodiscard]] std::uint64_t dropped() const noexcept;

  /// The layers of epoch_result::angle. Requires: options.measure_angles.
  [[nodiscard]] const std::vector<std::string>& angle_names() const { return angles_->names(); }

  /// Presentations of the whole run, and ticks of the rest of it if all of them take their longest.
  [[nodiscard]] std::uint64_t planned_presentations() const noexcept;
  [[nodiscard]] std::uint64_t planned_ticks() const noexcept;

  /// `tell` is called before the first tick of each presentation.
  void on_presentation(std::function<void(const begun_presentation&)> tell);

  /// From where it stands to the end.
  run_result run();

  /// Presentations so far, those that came to their end.
  [[nodiscard]] std::uint64_t presentations() const noexcept { return result_.presentations; }

  /// Saves or loads all that the rest of a run depends on, between two presentations. Loading requires an experiment
  /// that has not run, on the same netlists and data and with the same `evaluate`; a longer run may follow. Throws
  /// run_error, and must not be used after that. Requires: no angles are measured.
  void serialize(archive& a);

 private:
  struct side;
  void add_twin();
  void check_length() const;
  void run_epoch();
  void run_presentations();
  void present(std::span<const std::uint32_t> samples);
  void serialize_progress(archive& a);
  [[nodiscard]] bool enough() const;

  const description& netlist_;
  const data_set& data_;
  experiment_options options_;
  std::unique_ptr<side> main_;
  std::unique_ptr<side> twin_;
  std::unique_ptr<update_angles> angles_;
  std::unique_ptr<evaluator> evaluator_;
  std::function<void(const begun_presentation&)> tell_;
  std::vector<std::int32_t> labels_;  ///< for tell_
  run_result result_;
  epoch_result epoch_;  ///< the present one; its number is 0 between two epochs
  angle_mean angle_;    ///< of the present epoch
};

/// SHA-256 over the learnt weights' bytes, little-endian, in the run's precision: theta of the projections that learn,
/// in netlist order, each row-major [post][pre]. Those born as copies of another are left out, so that learned feedback
/// that stays equal to the forward weights has the hash of backpropagation, which uses each weight both ways.
[[nodiscard]] std::string weights_sha256(const simulator& s);

}  // namespace locus
