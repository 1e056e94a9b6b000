#pragma once
/// A dense, obvious simulation of the predictive-coding circuits that the engine is compared with, tick by tick. It
/// follows the definition of a tick and of the canonical sums literally and shares no code with the engine except
/// the scalar activation functions.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/activation.hpp"

namespace locus::dense {

enum class neuron { two_compartment, segregated, point };

struct settings {
  std::vector<std::size_t> sizes;       ///< input first
  std::vector<activation> activations;  ///< one a layer
  neuron kind = neuron::two_compartment;
  std::size_t lanes = 1;
  double alpha = 0, gamma = 1;
  bool bias = false;
  bool has_phi = false;  ///< plasticity is gated by phi neurons (fa-z-il), otherwise by `world::now`
  bool bursts = false;   ///< phi * eps goes up instead of eps
  bool learns = true;
  bool feedback_learns = true;  ///< by its own rule
  bool tied = false;            ///< the feedback reads the forward weights
  double quiet_ticks = 1, tolerance = 0;
  bool cause_gate = true;
  std::size_t delay = 0;  ///< ticks, of all forward synapses (not of the bias)
};

/// What comes from outside in one tick. Values are [neuron][lane].
template <class P>
struct world {
  const std::vector<P>* input = nullptr;
  const std::vector<P>* teacher = nullptr;
  bool impose = false;    ///< x set to the forward values, from below to above
  std::vector<bool> now;  ///< [layer]: "learn now" (without phi neurons)
};

/// The arithmetic that the engine promises: ascending sums of fused multiply-adds, Locus' activations.
struct canonical {
  static constexpr bool ascending = true;
  template <class P>
  static P multiply_add(P a, P b, P c) {
    return std::fma(a, b, c);
  }
  template <class P>
  static P f(activation kind, P x) {
    return activate(kind, x);
  }
  template <class P>
  static P f_prime(activation kind, P x, P y) {
    return slope(kind, x, y);
  }
};

/// The textbook's: libm, no fused multiply-add, sums from the other end.
struct textbook {
  static constexpr bool ascending = false;
  template <class P>
  static P multiply_add(P a, P b, P c) {
    return a * b + c;
  }
  template <class P>
  static P f(activation kind, P x) {
    if (kind == activation::sigmoid) return P(1) / (P(1) + std::exp(-x));
    if (kind == activation::tanh) return std::tanh(x);
    if (kind == activation::softplus) return std::log(P(1) + std::exp(x));
    if (kind == activation::clip) return std::clamp(x, P(0), P(1));
    return kind == activation::relu ? (x > 0 ? x : P(0)) : x;
  }
  template <class P>
  static P f_prime(activation kind, P x, P) {
    const P y = f(kind, x);
    if (kind == activation::sigmoid) return y * (P(1) - y);
    if (kind == activation::tanh) return P(1) - y * y;
    if (kind == activation::softplus) return P(1) - std::exp(-y);
    if (kind == activation::clip) return x > 0 && x < 1 ? P(1) : P(0);
    return kind == activation::relu && !(x > 0) ? P(0) : P(1);
  }
};

template <class P, class A = canonical>
class circuit {
 public:
  using values = std::vector<P>;  ///< [neuron][lane]
  using layers = std::vector<values>;

  settings s;
  layers x, b, a, rate;                      ///< value neurons, layers 0..L
  layers mu, eps, spike, burst;              ///< layers 1..L
  layers theta, theta_bias, theta_feedback;  ///< [layer]: [post][pre]; feedback: into that layer from the next

  explicit circuit(const settings& given) : s(given) {
    for (layers* each : {&x, &b, &a, &rate, &mu, &eps, &spike, &burst, &quiet_, &mu_before_, &g_}) {
      for (const std::size_t n : s.sizes) each->push_back(values(n * s.lanes));
    }
    for (layers* each : {&theta, &theta_bias, &theta_feedback}) each->resize(s.sizes.size());
  }

  [[nodiscard]] std::size_t depth() const { return s.sizes.size() - 1; }

  /// One tick up to and including the exchange of messages; the weights are those that the tick uses.
  void exchange(const world<P>& w) {
    for (std::size_t k = 0; k <= depth(); ++k) commit(k, k == 0 ? w.input : k == depth() ? w.teacher : nullptr);
    for (std::size_t k = 1; w.impose && k <= depth(); ++k) {
      const values forward = prediction(k);
      set(k, forward);
      emit(k);
    }
    if (s.delay > 0) history_.push_back(rate);
    for (std::size_t k = 1; k <= depth(); ++k) react(k);
    for (std::size_t k = 1; k < depth(); ++k) g_[k] = feedback(k);
    ++tick_;
  }

  /// Plasticity, with what the tick's exchange brought.
  void learn(const world<P>& w) {
    if (!s.learns) return;
    for (std::size_t k = 1; k <= depth(); ++k) {
      const P now = s.has_phi ? P(0) : P(w.now[k] ? 1 : 0);
      const auto gate = [&](std::size_t i, std::size_t lane) { return s.has_phi ? spike[k][at(i, lane)] : now; };
      const values& pre = arriving(k);
      for (std::size_t i = 0; i < s.sizes[k]; ++i) {
        for (std::size_t j = 0; j < s.sizes[k - 1]; ++j) {
          P sum = 0, sum_feedback = 0;
          for (std::size_t lane = 0; lane < s.lanes; ++lane) {
            const P signal = gate(i, lane) * eps[k][at(i, lane)];
            sum = A::multiply_add(signal, pre[at(j, lane)], sum);
            sum_feedback = A::multiply_add(signal, rate[k - 1][at(j, lane)], sum_feedback);
          }
          add(theta[k][i * s.sizes[k - 1] + j], sum);
          if (k > 1 && s.feedback_learns) add(theta_feedback[k - 1][j * s.sizes[k] + i], sum_feedback);
        }
        if (!s.bias) continue;
        P sum = 0;
        for (std::size_t lane = 0; lane < s.lanes; ++lane) {
          sum = A::multiply_add(gate(i, lane) * eps[k][at(i, lane)], P(1), sum);
        }
        add(theta_bias[k][i], sum);
      }
    }
  }

 private:
  [[nodiscard]] std::size_t at(std::size_t i, std::size_t lane) const { return i * s.lanes + lane; }

  void add(P& weight, P sum) const { weight = A::multiply_add(P(s.alpha), sum, weight) + P(0); }

  void set(std::size_t k, const values& v) {
    b[k] = v;
    x[k] = v;
    a[k].assign(v.size(), 0);
  }

  /// x, b, a from the messages of the tick before; a stimulus overrides.
  void commit(std::size_t k, const values* imposed) {
    for (std::size_t n = 0; tick_ > 0 && n < x[k].size(); ++n) {
      const P at_axon = s.kind == neuron::segregated ? b[k][n] : x[k][n];
      const P f_prime = A::f_prime(s.activations[k], at_axon, rate[k][n]);
      if (s.kind == neuron::point) {
        x[k][n] = A::multiply_add(P(s.gamma), A::multiply_add(f_prime, g_[k][n], -eps[k][n]), x[k][n]) + P(0);
        continue;
      }
      const P drive = f_prime * g_[k][n];
      if (s.gamma == 1) {
        b[k][n] = mu[k][n];
        a[k][n] = drive + P(0);
      } else {
        b[k][n] = A::multiply_add(P(s.gamma), mu[k][n] - b[k][n], b[k][n]) + P(0);
        a[k][n] = A::multiply_add(P(s.gamma), drive - a[k][n], a[k][n]) + P(0);
      }
    }
    if (imposed != nullptr) set(k, *imposed);
    emit(k);
  }

  void emit(std::size_t k) {
    for (std::size_t n = 0; n < x[k].size(); ++n) {
      if (s.kind != neuron::point) x[k][n] = b[k][n] + a[k][n] + P(0);
      rate[k][n] = A::f(s.activations[k], s.kind == neuron::segregated ? b[k][n] : x[k][n]) + P(0);
    }
  }

  /// The rates of layer k - 1 as they arrive at layer k.
  [[nodiscard]] const values& arriving(std::size_t k) const {
    if (s.delay == 0) return rate[k - 1];
    if (history_.size() <= s.delay) return zeros_.assign(rate[k - 1].size(), 0), zeros_;
    return history_[history_.size() - 1 - s.delay][k - 1];
  }

  [[nodiscard]] P dot(const P* weights, std::size_t stride, const values& messages, std::size_t n, std::size_t lane,
                      P sum) const {
    for (std::size_t step = 0; step < n; ++step) {
      const std::size_t j = A::ascending ? step : n - 1 - step;
      sum = A::multiply_add(weights[j * stride], messages[at(j, lane)], sum);
    }
    return sum;
  }

  [[nodiscard]] values prediction(std::size_t k) const {
    values out(s.sizes[k] * s.lanes);
    const values& messages = arriving(k);
    for (std::size_t i = 0; i < s.sizes[k]; ++i) {
      for (std::size_t lane = 0; lane < s.lanes; ++lane) {
        P sum = dot(&theta[k][i * s.sizes[k - 1]], 1, messages, s.sizes[k - 1], lane, P(0));
        if (s.bias) sum = A::multiply_add(theta_bias[k][i], P(1), sum);
        out[at(i, lane)] = sum + P(0);
      }
    }
    return out;
  }

  [[nodiscard]] values feedback(std::size_t k) const {
    const values& messages = s.bursts ? burst[k + 1] : eps[k + 1];
    values out(s.sizes[k] * s.lanes);
    for (std::size_t i = 0; i < s.sizes[k]; ++i) {
      for (std::size_t lane = 0; lane < s.lanes; ++lane) {
        const P* weights = s.tied ? &theta[k + 1][i] : &theta_feedback[k][i * s.sizes[k + 1]];
        out[at(i, lane)] = dot(weights, s.tied ? s.sizes[k] : 1, messages, s.sizes[k + 1], lane, P(0)) + P(0);
      }
    }
    return out;
  }

  /// Error and phi neurons.
  void react(std::size_t k) {
    mu[k] = prediction(k);
    for (std::size_t n = 0; n < mu[k].size(); ++n) {
      const bool point = s.kind == neuron::point;
      eps[k][n] = ((point ? x[k][n] : b[k][n]) - mu[k][n]) + (point ? P(0) : a[k][n]) + P(0);
      if (!s.has_phi) continue;
      const bool on = std::fabs(eps[k][n]) > P(s.tolerance);
      const bool caused = !s.cause_gate || !(std::fabs(mu[k][n] - mu_before_[k][n]) > P(s.tolerance));
      spike[k][n] = on && caused && quiet_[k][n] >= P(s.quiet_ticks) ? P(1) : P(0);
      quiet_[k][n] = on ? P(0) : std::fmin(quiet_[k][n] + P(1), P(s.quiet_ticks));
      mu_before_[k][n] = mu[k][n];
      burst[k][n] = spike[k][n] * eps[k][n] + P(0);
    }
  }

  layers quiet_, mu_before_, g_;
  std::vector<layers> history_;  ///< rates of all ticks, if they are needed
  mutable values zeros_;
  std::uint64_t tick_ = 0;
};

}  // namespace locus::dense
