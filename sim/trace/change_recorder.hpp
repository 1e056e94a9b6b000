#pragma once
/// /changes: variables that are recorded only when they change.

#include "sim/trace/table_recorder.hpp"
#include "sim/trace/variable_reader.hpp"

namespace locus {

class change_recorder : public table_recorder {
 public:
  change_recorder(const circuit& c, const trace_layout& layout);

  void prepare(const hdf5::object& file) const override;
  void see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) override;
  void see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) override;

 private:
  /// A variable and what was noted of it last; at first nothing.
  struct followed {
    recorded_variable variable;
    std::vector<std::byte> last;
    bool noted = false;
  };

  const circuit& circuit_;
  std::size_t number_bytes_;
  std::vector<followed> followed_;  ///< one a table
  variable_reader reader_;
  std::vector<std::byte> now_;  ///< of one variable
};

}  // namespace locus
