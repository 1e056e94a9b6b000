/// Interprets the rules of text models, block by block. Compiled once per target: see simd.hpp.

#include "sim/engine/interpreted.hpp"

#include <algorithm>
#include <type_traits>

#include "sim/core/model.hpp"
#include "sim/engine/interpreted_synapses.hpp"
#include "sim/engine/machine.hpp"
#include "sim/engine/program.hpp"
#include "sim/engine/simd.hpp"

namespace locus {
namespace {

using detail::machine;
using detail::row;
using detail::workspace;

/// One sweep of a program over panels of a population; what it leaves is what field_sweep (neuron_kernels.hpp) leaves.
template <class N>
class program_sweep {
 public:
  using P = scalar_of<N>;

  program_sweep(neuron_call<P>& call, const neuron_programs<P>& model, const program_view<P>& program, writer by)
      : call_(call), program_(program), fields_(model.fields), block_(block_of(program)), space_(program, block_) {
    const auto duty = static_cast<std::uint8_t>(static_cast<int>(by) + 1);
    for (std::size_t f = 0; f < fields_; ++f) {
      if (model.duties[f].by == duty) owned_[owned_count_++] = f;
      duties_[f] = model.duties[f];
    }
  }

  void run() {
    const std::size_t panel_numbers = call_.lanes * panel_width;
    std::size_t panel = call_.first_panel;
    while (panel < call_.last_panel) {
      if (!is_awake(panel)) {
        leave_out(panel++);
        continue;
      }
      clear(panel);
      if (panel_numbers > block_) {
        for (std::size_t done = 0; done < panel_numbers; done += block_)
          block(panel * panel_numbers + done, std::min(block_, panel_numbers - done));
        finish(panel++);
        continue;
      }
      std::size_t end = panel + 1;
      while (end < call_.last_panel && (end + 1 - panel) * panel_numbers <= block_ && is_awake(end)) clear(end++);
      block(panel * panel_numbers, (end - panel) * panel_numbers);
      while (panel < end) finish(panel++);
    }
    call_.finite = call_.finite && !N::any(differ(nonfinite_bits_, N(0)));
  }

 private:
  /// Whole panels if several fit, else some lanes of one.
  static std::size_t block_of(const program_view<P>& program) {
    const std::size_t fits = register_bytes / sizeof(P) / std::max<std::size_t>(program.registers, 16);
    return std::max(fits / panel_width, std::size_t{1}) * panel_width;
  }

  [[nodiscard]] bool is_awake(std::size_t panel) const { return call_.awake == nullptr || call_.awake[panel] != 0; }

  void leave_out(std::size_t panel) {
    call_.moved_panels[panel] = 0;
    clear_changes(panel);
  }
  void clear_changes(std::size_t panel) {
    for (std::size_t k = 0; k < owned_count_; ++k) {
      P* const changes = call_.changes[owned_[k]];
      if (changes == nullptr) continue;
      for (std::size_t i = 0; i < panel_width; ++i) changes[panel * panel_width + i] = P(0);
    }
  }
  void clear(std::size_t panel) {
    call_.moved_panels[panel] = 0;
    clear_changes(panel);
    for (std::size_t k = 0; k < owned_count_; ++k) {
      const std::size_t f = owned_[k];
      if (duties_[f].sent) call_.present[f][panel] = 0;
      if (duties_[f].event) call_.events[f][panel] = 0;
    }
  }
  void finish(std::size_t panel) {
    call_.moved = call_.moved || call_.moved_panels[panel] != 0;
    for (std::size_t k = 0; k < owned_count_; ++k) {
      const std::size_t f = owned_[k];
      const P* const changes = call_.changes[f];
      if (!duties_[f].sent || changes == nullptr) continue;
      for (std::size_t i = 0; i < panel_width; i += N::width)
        call_.changed[f] += static_cast<std::uint64_t>(sum(N::load(changes + panel * panel_width + i)));
    }
  }

  /// Numbers [first, first + count) of every field: whole panels, or lanes of one.
  void block(std::size_t first, std::size_t count) {
    for (std::size_t f = 0; f < fields_; ++f) frame_[f] = {call_.fields[f] + first, panel_width};
    for (std::size_t q = 0; q < program_.ports; ++q)
      frame_[program_.first_port() + q] = {call_.ports[q] + first, panel_width};
    if (call_.clamp != nullptr) frame_[program_.imposed()] = {call_.clamp + first, panel_width};
    const machine<N> m(space_, program_, block_);
    for (std::size_t k = 0; k < program_.length; ++k) m.run(program_.code[k], count);
    const std::size_t panel_numbers = call_.lanes * panel_width;
    for (std::size_t done = 0; done < count;) {
      const std::size_t at = first + done;
      const std::size_t left = std::min(count - done, panel_numbers - at % panel_numbers);
      for (std::size_t k = 0; k < owned_count_; ++k) {
        const std::size_t f = owned_[k];
        row<P> result = frame_[program_.result[f]];
        result.at += done / panel_width * result.step;
        settle(f, at / panel_numbers, at, left, result);
      }
      done += left;
    }
  }

  /// Stores a field's new values for some lanes of a panel, and notes what changed.
  void settle(std::size_t f, std::size_t panel, std::size_t first, std::size_t count, const row<P>& result) {
    const bool last = panel + 1 == call_.panels && call_.last_valid != nullptr;
    const auto as = [&](auto... kind) { settle_as<kind()...>(f, panel, first, count, result); };
    using std::false_type, std::true_type;
    if (duties_[f].event) last ? as(true_type(), true_type()) : as(false_type(), true_type());
    else last ? as(true_type(), false_type()) : as(false_type(), false_type());
  }

  template <bool last, bool event>
  void settle_as(std::size_t f, std::size_t panel, std::size_t first, std::size_t count, const row<P>& result) {
    P* const field = call_.fields[f] + first;
    P* const changes = duties_[f].sent ? call_.changes[f] : nullptr;
    N moved(0), nonfinite_bits = nonfinite_bits_;
    std::uint32_t present_bits = 0, ones = 0;
    for (std::size_t r = 0; r < panel_width; r += N::width) {
      const N valid = last ? N::load(call_.last_valid + r) : N(0);
      N present(0), changed(0), events(0);
      const P* from = result.at + r;
      for (std::size_t i = r; i < count; i += panel_width, from += result.step) {
        N value = N::load(from) + N(0);
        if constexpr (last) value = bits_and(value, valid);
        const N was = N::load(field + i);
        value.store(field + i);
        moved = bits_or(moved, bits_xor(value, was));
        nonfinite_bits = bits_or(nonfinite_bits, value - value);
        present = bits_or(present, value);
        changed = changed + select(differ(value, was), N(1), N(0));
        if constexpr (event) events = events + select(value == N(0), N(0), N(1));
      }
      present_bits |= N::bits(differ(present, N(0))) << r;
      if constexpr (event) ones += static_cast<std::uint32_t>(sum(events));
      if (changes != nullptr) {
        P* const to = changes + panel * panel_width + r;
        (N::load(to) + changed).store(to);
      }
    }
    nonfinite_bits_ = nonfinite_bits;
    if (duties_[f].sent) call_.present[f][panel] = static_cast<std::uint16_t>(call_.present[f][panel] | present_bits);
    if constexpr (event) call_.events[f][panel] += ones;
    if (N::any(differ(moved, N(0)))) call_.moved_panels[panel] = 1;
  }

  neuron_call<P>& call_;
  const program_view<P>& program_;
  std::size_t fields_;
  std::size_t owned_[max_fields] = {};
  std::size_t owned_count_ = 0;
  field_duty duties_[max_fields];
  std::size_t block_;
  N nonfinite_bits_{0};
  workspace<N> space_;
  row<P>* const frame_ = space_.frame;
};

template <class N>
void advance(neuron_call<scalar_of<N>>& call) {
  const auto& model = programs_of<scalar_of<N>>(call.params);
  const bool clamped = call.clamp != nullptr;
  const bool steps = call.with_step && !(clamped && model.clamp_is_total);
  program_sweep<N>(call, model, model.advance[steps ? 1 : 0][clamped ? 1 : 0], writer::step).run();
}

template <class N, std::size_t k>
void react(neuron_call<scalar_of<N>>& call) {
  const auto& model = programs_of<scalar_of<N>>(call.params);
  program_sweep<N>(call, model, model.react[k], static_cast<writer>(k)).run();
}

template <class N>
neuron_kernels<scalar_of<N>> interpreted_neurons() {
  neuron_kernels<scalar_of<N>> kernels;
  kernels.advance = &advance<N>;
  static_assert(max_reactions == 3);
  kernels.react = {&react<N, 0>, &react<N, 1>, &react<N, 2>};
  return kernels;
}

}  // namespace

template <>
model_kernels make_interpreted_kernels<simd_target::LOCUS_TARGET>() {
  model_kernels kernels;
  kernels.neuron_f32 = interpreted_neurons<simd::number<float>>();
  kernels.neuron_f64 = interpreted_neurons<simd::number<double>>();
  kernels.synapse_f32 = detail::interpreted_synapses<simd::number<float>>();
  kernels.synapse_f64 = detail::interpreted_synapses<simd::number<double>>();
  return kernels;
}

}  // namespace locus
