#pragma once
/// /stimuli: when stimuli held which population.

#include <optional>

#include "sim/trace/table_recorder.hpp"

namespace locus {

/// Lists the windows of which at least one tick is recorded, each when it is over.
class stimulus_recorder : public table_recorder {
 public:
  explicit stimulus_recorder(const circuit& c);

  void see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) override;
  void see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) override;
  void finish(tick_t end, std::span<table_rows> to) override;

 private:
  struct target {
    std::size_t population = 0;
    std::optional<tick_t> on = {};  ///< of the stimulus that holds it
    bool recorded = false;          ///< it held in a tick that is recorded
  };

  std::vector<target> targets_;  ///< one a table
};

}  // namespace locus
