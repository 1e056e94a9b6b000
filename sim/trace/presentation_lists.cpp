/// The presentations of trace_reader.hpp: /presentations.

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/hdf5_reading.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus {

namespace {

hdf5::object column(const hdf5::object& file, const char* name) {
  return hdf5::open_checked(file, fmt::format("/presentations/{}", name), H5T_INTEGER, 1);
}

}  // namespace

void trace_reader::count_presentations() {
  if (!hdf5::find_group(file_, "/presentations")) return;
  // A run that was killed while it wrote may leave datasets that differ in length.
  presentations_ = hdf5::size_of(column(file_, "tick")).at(0);
  for (const char* name : {"teacher", "end", "number", "epoch", "lane", "sample", "label"}) {
    presentations_ = std::min<std::uint64_t>(presentations_, hdf5::size_of(column(file_, name)).at(0));
  }
}

std::vector<traced_presentation> trace_reader::read_presentations(std::uint64_t first, std::uint64_t count) const {
  const hdf5::session exclusive;
  first = std::min(first, presentations_);
  count = std::min(count, presentations_ - first);
  std::vector<traced_presentation> list(count);
  if (count == 0) return list;
  const auto read = [&](const char* name, auto&& put) {
    const hdf5::object dataset = column(file_, name);
    const std::vector<std::int64_t> numbers = hdf5::read_integers(dataset, first, count);
    for (std::size_t i = 0; i < count; ++i) put(list[i], numbers[i], dataset);
  };
  using entry = traced_presentation;
  tick_t last = never;
  read("tick", [&](entry& p, std::int64_t n, const hdf5::object& dataset) {
    if (n < last) dataset.fail("read", fmt::format("tick {} is followed by tick {}: must not descend", last, n));
    p.first = last = n;
  });
  read("teacher", [](entry& p, std::int64_t n, const auto&) { p.teacher = n; });
  read("end", [](entry& p, std::int64_t n, const auto&) { p.end = n; });
  read("number", [](entry& p, std::int64_t n, const auto&) { p.number = n; });
  read("epoch", [](entry& p, std::int64_t n, const auto&) { p.epoch = n; });
  read("sample", [](entry& p, std::int64_t n, const auto&) { p.sample = n; });
  read("label", [](entry& p, std::int64_t n, const auto&) {
    if (n >= 0) p.label = n;
  });
  read("lane", [this](entry& p, std::int64_t n, const hdf5::object& dataset) {
    if (n < 0 || n >= facts_.lanes)
      dataset.fail("read", fmt::format("there is no lane {}: there are {}", n, facts_.lanes));
    p.lane = static_cast<std::uint32_t>(n);
  });
  return list;
}

}  // namespace locus
