#pragma once
/// Something that notes what happens in a run as rows of tables of the trace. A new kind of record is a new recorder.

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sim/core/hdf5.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/netlist/timeline.hpp"
#include "sim/trace/layout.hpp"
#include "sim/trace/table.hpp"

namespace locus {

/// Sees every tick of a run, also those that are not recorded. The rows for its k-th table go to to[k].
class table_recorder {
 public:
  virtual ~table_recorder() = default;

  [[nodiscard]] const std::vector<table_layout>& tables() const noexcept { return tables_; }

  /// Datasets and attributes beside the tables, which are there, still empty. Requires: a session.
  virtual void prepare(const hdf5::object& file) const { static_cast<void>(file); }

  /// A presentation begins with the next tick.
  virtual void begin(const begun_presentation& p) { static_cast<void>(p); }

  /// One tick. `recorded`: whether the trace wants it.
  virtual void see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) = 0;

  /// Ticks in which nothing changes, all recorded or none.
  virtual void see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) = 0;

  /// What is known only when the run is over. Requires: a session.
  virtual void conclude(const hdf5::object& file) const { static_cast<void>(file); }

  /// The run ends before tick `end`.
  virtual void finish(tick_t end, std::span<table_rows> to) {
    static_cast<void>(end);
    static_cast<void>(to);
  }

 protected:
  std::vector<table_layout> tables_;
};

/// Those that a trace of that layout needs.
[[nodiscard]] std::vector<std::unique_ptr<table_recorder>> make_recorders(const circuit& c,
                                                                          const trace_description& trace,
                                                                          const trace_layout& layout);

}  // namespace locus
