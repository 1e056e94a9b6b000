/// Delivery: from the sources' messages to the targets' ports. Compiled once per target.

#include <cstddef>

#include "sim/engine/simd.hpp"
#include "sim/engine/transfer.hpp"

namespace locus {
namespace {

/// Accumulators for one panel of targets and `block` lanes stay in registers over all sources.
template <class N, std::size_t block>
inline void deliver_lanes(const transfer_call<scalar_of<N>>& call, std::size_t panel, std::size_t lane) {
  using P = scalar_of<N>;
  constexpr std::size_t vectors = panel_width / N::width;
  const std::size_t offset = (panel * call.lanes + lane) * panel_width;
  N sum[block][vectors];
  for (std::size_t b = 0; b < block; ++b) {
    for (std::size_t r = 0; r < vectors; ++r) {
      sum[b][r] = call.before == nullptr ? N(0) : N::load(call.before + offset + b * panel_width + r * N::width);
    }
  }
  const P* weights = call.weights + panel * call.sources * panel_width;
  for (std::size_t i = 0; i < call.active.count; ++i) {
    const std::size_t source = call.active.indices == nullptr ? i : call.active.indices[i];
    const P* messages = call.messages + field_offset(source, lane, call.lanes);
    N weight[vectors];
    for (std::size_t r = 0; r < vectors; ++r) weight[r] = N::load(weights + source * panel_width + r * N::width);
    for (std::size_t b = 0; b < block; ++b) {
      const N message = N::of(messages[b * panel_width]);
      for (std::size_t r = 0; r < vectors; ++r) sum[b][r] = fma(weight[r], message, sum[b][r]);
    }
  }
  for (std::size_t b = 0; b < block; ++b) {
    for (std::size_t r = 0; r < vectors; ++r) {
      const N total = call.last ? sum[b][r] + N(0) : sum[b][r];
      total.store(call.sum + offset + b * panel_width + r * N::width);
    }
  }
}

template <class N>
void deliver_dense(const transfer_call<scalar_of<N>>& call) {
  constexpr std::size_t vectors = panel_width / N::width;
  constexpr std::size_t wide = vectors == 1 ? 10 : vectors == 2 ? 5 : 2;
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    std::size_t lane = 0;
    for (; lane + wide <= call.lanes; lane += wide) deliver_lanes<N, wide>(call, panel, lane);
    for (; lane + 2 <= call.lanes; lane += 2) deliver_lanes<N, 2>(call, panel, lane);
    for (; lane < call.lanes; ++lane) deliver_lanes<N, 1>(call, panel, lane);
  }
}

template <class N>
void deliver_sliced(const transfer_call<scalar_of<N>>& call) {
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    for (std::size_t lane = 0; lane < call.lanes; ++lane) {
      for (std::size_t r = 0; r < panel_width; r += N::width) {
        const std::size_t offset = (panel * call.lanes + lane) * panel_width + r;
        N sum = call.before == nullptr ? N(0) : N::load(call.before + offset);
        for (std::size_t entry = call.slice_start[panel]; entry < call.slice_start[panel + 1]; ++entry) {
          const std::size_t at = entry * panel_width + r;
          const N message = N::gather(call.messages + lane * panel_width, call.slice_source + at);
          sum = fma(N::load(call.weights + at), message, sum);
        }
        (call.last ? sum + N(0) : sum).store(call.sum + offset);
      }
    }
  }
}

}  // namespace

template <>
transfer_kernels<float> make_transfer_kernels<simd_target::LOCUS_TARGET, float>() {
  return {&deliver_dense<simd::number<float>>, &deliver_sliced<simd::number<float>>};
}
template <>
transfer_kernels<double> make_transfer_kernels<simd_target::LOCUS_TARGET, double>() {
  return {&deliver_dense<simd::number<double>>, &deliver_sliced<simd::number<double>>};
}

}  // namespace locus
