#include "tools/bench/reference/state_kernels.hpp"

#include "sim/core/functions.hpp"
#include "sim/engine/simd.hpp"

namespace locus::bench {
namespace {

/// What a sweep finds, gathered bit by bit in registers.
template <class N>
struct state_findings {
  N moved{0}, weights_moved{0}, nonfinite_bits{0};
};

/// A vector of synapses from one source.
struct place {
  std::size_t row = 0;  ///< of the state: [row][16], [row][lane][16]
  std::size_t source = 0;
  std::size_t target = 0;  ///< the first, in its panel
};

template <class N>
class state_sweep {
 public:
  using P = scalar_of<N>;

  /// Pointers are copied: after a store through one of them, the compiler would have to read them again.
  state_sweep(learn_call<P>& call, std::size_t fields)
      : call_(call), pre_(call.pre[0]), changed_weights_(call.changed_weights), lanes_(call.lanes) {
    for (std::size_t f = 0; f < fields; ++f) state_[f] = call.state[f];
  }

  [[nodiscard]] std::size_t lanes() const { return lanes_; }

  /// Calls rule(place, findings) for all synapses.
  template <class Rule>
  [[gnu::always_inline]] void run(const Rule& rule) {
    state_findings<N> found;
    for (std::size_t panel = call_.first_panel; panel < call_.last_panel; ++panel) {
      if (call_.gate != nullptr) modulate(panel);
      for (std::size_t source = 0; source < call_.sources; ++source) {
        for (std::size_t r = 0; r < panel_width; r += N::width)
          rule(place{panel * call_.sources + source, source, r}, found);
      }
    }
    call_.moved = N::any(differ(found.moved, N(0)));
    call_.weights_moved = N::any(differ(found.weights_moved, N(0)));
    call_.finite = !N::any(differ(found.nonfinite_bits, N(0)));
  }

  [[nodiscard]] N pre(const place& p, std::size_t lane) const {
    return N::of(pre_[field_offset(p.source, lane, lanes_)]);
  }
  [[nodiscard]] N post(const place& p, std::size_t lane) const { return N::load(posts_[lane] + p.target); }
  [[nodiscard]] N gate(const place& p, std::size_t lane) const { return N::load(gates_[lane] + p.target); }
  [[nodiscard]] auto updates(const place& p) const { return N::load(updates_ + p.target) > N(0); }

  /// The sum of gate post pre over the lanes.
  [[nodiscard]] N products(const place& p) const {
    N sum(0);
    for (std::size_t lane = 0; lane < lanes_; ++lane) sum = fma(N::load(driven_[lane] + p.target), pre(p, lane), sum);
    return sum;
  }

  [[nodiscard]] N load(std::size_t f, const place& p) const { return N::load(at(f, p, 0, 1)); }
  [[nodiscard]] N load(std::size_t f, const place& p, std::size_t lane) const {
    return N::load(at(f, p, lane, lanes_));
  }
  void store(std::size_t f, const place& p, N was, N value, state_findings<N>& found) const {
    settle(at(f, p, 0, 1), was, value, found);
  }
  void store(std::size_t f, const place& p, std::size_t lane, N was, N value, state_findings<N>& found) const {
    settle(at(f, p, lane, lanes_), was, value, found);
  }
  void store_weight(std::size_t f, const place& p, N was, N value, state_findings<N>& found) const {
    value = value + N(0);
    settle(at(f, p, 0, 1), was, value, found);
    found.weights_moved = bits_or(found.weights_moved, bits_xor(value, was));
    changed_weights_[p.source] += static_cast<std::uint32_t>(N::count(differ(value, was)));
  }

 private:
  [[nodiscard]] P* at(std::size_t f, const place& p, std::size_t lane, std::size_t lanes) const {
    return state_[f] + (p.row * lanes + lane) * panel_width + p.target;
  }
  static void settle(P* to, N was, N value, state_findings<N>& found) {
    value = value + N(0);
    value.store(to);
    found.nonfinite_bits = bits_or(found.nonfinite_bits, value - value);
    found.moved = bits_or(found.moved, bits_xor(value, was));
  }

  /// What is the same for all sources of a panel.
  void modulate(std::size_t panel) {
    for (std::size_t r = 0; r < panel_width; r += N::width) {
      N open(0);
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const std::size_t from = (panel * lanes_ + lane) * panel_width + r;
        const N g = N::load(call_.gate + from), y = N::load(call_.post[0] + from);
        g.store(gates_[lane] + r);
        y.store(posts_[lane] + r);
        (g * y).store(driven_[lane] + r);
        open = open + abs(g);
      }
      open.store(updates_ + r);
    }
  }

  learn_call<P>& call_;
  P* state_[5];
  const P* const pre_;
  std::uint32_t* const changed_weights_;
  const std::size_t lanes_;
  alignas(64) P posts_[most_lanes][panel_width], gates_[most_lanes][panel_width], driven_[most_lanes][panel_width];
  alignas(64) P updates_[panel_width];
};

template <class N>
void momentum(learn_call<scalar_of<N>>& call) {
  const N alpha(slow_rate), mu(0.9);
  state_sweep<N> s(call, 2);
  s.run([&](const place& p, state_findings<N>& found) {
    const N theta = s.load(0, p), m = s.load(1, p);
    const auto updates = s.updates(p);
    const N moved = fma(mu, m, s.products(p));
    s.store(1, p, m, select(updates, moved, m), found);
    s.store_weight(0, p, theta, select(updates, fma(alpha, moved, theta), theta), found);
  });
}

template <class N>
void adam(learn_call<scalar_of<N>>& call) {
  const N alpha(slow_rate), beta1(0.9), beta2(0.999), epsilon(1e-8), one(1);
  const N rest1 = one - beta1, rest2 = one - beta2;
  state_sweep<N> s(call, 5);
  s.run([&](const place& p, state_findings<N>& found) {
    const N theta = s.load(0, p), m = s.load(1, p), v = s.load(2, p), power1 = s.load(3, p), power2 = s.load(4, p);
    const auto updates = s.updates(p);
    const N g = s.products(p);
    const N mean = m + rest1 * (g - m);
    const N square = beta2 * v + rest2 * g * g;
    const N b1 = power1 * beta1, b2 = power2 * beta2;
    const N scale = sqrt(square) / sqrt(one - b2) + epsilon;
    const N next = theta + alpha / (one - b1) * mean / scale;
    s.store(1, p, m, select(updates, mean, m), found);
    s.store(2, p, v, select(updates, square, v), found);
    s.store(3, p, power1, select(updates, b1, power1), found);
    s.store(4, p, power2, select(updates, b2, power2), found);
    s.store_weight(0, p, theta, select(updates, next, theta), found);
  });
}

template <class N>
void eligibility(learn_call<scalar_of<N>>& call) {
  const N alpha(slow_rate), lambda(0.9);
  state_sweep<N> s(call, 2);
  s.run([&](const place& p, state_findings<N>& found) {
    N sum(0);
    for (std::size_t lane = 0; lane < s.lanes(); ++lane) {
      const N e = s.load(1, p, lane);
      const N trace = fma(s.post(p, lane), s.pre(p, lane), lambda * e);
      s.store(1, p, lane, e, trace, found);
      sum = fma(s.gate(p, lane), trace, sum);
    }
    const N theta = s.load(0, p);
    s.store_weight(0, p, theta, fma(alpha, sum, theta), found);
  });
}

/// At tau_facil = 0, u stays 0.
template <class N>
void tsodyks_markram(learn_call<scalar_of<N>>& call) {
  const N utilization(0.5), one(1), decay = exp(N(-1) / N(800));
  state_sweep<N> s(call, 4);
  s.run([&](const place& p, state_findings<N>& found) {
    N sum(0);
    for (std::size_t lane = 0; lane < s.lanes(); ++lane) sum = sum + s.pre(p, lane);
    const auto spike = sum > N(0);
    const N u = s.load(1, p), x = s.load(2, p), efficacy = s.load(3, p);
    const N jumped = u + utilization * (one - u);
    const N left = select(spike, x - jumped * x, x);
    const N next = one - (one - left) * decay;
    s.store(1, p, u, N(0), found);
    s.store(2, p, x, next, found);
    s.store_weight(3, p, efficacy, s.load(0, p) * utilization * next, found);
  });
}

template <class N>
state_kernels<scalar_of<N>> kernels() {
  return {{{"momentum-hebbian", &momentum<N>},
           {"adam-hebbian", &adam<N>},
           {"eligibility-hebbian", &eligibility<N>},
           {"tsodyks-markram", &tsodyks_markram<N>}}};
}

}  // namespace

template <>
state_kernels<float> make_state_kernels<simd_target::LOCUS_TARGET, float>() {
  return kernels<simd::number<float>>();
}
template <>
state_kernels<double> make_state_kernels<simd_target::LOCUS_TARGET, double>() {
  return kernels<simd::number<double>>();
}

}  // namespace locus::bench
