#pragma once
/// Neurons and synapses whose rules are swept over and over, outside of any circuit: arrays of random numbers, and the
/// calls that the engine would make of a model's kernels.

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "sim/core/aligned.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "tools/bench/reference/state_kernels.hpp"

namespace locus::bench {

/// `count` random numbers in [-1, 1).
template <class P>
[[nodiscard]] aligned_vector<P> random_numbers(std::size_t count, std::uint64_t seed) {
  const random_stream random(seed, "bench", "rules");
  aligned_vector<P> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = static_cast<P>(2 * random.uniform(i) - 1);
  return all;
}

/// Arrays of random numbers, and where they begin. Not copied: pointers stay valid when it is moved.
template <class P>
class arrays_of_numbers {
 public:
  arrays_of_numbers(std::size_t arrays, std::size_t count, std::uint64_t seed) {
    for (std::size_t k = 0; k < arrays; ++k) {
      kept_.push_back(random_numbers<P>(count, seed + k));
      begin_.push_back(kept_.back().data());
    }
  }
  arrays_of_numbers(const arrays_of_numbers&) = delete;
  arrays_of_numbers(arrays_of_numbers&&) noexcept = default;

  [[nodiscard]] P* const* begin() const noexcept { return begin_.data(); }
  [[nodiscard]] P* operator[](std::size_t k) const noexcept { return begin_[k]; }

 private:
  std::vector<aligned_vector<P>> kept_;
  std::vector<P*> begin_;
};

/// A population of which everything is computed in each update: its step, and its reactions. Two sets of messages
/// take turns, so that its fields go on changing. Requires: count is a multiple of panel_width.
template <class P>
class swept_neurons {
 public:
  swept_neurons(const model_declaration& model, const neuron_kernels<P>& kernels, std::size_t count, std::size_t lanes)
      : params_(model.make_parameters()),
        panels_(count / panel_width),
        lanes_(lanes),
        fields_(model.fields.size(), count * lanes, 1),
        changes_(model.fields.size(), count, 2),
        ports_{arrays_of_numbers<P>(model.ports.size(), count * lanes, 100),
               arrays_of_numbers<P>(model.ports.size(), count * lanes, 200)},
        present_(model.fields.size() * panels_),
        events_(model.fields.size() * panels_),
        moved_(panels_) {
    for (std::size_t f = 0; f < model.fields.size(); ++f) {
      present_at_.push_back(present_.data() + f * panels_);
      events_at_.push_back(events_.data() + f * panels_);
    }
    bool registered = false;
    for (const field& f : model.fields) registered = registered || f.by == writer::step;
    if (registered) add(kernels.advance, model.step ? *model.step : phase_info());
    for (std::size_t k = 0; k < model.reactions.size(); ++k) add(kernels.react[k], model.reactions[k]);
  }

  void update() {
    turn_ = 1 - turn_;
    for (const phase& each : phases_) {
      neuron_call<P> call;
      call.fields = fields_.begin();
      call.ports = each.ports[turn_].data();
      call.params = params_.get();
      call.changes = changes_.begin();
      call.present = present_at_.data();
      call.events = events_at_.data();
      call.moved_panels = moved_.data();
      call.lanes = lanes_;
      call.panels = call.last_panel = panels_;
      each.kernel(call);
    }
  }

 private:
  struct phase {
    neuron_kernel<P> kernel = nullptr;
    std::array<std::vector<const P*>, 2> ports;  ///< in each turn
  };

  void add(neuron_kernel<P> kernel, const phase_info& reads) {
    phase& made = phases_.emplace_back();
    made.kernel = kernel;
    for (std::size_t turn = 0; turn < 2; ++turn) {
      for (const std::size_t q : reads.ports) made.ports[turn].push_back(ports_[turn][q]);
    }
  }

  parameter_block params_;
  std::size_t panels_, lanes_, turn_ = 0;
  arrays_of_numbers<P> fields_, changes_;
  std::array<arrays_of_numbers<P>, 2> ports_;
  std::vector<std::uint16_t> present_;
  std::vector<std::uint32_t> events_;
  std::vector<std::uint8_t> moved_;
  std::vector<std::uint16_t*> present_at_;
  std::vector<std::uint32_t*> events_at_;
  std::vector<phase> phases_;
};

/// Sizes of a dense projection.
struct projection_sizes {
  std::size_t sources = 0, targets = 0, lanes = 1;

  [[nodiscard]] std::size_t synapses() const noexcept { return sources * targets; }
};

/// The model with a kernel that was written by hand in place of its text's.
template <class P>
[[nodiscard]] model_declaration by_hand(model_declaration model, const state_kernel<P>& written) {
  model_kernels kernels;
  if constexpr (sizeof(P) == sizeof(float)) kernels.synapse_f32.learn_dense = written.learn;
  else kernels.synapse_f64.learn_dense = written.learn;
  auto all = std::make_shared<kernels_of_targets>();
  all->fill(kernels);
  model.kernels = std::move(all);
  return model;
}

/// A dense projection that learns in each update: what its rule takes from the ends, then the rule. A modulator sits
/// at the targets and is nowhere silent. Two sets of messages take turns, so that its state goes on changing.
/// Requires: sources and targets are multiples of panel_width.
template <class P>
class swept_synapses {
 public:
  swept_synapses(const model_declaration& model, const synapse_kernels<P>& kernels, const projection_sizes& size)
      : params_(parameters_of(model)),
        kernels_(kernels),
        size_(size),
        gate_at_(model.gated ? gate_position::post : gate_position::none),
        gate_(size.targets * size.lanes, P(1)),
        present_(size.targets / panel_width, 0xffff),
        changed_(size.sources),
        ends_{end(std::max<std::size_t>(1, model.pre.size()), size.sources),
              end(std::max<std::size_t>(1, model.post.size()), size.targets)} {  // kernels by hand have one at least
    for (const synapse_field& f : model.state) {
      const std::size_t count = size.synapses() * (f.per_lane ? size.lanes : 1);
      // What theta begins with does not matter to speed, nor what the others do, as long as it is no subnormal number.
      state_.push_back(state_.empty() ? random_numbers<P>(count, 1) : aligned_vector<P>(count, P(1)));
      state_at_.push_back(state_.back().data());
    }
    const end_parts parts = parts_of<P>(model, kernels, params_.get(), gate_at_);
    ends_[0].take(parts.pre);
    ends_[1].take(parts.post);
  }

  void update() {
    turn_ = 1 - turn_;
    learn_call<P> call;
    call.state = state_at_.data();
    call.pre = parts_at(true);
    call.post = parts_at(false);
    call.gate = gate_at_ == gate_position::none ? nullptr : gate_.data();
    call.gate_at = gate_at_;
    call.gate_present = call.gate == nullptr ? nullptr : present_.data();
    call.params = params_.get();
    call.lanes = size_.lanes;
    call.sources = size_.sources;
    call.last_panel = size_.targets / panel_width;
    call.active = {nullptr, size_.sources};
    call.targets = size_.targets;
    call.changed_weights = changed_.data();
    kernels_.learn_dense(call);
  }

  /// A field of the synapses' state, as kernels have it.
  [[nodiscard]] const aligned_vector<P>& state(std::size_t field) const { return state_[field]; }

 private:
  /// One end: what its neurons send in each turn, and what the rule takes from it.
  struct end_arrays {
    std::size_t panels = 0, length = 0;
    std::array<arrays_of_numbers<P>, 2> sent;
    std::array<std::vector<const P*>, 2> outputs, parts;
    std::vector<aligned_vector<P>> buffers;
    std::vector<P*> made;  ///< [part]; null for one that is an output as it is

    void take(const std::vector<std::optional<std::size_t>>& wanted) {
      for (const auto& which : wanted) {
        if (!which) buffers.emplace_back(length);
        made.push_back(which ? nullptr : buffers.back().data());
        for (std::size_t turn = 0; turn < 2; ++turn) parts[turn].push_back(which ? outputs[turn][*which] : made.back());
      }
    }
  };

  /// So slow that the weights stay what they are in all that matters.
  static parameter_block parameters_of(const model_declaration& model) {
    parameter_block all = model.make_parameters();
    for (const parameter_info& each : model.parameters) {
      if (each.name == "alpha") each.set(all.get(), slow_rate);
    }
    return all;
  }

  end_arrays end(std::size_t outputs, std::size_t neurons) const {
    const std::size_t length = neurons * size_.lanes;
    end_arrays made = {neurons / panel_width,
                       length,
                       {arrays_of_numbers<P>(outputs, length, 300), arrays_of_numbers<P>(outputs, length, 400)},
                       {},
                       {},
                       {},
                       {}};
    for (std::size_t turn = 0; turn < 2; ++turn) {
      for (std::size_t k = 0; k < outputs; ++k) made.outputs[turn].push_back(made.sent[turn][k]);
    }
    return made;
  }

  const P* const* parts_at(bool pre) {
    const end_arrays& at = ends_[pre ? 0 : 1];
    bool any = false;
    for (const P* each : at.made) any = any || each != nullptr;
    if (any) {
      ends_call<P> call;
      call.outputs = at.outputs[turn_].data();
      call.gate = pre || gate_at_ == gate_position::none ? nullptr : gate_.data();
      call.gate_at = gate_at_;
      call.at_pre = pre;
      call.params = params_.get();
      call.parts = at.made.data();
      call.lanes = size_.lanes;
      call.panels = at.panels;
      kernels_.ends(call);
    }
    return at.parts[turn_].data();
  }

  parameter_block params_;
  synapse_kernels<P> kernels_;
  projection_sizes size_;
  gate_position gate_at_;
  std::size_t turn_ = 0;
  aligned_vector<P> gate_;
  std::vector<std::uint16_t> present_;
  std::vector<std::uint32_t> changed_;
  std::array<end_arrays, 2> ends_;  ///< pre, post
  std::vector<aligned_vector<P>> state_;
  std::vector<P*> state_at_;
};

}  // namespace locus::bench
