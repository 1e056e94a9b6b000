#pragma once
/// How `locus run` writes checkpoints and goes on from one.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/experiment/checkpoint.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/loading.hpp"

namespace locus::tools {

/// --checkpoint, --every-updates, --resume
[[nodiscard]] std::vector<option> checkpoint_options();

/// The options of one run, and what they ask for in its course.
class checkpointing {
 public:
  /// Throws usage_error for options that do not fit together, run_error for a file to resume from that is none.
  explicit checkpointing(const parsed_arguments& arguments);

  // A resumed run takes over what the arguments leave open.
  [[nodiscard]] loaded_netlist load();
  [[nodiscard]] std::optional<description> twin(const loaded_netlist& loaded);
  [[nodiscard]] const std::string& against() const noexcept { return run_.against; }
  [[nodiscard]] bool evaluates() const noexcept { return run_.evaluated; }

  /// Takes `x` to where the checkpoint was written, if one is resumed.
  void resume(experiment& x);

  /// Writes the first checkpoint, so that a run which cannot write any does not begin.
  void begin(experiment& x);

  /// experiment_options::on_pause
  void pause(experiment& x, bool last);

  /// After a run that ended within a presentation, by an error or a signal: brings the file to the state before that
  /// presentation. An experiment of its own goes there from the last checkpoint, because the one that ended has no such
  /// state any more. The arguments are those that it was made of.
  void catch_up(const description& netlist, const data_set& data, experiment_options options);

  [[nodiscard]] const std::string& file() const noexcept { return file_; }             ///< that is written, or ""
  [[nodiscard]] const std::string& resumed_from() const noexcept { return resumed_; }  ///< or ""

 private:
  using clock = std::chrono::steady_clock;

  void save(experiment& x);

  const parsed_arguments& arguments_;
  std::string file_;
  std::string resumed_;
  std::optional<stored_checkpoint> stored_;  ///< to resume from, until that is done
  std::uint64_t every_ = 0;
  checkpoint_origin run_;
  bool in_order_ = false;      ///< the file is one of this run, and could be written when it was last tried
  std::uint64_t saved_ = 0;    ///< presentations before the checkpoint in the file
  std::uint64_t reached_ = 0;  ///< presentations that came to their end
  clock::time_point saved_at_;
  clock::duration took_{};  ///< to write it
};

}  // namespace locus::tools
