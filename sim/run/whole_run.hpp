#pragma once
/// A run as the program does it: a netlist, its data and its twin, with trace and checkpoints.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/experiment.hpp"
#include "sim/run/checkpointing.hpp"
#include "sim/run/loading.hpp"
#include "sim/run/recording.hpp"
#include "sim/run/results.hpp"

namespace locus {

/// What is wanted of a run. Threads and tracking are those of experiment_options::simulation.
struct run_request {
  std::optional<document> netlist;     ///< none: that of the checkpoint that is resumed
  std::vector<std::string> overrides;  ///< for netlists that are named, and for that of the checkpoint
  checkpoint_request checkpoint;       ///< also what it is compared with, and whether it is tested
  trace_request trace;
  std::string weights, results;  ///< files that will be written after it, "": none
  std::uint64_t updates = 0;     ///< 0: as the netlist says
  bool track_activity = true;
  rank_group* ranks = nullptr;        ///< null: this process alone
  std::size_t threads = 0;            ///< 0: as many as the circuit's size is worth
  std::function<bool()> interrupted;  ///< asked before each tick and after each presentation; true ends the run
  std::function<void(const std::string&)> warn;  ///< told the netlist's warnings
};

/// One run, in this order: made, begun, recorded, run, caught up. Stays where it is.
class whole_run {
 public:
  /// Reads netlist, twin and data; where there are several ranks, all but rank 0 the netlist alone. Throws usage_error
  /// if they are wrong or a file has two uses, run_error if something cannot be read.
  explicit whole_run(run_request request);
  whole_run(const whole_run&) = delete;
  whole_run& operator=(const whole_run&) = delete;

  [[nodiscard]] const description& netlist() const noexcept { return loaded_.netlist; }
  [[nodiscard]] const loaded_netlist& loaded() const noexcept { return loaded_; }
  [[nodiscard]] const data_set& data() const noexcept { return data_; }
  [[nodiscard]] const run_facts& facts() const noexcept { return facts_; }

  /// What is told in the course of it: experiment_options' functions of the same names. Before begin().
  std::function<void(experiment&, const epoch_result&)> on_epoch;
  std::function<void(experiment&, std::uint32_t epoch)> on_batch;

  /// In the place of all below, on a rank that is not 0: computes its part until rank 0 has come to its end.
  void serve();

  /// Builds the circuits and takes them to where a resumed run was.
  experiment& begin();
  [[nodiscard]] experiment& running() noexcept { return *experiment_; }

  /// Makes the files that are written in its course: the trace, if there is one, and the first checkpoint.
  const recording& record();

  /// To the end, or until it is interrupted; afterwards the weights are written. What it throws is thrown on.
  const run_result& run();
  [[nodiscard]] const run_result& result() const noexcept { return result_; }

  /// After run(), and after whatever begin(), record() or run() threw: if the run ended within a presentation, brings
  /// the checkpoint to the state before that, and says after how many presentations it is.
  std::optional<std::uint64_t> catch_up();

 private:
  [[nodiscard]] experiment_options options() const;
  void check_files() const;

  run_request request_;
  checkpointing checkpoints_;
  loaded_netlist loaded_;
  std::optional<description> twin_;
  data_set data_;
  run_facts facts_;
  std::unique_ptr<experiment> experiment_;
  std::optional<recording> recording_;
  run_result result_;
};

}  // namespace locus
