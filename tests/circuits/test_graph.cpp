/// The template `graph`: on random acyclic graphs Z-IL and Fa-Z-IL are backpropagation bit for bit, and backpropagation
/// is that of a few plain loops.

#include <catch2/catch.hpp>

#include "models/templates/variants.hpp"
#include "tests/circuits/graph_testing.hpp"
#include "tests/engine/follower.hpp"

namespace test_circuits_graph {

using namespace locus;
using namespace locus::testing;

namespace {

using place = test_graph::place;
constexpr std::uint64_t graphs = 100;
constexpr std::uint32_t samples = 9;

data_set data_of(const test_graph& g) { return drawn_data(g.width(place::input), g.width(place::output), samples, 3); }

description twin_of(const test_graph& g, const std::vector<std::string>& overrides = {}) {
  const document text = document::from_text(g.text(), "graph.toml", overrides);
  return with_rule([&](const std::vector<std::string>& more) { return text.again(more); }, "bp").value();
}

/// Shows a circuit the same samples as all others, for P, T and Q that are drawn between these.
void teach(rig& r, const test_graph& g, const presentation_times& low, const presentation_times& high) {
  for (std::uint64_t n = 0; n < 6; ++n) {
    const presentation p = draw_presentation(5, n, samples, g.lanes, low, high);
    r.world.teach(p.samples, p.times);
  }
}

/// Long enough for all rules.
void teach(rig& r, const test_graph& g) {
  const auto depth = static_cast<std::int64_t>(g.depth());
  teach(r, g, {depth + 1, depth, 1}, {depth + 3, depth + 2, 3});
}

/// With teachers that may go while errors are on their way: T + Q >= L.
void teach_shortly(rig& r, const test_graph& g) {
  const auto depth = static_cast<std::int64_t>(g.depth());
  teach(r, g, {depth + 1, 1, depth - 1}, {depth + 3, depth, depth});
}

/// The weights of all projections that the twin has with the same name, and of their way back.
void check_same_weights(const rig& r, const rig& twin, const test_graph& g) {
  for (const auto& e : g.edges) {
    const std::string name = g.edge_name(e);
    INFO(name);
    const std::vector<double> forward = r.sim->weights(r.projection(name + ".forward"));
    CHECK(forward == twin.sim->weights(twin.projection(name + ".forward")));
    if (g.nodes[e.first].where == place::input) continue;
    const std::vector<double> feedback = r.sim->weights(r.projection(name + ".feedback"));
    std::vector<double> transposed;
    for (std::size_t j = 0; j < g.nodes[e.first].size; ++j) {
      for (std::size_t i = 0; i < g.nodes[e.second].size; ++i) {
        transposed.push_back(forward[i * g.nodes[e.first].size + j]);
      }
    }
    CHECK(feedback == transposed);
  }
  for (std::size_t k = 0; k < g.nodes.size(); ++k) {
    if (!g.bias || g.nodes[k].where == place::input) continue;
    const std::string name = g.name(k) + ".bias";
    CHECK(r.sim->weights(r.projection(name)) == twin.sim->weights(twin.projection(name)));
  }
}

std::vector<std::vector<double>> forward_weights(const rig& r, const test_graph& g) {
  std::vector<std::vector<double>> all;
  for (const auto& e : g.edges) all.push_back(r.sim->weights(r.projection(g.edge_name(e) + ".forward")));
  return all;
}

// Z-IL is exact from condition C1, which is imposed; Fa-Z-IL finds its predictions by itself.
const std::vector<std::string> z_il = {"learning.rule=z-il", "stimuli.start=forward"}, fa_z_il = {};

}  // namespace

TEST_CASE("graph: Z-IL and Fa-Z-IL are backpropagation bit for bit on any acyclic graph", "[circuits]") {
  std::size_t skipping = 0, several_inputs = 0, several_outputs = 0;
  for (std::uint64_t which = 0; which < graphs; ++which) {
    const test_graph g = random_graph(which);
    INFO(which << "\n" << g.text());
    skipping += g.skips() ? 1 : 0;
    several_inputs += g.all(place::input).size() > 1 ? 1 : 0;
    several_outputs += g.all(place::output).size() > 1 ? 1 : 0;
    rig twin(twin_of(g), data_of(g));
    const auto before = forward_weights(twin, g);
    teach(twin, g);
    CHECK(forward_weights(twin, g) != before);
    rig with_controllers(g.read(z_il), data_of(g)), autonomous(g.read(fa_z_il), data_of(g));
    teach(with_controllers, g);
    check_same_weights(with_controllers, twin, g);
    teach_shortly(autonomous, g);
    check_same_weights(autonomous, twin, g);
  }
  CHECK(skipping > 30);
  CHECK(several_inputs > 50);
  CHECK(several_outputs > 50);
}

TEST_CASE("graph: without relays, waves of errors of different paths get out of step", "[circuits]") {
  std::size_t skipping = 0;
  for (std::uint64_t which = 0; which < graphs; ++which) {
    const test_graph g = random_graph(which, {"sigmoid", "tanh", "softplus"});
    INFO(which << "\n" << g.text());
    rig twin(twin_of(g), data_of(g));
    teach(twin, g);
    skipping += g.skips() ? 1 : 0;
    for (const auto& rule : {z_il, fa_z_il}) {
      std::vector<std::string> overrides = rule;
      overrides.push_back("circuit.levelling=false");
      rig r(g.read(overrides), data_of(g));
      teach(r, g);
      CHECK((forward_weights(r, g) != forward_weights(twin, g)) == g.skips());
    }
  }
  CHECK(skipping > 30);
}

namespace {

/// Backpropagation on a graph in plain loops, with the project's canonical sums. What goes back over a skipping edge is
/// summed on its way, by the first relay.
template <class P>
struct plain_backpropagation {
  using values = std::vector<P>;
  using a = dense::canonical;

  const test_graph& g;
  std::vector<values> theta, bias;                   ///< [edge], [node]
  std::vector<values> x, rate, delta;                ///< [node], of [neuron][lane]
  std::vector<std::vector<std::size_t>> into, back;  ///< [node]: edges in the order in which they are summed

  explicit plain_backpropagation(const rig& r, const test_graph& from)
      : g(from),
        x(g.nodes.size()),
        rate(g.nodes.size()),
        delta(g.nodes.size()),
        into(g.nodes.size()),
        back(g.nodes.size()) {
    for (const auto& e : g.edges) theta.push_back(native_weights<P>(r, g.edge_name(e) + ".forward"));
    for (std::size_t k = 0; k < g.nodes.size(); ++k) {
      const bool has_bias = g.bias && g.nodes[k].where != place::input;
      bias.push_back(has_bias ? native_weights<P>(r, g.name(k) + ".bias") : values());
    }
    for (const std::uint32_t e : g.edge_order) into[g.edges[e].second].push_back(e);
    std::vector<std::size_t> targets(g.node_order.begin(), g.node_order.end());
    const auto key = [&](std::size_t k) {
      const bool output = g.nodes[k].where == place::output;
      return std::tuple(output, output ? k : g.nodes.size() - g.level(k));
    };
    std::stable_sort(targets.begin(), targets.end(), [&](std::size_t m, std::size_t n) { return key(m) < key(n); });
    for (const std::size_t k : targets) {
      for (const std::size_t e : into[k]) back[g.edges[e].first].push_back(e);
    }
  }

  [[nodiscard]] activation f(std::size_t k) const {
    return g.nodes[k].where == place::input && g.encode_rate ? activation::identity
                                                             : activation_named(g.nodes[k].activation);
  }
  [[nodiscard]] std::size_t at(std::size_t neuron, std::size_t lane) const { return neuron * g.lanes + lane; }

  void forward(std::size_t k) {
    x[k].assign(std::size_t{g.nodes[k].size} * g.lanes, P(0));
    for (std::size_t i = 0; i < g.nodes[k].size; ++i) {
      for (std::size_t lane = 0; lane < g.lanes; ++lane) {
        P sum = 0;
        for (const std::size_t e : into[k]) {
          const std::size_t from = g.edges[e].first, size = g.nodes[from].size;
          for (std::size_t j = 0; j < size; ++j)
            sum = a::multiply_add(theta[e][i * size + j], rate[from][at(j, lane)], sum);
        }
        if (g.bias) sum += bias[k][i];
        x[k][at(i, lane)] = sum + P(0);
      }
    }
  }

  void backward(std::size_t k) {
    delta[k].assign(x[k].size(), P(0));
    const std::size_t size = g.nodes[k].size;
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t lane = 0; lane < g.lanes; ++lane) {
        P sum = 0;
        for (const std::size_t e : back[k]) {
          const std::size_t to = g.edges[e].second;
          const bool skips = g.skips(k, to);
          P own = skips ? P(0) : sum;
          for (std::size_t i = 0; i < g.nodes[to].size; ++i)
            own = a::multiply_add(theta[e][i * size + j], delta[to][at(i, lane)], own);
          sum = skips ? sum + own : own;
        }
        delta[k][at(j, lane)] = a::f_prime(f(k), x[k][at(j, lane)], rate[k][at(j, lane)]) * sum + P(0);
      }
    }
  }

  void update() {
    for (std::size_t e = 0; e < g.edges.size(); ++e) {
      const auto [from, to] = g.edges[e];
      for (std::size_t i = 0; i < g.nodes[to].size; ++i) {
        for (std::size_t j = 0; j < g.nodes[from].size; ++j) {
          P sum = 0;
          for (std::size_t lane = 0; lane < g.lanes; ++lane)
            sum = a::multiply_add(delta[to][at(i, lane)], rate[from][at(j, lane)], sum);
          P& weight = theta[e][i * g.nodes[from].size + j];
          weight = a::multiply_add(P(test_graph::alpha), sum, weight) + P(0);
        }
      }
    }
    for (std::size_t k = 0; k < g.nodes.size(); ++k) {
      for (std::size_t i = 0; i < bias[k].size(); ++i) {
        P sum = 0;
        for (std::size_t lane = 0; lane < g.lanes; ++lane) sum += delta[k][at(i, lane)];
        bias[k][i] = a::multiply_add(P(test_graph::alpha), sum, bias[k][i]) + P(0);
      }
    }
  }

  /// Nodes are numbered so that each comes after those that it hears.
  void learn(const data_set& data, const std::vector<std::uint32_t>& lanes) {
    std::uint32_t column = 0;
    for (std::size_t k = 0; k < g.nodes.size(); ++k) {
      if (g.nodes[k].where == place::input) {
        x[k].clear();
        for (std::uint32_t j = 0; j < g.nodes[k].size; ++j, ++column)
          for (const std::uint32_t sample : lanes) x[k].push_back(static_cast<P>(data.train.input.at(sample, column)));
      } else {
        forward(k);
      }
      rate[k].clear();
      for (const P v : x[k]) rate[k].push_back(a::f(f(k), v) + P(0));
    }
    std::uint32_t first = 0;
    for (const std::size_t k : g.all(place::output)) {
      delta[k].clear();
      for (std::size_t n = 0; n < x[k].size(); ++n) {
        const auto target =
            static_cast<P>(data.train.target.at(lanes[n % g.lanes], first + static_cast<std::uint32_t>(n / g.lanes)));
        delta[k].push_back(target - x[k][n] + P(0));
      }
      first += g.nodes[k].size;
    }
    for (std::size_t k = g.nodes.size(); k-- > 0;) {
      if (g.nodes[k].where == place::hidden) backward(k);
    }
    update();
  }
};

template <class P>
void check_against_plain_loops(const test_graph& g) {
  const auto depth = static_cast<std::int64_t>(g.depth());
  rig r(twin_of(g), data_of(g));
  plain_backpropagation<P> plain(r, g);
  for (std::uint64_t n = 0; n < 6; ++n) {
    const presentation p = draw_presentation(5, n, samples, g.lanes, {depth + 1, depth, 1}, {depth + 1, depth, 1});
    plain.learn(r.data, p.samples);
    r.world.teach(p.samples, p.times);
    for (std::size_t e = 0; e < g.edges.size(); ++e) {
      INFO(g.edge_name(g.edges[e]) << ", update " << n);
      CHECK(native_weights<P>(r, g.edge_name(g.edges[e]) + ".forward") == plain.theta[e]);
    }
    for (std::size_t k = 0; k < g.nodes.size(); ++k) {
      if (!plain.bias[k].empty()) CHECK(native_weights<P>(r, g.name(k) + ".bias") == plain.bias[k]);
    }
  }
}

}  // namespace

TEST_CASE("graph: its backpropagation is that of plain loops", "[circuits]") {
  for (std::uint64_t which = 0; which < graphs; ++which) {
    const test_graph g = random_graph(which);
    INFO(which << "\n" << g.text());
    if (g.precision == "f32") check_against_plain_loops<float>(g);
    else check_against_plain_loops<double>(g);
  }
}

// ---- edges that share weights ----

namespace {

/// A recurrent network with 2 inputs, 3 hidden neurons and 2 outputs, unrolled: all steps share their weights, and the
/// output hears the last one.
std::string unrolled(std::size_t steps, const std::string& activation, unsigned lanes) {
  std::string inputs, nodes, edges;
  for (std::size_t t = 1; t <= steps; ++t) {
    inputs += fmt::format("'x{}', ", t);
    nodes += fmt::format("{{ name = 'x{0}', size = 2 }}, {{ name = 'h{0}', size = 3 }},\n", t);
    edges +=
        fmt::format("{{ from = 'x{0}', to = 'h{0}'{1} }},\n", t, t > 1 ? ", weights = { shared = 'x1.to.h1' }" : "");
    if (t > 1)
      edges += fmt::format("{{ from = 'h{}', to = 'h{}'{} }},\n", t - 1, t,
                           t > 2 ? ", weights = { shared = 'h1.to.h2' }" : "");
  }
  return fmt::format(
      "[circuit]\ntemplate = 'graph'\nactivation = '{}'\nlanes = {}\ninputs = [{}]\nnodes = [{} {{ name = 'output', "
      "size = 2 }}]\nedges = [{} {{ from = 'h{}', to = 'output' }}]\n[learning]\nalpha = 0.05\n[stimuli]\n"
      "encode = 'rate'\npredict = {}\nteach = {}\nrest = 1\n",
      activation, lanes, inputs, nodes, edges, steps, steps + 2, steps + 1);
}

/// Backpropagation through time (Werbos 1990) in plain loops, with the project's canonical sums. A value is
/// [neuron][lane].
struct through_time {
  using values = std::vector<double>;

  std::size_t steps = 0, lanes = 0;
  activation f = activation::tanh;
  values from_input, recurrent, answer;  ///< weights: 3 x 2, 3 x 3, 2 x 3

  /// Adds the messages of `before` over the weights to what a port has heard.
  void hear(values& port, const values& weights, const values& before, bool back = false) const {
    const std::size_t rows = port.size() / lanes, columns = before.size() / lanes;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        for (std::size_t j = 0; j < columns; ++j)
          port[i * lanes + lane] = std::fma(weights[back ? j * rows + i : i * columns + j], before[j * lanes + lane],
                                            port[i * lanes + lane]);
      }
    }
  }
  /// The products of two ends, added up over lanes.
  void add_products(values& change, const values& post, const values& pre) const {
    const std::size_t columns = pre.size() / lanes;
    for (std::size_t k = 0; k < change.size(); ++k) {
      double sum = 0;
      for (std::size_t lane = 0; lane < lanes; ++lane)
        sum = std::fma(post[k / columns * lanes + lane], pre[k % columns * lanes + lane], sum);
      change[k] += sum;
    }
  }
  static void learn(values& weights, const values& change) {
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = std::fma(0.05, change[k], weights[k]);
  }

  /// `inputs`: one a step.
  void update(const std::vector<values>& inputs, const values& target) {
    std::vector<values> x(steps, values(3 * lanes)), rate(steps), delta(steps, values(3 * lanes));
    for (std::size_t t = 0; t < steps; ++t) {
      hear(x[t], from_input, inputs[t]);
      if (t > 0) hear(x[t], recurrent, rate[t - 1]);
      for (const double v : x[t]) rate[t].push_back(activate(f, v));
    }
    values error(2 * lanes);
    hear(error, answer, rate.back());
    for (std::size_t n = 0; n < error.size(); ++n) error[n] = target[n] - error[n];
    values of_input(from_input.size()), of_recurrent(recurrent.size()), of_answer(answer.size());
    for (std::size_t t = steps; t-- > 0;) {
      if (t + 1 == steps) hear(delta[t], answer, error, true);
      else hear(delta[t], recurrent, delta[t + 1], true);
      for (std::size_t n = 0; n < delta[t].size(); ++n) delta[t][n] = slope(f, x[t][n], rate[t][n]) * delta[t][n] + 0.0;
      add_products(of_input, delta[t], inputs[t]);
      if (t > 0) add_products(of_recurrent, delta[t], rate[t - 1]);
    }
    add_products(of_answer, error, rate.back());
    learn(from_input, of_input);
    learn(recurrent, of_recurrent);
    learn(answer, of_answer);
  }
};

/// Columns of rows of samples, as [column][lane].
std::vector<double> columns_of(const std::vector<std::vector<double>>& rows, std::size_t first, std::size_t last) {
  std::vector<double> out;
  for (std::size_t k = first; k < last; ++k) {
    for (const std::vector<double>& each : rows) out.push_back(each[k]);
  }
  return out;
}

}  // namespace

TEST_CASE("graph: with shared weights Z-IL and Fa-Z-IL are backpropagation through time bit for bit", "[circuits]") {
  using keys = std::vector<std::string>;
  const std::vector<keys> circuits = {fa_z_il,
                                      z_il,
                                      {"learning.rule=bp"},
                                      {"learning.rule=bp", "circuit.feedback_weights=learned"},
                                      {"circuit.feedback_weights=tied"},
                                      {"circuit.neuron=segregated"}};
  for (const std::size_t steps : {2U, 3U, 6U}) {
    for (const char* const f : {"tanh", "relu", "softplus"}) {
      for (const unsigned lanes : {1U, 3U}) {
        for (const keys& overrides : circuits) {
          INFO(steps << " steps of " << f << ", " << lanes
                     << " lanes: " << fmt::format("{}", fmt::join(overrides, " ")));
          const std::string text = unrolled(steps, f, lanes);
          const data_set data = drawn_data(static_cast<std::uint32_t>(2 * steps), 2, samples, 3);
          rig r(read_netlist(document::from_text(text, "unrolled.toml", overrides), all_templates()), data);
          // With two steps, the recurrent edge is alone.
          const std::string recurrent = steps > 2 ? "h1.to.h2.weights" : "h1.to.h2.forward";
          const std::string output = fmt::format("h{}.to.output.forward", steps);
          const auto weights = [&](const std::string& name) { return r.sim->weights(r.projection(name)); };
          through_time plain{
              steps, lanes, activation_named(f), weights("x1.to.h1.weights"), weights(recurrent), weights(output)};
          const std::vector<double> before = plain.recurrent;
          const auto depth = static_cast<std::int64_t>(steps + 1);
          for (std::uint64_t n = 0; n < 12; ++n) {
            const presentation p =
                draw_presentation(5, n, samples, lanes, {depth + 1, depth, 1}, {depth + 4, depth + 3, 3});
            std::vector<std::vector<double>> in, target;
            for (const std::uint32_t sample : p.samples) {
              in.push_back(data.train.input_of(sample));
              target.push_back(data.train.target_of(sample));
            }
            std::vector<std::vector<double>> inputs;
            for (std::size_t t = 0; t < steps; ++t) inputs.push_back(columns_of(in, 2 * t, 2 * t + 2));
            plain.update(inputs, columns_of(target, 0, 2));
            r.world.teach(p.samples, p.times);
            REQUIRE(weights("x1.to.h1.weights") == plain.from_input);
            REQUIRE(weights(recurrent) == plain.recurrent);
            REQUIRE(weights(output) == plain.answer);
          }
          CHECK(plain.recurrent != before);
        }
      }
    }
  }
}

TEST_CASE("graph: shared weights that learn before errors have been everywhere are not backpropagation's",
          "[circuits]") {
  const std::string text = unrolled(4, "tanh", 2);
  const data_set data = drawn_data(8, 2, samples, 3);
  const description whole = read_netlist(document::from_text(text, "unrolled.toml"), all_templates());
  // Errors come to the steps 1 to 4 ticks after the teacher's onset, the last to the first step. What learns in tick 3
  // does not have its products yet; what learns in tick 2 has sent its errors over new weights, too.
  const auto updated = [&](std::uint32_t ticks) {
    description d = whole;
    for (projection_description& p : d.projections) {
      if (p.to.population != "end") continue;
      CHECK(p.delay == 5);
      p.delay = ticks;
    }
    rig r(d, data);
    const auto before = r.sim->weights(r.projection("x1.to.h1.weights"));
    r.world.teach(std::vector<std::uint32_t>{0, 1}, {8, 8, 1});
    const auto after = r.sim->weights(r.projection("x1.to.h1.weights"));
    CHECK(after != before);
    return after;
  };
  CHECK(updated(4) == updated(5));
  CHECK(updated(3) != updated(5));
  CHECK(updated(2) != updated(3));
}

}  // namespace test_circuits_graph
