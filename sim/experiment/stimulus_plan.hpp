#pragma once
/// What changes outside a circuit during a presentation, and when: said here once, for those who present to a
/// simulator and for those who write down in advance what is presented.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/data/data_set.hpp"
#include "sim/experiment/score.hpp"
#include "sim/netlist/timeline.hpp"

namespace locus {

struct stimulus_change {
  enum class action { clamp, release, impose };
  tick_t at = 0;  ///< from the presentation's first tick
  action what = action::clamp;
  std::size_t stimulus = 0;  ///< index in circuit::stimuli
  std::uint32_t frame = 0;   ///< of the sample, if an input or a teacher is clamped
};

/// All changes of a presentation of samples of `part`, in the order in which they take effect: of one tick, what goes
/// off before what comes on, and then input, teacher, control, imposed states.
///
/// Frame k of the inputs comes on k * frame_ticks after the presentation's first tick, frame k of the targets so long
/// after the teacher's onset; the last frame stays.
[[nodiscard]] std::vector<stimulus_change> changes_in(const circuit& c, const timeline_description& timeline,
                                                      const samples& part, const presentation_times& times);

/// When something is read of a circuit: before the tick `at`, counted from the presentation's first.
struct reading {
  tick_t at = 0;
  std::optional<std::uint32_t> frame;  ///< of the targets, whose answer it is; nothing: what is to be reported
};

/// What is read of a presentation, in ascending order. Answers, if there is a teacher: in the last tick before it comes
/// (never, if it comes with the input), or to targets with frames each in the last tick in which it is shown. Reports,
/// if the circuit has any: in the last tick before the teacher comes or would come, or of inputs with frames in the
/// last tick of each.
[[nodiscard]] std::vector<reading> readings_of(const circuit& c, const timeline_description& timeline,
                                               const samples& part, std::int64_t predict);

/// The columns of the targets that each teacher has, in the order of the stimuli. They are among those of the data for
/// which check_data() does not throw.
[[nodiscard]] std::vector<taught_part> taught_parts(const circuit& c);

/// Throws usage_error unless the data's columns are as many as the neurons that they go to, all of them go somewhere,
/// and each frame is shown in every presentation for as long as the timeline says.
void check_data(const circuit& c, const timeline_description& timeline, const data_set& data);

}  // namespace locus
