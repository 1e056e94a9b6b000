#pragma once
/// /presentations: which sample was shown when.

#include <vector>

#include "sim/trace/table_recorder.hpp"

namespace locus {

/// Lists the presentations of which at least one tick is recorded, a row a lane, when that tick comes.
class presentation_recorder : public table_recorder {
 public:
  explicit presentation_recorder(const circuit& c);

  void prepare(const hdf5::object& file) const override;
  void begin(const begun_presentation& p) override;
  void see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) override;
  void see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) override;

 private:
  /// What the rows of the present presentation will say.
  struct lane {
    std::uint32_t sample = 0;
    std::int32_t label = 0;
  };

  begun_presentation now_;  ///< without its spans
  std::vector<lane> lanes_;
  bool listed_ = true;
};

}  // namespace locus
