#pragma once
/// /spikes: the ones of event variables, in SONATA's layout of spikes.

#include "sim/trace/table_recorder.hpp"
#include "sim/trace/variable_reader.hpp"

namespace locus {

class event_recorder : public table_recorder {
 public:
  event_recorder(const circuit& c, const trace_layout& layout);

  void prepare(const hdf5::object& file) const override;
  void see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) override;
  void see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) override;

 private:
  /// An event of the tick at hand.
  struct event {
    std::uint64_t node;
    std::uint32_t lane;
  };
  void find(const simulator& s);
  void add(tick_t tick, std::span<table_rows> to) const;

  std::size_t lanes_;
  bool single_;
  std::vector<recorded_variable> variables_;  ///< one a table
  variable_reader reader_;
  std::vector<std::byte> values_;           ///< of one variable
  std::vector<std::vector<event>> events_;  ///< one list a table
};

}  // namespace locus
