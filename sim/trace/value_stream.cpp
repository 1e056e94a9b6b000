#include "sim/trace/value_stream.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/hdf5_reading.hpp"

namespace locus {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// As many as are in about 8 MiB.
std::size_t frames_of_block(std::size_t width) {
  constexpr std::size_t numbers = std::size_t{1} << 20u;
  return std::max<std::size_t>(1, numbers / std::max<std::size_t>(1, width));
}

}  // namespace

value_stream::value_stream(const trace_reader& trace, const trace_variable& v, std::size_t first, std::size_t count)
    : trace_(trace), variable_(v), first_(first), count_(count), width_(count * v.lanes), row_(width_, unknown) {
  const hdf5::session exclusive;
  if (v.storage == trace_storage::frames) dataset_ = hdf5::open_checked(trace.file(), v.path(), H5T_FLOAT, 0);
  else list_.emplace(trace.file(), v.path());
}

std::span<const double> value_stream::at(tick_t tick) {
  if (dataset_) {
    const std::vector<tick_t>& frames = trace_.frames();
    const auto found = std::lower_bound(frames.begin() + static_cast<std::ptrdiff_t>(frame_), frames.end(), tick);
    frame_ = static_cast<std::size_t>(found - frames.begin());
    if (found == frames.end() || *found != tick) {
      std::fill(row_.begin(), row_.end(), unknown);
      return row_;
    }
    if (frame_ < block_start_ || frame_ >= block_start_ + block_frames_) load_frames(frame_);
    return std::span<const double>(block_).subspan((frame_ - block_start_) * width_, width_);
  }
  while (true) {
    if (pending_at_ == pending_.size()) load_changes();
    if (pending_at_ == pending_.size() || pending_[pending_at_].tick > tick) return row_;
    apply(pending_[pending_at_++]);
  }
}

std::optional<tick_t> value_stream::next(tick_t tick) {
  if (dataset_) {
    const std::vector<tick_t>& frames = trace_.frames();
    const auto found = std::upper_bound(frames.begin(), frames.end(), tick);
    return found == frames.end() ? std::nullopt : std::optional(*found);
  }
  while (true) {
    if (pending_at_ == pending_.size()) load_changes();
    if (pending_at_ == pending_.size()) return std::nullopt;
    if (pending_[pending_at_].tick > tick) return pending_[pending_at_].tick;
    apply(pending_[pending_at_++]);
  }
}

void value_stream::load_frames(std::size_t frame) {
  const hdf5::session exclusive;
  block_start_ = frame;
  block_frames_ = std::min(frames_of_block(width_), trace_.frames().size() - frame);
  std::vector<hsize_t> start = {frame, first_}, count = {block_frames_, count_};
  if (hdf5::size_of(*dataset_).size() == 3) {
    start.push_back(0);
    count.push_back(variable_.lanes);
  }
  block_ = hdf5::read_numbers(*dataset_, start, count);
}

void value_stream::load_changes() {
  const hdf5::session exclusive;
  pending_ = list_->read(list_read_, changes_of_block);
  list_read_ += pending_.size();
  pending_at_ = 0;
}

void value_stream::apply(const change& c) {
  const auto& indices = variable_.indices;
  const auto begin = indices.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto end = begin + static_cast<std::ptrdiff_t>(count_);
  const auto found = std::lower_bound(begin, end, c.index);
  if (found == end || *found != c.index || c.lane >= variable_.lanes) return;
  row_[static_cast<std::size_t>(found - begin) * variable_.lanes + c.lane] = c.value;
}

std::vector<tick_t> recorded_ticks(const trace_reader& trace, const trace_variable& v, tick_t from, tick_t until,
                                   std::size_t most) {
  std::vector<tick_t> ticks;
  value_stream stream(trace, v);
  std::optional<tick_t> tick = stream.next(from == never ? never : from - 1);
  while (tick && *tick < until && ticks.size() < most) {
    ticks.push_back(*tick);
    tick = stream.next(*tick);
  }
  return ticks;
}

}  // namespace locus
