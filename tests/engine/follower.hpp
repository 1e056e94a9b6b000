#pragma once
/// Runs the reference beside the engine and compares every tick.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "tests/engine/engine_testing.hpp"
#include "tests/reference/reference.hpp"

namespace locus::testing {

inline std::string layer_name(std::size_t k, std::size_t depth) {
  return k == 0 ? "input" : k == depth ? "output" : fmt::format("hidden{}", k);
}

inline activation activation_named(const std::string& name) { return value_named<activation>(name).value(); }

/// What the short form says, as the reference's settings.
inline dense::settings settings_of(const short_form& form) {
  dense::settings s;
  for (const std::uint32_t n : form.layers) {
    s.activations.push_back(activation_named(s.sizes.empty() && form.encode == "rate" ? "identity" : form.activation));
    s.sizes.push_back(n);
  }
  s.kind = form.neuron == "point"        ? dense::neuron::point
           : form.neuron == "segregated" ? dense::neuron::segregated
                                         : dense::neuron::two_compartment;
  s.lanes = form.lanes;
  s.alpha = form.alpha;
  s.gamma = form.gamma;
  s.bias = form.bias;
  s.has_phi = form.rule == "fa-z-il";
  s.bursts = s.has_phi && form.feedback != "continuous";
  s.learns = form.rule != "none";
  s.tied = form.feedback_weights == "tied";
  s.feedback_learns = form.feedback_weights.empty() || form.feedback_weights == "learned";
  s.quiet_ticks = form.quiet_ticks;
  s.tolerance = form.tolerance;
  s.cause_gate = form.cause_gate;
  return s;
}

/// A projection's weights in the circuit's precision.
template <class P>
std::vector<P> native_weights(const rig& r, const std::string& name) {
  const std::size_t i = r.projection(name);
  std::vector<P> all(r.net.connections(r.net.projections[i]));
  r.sim->read_weights(i, all.data());
  return all;
}

/// Takes the initial weights over into the reference (or anything with theta, theta_bias).
template <class P, class Reference>
void take_forward_weights(const rig& r, std::size_t depth, bool bias, Reference& to) {
  to.theta.resize(depth + 1);
  to.theta_bias.resize(depth + 1);
  for (std::size_t k = 1; k <= depth; ++k) {
    const std::string layer = layer_name(k, depth);
    to.theta[k] = native_weights<P>(r, layer + ".forward");
    if (bias) to.theta_bias[k] = native_weights<P>(r, layer + ".bias");
  }
}

template <class P, class A = dense::canonical>
class follower : public tick_observer {
 public:
  follower(rig& r, const short_form& form, const dense::settings& settings)
      : rig_(r), form_(form), reference_(settings) {
    take_forward_weights<P>(r, depth(), form.bias, reference_);
    for (std::size_t k = 1; k < depth(); ++k) {
      reference_.theta_feedback[k] = native_weights<P>(r, layer_name(k, depth()) + ".feedback");
    }
    r.sim->observe(this);
  }

  /// One presentation of both.
  void teach(const presentation& p) {
    if (form_.teacher_off) teaching_ = false;
    start_ = rig_.sim->now();
    onset_ = start_ + p.times.predict;
    off_ = onset_ + p.times.teach;
    load(rig_.data.train.input, p.samples, input_);
    load(rig_.data.train.target, p.samples, next_teacher_);
    rig_.world.teach(p.samples, p.times);
  }

  void on_tick(tick_t tick, const simulator&) override {
    ++ticks;
    const dense::world<P> w = world_at(tick);
    reference_.exchange(w);
    compare(tick);
    reference_.learn(w);
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    quiet += last - first;
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }

  [[nodiscard]] dense::circuit<P, A>& other() { return reference_; }

  std::string difference;  ///< the first one, or ""
  double largest = 0;      ///< largest absolute difference
  tick_t ticks = 0, quiet = 0;
  bool only_measure = false;  ///< fills `largest`, not `difference`

 private:
  [[nodiscard]] std::size_t depth() const { return form_.layers.size() - 1; }

  void load(const number_table& from, const std::vector<std::uint32_t>& samples, std::vector<P>& to) const {
    to.clear();
    for (std::uint32_t j = 0; j < from.columns(); ++j) {
      for (const std::uint32_t sample : samples) to.push_back(static_cast<P>(from.at(sample, j)));
    }
  }

  dense::world<P> world_at(tick_t t) {
    dense::world<P> w;
    w.input = &input_;
    w.impose = form_.start == "forward" && t == start_;
    if (t == onset_ && onset_ < off_) teacher_ = next_teacher_, teaching_ = true;
    if (t == off_ && form_.teacher_off) teaching_ = false;
    if (teaching_) w.teacher = &teacher_;
    w.now.assign(depth() + 1, false);
    for (std::size_t k = 1; k <= depth() && !reference_.s.has_phi; ++k) {
      const tick_t at = form_.update_at ? *form_.update_at : static_cast<tick_t>(depth() - k);
      w.now[k] = t == onset_ + at;
    }
    return w;
  }

  void compare(tick_t tick) {
    const bool point = reference_.s.kind == dense::neuron::point;
    for (std::size_t k = 0; k <= depth(); ++k) {
      const std::string layer = layer_name(k, depth());
      field(tick, layer + ".value", "x", reference_.x[k]);
      field(tick, layer + ".value", "rate", reference_.rate[k]);
      if (!point) field(tick, layer + ".value", "b", reference_.b[k]);
      if (!point) field(tick, layer + ".value", "a", reference_.a[k]);
      if (k == 0) continue;
      field(tick, layer + ".error", "mu", reference_.mu[k]);
      field(tick, layer + ".error", "eps", reference_.eps[k]);
      weights(tick, layer + ".forward", reference_.theta[k]);
      if (form_.bias) weights(tick, layer + ".bias", reference_.theta_bias[k]);
      if (k < depth() && !reference_.s.tied) weights(tick, layer + ".feedback", reference_.theta_feedback[k]);
      if (!reference_.s.has_phi) continue;
      field(tick, layer + ".phi", "spike", reference_.spike[k]);
      field(tick, layer + ".error", "burst", reference_.burst[k]);
    }
  }

  void field(tick_t tick, const std::string& population, const std::string& name, const std::vector<P>& expected) {
    buffer_.resize(expected.size());
    rig_.sim->read_field(rig_.output(population, name), buffer_.data());
    same(tick, population + "." + name, expected);
  }

  void weights(tick_t tick, const std::string& name, const std::vector<P>& expected) {
    buffer_.resize(expected.size());
    rig_.sim->read_weights(rig_.projection(name), buffer_.data());
    same(tick, name, expected);
  }

  void same(tick_t tick, const std::string& name, const std::vector<P>& expected) {
    if (std::memcmp(buffer_.data(), expected.data(), expected.size() * sizeof(P)) == 0) return;
    for (std::size_t n = 0; n < expected.size(); ++n) {
      largest = std::max(largest, static_cast<double>(std::fabs(buffer_[n] - expected[n])));
      if (only_measure || !difference.empty() || std::memcmp(&buffer_[n], &expected[n], sizeof(P)) == 0) continue;
      difference = fmt::format("tick {}, {}[{}]: engine {}, reference {}", tick, name, n, buffer_[n], expected[n]);
    }
  }

  rig& rig_;
  const short_form form_;
  dense::circuit<P, A> reference_;
  tick_t start_ = 0, onset_ = 0, off_ = 0;
  std::vector<P> input_, next_teacher_, teacher_, buffer_;
  bool teaching_ = false;
};

}  // namespace locus::testing
