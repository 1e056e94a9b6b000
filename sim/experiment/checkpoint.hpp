#pragma once
/// A run's state in a file, from which it can go on. The format is in sim/experiment/README.md.

#include <string>

#include "sim/core/archive.hpp"
#include "sim/core/bits_version.hpp"
#include "sim/experiment/experiment.hpp"

namespace locus {

/// Which run a checkpoint is of. Netlists are canonical texts or long forms.
struct checkpoint_origin {
  std::string version;  ///< of the program
  std::int64_t bits_version = locus::bits_version;
  std::string name;     ///< of the netlist: its file
  std::string netlist;  ///< as run
  std::string against;  ///< what it is compared with: a rule or a file; "" if nothing
  std::string against_netlist;
  bool evaluated = true;  ///< whether the test set is scored after each epoch
};

/// Writes all that the rest of the run depends on, atomically: a file of that name is replaced by a whole checkpoint or
/// stays what it was. Requires: between two presentations. Throws run_error.
void save_checkpoint(const std::string& file, const checkpoint_origin& run, experiment& x);

/// A checkpoint, to go on from. Requires: opened before threads run, if this process is to survive whatever file.
class stored_checkpoint {
 public:
  /// Throws run_error if the file is none.
  explicit stored_checkpoint(const std::string& file);

  /// What it says of its run.
  [[nodiscard]] const checkpoint_origin& origin() const noexcept { return origin_; }

  /// Takes `x`, which has not run, to where the checkpoint was written; once. Throws usage_error if `run` is another
  /// run, which names the first difference, and run_error if the file is damaged.
  void load(const checkpoint_origin& run, experiment& x);

 private:
  std::string file_;
  archive archive_;
  checkpoint_origin origin_;
};

}  // namespace locus
