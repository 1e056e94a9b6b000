#pragma once
/// The rule of a text synapse as programs for the kernels that interpret it: plain records, as in program.hpp.
///
/// A rule is taken apart into what each end brings (parts, once a neuron and lane), sums over the lanes, what is kept
/// for each lane, and what is done once a synapse.

#include <array>
#include <cstddef>

#include "sim/engine/program.hpp"

namespace locus {

/// Fields of a synapse, outputs that it sees at one end, parts of one end, and sums: at most so many.
inline constexpr std::size_t max_synapse_members = 12;

/// One sum over the lanes, each of which adds a, or the product a b by one fused multiply-add.
struct sum_plan {
  enum class kind : std::uint8_t {
    ends,  ///< a is a part of the postsynaptic end, b one of the presynaptic end
    post,  ///< parts of the postsynaptic end
    pre,   ///< parts of the presynaptic end
    lane,  ///< results of the lane program
  };
  kind of = kind::ends;
  bool product = true;
  std::uint8_t a = 0, b = 0;
};

template <class P>
struct learning_programs {
  std::size_t fields = 0;
  std::size_t weight = 0;                            ///< the field that messages are multiplied with
  std::array<bool, max_synapse_members> per_lane{};  ///< [field]
  std::array<bool, max_synapse_members> written{};   ///< [field]
  bool idle_without_gate = false;

  std::size_t pre_outputs = 0, post_outputs = 0;
  std::size_t pre_parts = 0, post_parts = 0;
  /// Ports: the end's outputs, then the modulator. result: [part].
  program_view<P> pre, post;

  std::size_t sums = 0;
  std::array<sum_plan, max_synapse_members> sum{};

  bool has_lane_program = false;
  std::size_t lane_results = 0;
  /// Fields: the synapse's. Ports: parts of the presynaptic, then of the postsynaptic end. result: first the new values
  /// of the fields (unused for those that serve all lanes), then what sums add.
  program_view<P> lane;

  /// Fields: the synapse's. Ports: sums. result: [field].
  program_view<P> apply;

  bool only_product = false;  ///< theta <- fma(rate, sum of a product of the ends, theta), and nothing else
  double rate = 0;
};

/// The programs of a text model, given its parameter block and where its modulator sits.
template <class P>
[[nodiscard]] const learning_programs<P>& learning_programs_of(const void* params, gate_position gate_at);

}  // namespace locus
