#include "sim/view/trace_values.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "sim/core/bits.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/trace/chunk_unpacker.hpp"

namespace locus {
namespace {

constexpr double not_recorded = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t numbers_of_part = std::size_t{1} << 19u;  // 4 MiB
constexpr std::size_t bytes_of_block = std::size_t{24} << 20u;
constexpr std::size_t bytes_kept = std::size_t{56} << 20u;
constexpr std::size_t numbers_of_snapshots = std::size_t{1} << 20u;  // of each variable

std::size_t width_of(const trace_variable& v) { return v.columns() * v.lanes; }

/// The frame of the last recorded tick up to `tick`.
std::optional<std::size_t> frame_until(const std::vector<tick_t>& frames, tick_t tick) {
  const auto after = std::upper_bound(frames.begin(), frames.end(), tick);
  if (after == frames.begin()) return std::nullopt;
  return static_cast<std::size_t>(after - frames.begin()) - 1;
}

/// Where a change is in a row, if it is of a recorded column.
std::optional<std::size_t> place_of(const trace_variable& v, const change& c) {
  const auto found = std::lower_bound(v.indices.begin(), v.indices.end(), c.index);
  if (found == v.indices.end() || *found != c.index || c.lane >= v.lanes) return std::nullopt;
  return static_cast<std::size_t>(found - v.indices.begin()) * v.lanes + c.lane;
}

bool same_numbers(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return same_bits(x, y); });
}

}  // namespace

const hdf5::object& trace_values::dataset(const trace_variable& v) {
  const auto found = datasets_.find(&v);
  if (found != datasets_.end()) return found->second;
  return datasets_.emplace(&v, hdf5::open_checked(trace_.file(), v.path(), H5T_FLOAT, 0)).first->second;
}

/// As many as a chunk has, so that each is unpacked once, if they are not too large.
std::size_t trace_values::frames_of_block(const trace_variable& v) {
  const auto found = heights_.find(&v);
  if (found != heights_.end()) return found->second;
  const hdf5::object& numbers = dataset(v);
  std::size_t height = 128;
  const hdf5::handle type(numbers.check(H5Dget_type(numbers.id.get()), "read"));
  const std::size_t row = width_of(v) * std::min(H5Tget_size(type.get()), sizeof(double));
  const hdf5::handle how(numbers.check(H5Dget_create_plist(numbers.id.get()), "read"));
  std::vector<hsize_t> chunk(hdf5::size_of(numbers).size());
  if (H5Pget_layout(how.get()) == H5D_CHUNKED &&
      H5Pget_chunk(how.get(), static_cast<int>(chunk.size()), chunk.data()) == static_cast<int>(chunk.size()))
    height = std::max<std::size_t>(1, chunk[0]);
  while (height > 1 && height * row > bytes_of_block) height = (height + 1) / 2;
  return heights_[&v] = height;
}

std::vector<double> trace_values::read_part(const trace_variable& v, std::size_t first_frame, std::size_t frames,
                                            const std::vector<std::size_t>& columns, std::uint32_t lane) {
  const hdf5::object& numbers = dataset(v);
  const bool with_lanes = hdf5::size_of(numbers).size() == 3;
  std::vector<double> part(frames * columns.size());
  for (std::size_t k = 0; k < columns.size();) {
    std::size_t end = k + 1;  // of a run of neighbours
    while (end < columns.size() && columns[end] == columns[end - 1] + 1) ++end;
    std::vector<hsize_t> start = {first_frame, columns[k]}, count = {frames, end - k};
    if (with_lanes) {
      start.push_back(lane);
      count.push_back(1);
    }
    const std::vector<double> run = hdf5::read_numbers(numbers, start, count);
    for (std::size_t f = 0; f < frames; ++f)
      std::copy_n(run.begin() + static_cast<std::ptrdiff_t>(f * (end - k)), end - k,
                  part.begin() + static_cast<std::ptrdiff_t>(f * columns.size() + k));
    k = end;
  }
  return part;
}

trace_values::block trace_values::read_block(const trace_variable& v, std::size_t first, std::size_t count) {
  const hdf5::object& numbers = dataset(v);
  block b{&v, first, count, {}, {}};
  if (unpack_frames(numbers, first, count, b.single)) return b;
  b.single = {};
  if (unpack_frames(numbers, first, count, b.numbers)) return b;
  std::vector<hsize_t> start = {first, 0}, size = {count, v.columns()};
  if (hdf5::size_of(numbers).size() == 3) {
    start.push_back(0);
    size.push_back(v.lanes);
  }
  b.numbers = hdf5::read_numbers(numbers, start, size);
  return b;
}

std::span<const double> trace_values::frame(const trace_variable& v, std::size_t at) {
  const std::size_t width = width_of(v), height = frames_of_block(v), first = at / height * height;
  auto found = std::find_if(blocks_.begin(), blocks_.end(),
                            [&](const block& b) { return b.variable == &v && b.first == first; });
  if (found == blocks_.end()) {
    block b = read_block(v, first, std::min(height, trace_.frames().size() - first));
    blocks_.push_front(std::move(b));
    std::size_t kept = 0;
    for (auto each = blocks_.begin(); each != blocks_.end();) {
      kept += each->bytes();
      each = kept > bytes_kept && each != blocks_.begin() ? blocks_.erase(each) : std::next(each);
    }
  } else {
    blocks_.splice(blocks_.begin(), blocks_, found);
  }
  const block& b = blocks_.front();
  if (b.single.empty()) return std::span<const double>(b.numbers).subspan((at - first) * width, width);
  const auto row = b.single.begin() + static_cast<std::ptrdiff_t>((at - first) * width);
  row_.assign(row, row + static_cast<std::ptrdiff_t>(width));
  return row_;
}

trace_values::changing& trace_values::changes(const trace_variable& v) {
  const auto found = changes_.find(&v);
  if (found != changes_.end()) return found->second;
  return changes_.emplace(&v, changing{change_list(trace_.file(), v.path()), {}}).first->second;
}

std::uint64_t trace_values::changes_until(const change_list& list, tick_t tick) {
  std::uint64_t low = 0, high = list.size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (list.tick(middle) <= tick) low = middle + 1;
    else high = middle;
  }
  return low;
}

/// Goes back through the list until each column's last change is found, or a row that is known.
const std::vector<double>& trace_values::state_after(const trace_variable& v, changing& c, std::uint64_t read) {
  const auto known =
      std::find_if(c.snapshots.begin(), c.snapshots.end(), [&](const snapshot& s) { return s.read == read; });
  if (known != c.snapshots.end()) {
    c.snapshots.splice(c.snapshots.begin(), c.snapshots, known);
    return c.snapshots.front().row;
  }
  const snapshot* before = nullptr;
  for (const snapshot& s : c.snapshots) {
    if (s.read < read && (before == nullptr || s.read > before->read)) before = &s;
  }
  const std::uint64_t bottom = before == nullptr ? 0 : before->read;
  snapshot made{read, std::vector<double>(width_of(v), not_recorded)};
  std::vector<bool> found(made.row.size());
  std::size_t missing = made.row.size();
  for (std::uint64_t end = read; end > bottom && missing > 0;) {
    // Small at first: where weights change all at once, the last changes tell all.
    const std::uint64_t wanted =
        end == read ? std::clamp<std::uint64_t>(2 * missing, 256, changes_of_block) : changes_of_block;
    const std::uint64_t begin = end - std::min(wanted, end - bottom);
    const std::vector<change> part = c.list.read(begin, end - begin);
    for (std::size_t k = part.size(); k-- > 0 && missing > 0;) {
      const auto at = place_of(v, part[k]);
      if (!at || found[*at]) continue;
      found[*at] = true;
      made.row[*at] = part[k].value;
      --missing;
    }
    end = begin;
  }
  for (std::size_t k = 0; before != nullptr && missing > 0 && k < found.size(); ++k) {
    if (!found[k]) made.row[k] = before->row[k];
  }
  c.snapshots.push_front(std::move(made));
  while (c.snapshots.size() > 1 && c.snapshots.size() * found.size() > numbers_of_snapshots) c.snapshots.pop_back();
  return c.snapshots.front().row;
}

std::span<const double> trace_values::at(const trace_variable& v, tick_t tick) {
  const hdf5::session exclusive;
  if (v.storage == trace_storage::changes) {
    changing& c = changes(v);
    return state_after(v, c, changes_until(c.list, tick));
  }
  if (const auto f = frame_until(trace_.frames(), tick)) return frame(v, *f);
  static thread_local std::vector<double> none;
  none.assign(width_of(v), not_recorded);
  return none;
}

std::vector<double> trace_values::columns_at(const trace_variable& v, const std::vector<std::size_t>& columns,
                                             std::uint32_t lane, tick_t tick) {
  const hdf5::session exclusive;
  if (v.storage == trace_storage::frames && width_of(v) > numbers_of_part) {
    const auto f = frame_until(trace_.frames(), tick);
    if (!f) return std::vector<double>(columns.size(), not_recorded);
    return read_part(v, *f, 1, columns, lane);
  }
  const std::span<const double> all = at(v, tick);
  std::vector<double> some;
  some.reserve(columns.size());
  for (const std::size_t column : columns) some.push_back(all[column * v.lanes + std::min(lane, v.lanes - 1)]);
  return some;
}

std::optional<tick_t> trace_values::tick_of(const trace_variable& v, tick_t tick) {
  const hdf5::session exclusive;
  if (v.storage == trace_storage::frames) {
    const auto f = frame_until(trace_.frames(), tick);
    return f ? std::optional(trace_.frames()[*f]) : std::nullopt;
  }
  const changing& c = changes(v);
  const std::uint64_t read = changes_until(c.list, tick);
  return read == 0 ? std::nullopt : std::optional(c.list.tick(read - 1));
}

std::vector<double> trace_values::values(const trace_variable& v, const std::vector<std::size_t>& columns,
                                         std::uint32_t lane, window ticks, tick_t step) {
  const hdf5::session exclusive;
  const auto rows = static_cast<std::size_t>((ticks.last - ticks.first + step - 1) / step);
  lane = std::min(lane, v.lanes - 1);
  std::vector<double> result(rows * columns.size(), not_recorded);
  const auto put = [&](std::size_t row, std::size_t k, double x) { result[row * columns.size() + k] = x; };
  const auto tick_of_row = [&](std::size_t row) { return ticks.first + static_cast<tick_t>(row) * step; };
  if (v.storage == trace_storage::changes) {
    changing& c = changes(v);
    std::uint64_t read = changes_until(c.list, ticks.first);
    std::vector<double> row = state_after(v, c, read);
    std::vector<change> pending;
    std::size_t next = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      while (true) {
        if (next == pending.size() && read < c.list.size()) {
          pending = c.list.read(read, std::min<std::uint64_t>(changes_of_block, c.list.size() - read));
          read += pending.size();
          next = 0;
        }
        if (next == pending.size() || pending[next].tick > tick_of_row(r)) break;
        if (const auto at = place_of(v, pending[next])) row[*at] = pending[next].value;
        ++next;
      }
      for (std::size_t k = 0; k < columns.size(); ++k) put(r, k, row[columns[k] * v.lanes + lane]);
    }
    return result;
  }
  // Frames that are needed, in parts that are read at once: whole where the columns are few, or many of all.
  std::vector<std::size_t> ascending = columns;
  std::sort(ascending.begin(), ascending.end());
  ascending.erase(std::unique(ascending.begin(), ascending.end()), ascending.end());
  const bool through_blocks = ascending.size() * 4 >= v.columns() || width_of(v) <= 256;
  std::vector<double> part;
  std::size_t part_first = 0, part_count = 0;
  const std::size_t at_once = std::max<std::size_t>(1, numbers_of_part / std::max<std::size_t>(1, ascending.size()));
  std::vector<std::size_t> place(columns.size());
  for (std::size_t k = 0; k < columns.size(); ++k)
    place[k] =
        static_cast<std::size_t>(std::lower_bound(ascending.begin(), ascending.end(), columns[k]) - ascending.begin());
  const auto last_needed = frame_until(trace_.frames(), ticks.last - 1);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto f = frame_until(trace_.frames(), tick_of_row(r));
    if (!f) continue;
    if (through_blocks) {
      const std::span<const double> all = frame(v, *f);
      for (std::size_t k = 0; k < columns.size(); ++k) put(r, k, all[columns[k] * v.lanes + lane]);
      continue;
    }
    if (*f < part_first || *f >= part_first + part_count) {
      part_first = *f;
      part_count = step * 8 > trace_.facts().every * 128 ? 1 : std::min(at_once, *last_needed + 1 - *f);
      part = read_part(v, part_first, part_count, ascending, lane);
    }
    for (std::size_t k = 0; k < columns.size(); ++k) put(r, k, part[(*f - part_first) * ascending.size() + place[k]]);
  }
  return result;
}

std::optional<tick_t> trace_values::nearest_change(const trace_variable& v, tick_t tick, int direction,
                                                   std::uint64_t most, std::optional<tick_t> limit) {
  const hdf5::session exclusive;
  if (v.columns() == 0) return std::nullopt;
  if (v.storage == trace_storage::changes) {
    const change_list& list = changes(v).list;
    if (direction > 0) {
      const std::uint64_t read = changes_until(list, tick);
      return read < list.size() ? std::optional(list.tick(read)) : std::nullopt;
    }
    const std::uint64_t read = changes_until(list, tick - 1);
    return read > 0 ? std::optional(list.tick(read - 1)) : std::nullopt;
  }
  const std::vector<tick_t>& frames = trace_.frames();
  const std::uint64_t budget = std::max<std::uint64_t>(1, most / std::max<std::size_t>(1, width_of(v)));
  const auto differs = [&](std::size_t f) {  // from the frame before it
    const std::span<const double> before = frame(v, f - 1);
    const std::vector<double> copy(before.begin(), before.end());
    return !same_numbers(copy, frame(v, f));
  };
  if (direction > 0) {
    const auto after = std::upper_bound(frames.begin(), frames.end(), tick);
    std::size_t f = std::max<std::size_t>(1, static_cast<std::size_t>(after - frames.begin()));
    for (std::uint64_t n = 0; f < frames.size() && n < budget && (!limit || frames[f] < *limit); ++f, ++n) {
      if (differs(f)) return frames[f];
    }
    return std::nullopt;
  }
  const auto at = std::lower_bound(frames.begin(), frames.end(), tick);
  std::size_t f = static_cast<std::size_t>(at - frames.begin());  // those before it
  for (std::uint64_t n = 0; f > 1 && n < budget && (!limit || frames[f - 1] > *limit); ++n) {
    --f;
    if (differs(f)) return frames[f];
  }
  return std::nullopt;
}

}  // namespace locus
