#pragma once
/// One run of a sweep, and what it comes to.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/core/enum_names.hpp"
#include "sim/experiment/experiment.hpp"

namespace locus::sweep {

/// What is known of a cell. Numbers are those of files.
enum class cell_state : std::uint8_t {
  missing = 0,  ///< not run yet
  done = 1,
  failed = 2,  ///< ended with an error, which it would end with again
  died = 3,    ///< its process was killed or crashed: it is run again when the sweep is
};

/// Counts that a run ends with.
struct cell_counts {
  std::uint64_t ticks = 0, messages = 0, links = 0, spikes = 0, updates = 0, presentations = 0;

  friend bool operator==(const cell_counts&, const cell_counts&) = default;
};
struct named_count {
  std::string_view name;
  std::uint64_t cell_counts::*value;
};
inline constexpr named_count all_counts[] = {
    {"ticks", &cell_counts::ticks},     {"messages", &cell_counts::messages},
    {"links", &cell_counts::links},     {"spikes", &cell_counts::spikes},
    {"updates", &cell_counts::updates}, {"presentations", &cell_counts::presentations},
};

/// Counts that are known after each epoch, since the start of the run.
inline constexpr std::string_view epoch_counts[] = {"ticks", "messages", "spikes", "updates"};

/// Scores of an epoch, by the names that JSON has for them.
inline constexpr std::string_view score_names[] = {"loss",      "train_accuracy", "train_r2",
                                                   "test_loss", "test_accuracy",  "test_r2"};

/// The scores, and for each report its name and "test " with it.
[[nodiscard]] std::vector<std::string> measures_with(const std::vector<std::string>& reports);

struct cell_result {
  cell_state state = cell_state::missing;
  std::string message;         ///< why it failed or died; of one that is done, what is remarkable
  std::string weights_sha256;  ///< of the final weights
  double seconds = 0;          ///< from reading the netlist to the end
  cell_counts counts;
  std::uint32_t epochs = 0;                        ///< that were finished
  std::vector<std::vector<double>> curves;         ///< [measure][epoch]; not-a-number: not measured
  std::vector<std::vector<std::uint64_t>> growth;  ///< [of epoch_counts][epoch]

  /// The measure after the last epoch, or not-a-number.
  [[nodiscard]] double last(std::size_t measure) const;
};

/// The result of a run, with the measures of measures_with(reports).
[[nodiscard]] cell_result result_of(const run_result& run, const circuit& net, const std::vector<std::string>& reports);

void serialize(archive& a, cell_result& result);

}  // namespace locus::sweep
