#pragma once
/// The values of recorded variables at whatever tick is asked for, read in small parts and kept for a while.

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "sim/trace/change_list.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus {

/// A value holds until the next one is recorded. One thread at a time; the trace must outlive it.
class trace_values {
 public:
  explicit trace_values(const trace_reader& trace) : trace_(trace) {}

  /// All columns, [column][lane], as they were at `tick`: those of the last recorded tick that is not later. NaN before
  /// the first. Valid until the next call.
  [[nodiscard]] std::span<const double> at(const trace_variable& v, tick_t tick);

  /// The same of some columns (ascending) in one lane, without reading the others where there are many.
  [[nodiscard]] std::vector<double> columns_at(const trace_variable& v, const std::vector<std::size_t>& columns,
                                               std::uint32_t lane, tick_t tick);

  /// The tick whose values at() gives, or nothing before the first.
  [[nodiscard]] std::optional<tick_t> tick_of(const trace_variable& v, tick_t tick);

  /// [tick][column] at the ticks from, from + step, ... < to, of some columns in one lane.
  [[nodiscard]] std::vector<double> values(const trace_variable& v, const std::vector<std::size_t>& columns,
                                           std::uint32_t lane, window ticks, tick_t step);

  /// The nearest tick after `tick` (direction 1) or before it (-1) at which the variable is not what it was at the
  /// recorded tick before. Nothing if there is none, none within `most` numbers from there, or none up to `limit`.
  [[nodiscard]] std::optional<tick_t> nearest_change(const trace_variable& v, tick_t tick, int direction,
                                                     std::uint64_t most, std::optional<tick_t> limit = {});

 private:
  /// Frames [first, first + count) of a variable, whole, in one of the two precisions: the file's, where it is that of
  /// traces.
  struct block {
    const trace_variable* variable = nullptr;
    std::size_t first = 0, count = 0;
    std::vector<double> numbers;
    std::vector<float> single;
    [[nodiscard]] std::size_t bytes() const { return numbers.size() * sizeof(double) + single.size() * sizeof(float); }
  };
  /// All columns of a list of changes after its first `read` changes.
  struct snapshot {
    std::uint64_t read = 0;
    std::vector<double> row;
  };
  struct changing {
    change_list list;
    std::list<snapshot> snapshots;  ///< the last used first
  };

  [[nodiscard]] std::span<const double> frame(const trace_variable& v, std::size_t at);
  [[nodiscard]] block read_block(const trace_variable& v, std::size_t first, std::size_t count);
  [[nodiscard]] std::size_t frames_of_block(const trace_variable& v);
  [[nodiscard]] const hdf5::object& dataset(const trace_variable& v);
  [[nodiscard]] changing& changes(const trace_variable& v);
  /// How many changes there are up to and with `tick`.
  [[nodiscard]] static std::uint64_t changes_until(const change_list& list, tick_t tick);
  [[nodiscard]] const std::vector<double>& state_after(const trace_variable& v, changing& c, std::uint64_t read);
  [[nodiscard]] std::vector<double> read_part(const trace_variable& v, std::size_t first_frame, std::size_t frames,
                                              const std::vector<std::size_t>& columns, std::uint32_t lane);

  const trace_reader& trace_;
  std::map<const trace_variable*, hdf5::object> datasets_;
  std::map<const trace_variable*, std::size_t> heights_;
  std::map<const trace_variable*, changing> changes_;
  std::list<block> blocks_;  ///< the last used first
  std::vector<double> row_;  ///< a frame that is kept as floats
};

}  // namespace locus
