#pragma once
/// The values of a recorded variable, tick by tick, whichever way it is stored.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/trace/change_list.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus {

/// Reads in blocks of bounded size. Requires: the trace outlives it. One thread at a time.
class value_stream {
 public:
  /// Of the columns [first, first + count) of `v`.
  value_stream(const trace_reader& trace, const trace_variable& v, std::size_t first, std::size_t count);
  value_stream(const trace_reader& trace, const trace_variable& v) : value_stream(trace, v, 0, v.columns()) {}

  /// [column][lane] at `tick`, which must be greater than those asked for before. NaN for what is not known: a tick
  /// that is no frame, or before the first change. Valid until the next call.
  [[nodiscard]] std::span<const double> at(tick_t tick);

  /// The first tick after `tick` (or the first, for `never`) at which there is a frame, or a change of any column
  /// of the variable; nothing if there is none. Requires: at() was not called for a later tick.
  [[nodiscard]] std::optional<tick_t> next(tick_t tick);

 private:
  void load_frames(std::size_t frame);
  void load_changes();
  void apply(const change& c);

  const trace_reader& trace_;
  const trace_variable& variable_;
  std::size_t first_, count_, width_;
  std::vector<double> row_;  ///< what at() shows
  // frames
  std::optional<hdf5::object> dataset_;
  std::vector<double> block_;
  std::size_t block_start_ = 0, block_frames_ = 0, frame_ = 0;
  // changes
  std::optional<change_list> list_;
  std::vector<change> pending_;
  std::uint64_t list_read_ = 0;
  std::size_t pending_at_ = 0;
};

/// The recorded ticks of `v` in [from, until), ascending, at most `most` of them.
[[nodiscard]] std::vector<tick_t> recorded_ticks(const trace_reader& trace, const trace_variable& v, tick_t from,
                                                 tick_t until, std::size_t most);

}  // namespace locus
