#pragma once
/// What a circuit does while nothing happens outside. A presentation is stopped in one of its parts and its stimuli
/// stay as they are for the time of several presentations, with one sample after the other. Whatever answers to data
/// then settles, drifts, or moves as the sample says. What keeps time betrays itself: it moves on for ever or starts to
/// move late, in the same ticks whatever the sample.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/audit/script.hpp"

namespace locus {

/// The parts of a presentation, named by the event with which each begins.
enum class presentation_part { input, teacher, rest };
inline constexpr presentation_part all_parts[] = {presentation_part::input, presentation_part::teacher,
                                                  presentation_part::rest};

/// "the input's onset"
[[nodiscard]] std::string_view event_of(presentation_part part) noexcept;

/// A neuron that keeps time.
struct timekeeper {
  std::size_t population = 0;
  std::size_t neuron = 0;
  presentation_part part = presentation_part::input;
  bool forever = false;       ///< it never comes to rest; else it rests, and starts late
  std::vector<tick_t> ticks;  ///< in which its output changed, counted from the part's event; the first few
};

/// "it never comes to rest while nothing happens outside (it changes 40, 52, 64 ticks after the input's onset, ...)"
[[nodiscard]] std::string text_of(const timekeeper& k);

/// A projection that learns late, after a rest, in the same ticks for all samples.
struct late_learning {
  std::size_t projection = 0;
  presentation_part part = presentation_part::input;
  tick_t tick = 0;  ///< from the part's event
};

struct stillness {
  std::vector<timekeeper> clocks;  ///< those for ever; of what drives and what follows, what drives
  std::vector<timekeeper> timers;  ///< those that start late; the earliest of each part
  std::vector<late_learning> learning;
  std::vector<bool> plastic;   ///< [projection]: it still learns at the end of a part
  bool swings = false;         ///< some neurons keep moving, but as data set them off: that is no clock
  bool settles = true;         ///< what answers to data rests before the netlist's next stimulus comes
  bool settles_inside = true;  ///< what neurons keep to themselves rests before then, too, as counts of quiet ticks
  std::vector<std::vector<bool>>
      tells_samples;                    ///< [population][neuron]: before the teacher, outputs tell samples apart
  std::vector<std::vector<bool>> same;  ///< [population][neuron]: outputs are the same bits for all samples
  std::uint64_t samples = 0;
  tick_t ticks = 0;  ///< of each part
};

/// Requires: c.lanes == 1. Noise is heard in the first presentation, which comes before those that are stopped, and is
/// silent from then on: a draw may set off a clock, but does not hide it.
[[nodiscard]] stillness measure_stillness(const circuit& c, const description& netlist, const data_set& data);

}  // namespace locus
