/// Synapses that keep more than their weight, against closed forms and plain loops: eligibility traces, momentum, Adam,
/// short-term plasticity.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "models/templates/catalogue.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_synapse_states {

using namespace locus;
using namespace locus::testing;

namespace {

/// Half an ulp of 1: what one rounding may err, relative to its result.
constexpr double u = 0x1p-53;

/// One projection, "p", between two populations that send what the test says, "pre" and "post", and a modulator "gate",
/// one neuron for each postsynaptic one.
struct setting {
  std::string synapse, params;
  std::size_t before = 1, after = 1, lanes = 1;
  std::string connect = "'all-to-all'", weights = "{ init = 'constant', scale = 0 }", precision = "f64";
  unsigned delay = 0;
  bool gated = true, sees_post = true;
  std::string initial = {};

  [[nodiscard]] circuit build() const {
    std::string text = fmt::format("[circuit]\nlanes = {}\nprecision = '{}'\n", lanes, precision);
    for (const auto& [name, size] : {std::pair("pre", before), {"post", after}, {"gate", after}})
      text += fmt::format("[[population]]\nname = '{}'\nmodel = 'controller'\nsize = {}\n", name, size);
    text += fmt::format(
        "[[projection]]\nname = 'p'\nfrom = 'pre.signal'\nto = 'post.trigger'\nconnect = {}\nsynapse = '{}'\n"
        "weights = {}\ninitial = {{ {} }}\nparams = {{ {} }}\ndelay = {}\n{}{}",
        connect, synapse, weights, initial, params, delay, sees_post ? "post = 'post.signal'\n" : "",
        gated ? "gate = 'gate.signal'\n" : "");
    return build_circuit(netlist_of(text));
  }
};

constexpr std::size_t pre = 0, post = 1, gate = 2;  // populations

/// A circuit that is driven tick by tick, with one synapse that is looked at.
struct bench {
  explicit bench(const setting& s, const simulator_options& options = {})
      : net(s.build()), sim(make_simulator(net, options)) {}

  /// All neurons and lanes of a population send `value` from the next tick on.
  void send(std::size_t population, double value) {
    const std::vector<double> all(net.populations[population].size * net.lanes, value);
    sim->clamp(population, all);
  }
  void send(std::size_t population, std::size_t lane, double value) {
    const std::vector<double> all(net.populations[population].size, value);
    sim->clamp_lane(population, lane, std::span<const double>(all));
  }
  void tick(std::size_t count = 1) { sim->advance(sim->now() + static_cast<tick_t>(count)); }

  [[nodiscard]] double theta() const { return sim->weights(0).at(0); }
  [[nodiscard]] double state(std::size_t field, std::size_t at = 0) const {
    return sim->synapse_field(0, field).at(at);
  }
  [[nodiscard]] double received() const { return sim->value({post, 0}, 0, 0); }  ///< by the first target, a tick ago

  circuit net;
  std::unique_ptr<simulator> sim;
};

}  // namespace

// ---- eligibility ----

namespace {

/// What a weight has learnt from a coincidence in one tick and a modulator `distance` ticks later.
double credit(const std::string& params, std::size_t distance, double pre_sends = 1, double post_sends = 1) {
  bench b({.synapse = "eligibility-hebbian", .params = params});
  b.send(gate, 0);
  for (std::size_t t = 0; t <= distance; ++t) {
    b.send(pre, t == 0 ? pre_sends : 0);
    b.send(post, t == 0 ? post_sends : 0);
    b.send(gate, t == distance ? 1 : 0);
    b.tick();
  }
  const double learnt = b.theta();
  b.send(gate, 0);
  b.tick(3);
  CHECK(b.theta() == learnt);  // without a modulator nothing is learnt
  return learnt;
}

}  // namespace

TEST_CASE("eligibility: a modulator d ticks after a coincidence teaches alpha lambda^d", "[circuits]") {
  for (const std::size_t d : {0u, 1u, 2u, 7u, 40u}) {
    CHECK(credit("alpha = 0.25, lambda = 0.5", d) == std::ldexp(0.25, -static_cast<int>(d)));
    CHECK(credit("alpha = 0.25, lambda = 0.5", d, -2, 3) == std::ldexp(-1.5, -static_cast<int>(d)));
    CHECK(credit("alpha = 0.25, lambda = 1", d) == 0.25);
    CHECK(credit("alpha = 0.25, lambda = 0", d) == (d == 0 ? 0.25 : 0));
    // Each tick multiplies once, the weight is rounded once, and pow errs by an ulp at most.
    const double expected = 0.25 * std::pow(0.9, d);
    CHECK(std::abs(credit("alpha = 0.25, lambda = 0.9", d) - expected) <= (static_cast<double>(d) + 3) * u * expected);
  }
}

TEST_CASE("eligibility: each lane has its trace, and the weight sums what they are worth", "[circuits]") {
  bench b({.synapse = "eligibility-hebbian", .params = "alpha = 0.25, lambda = 0.5", .lanes = 3});
  for (const std::size_t population : {pre, post, gate}) b.send(population, 0);
  // Lane 0: a coincidence at tick 0, lane 1: at tick 1, lane 2: pre and post miss each other.
  const std::vector<std::vector<double>> pre_sends = {{1, 0, 1}, {0, 1, 0}, {0, 0, 0}, {0, 0, 0}};
  const std::vector<std::vector<double>> post_sends = {{1, 1, 0}, {0, 1, 1}, {0, 0, 0}, {0, 0, 0}};
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::size_t lane = 0; lane < 3; ++lane) {
      b.send(pre, lane, pre_sends[t][lane]);
      b.send(post, lane, post_sends[t][lane]);
      b.send(gate, lane, t == 3 && lane != 0 ? 1 : 0);
    }
    b.tick();
  }
  CHECK(b.sim->synapse_field(0, 1) == std::vector{0.125, 0.25, 0.0});
  CHECK(b.theta() == 0.25 * 0.25);  // the modulator does not come to lane 0
  for (std::size_t lane = 0; lane < 3; ++lane) b.send(gate, lane, lane == 0 ? 1 : 0);
  b.tick();
  CHECK(b.theta() == 0.25 * 0.25 + 0.25 * 0.0625);
}

TEST_CASE("eligibility: over a connection with a delay, coincidences are where messages arrive", "[circuits]") {
  for (const unsigned delay : {1u, 3u}) {
    bench b({.synapse = "eligibility-hebbian", .params = "alpha = 0.25, lambda = 0.5", .delay = delay});
    for (std::size_t t = 0; t < 8; ++t) {
      b.send(pre, t == 1 ? 1 : 0);
      b.send(post, t == 1 || t == 1 + delay ? 1 : 0);
      b.send(gate, t == 6 ? 1 : 0);
      b.tick();
    }
    CHECK(b.theta() == std::ldexp(0.25, -static_cast<int>(6 - (1 + delay))));
  }
}

// ---- momentum ----

TEST_CASE("momentum: equal products add up to a geometric series, and nothing moves between updates", "[circuits]") {
  for (const unsigned pause : {0u, 5u}) {
    bench b({.synapse = "momentum-hebbian", .params = "alpha = 0.125, mu = 0.5"});
    b.send(pre, 1);
    b.send(post, 2);
    double sum = 0;
    for (int n = 1; n <= 30; ++n) {
      b.send(gate, 1);
      b.tick();
      // 2 (1 + mu + ... + mu^(n - 1)), which is a number of n + 1 bits
      const double m = 4 * (1 - std::ldexp(1, -n));
      sum += m;
      REQUIRE(b.state(1) == m);
      REQUIRE(b.theta() == 0.125 * sum);
      b.send(gate, 0);
      b.tick(pause);
      REQUIRE(b.state(1) == m);
      REQUIRE(b.theta() == 0.125 * sum);
    }
  }
}

TEST_CASE("momentum: mu = 0 is gradient descent, mu = 1 a ball without friction", "[circuits]") {
  bench none({.synapse = "momentum-hebbian", .params = "alpha = 0.5, mu = 0"});
  bench all({.synapse = "momentum-hebbian", .params = "alpha = 0.5, mu = 1"});
  bench plain({.synapse = "gated-hebbian", .params = "alpha = 0.5"});
  for (bench* each : {&none, &all, &plain}) {
    for (const double sends : {1.0, 3.0, -2.0}) {
      each->send(pre, sends);
      each->send(post, 1);
      each->send(gate, 1);
      each->tick();
    }
  }
  CHECK(none.theta() == plain.theta());
  CHECK(all.theta() == 0.5 * (1 + 4 + 2));
}

// ---- plain loops ----

namespace {

/// What is sent in one tick, in eighths, so that products and their sums are exact: [neuron][lane].
struct sent {
  std::vector<double> pre, post, gate;
};

/// `gates`: the share of ticks in which modulators speak.
std::vector<sent> drawn_course(const circuit& c, std::size_t ticks, double gates) {
  const random_stream random(7, "test", "course");
  std::vector<sent> all(ticks);
  for (std::size_t t = 0; t < ticks; ++t) {
    const auto drawn = [&](std::size_t population, double share) {
      std::vector<double> values(c.populations[population].size * c.lanes);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (random.uniform(t, 3 * i + population) > share) continue;
        values[i] = (static_cast<double>(random.below(17, 1000 * t + population, i)) - 8) / 8;
      }
      return values;
    };
    all[t] = {drawn(pre, 0.6), drawn(post, 0.7), drawn(gate, 0.5)};
    if (random.uniform(t, 999999) > gates) all[t].gate.assign(all[t].gate.size(), 0);
  }
  return all;
}

void run_course(simulator& s, const std::vector<sent>& course, std::size_t first, std::size_t last) {
  for (std::size_t t = first; t < last; ++t) {
    s.clamp(pre, course[t].pre);
    s.clamp(post, course[t].post);
    s.clamp(gate, course[t].gate);
    s.advance(s.now() + 1);
  }
}

/// One synapse: what arrives from each lane in a tick, and what its rule makes of it.
struct lane_view {
  double pre = 0, post = 0, gate = 0;
};
using plain_rule = std::function<void(std::vector<double>& state, const std::vector<lane_view>& lanes)>;

/// The largest difference between fields of all synapses after the course and what a plain rule makes of `initial`. The
/// rule's state has the fields in the model's order; one that is kept for each lane is the last.
double largest_difference_from(const plain_rule& rule, const std::vector<double>& initial, const setting& s,
                               const simulator& sim, const std::vector<sent>& course,
                               const std::vector<std::size_t>& fields) {
  const projection& p = sim.net().projections[0];
  std::vector<std::pair<std::size_t, std::size_t>> joins;  // post, pre
  if (p.shape == projection_shape::sparse) {
    p.connections.each([&](std::uint32_t from, std::uint32_t to) { joins.emplace_back(to, from); });
  } else {
    for (std::size_t i = 0; i < s.after; ++i) {
      for (std::size_t j = 0; j < s.before; ++j) joins.emplace_back(i, j);
    }
  }
  std::vector<std::vector<double>> found;
  for (const std::size_t f : fields) found.push_back(sim.synapse_field(0, f));
  double most = 0;
  for (std::size_t n = 0; n < joins.size(); ++n) {
    const auto [i, j] = joins[n];
    std::vector<double> state = initial;
    for (std::size_t t = 0; t < course.size(); ++t) {
      std::vector<lane_view> lanes(s.lanes);
      for (std::size_t lane = 0; lane < s.lanes; ++lane) {
        const double late = t >= s.delay ? course[t - s.delay].pre[j * s.lanes + lane] : 0;
        lanes[lane] = {late, course[t].post[i * s.lanes + lane], course[t].gate[i * s.lanes + lane]};
      }
      rule(state, lanes);
    }
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const std::size_t each = found[f].size() / joins.size();
      for (std::size_t k = 0; k < each; ++k)
        most = std::fmax(most, std::abs(found[f][n * each + k] - state.at(fields[f] + k)));
    }
  }
  return most;
}

std::vector<setting> shapes(const setting& s) {
  std::vector<setting> all;
  for (const char* connect : {"'all-to-all'", "{ fixed_indegree = 3, seed = 5 }", "{ probability = 0.4, seed = 2 }"}) {
    for (const unsigned delay : {0u, 2u}) {
      setting each = s;
      each.before = 7;
      each.after = 19;  // a panel and a part of one
      each.lanes = 3;
      each.connect = connect;
      each.delay = delay;
      all.push_back(each);
    }
  }
  return all;
}

double sum_of_products(const std::vector<lane_view>& lanes) {
  double sum = 0;
  for (const lane_view& l : lanes) sum = std::fma(l.gate * l.post, l.pre, sum);
  return sum;
}
bool updates(const std::vector<lane_view>& lanes) {
  return std::any_of(lanes.begin(), lanes.end(), [](const lane_view& l) { return l.gate != 0; });
}

}  // namespace

TEST_CASE("eligibility: whatever is sent, weights and traces are those of plain loops, bit for bit", "[circuits]") {
  const plain_rule rule = [](std::vector<double>& state, const std::vector<lane_view>& lanes) {
    double sum = 0;
    for (std::size_t k = 0; k < lanes.size(); ++k) {
      state[1 + k] = std::fma(lanes[k].post, lanes[k].pre, 0.9 * state[1 + k]);
      sum = std::fma(lanes[k].gate, state[1 + k], sum);
    }
    state[0] = std::fma(0.1, sum, state[0]);
  };
  for (const setting& s : shapes({.synapse = "eligibility-hebbian", .params = "alpha = 0.1, lambda = 0.9"})) {
    INFO(s.connect << ", delay " << s.delay);
    bench b(s);
    const std::vector<sent> course = drawn_course(b.net, 60, 0.5);
    run_course(*b.sim, course, 0, course.size());
    CHECK(largest_difference_from(rule, {0, 0, 0, 0}, s, *b.sim, course, {0, 1}) == 0);
  }
}

TEST_CASE("momentum: whatever is sent, it is PyTorch's SGD with momentum, bit for bit", "[circuits]") {
  // torch.optim.SGD, maximize, dampening = 0: buffer = momentum * buffer + grad; param += lr * buffer. Products and
  // sums are rounded once, as in Locus.
  const plain_rule rule = [](std::vector<double>& state, const std::vector<lane_view>& lanes) {
    if (!updates(lanes)) return;
    state[1] = std::fma(0.9, state[1], sum_of_products(lanes));
    state[0] = std::fma(0.01, state[1], state[0]);
  };
  for (const setting& s : shapes({.synapse = "momentum-hebbian", .params = "alpha = 0.01, mu = 0.9"})) {
    INFO(s.connect << ", delay " << s.delay);
    bench b(s);
    const std::vector<sent> course = drawn_course(b.net, 60, 0.5);
    run_course(*b.sim, course, 0, course.size());
    CHECK(largest_difference_from(rule, {0, 0}, s, *b.sim, course, {0, 1}) == 0);
  }
}

TEST_CASE("Adam: whatever is sent, it is PyTorch's to rounding", "[circuits]") {
  constexpr double lr = 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  // torch.optim.Adam, single tensor, maximize: state[1], [2] are exp_avg and exp_avg_sq, the last the count of steps.
  const plain_rule rule = [&](std::vector<double>& state, const std::vector<lane_view>& lanes) {
    if (!updates(lanes)) return;
    const double grad = sum_of_products(lanes), step = ++state[3];
    state[1] = state[1] + (1 - beta1) * (grad - state[1]);    // lerp_
    state[2] = state[2] * beta2 + (1 - beta2) * grad * grad;  // mul_, addcmul_
    const double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
    const double denominator = std::sqrt(state[2]) / std::sqrt(correction2) + eps;
    state[0] = state[0] + lr / correction1 * state[1] / denominator;  // addcdiv_
  };
  for (const setting& s : shapes({.synapse = "adam-hebbian", .params = "alpha = 0.01"})) {
    INFO(s.connect << ", delay " << s.delay);
    bench b(s);
    const std::vector<sent> course = drawn_course(b.net, 400, 0.5);
    run_course(*b.sim, course, 0, course.size());
    CHECK(largest_difference_from(rule, {0, 0, 0, 0}, s, *b.sim, course, {1, 2}) == 0);
    // beta^t as a product of t factors, and by pow, which errs by an ulp at most, differ by (t + 2) u beta^t. Since
    // 1 - beta^t = (1 - beta) (1 + beta + ... + beta^(t - 1)) >= (1 - beta) t beta^t, the corrections differ by
    // (1 + 2 / t) u / (1 - beta) <= 3 u / (1 - beta), relatively: 30 u, and 3000 u, of which the root takes half. Eight
    // roundings come to it. By Cauchy and Schwarz |m| <= (1 - beta1) / sqrt(1 - beta1^2 / beta2) sqrt(v / (1 - beta2)),
    // so that no step is longer than 7.3 lr, and no weight above 400 of them.
    const double longest = 7.3 * lr;
    const double bound = 400 * (longest * (30 + 1500 + 8) + 400 * longest) * u;
    CHECK(largest_difference_from(rule, {0, 0, 0, 0}, s, *b.sim, course, {0}) <= bound);
  }
}

TEST_CASE("Adam: the first step is alpha long whatever the product, and nothing moves between updates", "[circuits]") {
  for (const double product : {1.0, -0.001, 50.0}) {
    bench b({.synapse = "adam-hebbian", .params = "alpha = 0.01"});
    b.send(pre, product);
    b.send(post, 1);
    b.send(gate, 1);
    b.tick();
    // g / (|g| + epsilon), and some ten roundings
    CHECK(std::abs(b.theta() - std::copysign(0.01, product)) <= 0.01 * (1e-8 / std::abs(product) + 10 * u));
    std::vector<double> before;
    for (std::size_t f = 0; f < 5; ++f) before.push_back(b.state(f));
    b.send(gate, 0);
    b.tick(9);
    for (std::size_t f = 0; f < 5; ++f) CHECK(b.state(f) == before[f]);
    CHECK(b.state(3) == 0.9);
    CHECK(b.state(4) == 0.999);
  }
}

namespace {

/// A matrix, or a bias, that PyTorch's Adam maximises with.
struct adam_weights {
  dense_weights theta;
  row m, v;

  explicit adam_weights(dense_weights begin)
      : theta(std::move(begin)), m(theta.values.size()), v(theta.values.size()) {}
  void step(const row& grad, double t, double lr) {
    const double beta1 = 0.9, beta2 = 0.999, root = std::sqrt(1 - std::pow(beta2, t));
    for (std::size_t n = 0; n < m.size(); ++n) {
      m[n] += (1 - beta1) * (grad[n] - m[n]);
      v[n] = v[n] * beta2 + (1 - beta2) * grad[n] * grad[n];
      theta.values[n] += lr / (1 - std::pow(beta1, t)) * m[n] / (std::sqrt(v[n]) / root + 1e-8);
    }
  }
};

}  // namespace

TEST_CASE("Adam: an epoch of digits-bp-adam is backpropagation with PyTorch's Adam", "[circuits]") {
  constexpr std::uint32_t batch = 20, batches = 71;
  constexpr double lr = 0.003;
  const description d =
      read_netlist(document::from_file(project_file("netlists/digits-bp-adam.toml")), all_templates());
  rig r(d, load_data(d.data));
  std::vector<adam_weights> w, bias;
  for (const char* layer : {"hidden1", "output"}) {
    w.emplace_back(weights_of(*r.sim, layer + std::string(".forward")));
    bias.emplace_back(weights_of(*r.sim, layer + std::string(".bias")));
  }
  for (std::uint32_t n = 0; n < batches; ++n) {
    std::vector<std::uint32_t> samples;
    row grad_w[2], grad_b[2];
    for (std::size_t k = 0; k < 2; ++k) {
      grad_w[k].resize(w[k].m.size());
      grad_b[k].resize(bias[k].m.size());
    }
    for (std::uint32_t lane = 0; lane < batch; ++lane) {
      samples.push_back(n * batch + lane);
      const row x = r.data.train.input_of(samples.back()), target = r.data.train.target_of(samples.back());
      row hidden = w[0].theta.times(x);
      for (std::size_t i = 0; i < hidden.size(); ++i) hidden[i] = std::tanh(hidden[i] + bias[0].theta.values[i]);
      const row sum = w[1].theta.times(hidden);
      row delta(10);
      for (std::size_t i = 0; i < 10; ++i) delta[i] = target[i] - (sum[i] + bias[1].theta.values[i]);
      row back = w[1].theta.transposed().times(delta);
      for (std::size_t i = 0; i < back.size(); ++i) back[i] *= 1 - hidden[i] * hidden[i];
      const auto add = [](const row& after, const row& before, row& matrix, row& column) {
        for (std::size_t i = 0; i < after.size(); ++i) {
          for (std::size_t j = 0; j < before.size(); ++j) matrix[i * before.size() + j] += after[i] * before[j];
          column[i] += after[i];
        }
      };
      add(back, x, grad_w[0], grad_b[0]);
      add(delta, hidden, grad_w[1], grad_b[1]);
    }
    for (std::size_t k = 0; k < 2; ++k) {
      w[k].step(grad_w[k], n + 1, lr);
      bias[k].step(grad_b[k], n + 1, lr);
    }
    r.world.teach(samples, {8, 4, 0});
  }
  // Products are summed in another order, so that gradients differ by some 1e-15. Where a gradient is as small as that,
  // Adam makes a step of lr g / epsilon of it, which is wrong by 3e5 times as much: 3e-10 in each of 71 steps, and what
  // follows from it in later ones.
  CHECK(largest_difference(r.sim->weights(r.projection("hidden1.forward")), w[0].theta.values) < 1e-7);
  CHECK(largest_difference(r.sim->weights(r.projection("hidden1.bias")), bias[0].theta.values) < 1e-7);
  CHECK(largest_difference(r.sim->weights(r.projection("output.forward")), w[1].theta.values) < 1e-7);
  CHECK(largest_difference(r.sim->weights(r.projection("output.bias")), bias[1].theta.values) < 1e-7);
}

// ---- short-term plasticity ----

namespace {

/// What a target receives of spikes in the given ticks.
std::vector<double> responses(const setting& s, const std::vector<std::size_t>& spikes) {
  bench b(s);
  std::vector<double> all;
  for (const std::size_t at : spikes) {
    b.send(pre, 0);
    b.tick(at - static_cast<std::size_t>(b.sim->now()));
    b.send(pre, 1);
    b.tick();
    b.send(pre, 0);
    b.tick(s.delay + 1);  // what arrives is sent on a tick later
    all.push_back(b.received());
  }
  return all;
}

setting short_term(double utilization, double tau_rec, double tau_facil, double theta = 1) {
  setting s;
  s.synapse = "tsodyks-markram";
  s.params = fmt::format("utilization = {}, tau_rec = {}, tau_facil = {}", utilization, tau_rec, tau_facil);
  s.weights = fmt::format("{{ init = 'constant', scale = {} }}", theta);
  s.gated = s.sees_post = false;
  return s;
}

std::vector<std::size_t> regular(std::size_t interval, std::size_t count) {
  std::vector<std::size_t> all;
  for (std::size_t n = 0; n < count; ++n) all.push_back(1 + n * interval);
  return all;
}

/// What T ticks between two spikes add to the errors of u and x: in each tick a product, two differences and a rounded
/// factor, an ulp and a half off at most, all of them of numbers up to 1. From spike to spike errors shrink by what is
/// left of u and of 1 - x after T ticks, and those of u come into x.
double bound_of(double ticks, double tau_rec, double tau_facil) {
  const double left_of_x = std::exp(-ticks / tau_rec), left_of_u = tau_facil > 0 ? std::exp(-ticks / tau_facil) : 0;
  return 2 * 8 * ticks * u / ((1 - left_of_x) * (1 - left_of_u));
}

}  // namespace

TEST_CASE("short-term plasticity: a spike from rest releases U theta, whatever the delay", "[circuits]") {
  for (const unsigned delay : {0u, 1u, 4u}) {
    for (const double facil : {0.0, 50.0}) {
      setting s = short_term(0.25, 30, facil, 3);
      s.delay = delay;
      CHECK(responses(s, {1}) == std::vector{0.75});
      CHECK(responses(s, {1000}) == std::vector{0.75});
    }
  }
}

TEST_CASE("short-term plasticity: regular spikes come to the steady state of the equations", "[circuits]") {
  struct synapse {
    double utilization, tau_rec, tau_facil;
  };
  for (const synapse& k : {synapse{0.5, 80, 0}, {0.05, 13, 53}, {0.2, 40, 40}, {0.5, 0, 30}, {1, 20, 10}}) {
    for (const std::size_t interval : {10u, 25u}) {
      const auto ticks = static_cast<double>(interval);
      const double left_of_u = k.tau_facil > 0 ? std::exp(-ticks / k.tau_facil) : 0;
      const double left_of_x = k.tau_rec > 0 ? std::exp(-ticks / k.tau_rec) : 0;
      const double used = k.utilization / (1 - left_of_u * (1 - k.utilization));
      const double there = (1 - left_of_x) / (1 - left_of_x * (1 - used));
      // What is left of the beginning shrinks by exp(-10 / 80) in an interval: 300 of them leave 5e-17.
      const std::vector<double> all =
          responses(short_term(k.utilization, k.tau_rec, k.tau_facil), regular(interval, 320));
      INFO(k.utilization << " " << k.tau_rec << " " << k.tau_facil << ", every " << interval << " ticks");
      CHECK(std::abs(all.back() - used * there) <= bound_of(ticks, k.tau_rec, k.tau_facil));
    }
  }
}

TEST_CASE("short-term plasticity: depression, facilitation, and spike by spike the equations", "[circuits]") {
  const std::vector<double> depressed = responses(short_term(0.5, 80, 0), {3, 13, 23, 33, 43, 53});
  const std::vector<double> facilitated = responses(short_term(0.05, 13, 53), {3, 13, 23, 33, 43, 53});
  for (std::size_t n = 1; n < depressed.size(); ++n) {
    CHECK(depressed[n] < depressed[n - 1]);
    CHECK(facilitated[n] > facilitated[n - 1]);
  }
  // Event by event, as Markram, Wang and Tsodyks have it. (responses() needs two ticks a spike.)
  const std::vector<std::size_t> events = {3, 13, 23, 33, 43, 53, 300, 302, 304, 340};
  for (const auto& [utilization, rec, facil] : {std::tuple(0.5, 80.0, 20.0), {0.05, 13.0, 53.0}}) {
    const std::vector<double> all = responses(short_term(utilization, rec, facil), events);
    double used = utilization, there = 1;
    for (std::size_t n = 0; n < events.size(); ++n) {
      if (n > 0) {
        const auto interval = static_cast<double>(events[n] - events[n - 1]);
        there = 1 - (1 - there * (1 - used)) * std::exp(-interval / rec);
        const double before = used * std::exp(-interval / facil);
        used = before + utilization * (1 - before);
      }
      INFO("spike " << n);
      // Errors of single ticks add up, as in bound_of, over at most 340 of them.
      CHECK(std::abs(all[n] - used * there) <= 2 * 8 * 340 * u);
    }
  }
}

TEST_CASE("short-term plasticity: resources recover by exp(-T / tau_rec)", "[circuits]") {
  for (const std::size_t pause : {2u, 20u, 80u, 400u}) {
    const std::vector<double> pair = responses(short_term(0.5, 80, 0), {1, 1 + pause});
    const auto ticks = static_cast<double>(pause);
    CHECK(pair[0] == 0.5);
    // Errors of single ticks add up: eight roundings each, as above.
    CHECK(std::abs(pair[1] - 0.5 * (1 - 0.5 * std::exp(-ticks / 80))) <= 8 * ticks * u);
  }
}

TEST_CASE("short-term plasticity: a synapse begins at rest, so that a spike of the first tick is as any other",
          "[circuits]") {
  for (const double facil : {0.0, 50.0}) {
    CHECK(responses(short_term(0.25, 30, facil, 3), {0}) == std::vector{0.75});
    CHECK(responses(short_term(0.25, 30, facil, 3), {0, 10, 14}) ==
          responses(short_term(0.25, 30, facil, 3), {100, 110, 114}));
    bench b(short_term(0.25, 30, facil, 3));
    b.send(pre, 0);
    std::vector<double> before;
    for (std::size_t f = 0; f < 4; ++f) before.push_back(b.state(f));
    CHECK(before == std::vector{3.0, 0.0, 1.0, 0.75});  // weights are the strengths
    b.tick(5);
    for (std::size_t f = 0; f < 4; ++f) CHECK(b.state(f) == before[f]);
    CHECK(b.sim->counters().weight_changes == 0);
  }
}

TEST_CASE("short-term plasticity: a projection may begin with less resources, and has them from the first tick on",
          "[circuits]") {
  setting s = short_term(0.25, 30, 50, 2);
  s.initial = "u = 0.5, x = 0.5";
  CHECK(responses(s, {0}) == std::vector{2 * (0.5 + 0.25 * 0.5) * 0.5});
}

TEST_CASE("short-term plasticity: a spike in any lane is one spike", "[circuits]") {
  setting s = short_term(0.25, 30, 50, 3);
  bench one(s);
  s.lanes = 3;
  bench three(s);
  for (bench* b : {&one, &three}) {
    b->send(pre, 0);
    b->tick(2);
    b->send(pre, 1);
    b->tick();
    b->send(pre, 0);
    b->tick(5);
  }
  for (std::size_t f = 0; f < 4; ++f) CHECK(one.state(f) == three.state(f));
}

TEST_CASE("without learning, nothing of a synapse changes whose weight is theta", "[circuits]") {
  for (const auto& [synapse, params] : {std::pair("eligibility-hebbian", "alpha = 0.1, lambda = 0.5"),
                                        {"momentum-hebbian", "alpha = 0.1, mu = 0.5"},
                                        {"adam-hebbian", "alpha = 0.1"}}) {
    bench b({.synapse = synapse, .params = params});
    for (const std::size_t population : {pre, post, gate}) b.send(population, 1);
    b.tick(3);
    std::vector<double> before;
    const std::size_t fields = b.net.projections[0].synapse->state.size();
    for (std::size_t f = 0; f < fields; ++f) before.push_back(b.state(f));
    b.sim->set_learning(false);
    b.tick(5);
    for (std::size_t f = 0; f < fields; ++f) CHECK(b.state(f) == before[f]);
    b.sim->set_learning(true);
    b.tick();
    for (std::size_t f = 0; f < fields; ++f) CHECK(b.state(f) != before[f]);
  }
}

TEST_CASE("without learning, short-term plasticity goes on as it would", "[circuits]") {
  bench learns(short_term(0.5, 30, 20)), does_not(short_term(0.5, 30, 20));
  does_not.sim->set_learning(false);
  for (const double sends : {0, 1, 0, 1, 1, 0, 0, 0}) {
    for (bench* b : {&learns, &does_not}) {
      b->send(pre, sends);
      b->tick(3);
    }
    for (std::size_t f = 0; f < 4; ++f) CHECK(learns.state(f) == does_not.state(f));
    CHECK(learns.received() == does_not.received());
  }
}

// ---- the same bits, however it is run ----

namespace {

const std::vector<std::pair<std::string, std::string>> models = {
    {"momentum-hebbian", "alpha = 0.01, mu = 0.9"},
    {"adam-hebbian", "alpha = 0.01"},
    {"eligibility-hebbian", "alpha = 0.01, lambda = 0.9"},
    {"tsodyks-markram", "utilization = 0.3, tau_rec = 20, tau_facil = 30"},
};

/// Large enough that two threads share the learning.
setting large(const std::pair<std::string, std::string>& model, bool sparse, const std::string& precision) {
  setting s;
  std::tie(s.synapse, s.params) = model;
  s.before = 420;
  s.after = 70;
  s.lanes = 3;
  s.weights = "{ init = 'glorot-uniform', seed = 3 }";
  s.gated = s.sees_post = model.first != "tsodyks-markram";
  s.precision = precision;
  if (sparse) s.connect = "{ fixed_indegree = 350, seed = 5 }";
  s.delay = sparse ? 2 : 0;
  return s;
}

/// All bits of the neurons and the synapses.
std::string everything(const simulator& s) {
  std::string all = snapshot(s);
  for (std::size_t f = 0; f < s.net().projections[0].synapse->state.size(); ++f) {
    const std::vector<double> values = s.synapse_field(0, f);
    all.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  }
  return all;
}

std::vector<std::string> history(simulator& s, const std::vector<sent>& course, std::size_t first = 0) {
  std::vector<std::string> all;
  for (std::size_t t = first; t < course.size(); t += 6) {
    run_course(s, course, t, std::min(t + 6, course.size()));
    all.push_back(fmt::format("{:x}", std::hash<std::string>{}(everything(s))));
  }
  // Nothing is sent any more, until nothing moves: what the tracking may skip.
  for (const std::size_t population : {pre, post, gate})
    s.clamp(population, std::vector<double>(s.net().populations[population].size * s.net().lanes, 0.0));
  s.advance(s.now() + 30);
  all.push_back(fmt::format("{:x}", std::hash<std::string>{}(everything(s))));
  return all;
}

}  // namespace

TEST_CASE("states of synapses are the same bits on all instruction sets, threads, with and without tracking",
          "[circuits]") {
  for (const auto& model : models) {
    for (const bool sparse : {false, true}) {
      for (const char* precision : {"f64", "f32"}) {
        const circuit c = large(model, sparse, precision).build();
        const std::vector<sent> course = drawn_course(c, 18, 0.6);
        const auto plain = make_simulator(
            c, {.track_activity = false, .target = simd_target::scalar, .first_tick = 0, .threads = 1, .stop = {}});
        const std::vector<std::string> expected = history(*plain, course);
        for (const simd_target target : available_targets()) {
          for (const std::size_t threads : {1u, 2u}) {
            const bool track = threads == 1 || target != simd_target::scalar;
            INFO(model.first << (sparse ? ", sparse, " : ", dense, ") << precision << ", target "
                             << static_cast<int>(target) << ", " << threads << " threads");
            const auto s = make_simulator(
                c, {.track_activity = track, .target = target, .first_tick = 0, .threads = threads, .stop = {}});
            CHECK(history(*s, course) == expected);
          }
        }
      }
    }
  }
}

TEST_CASE("states of synapses go on from a checkpoint as if nothing had happened", "[circuits]") {
  const test::scratch_directory folder;
  const std::string file = folder.path("state.h5");
  for (const auto& model : models) {
    for (const bool sparse : {false, true}) {
      INFO(model.first << (sparse ? ", sparse" : ", dense"));
      const circuit c = large(model, sparse, "f64").build();
      const std::vector<sent> course = drawn_course(c, 20, 0.6);
      const auto whole = make_simulator(c);
      const auto resumed = make_simulator(
          c, {.track_activity = sparse, .target = simd_target::scalar, .first_tick = 0, .threads = 2, .stop = {}});
      run_course(*whole, course, 0, 11);
      {
        atomic_file place(file);
        archive a = archive::writer(place);
        whole->serialize(a);
        a.finish();
        place.commit();
      }
      archive a = archive::reader(file);
      resumed->serialize(a);
      CHECK(everything(*resumed) == everything(*whole));
      CHECK(history(*resumed, course, 11) == history(*whole, course, 11));
      CHECK(resumed->counters() == whole->counters());
      const auto twin = whole->clone();
      CHECK(everything(*twin) == everything(*whole));
      std::filesystem::remove(file);
    }
  }
}

}  // namespace test_circuits_synapse_states
