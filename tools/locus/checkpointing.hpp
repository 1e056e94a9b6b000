#pragma once
/// How `locus run` writes checkpoints and goes on from one.

#include <cstdint>
#include <optional>
#include <string>

#include "sim/experiment/checkpoint.hpp"
#include "tools/locus/command.hpp"

namespace locus::tools {

/// --checkpoint, --every-updates, --resume
void add_checkpoint_options(boost::program_options::options_description& options);

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
  void resume(experiment& x) const;

  /// Writes the first checkpoint, so that a run which cannot write any does not begin.
  void begin(experiment& x) const;

  /// experiment_options::on_pause
  void pause(experiment& x, bool last) const;

  [[nodiscard]] const std::string& file() const noexcept { return file_; }             ///< that is written, or ""
  [[nodiscard]] const std::string& resumed_from() const noexcept { return resumed_; }  ///< or ""

 private:
  const parsed_arguments& arguments_;
  std::string file_;
  std::string resumed_;
  std::uint64_t every_ = 0;
  checkpoint_origin run_;
};

}  // namespace locus::tools
