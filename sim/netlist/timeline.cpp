#include "sim/netlist/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/core/random.hpp"
#include "sim/core/whole_number.hpp"

namespace locus {

namespace {

/// In ascending order, those that touch joined.
std::vector<window> united(std::vector<window> windows) {
  std::sort(windows.begin(), windows.end(), [](const window& a, const window& b) { return a.first < b.first; });
  std::vector<window> apart;
  for (const window& w : windows) {
    if (!apart.empty() && w.first <= apart.back().last) apart.back().last = std::max(apart.back().last, w.last);
    else apart.push_back(w);
  }
  return apart;
}

std::uint64_t as_unsigned(tick_t t) { return static_cast<std::uint64_t>(t); }

/// No run gets to a later tick.
tick_t within_run(std::uint64_t tick) {
  return static_cast<tick_t>(std::min<std::uint64_t>(tick, as_unsigned(longest_run)));
}

/// Calls for starts of presentations in ascending order.
class start_finder {
 public:
  explicit start_finder(const timeline_description& timeline) : timeline_(timeline) {
    for (const tick_range& range : {timeline.predict, timeline.teach, timeline.rest}) {
      fixed_ = fixed_ && range.low == range.high;
      cycle_ += range.low;
    }
  }

  tick_t start_of(std::int64_t presentation) {
    if (fixed_) return within_run(bounded_product(as_unsigned(presentation), as_unsigned(cycle_)));
    for (; next_ < presentation; ++next_) {
      const presentation_times times = draw_times(timeline_, static_cast<std::uint64_t>(next_));
      start_ = within_run(as_unsigned(start_ + times.predict + times.teach + times.rest));
    }
    return start_;
  }

 private:
  const timeline_description& timeline_;
  bool fixed_ = true;
  tick_t cycle_ = 0;
  std::int64_t next_ = 0;  ///< the presentation that starts at start_
  tick_t start_ = 0;
};

}  // namespace

presentation_times shortest_times(const timeline_description& timeline) noexcept {
  const auto length = [](const tick_range& part) { return part.low == 0 && part.high > 0 ? 1 : part.low; };
  return {length(timeline.predict), length(timeline.teach), length(timeline.rest), 0};
}

presentation_times draw_times(const timeline_description& timeline, std::uint64_t which) {
  const random_stream random(timeline.jitter_seed, "timeline", "");
  const auto draw = [&](const tick_range& range, std::uint64_t part) {
    const auto width = static_cast<std::uint64_t>(range.high - range.low) + 1;
    return range.low + static_cast<std::int64_t>(random.below(width, which, part));
  };
  return {draw(timeline.predict, 0), draw(timeline.teach, 1), draw(timeline.rest, 2), which};
}

std::uint64_t longest_presentation(const timeline_description& timeline) noexcept {
  return as_unsigned(timeline.predict.high + timeline.teach.high + timeline.rest.high);
}

void check_run_length(const timeline_description& timeline, std::uint64_t presentations) {
  const std::uint64_t each = longest_presentation(timeline);
  if (bounded_product(each, presentations) <= as_unsigned(longest_run)) return;
  throw usage_error(timeline.predict.at,
                    fmt::format("{} presentations of up to {} ticks are too long: a run has at most 2^61 ticks; make "
                                "stimuli.epochs or predict, teach and rest smaller",
                                presentations, each));
}

std::vector<window> recorded_ticks(const trace_description& trace, const timeline_description& timeline) {
  const window all{trace.from, trace.until == 0 ? std::numeric_limits<tick_t>::max() : trace.until};
  if (trace.presentations.empty()) return {all};
  start_finder starts(timeline);
  std::vector<window> ticks;
  for (const window& w : united(trace.presentations)) {
    const tick_t first = std::max(all.first, starts.start_of(w.first));
    const tick_t last = std::min(all.last, starts.start_of(w.last));
    if (first < last) ticks.push_back({first, last});
  }
  return ticks;
}

}  // namespace locus
