#include "sim/trace/sampled_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/hdf5_reading.hpp"
#include "sim/trace/overview.hpp"
#include "sim/trace/value_stream.hpp"

namespace locus {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

sampled_values empty_samples(const trace_reader& trace, const chosen_columns& chosen, const sampling& wanted) {
  sampled_values s;
  const auto span = static_cast<std::uint64_t>(wanted.until - wanted.from);
  const auto shortest = chosen.variable->storage == trace_storage::frames
                            ? static_cast<std::uint64_t>(trace.facts().every)
                            : std::uint64_t{1};
  const std::uint64_t width = std::max<std::uint64_t>(shortest, (span + wanted.most_samples - 1) / wanted.most_samples);
  s.from = wanted.from;
  s.width = static_cast<tick_t>(width);
  s.samples = static_cast<std::size_t>((span + width - 1) / width);
  s.columns_of_row = (chosen.columns.size() + wanted.most_rows - 1) / wanted.most_rows;
  s.rows = (chosen.columns.size() + s.columns_of_row - 1) / s.columns_of_row;
  s.low.assign(s.rows * s.samples, none);
  s.high.assign(s.rows * s.samples, none);
  return s;
}

void widen(sampled_values& s, std::size_t row, std::size_t sample, double low, double high) {
  double& lowest = s.low[row * s.samples + sample];
  double& highest = s.high[row * s.samples + sample];
  lowest = std::fmin(lowest, low);  // fmin and fmax: not a number gives way
  highest = std::fmax(highest, high);
}

std::size_t sample_of(const sampled_values& s, tick_t tick) {
  return static_cast<std::size_t>((tick - s.from) / s.width);
}

void read_all(const trace_reader& trace, const chosen_columns& chosen, const sampling& wanted, sampled_values& s) {
  const trace_variable& v = *chosen.variable;
  const std::size_t first = chosen.columns.front();
  const bool held = v.storage == trace_storage::changes;
  const std::uint32_t lane = std::min(wanted.lane, v.lanes - 1);
  value_stream ahead(trace, v), values(trace, v, first, chosen.columns.back() - first + 1);
  // A value of a list of changes holds on, so that each sample is seen even if nothing changes in it.
  const auto next = [&](tick_t tick) {
    const std::optional<tick_t> recorded = ahead.next(tick);
    if (!held) return recorded;
    const tick_t start = tick < s.from ? s.from : s.from + (tick - s.from + s.width) / s.width * s.width;
    return std::optional(recorded ? std::min(*recorded, start) : start);
  };
  for (auto tick = next(wanted.from - 1); tick && *tick < wanted.until; tick = next(*tick)) {
    const std::span<const double> row = values.at(*tick);
    for (std::size_t i = 0; i < chosen.columns.size(); ++i) {
      const double x = row[(chosen.columns[i] - first) * v.lanes + lane];
      widen(s, i / s.columns_of_row, sample_of(s, *tick), x, x);
    }
  }
}

/// False if the trace has no overview of the variable.
bool read_overview(const trace_reader& trace, const chosen_columns& chosen, const sampling& wanted, sampled_values& s) {
  const hdf5::session exclusive;
  const trace_variable& v = *chosen.variable;
  const std::string path = "/overview/" + v.group + "/" + v.name;
  if (!hdf5::find_group(trace.file(), path)) return false;
  const hdf5::object low = hdf5::open_checked(trace.file(), path + "/min", H5T_FLOAT, 2);
  const hdf5::object high = hdf5::open_checked(trace.file(), path + "/max", H5T_FLOAT, 2);
  const std::vector<hsize_t> size = hdf5::size_of(low);
  const std::vector<tick_t>& frames = trace.frames();
  const auto blocks = [](std::size_t n) { return (n + overview_block - 1) / overview_block; };
  if (size != hdf5::size_of(high) || size[1] != blocks(v.columns()) || size[0] < blocks(frames.size())) return false;
  // Blocks [begin, end) hold ticks that are wanted.
  const auto frame_at = [&](tick_t tick) {
    return static_cast<std::size_t>(std::lower_bound(frames.begin(), frames.end(), tick) - frames.begin());
  };
  const std::size_t begin = frame_at(wanted.from) / overview_block, end = blocks(frame_at(wanted.until));
  const std::size_t at_once = std::max<std::size_t>(1, (std::size_t{1} << 17u) / std::max<hsize_t>(1, size[1]));
  std::vector<double> lowest, highest;
  for (std::size_t block = begin, read = begin; block < end; ++block) {
    if (block == read) {
      const std::size_t count = std::min(at_once, end - block);
      lowest = hdf5::read_numbers(low, {block, 0}, {count, size[1]});
      highest = hdf5::read_numbers(high, {block, 0}, {count, size[1]});
      read = block + count;
    }
    const tick_t start = std::max(frames[block * overview_block], wanted.from);
    const tick_t last = std::min(frames[std::min(frames.size(), (block + 1) * overview_block) - 1], wanted.until - 1);
    if (start > last) continue;
    const std::size_t width = size[1], first = lowest.size() - (read - block) * width;
    for (std::size_t k = 0; k < width; ++k) {
      const double l = lowest[first + k], h = highest[first + k];
      if (l > h) continue;  // the block has no number
      for (std::size_t row = k * overview_block / s.columns_of_row;
           row < s.rows && row * s.columns_of_row < (k + 1) * overview_block; ++row) {
        for (std::size_t at = sample_of(s, start); at <= sample_of(s, last); ++at) widen(s, row, at, l, h);
      }
    }
  }
  s.all_lanes = v.lanes > 1;
  return true;
}

}  // namespace

double sampled_values::strongest(std::size_t row, std::size_t sample) const {
  const double l = low[row * samples + sample], h = high[row * samples + sample];
  return std::abs(l) > std::abs(h) ? l : h;
}

double sampled_values::tick(std::size_t sample) const {
  return static_cast<double>(from) + static_cast<double>(sample) * static_cast<double>(width) +
         0.5 * static_cast<double>(width - 1);
}

sampled_values sample_values(const trace_reader& trace, const chosen_columns& chosen, const sampling& wanted) {
  sampled_values s = empty_samples(trace, chosen, wanted);
  const trace_variable& v = *chosen.variable;
  const std::vector<tick_t>& frames = trace.frames();
  const auto begin = std::lower_bound(frames.begin(), frames.end(), wanted.from);
  const auto end = std::lower_bound(begin, frames.end(), wanted.until);
  const std::uint64_t numbers = static_cast<std::uint64_t>(end - begin) * v.columns() * v.lanes;
  const bool large =
      v.storage == trace_storage::frames && chosen.columns.size() == v.columns() && numbers > wanted.overview_above;
  if (large && read_overview(trace, chosen, wanted, s)) return s;
  read_all(trace, chosen, wanted, s);
  return s;
}

}  // namespace locus
