#include "sim/trace/change_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/core/hdf5_reading.hpp"

namespace locus {

namespace {

std::uint32_t index_of(const hdf5::object& dataset, std::int64_t n) {
  if (n < 0 || n > std::numeric_limits<std::uint32_t>::max()) {
    dataset.fail("read", fmt::format("{} is no index: must be in [0, 2^32)", n));
  }
  return static_cast<std::uint32_t>(n);
}

}  // namespace

change_list::change_list(const hdf5::object& file, const std::string& path)
    : tick_(hdf5::open_checked(file, path + "/tick", H5T_INTEGER, 1)),
      index_(hdf5::open_checked(file, path + (hdf5::find_dataset(file, path + "/synapse") ? "/synapse" : "/neuron"),
                                H5T_INTEGER, 1)),
      lane_(hdf5::open_checked(file, path + "/lane", H5T_INTEGER, 1)),
      value_(hdf5::open_checked(file, path + "/value", H5T_FLOAT, 1)) {
  // A run that was killed while it wrote may leave datasets that differ in length.
  size_ = std::min({hdf5::size_of(tick_).at(0), hdf5::size_of(index_).at(0), hdf5::size_of(lane_).at(0),
                    hdf5::size_of(value_).at(0)});
}

tick_t change_list::tick(std::uint64_t at) const { return hdf5::read_integers(tick_, at, 1).at(0); }

std::vector<std::uint32_t> change_list::first_indices() const {
  std::vector<std::uint32_t> indices;
  if (size_ == 0) return indices;
  const tick_t first = tick(0);
  for (std::uint64_t at = 0; at < size_; at += changes_of_block) {
    for (const change& c : read(at, changes_of_block)) {
      if (c.tick != first) return indices;
      if (indices.empty() || indices.back() < c.index) indices.push_back(c.index);
    }
  }
  return indices;
}

std::vector<change> change_list::read(std::uint64_t first, std::uint64_t count) const {
  count = std::min(count, size_ - std::min(first, size_));
  const std::vector<std::int64_t> ticks = hdf5::read_integers(tick_, first, count);
  const std::vector<std::int64_t> indices = hdf5::read_integers(index_, first, count);
  const std::vector<std::int64_t> lanes = hdf5::read_integers(lane_, first, count);
  const std::vector<double> values = hdf5::read_numbers(value_, {first}, {count});
  std::vector<change> changes;
  changes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && ticks[i] < ticks[i - 1]) {
      tick_.fail("read", fmt::format("tick {} is followed by tick {}: must not descend", ticks[i - 1], ticks[i]));
    }
    changes.push_back({ticks[i], index_of(index_, indices[i]), index_of(lane_, lanes[i]), values[i]});
  }
  return changes;
}

}  // namespace locus
