#pragma once
/// How a run writes checkpoints and goes on from one.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/checkpoint.hpp"
#include "sim/run/loading.hpp"

namespace locus {

struct checkpoint_request {
  std::string file = {};     ///< that is written; "": none
  std::string resume = {};   ///< that the run goes on from; "": it begins
  std::uint64_t every = 0;   ///< presentations; 0: once a minute
  bool force = false;        ///< overwrite the file
  std::string against = {};  ///< what the run is compared with, "": nothing, or what a resumed run was
  bool evaluate = true;      ///< score the test set; a resumed run that did not goes on without
};

/// What is wanted of one run, and what that asks for in its course.
class checkpointing {
 public:
  /// Throws usage_error for what does not fit together, run_error for a file to resume from that is none.
  explicit checkpointing(const checkpoint_request& request);

  // A resumed run takes over what is left open: netlist, twin, comparison, whether there is a test. `overrides` are for
  // netlists that are named by a file, or read from one.
  [[nodiscard]] loaded_netlist load(const std::optional<document>& given, const std::vector<std::string>& overrides);
  [[nodiscard]] std::optional<description> twin(const loaded_netlist& loaded,
                                                const std::vector<std::string>& overrides);
  [[nodiscard]] const std::string& against() const noexcept { return run_.against; }
  [[nodiscard]] bool evaluates() const noexcept { return run_.evaluated; }

  /// Takes `x` to where the checkpoint was written, if one is resumed.
  void resume(experiment& x);

  /// Writes the first checkpoint, so that a run which cannot write any does not begin.
  void begin(experiment& x);

  /// experiment_options::on_pause
  void pause(experiment& x, bool last);

  /// After a run that ended within a presentation, by an error or a signal: brings the file to the state before that
  /// presentation, and says which that is. An experiment of its own goes there from the last checkpoint, because the
  /// one that ended has no such state any more. The arguments are those that it was made of.
  std::optional<std::uint64_t> catch_up(const description& netlist, const data_set& data, experiment_options options);

  [[nodiscard]] const std::string& file() const noexcept { return file_; }             ///< that is written, or ""
  [[nodiscard]] const std::string& resumed_from() const noexcept { return resumed_; }  ///< or ""

 private:
  using clock = std::chrono::steady_clock;

  void save(experiment& x);

  std::string file_;
  std::string resumed_;
  std::optional<stored_checkpoint> stored_;  ///< to resume from, until that is done
  std::uint64_t every_ = 0;
  checkpoint_origin run_;
  bool anew_ = false;          ///< what it is compared with was said for this run
  bool in_order_ = false;      ///< the file is one of this run, and could be written when it was last tried
  std::uint64_t saved_ = 0;    ///< presentations before the checkpoint in the file
  std::uint64_t reached_ = 0;  ///< presentations that came to their end
  clock::time_point saved_at_;
  clock::duration took_{};  ///< to write it
};

}  // namespace locus
