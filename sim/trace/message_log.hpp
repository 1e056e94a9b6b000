#pragma once
/// /messages of a trace: who sent what to whom.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/trace/trace_reader.hpp"

namespace locus {

struct logged_connection {
  std::string name;  ///< of the projection
  std::string from;  ///< "hidden1.value.rate"
  std::string to;    ///< "output.error.prediction"
};

struct logged_message {
  tick_t tick = 0;
  std::int64_t level = 0;  ///< 0: read by the next step; otherwise the level of the reaction that used it
  std::uint32_t connection = 0, source = 0, target = 0, lane = 0;
  double sent = 0;   ///< what left the source
  double value = 0;  ///< what arrived: weight x sent
};

/// An open message log. One thread at a time.
class message_log {
 public:
  /// Throws run_error for a trace without messages, or with damaged ones.
  explicit message_log(const trace_reader& trace);

  [[nodiscard]] const std::vector<logged_connection>& connections() const noexcept { return connections_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] std::int64_t limit() const noexcept { return limit_; }      ///< -1: not said
  [[nodiscard]] std::int64_t dropped() const noexcept { return dropped_; }  ///< messages beyond the limit

  /// The ticks [first, last + 1) of the stored messages; [0, 0) if there are none.
  [[nodiscard]] std::pair<tick_t, tick_t> extent() const;

  /// How many messages of ticks [from, until) are stored.
  [[nodiscard]] std::uint64_t count(tick_t from, tick_t until) const;

  /// The messages of ticks [from, until), the first `most`; those of a tick in order of level (0 last), then as
  /// stored.
  [[nodiscard]] std::vector<logged_message> read(tick_t from, tick_t until, std::uint64_t most) const;

 private:
  [[nodiscard]] tick_t tick_at(std::uint64_t at) const;
  [[nodiscard]] std::uint64_t first_at(tick_t tick) const;

  hdf5::object tick_, level_, connection_, source_, target_, lane_, sent_, value_;
  std::vector<logged_connection> connections_;
  std::uint64_t size_ = 0;  ///< of the shortest dataset
  std::int64_t limit_ = -1;
  std::int64_t dropped_ = 0;
};

/// Whether the trace has a message log.
[[nodiscard]] bool has_messages(const trace_reader& trace);

}  // namespace locus
