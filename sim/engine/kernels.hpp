#pragma once
/// The interface between the simulator and its kernels: plain argument records and function pointers, so
/// that kernels can be compiled once per instruction set and chosen at run time.
///
/// Layout. Neurons stand in panels of 16. A field or port is an array [panel][lane][16]; entries past the last
/// neuron are 0. Dense weights are [target panel][source][16]; sliced sparse weights are, for each panel of
/// targets, [entry][16] with the source of each.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/core/neuron_indices.hpp"
#include "sim/core/panels.hpp"

namespace locus {

inline constexpr std::size_t max_fields = 12;
inline constexpr std::size_t max_reactions = 3;

/// Offset of (neuron, lane) in a field; `lanes` is the number of lanes of the array.
[[nodiscard, gnu::always_inline]] constexpr std::size_t field_offset(std::size_t neuron, std::size_t lane,
                                                                     std::size_t lanes) noexcept {
  return (neuron / panel_width * lanes + lane) * panel_width + neuron % panel_width;
}

/// One sweep of a model's rule over panels [first_panel, last_panel) of a population.
template <class P>
struct neuron_call {
  P* const* fields = nullptr;       ///< [field]
  const P* const* ports = nullptr;  ///< [member of the phase's `in`]
  const void* params = nullptr;
  const P* clamp = nullptr;                 ///< what a stimulus imposes, or null
  const std::uint8_t* awake = nullptr;      ///< [panel]: 0 where the sweep would change nothing; null: all are swept
  P* const* changes = nullptr;              ///< [field]: lanes whose bits changed, [panel * 16]; null: nobody listens
  std::uint16_t* const* present = nullptr;  ///< [field]: which neurons are not 0 in some lane, bits of [panel]
  std::uint32_t* const* events = nullptr;   ///< [field]: ones in all lanes, [panel]; null unless the field is an event
  std::uint8_t* moved_panels = nullptr;     ///< [panel]: 1 where some owned field changed a bit, else 0
  const P* last_valid =
      nullptr;  ///< [16]: all bits set for neurons of the last panel, +0 past the end; null: all there
  std::size_t lanes = 1;
  std::size_t panels = 0;  ///< of the whole population
  std::size_t first_panel = 0;
  std::size_t last_panel = 0;
  bool with_step = true;  ///< advance only: run the step, or only clamp and emit (tick 0)

  bool moved = false;                               ///< result: some owned field changed a bit
  bool finite = true;                               ///< result: all owned fields of the swept panels are finite
  std::array<std::uint64_t, max_fields> changed{};  ///< result: total of `changes`
};
template <class P>
using neuron_kernel = void (*)(neuron_call<P>&);

template <class P>
struct neuron_kernels {
  neuron_kernel<P> advance = nullptr;  ///< step, clamp, emit
  std::array<neuron_kernel<P>, max_reactions> react{};
};

/// Which sources take part in a sweep, ascending: the others are silent (0 in all lanes), which changes no bit of
/// any sum. indices == nullptr: all of 0..count-1.
struct source_list {
  const std::uint32_t* indices = nullptr;
  std::size_t count = 0;
};

/// Neurons that follow each other in a field and in the copy of it that a shared window makes, in lane 0.
struct window_part {
  std::uint32_t in_field = 0;
  std::uint32_t in_copy = 0;
  std::uint32_t count = 0;
};

/// A shared window as its kernels see it; window_layout.hpp says what stands where.
struct window_view {
  const window_part* parts = nullptr;  ///< of the sources, ascending
  std::size_t part_count = 0;
  const std::uint32_t* column_at = nullptr;  ///< [column]: what it sends to the first place, in a lane's copy
  const std::uint32_t* row_at = nullptr;     ///< [row of places]: from there, in a lane's copy
  std::size_t lane_step = 0;                 ///< from a lane's copy to the next lane's
  std::size_t channels = 0;                  ///< of targets
  std::size_t rows = 0;                      ///< of places in a channel
  std::size_t width = 0;                     ///< places of a row: what is sent to them stands side by side
  std::size_t plane_rows = 0;                ///< so many rows follow each other, `pitch` apart
  std::size_t pitch = 0;

  [[nodiscard, gnu::always_inline]] std::size_t places() const noexcept { return rows * width; }
  /// Of channels.
  [[nodiscard, gnu::always_inline]] std::size_t panels() const noexcept {
    return (channels + panel_width - 1) / panel_width;
  }
};

/// port = (first ? +0 : sum) + sum over sources of weight * message, one fused multiply-add each, in order.
template <class P>
struct transfer_call {
  const P* weights = nullptr;
  const P* messages = nullptr;  ///< source field
  const P* before = nullptr;    ///< partial sum of the projections before this one; null: +0
  P* sum = nullptr;             ///< port or partial sum; may equal `before`
  bool last = true;             ///< the port itself: end with + 0.0, so that no port holds -0, and note what changed
  std::uint8_t* changed_panels = nullptr;  ///< last only: [panel], 1 where the sum differs from what `sum` held
  std::size_t lanes = 1;
  std::size_t sources = 0;  ///< presynaptic population's size
  std::size_t first_panel = 0;
  std::size_t last_panel = 0;
  source_list active;                          ///< dense, pushed
  const std::uint32_t* slice_start = nullptr;  ///< sliced: [panel + 1], in entries
  neuron_index_view slice_source;              ///< sliced: [entry][16]
  const std::uint32_t* out_start = nullptr;    ///< pushed: [source + 1]
  neuron_index_view out_target;                ///< pushed: a source's targets, ascending
  const P* out_weights = nullptr;              ///< pushed: the weights in that order
  P* scratch = nullptr;                        ///< pushed: as long as the port
  const P* degree = nullptr;                   ///< largest, sliced: [panel * 16], sources of each target
  std::size_t targets = 0;                     ///< largest: of the whole projection
  const window_view* window = nullptr;         ///< windows; their sources are columns, their panels channels
  std::size_t first_row = 0;                   ///< windows: of the rows of places of all lanes, lane by lane
  std::size_t last_row = 0;
};
template <class P>
struct transfer_kernels {
  void (*dense)(const transfer_call<P>&) = nullptr;
  void (*sliced)(const transfer_call<P>&) = nullptr;
  /// Over a shared window; messages are a copy as window_layout has it.
  void (*windows)(const transfer_call<P>&) = nullptr;
  /// Copies a field of a window's sources to where messages are read. What stands around them must be 0 already, and
  /// stays so.
  void (*spread)(const window_view& window, std::size_t lanes, const P* field, P* to) = nullptr;
  /// Copies a field of a window's targets to [panel of channels][place][lane][16], for some places. What stands past
  /// the last channel must be 0 already, and stays so.
  void (*collect)(const window_view& window, std::size_t lanes, const P* field, P* to, std::size_t first_place,
                  std::size_t last_place) = nullptr;
  /// The same sums as `sliced`, source by source: for few active sources. Needs all panels at once.
  void (*pushed)(const transfer_call<P>&) = nullptr;
  /// The largest weight * message in the place of the sum, dense or sliced; -infinity as long as there is none, 0 if
  /// there is none at all. `active` must be everyone.
  void (*largest)(const transfer_call<P>&) = nullptr;
  /// Puts [rows][16] weights in the place of others; changed[row] += those that differ. Returns whether any does.
  bool (*replace)(P* weights, const P* next, std::size_t rows, std::uint32_t* changed) = nullptr;
};

/// Where the modulator of a projection's synapses sits.
enum class gate_position : std::uint8_t { none, pre, post, everywhere };

/// One sweep of a synapse model's rule over the weights of target panels [first_panel, last_panel).
template <class P>
struct learn_call {
  P* const* state = nullptr;       ///< [field of the synapse]: theta first, as weights are, or for each lane
                                   ///< [target panel][source][lane][16], [entry][lane][16]
  const P* const* pre = nullptr;   ///< [part]: what the rule takes from the presynaptic neurons
  const P* const* post = nullptr;  ///< [part]: what it takes from the postsynaptic neurons
  const P* gate = nullptr;         ///< field of the modulator; null: the gate is 1
  gate_position gate_at = gate_position::none;
  const std::uint16_t* gate_present = nullptr;  ///< gate at post: which modulators are not silent, bits of [panel]
  const void* params = nullptr;
  std::size_t lanes = 1;
  std::size_t sources = 0;
  std::size_t first_panel = 0;
  std::size_t last_panel = 0;
  source_list active;                          ///< dense: sources whose weights can change
  const std::uint32_t* slice_start = nullptr;  ///< sliced
  neuron_index_view slice_source;              ///< sliced
  const P* degree = nullptr;                   ///< sliced: [panel * 16], synapses of each target; the rest is filling
  std::size_t targets = 0;                     ///< of the whole projection
  std::uint32_t* changed_weights = nullptr;    ///< dense: [source], += weights that changed a bit
  std::uint16_t* changed_entries = nullptr;    ///< sliced: [entry], |= bit i where target i's weight changed a bit
  const std::uint32_t* source_at = nullptr;    ///< windows (window_layout): [column] in what presynaptic ends bring
  const std::uint32_t* lane_at = nullptr;      ///< windows: [place][lane], likewise
  P* sums = nullptr;         ///< windows: the rule's sums over the places so far, `sums` of each synapse; else null
  bool first_places = true;  ///< windows: the sums begin
  bool last_places = true;   ///< windows: the sums are complete, and the synapses learn
  bool keep_theta = false;   ///< theta stays as it is; only of models whose weight is another field

  bool moved = false;          ///< result: some number of a synapse changed a bit
  bool weights_moved = false;  ///< result: some weight, as messages are multiplied with, changed a bit
  bool finite = true;          ///< result: all touched numbers are finite
};

/// One sweep of what a rule takes from one end of its synapses, once a neuron and lane, before all learning: from the
/// outputs that it sees there, and from the modulator if that is there.
template <class P>
struct ends_call {
  const P* const* outputs = nullptr;  ///< [seen output]
  const P* gate = nullptr;            ///< null: the gate is 1, or at the other end
  gate_position gate_at = gate_position::none;
  bool at_pre = false;  ///< which end
  const void* params = nullptr;
  P* const* parts = nullptr;  ///< result, [part]; null for one that is an output as it is
  std::size_t lanes = 1;
  std::size_t panels = 0;  ///< of the end
};
template <class P>
struct synapse_kernels {
  void (*ends)(const ends_call<P>&) = nullptr;  ///< null: parts are outputs as they are
  std::size_t sums = 1;                         ///< over the lanes, of each synapse; of compiled rules
  void (*learn_dense)(learn_call<P>&) = nullptr;
  void (*learn_sliced)(learn_call<P>&) = nullptr;
};

/// All kernels of one model for one instruction set; a neuron or a synapse model fills its half.
struct model_kernels {
  neuron_kernels<float> neuron_f32;
  neuron_kernels<double> neuron_f64;
  synapse_kernels<float> synapse_f32;
  synapse_kernels<double> synapse_f64;

  template <class P>
  [[nodiscard]] const neuron_kernels<P>& neuron() const noexcept {
    if constexpr (sizeof(P) == sizeof(float)) return neuron_f32;
    else return neuron_f64;
  }
  template <class P>
  [[nodiscard]] const synapse_kernels<P>& synapse() const noexcept {
    if constexpr (sizeof(P) == sizeof(float)) return synapse_f32;
    else return synapse_f64;
  }
};

/// An instruction set for which kernels were compiled. All give the same bits.
enum class simd_target { scalar, avx2, avx512, native };
inline constexpr std::size_t simd_target_count = 4;
[[nodiscard]] std::string_view name_of(simd_target target) noexcept;

}  // namespace locus
