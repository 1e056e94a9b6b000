#include "sim/trace/message_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"

namespace locus {

namespace {

hdf5::object column(const trace_reader& trace, const char* name, H5T_class_t kind) {
  return hdf5::open_checked(trace.file(), fmt::format("/messages/{}", name), kind, 1);
}

std::vector<std::string> texts(const trace_reader& trace, const char* name) {
  return hdf5::read_texts(
      hdf5::open_checked(trace.file(), fmt::format("/messages/connections/{}", name), H5T_STRING, 1));
}

std::vector<logged_connection> read_connections(const trace_reader& trace) {
  const std::vector<std::string> names = texts(trace, "name"), from = texts(trace, "from"), to = texts(trace, "to");
  if (names.size() != from.size() || names.size() != to.size()) {
    trace.file().fail("read", "the lists of /messages/connections differ in length");
  }
  std::vector<logged_connection> connections;
  for (std::size_t i = 0; i < names.size(); ++i) connections.push_back({names[i], from[i], to[i]});
  return connections;
}

hdf5::object messages_of(const trace_reader& trace) {
  const hdf5::session exclusive;
  std::optional<hdf5::object> group = hdf5::find_group(trace.file(), "/messages");
  if (!group) {
    throw run_error(fmt::format("\"{}\" has no messages: none were recorded", trace.path()));
  }
  return std::move(*group);
}

}  // namespace

bool has_messages(const trace_reader& trace) {
  const hdf5::session exclusive;
  return hdf5::find_group(trace.file(), "/messages").has_value();
}

message_log::message_log(const trace_reader& trace) {
  const hdf5::session exclusive;
  const hdf5::object group = messages_of(trace);
  tick_ = column(trace, "tick", H5T_INTEGER);
  level_ = column(trace, "level", H5T_INTEGER);
  connection_ = column(trace, "connection", H5T_INTEGER);
  source_ = column(trace, "source", H5T_INTEGER);
  target_ = column(trace, "target", H5T_INTEGER);
  lane_ = column(trace, "lane", H5T_INTEGER);
  sent_ = column(trace, "sent", H5T_FLOAT);
  value_ = column(trace, "value", H5T_FLOAT);
  size_ = hdf5::size_of(tick_).at(0);
  for (const hdf5::object* c : {&level_, &connection_, &source_, &target_, &lane_, &sent_, &value_}) {
    size_ = std::min<std::uint64_t>(size_, hdf5::size_of(*c).at(0));
  }
  connections_ = read_connections(trace);
  limit_ = hdf5::integer_or(group, "limit", -1);
  dropped_ = hdf5::integer_or(group, "dropped", 0);
}

tick_t message_log::tick_at(std::uint64_t at) const { return hdf5::read_integers(tick_, at, 1).at(0); }

std::uint64_t message_log::first_at(tick_t tick) const {
  std::uint64_t low = 0, high = size_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (tick_at(middle) < tick) low = middle + 1;
    else high = middle;
  }
  return low;
}

std::pair<tick_t, tick_t> message_log::extent() const {
  const hdf5::session exclusive;
  if (size_ == 0) return {0, 0};
  return {tick_at(0), tick_at(size_ - 1) + 1};
}

std::uint64_t message_log::count(tick_t from, tick_t until) const {
  const hdf5::session exclusive;
  const std::uint64_t first = first_at(from);
  return std::max(first, first_at(until)) - first;
}

std::vector<logged_message> message_log::read(tick_t from, tick_t until, std::uint64_t most) const {
  const hdf5::session exclusive;
  const std::uint64_t first = first_at(from);
  const std::uint64_t n = std::min(count(from, until), most);
  const auto integers = [&](const hdf5::object& dataset) { return hdf5::read_integers(dataset, first, n); };
  const auto indices = [&](const hdf5::object& dataset, std::uint64_t below) {
    const std::vector<std::int64_t> numbers = integers(dataset);
    std::vector<std::uint32_t> result;
    for (const std::int64_t i : numbers) {
      if (i < 0 || static_cast<std::uint64_t>(i) >= below) {
        dataset.fail("read", fmt::format("{} is out of range: must be in [0, {})", i, below));
      }
      result.push_back(static_cast<std::uint32_t>(i));
    }
    return result;
  };
  constexpr std::uint64_t any = std::uint64_t{1} << 32u;
  const std::vector<std::int64_t> ticks = integers(tick_), levels = integers(level_);
  const std::vector<std::uint32_t> connections = indices(connection_, connections_.size()),
                                   sources = indices(source_, any), targets = indices(target_, any),
                                   lanes = indices(lane_, any);
  const std::vector<double> sent = hdf5::read_numbers(sent_, {first}, {n}),
                            values = hdf5::read_numbers(value_, {first}, {n});
  std::vector<logged_message> messages;
  for (std::size_t i = 0; i < n; ++i) {
    messages.push_back({ticks[i], levels[i], connections[i], sources[i], targets[i], lanes[i], sent[i], values[i]});
  }
  // What is for the next step is read after all reactions.
  const auto order = [](const logged_message& m) {
    const auto level = m.level == 0 ? std::numeric_limits<std::int64_t>::max() : m.level;
    return std::pair(m.tick, level);
  };
  std::stable_sort(messages.begin(), messages.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return messages;
}

}  // namespace locus
