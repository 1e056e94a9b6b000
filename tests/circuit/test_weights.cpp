#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/circuit/circuit_testing.hpp"

namespace test_circuit_weights {

using namespace locus;
using testing::circuit_of;

namespace {

std::vector<double> weights_of(const circuit& c, const std::string& projection) {
  return initial_weights(c, c.find_projection(projection).value());
}

std::string neurons(const std::string& name, int size, const std::string& model = "point-value") {
  return "[[population]]\nname = \"" + name + "\"\nmodel = \"" + model + "\"\nsize = " + std::to_string(size) + "\n";
}

/// Fixed synapses from a to b; `keys` are further lines.
std::string synapses(const std::string& name, const std::string& from, const std::string& to, const std::string& keys) {
  return "[[projection]]\nname = \"" + name + "\"\nfrom = \"" + from + ".rate\"\nto = \"" + to +
         ".feedback\"\nsynapse = \"fixed\"\n" + keys + "\n";
}

}  // namespace

TEST_CASE("weights: glorot-uniform fills [-w, w] with w = sqrt(6 / (fan in + fan out))") {
  const circuit c = circuit_of(testing::short_form("[40, 30, 20]"));
  const auto weights = weights_of(c, "hidden1.forward");
  REQUIRE(weights.size() == 1200);
  const double bound = std::sqrt(6.0 / (40 + 30));
  const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
  CHECK(*low >= -bound);
  CHECK(*high <= bound);
  // The chance that none of 1200 draws comes within 2 % of an end is 0.99^1200 = 6e-6.
  CHECK(*low < -0.98 * bound);
  CHECK(*high > 0.98 * bound);
}

TEST_CASE("weights: for sparse projections the fans are the mean numbers of connections") {
  const circuit c =
      circuit_of(neurons("a", 50) + neurons("b", 25) + synapses("s", "a", "b", "connect = { fixed_indegree = 10 }"));
  const auto weights = weights_of(c, "s");
  REQUIRE(weights.size() == 250);
  const double bound = std::sqrt(6.0 / (10 + 5));
  for (const double w : weights) CHECK(std::abs(w) <= bound);
  CHECK(std::abs(*std::max_element(weights.begin(), weights.end())) > 0.9 * bound);
}

TEST_CASE("weights: uniform and constant weights keep to their scale") {
  const circuit c = circuit_of(neurons("a", 20) + neurons("b", 20) +
                               synapses("u", "a", "b", "weights = { init = \"uniform\", scale = 0.25 }") +
                               synapses("c", "a", "b", "weights = { init = \"constant\", scale = 0.125 }"));
  for (const double w : weights_of(c, "u")) CHECK(std::abs(w) <= 0.25);
  CHECK(weights_of(c, "c") == std::vector<double>(400, 0.125));
}

TEST_CASE("weights: the same seed and name give the same numbers, another seed or name others") {
  const std::string ab = neurons("a", 3) + neurons("b", 4);
  const auto with = [&](const std::string& keys) { return circuit_of(ab + synapses("s", "a", "b", keys)); };
  const auto first = weights_of(with("weights = { init = \"uniform\", seed = 7 }"), "s");
  CHECK(weights_of(with("weights = { init = \"uniform\", seed = 7 }"), "s") == first);
  CHECK(weights_of(with("weights = { init = \"uniform\", seed = 8 }"), "s") != first);

  const circuit two = circuit_of(ab + synapses("s", "a", "b", "weights = { init = \"uniform\", seed = 7 }") +
                                 synapses("t", "a", "b", "weights = { init = \"uniform\", seed = 7 }") +
                                 synapses("u", "a", "b", "weights = { init = \"uniform\", seed = 7, stream = \"s\" }"));
  CHECK(weights_of(two, "s") == first);
  CHECK(weights_of(two, "t") != first);
  CHECK(weights_of(two, "u") == first);
}

TEST_CASE("weights: neither another population nor another neuron changes the other neurons' numbers") {
  const std::string keys = "weights = { init = \"uniform\", seed = 3 }";
  const auto base = weights_of(circuit_of(neurons("a", 3) + neurons("b", 4) + synapses("s", "a", "b", keys)), "s");
  const circuit more = circuit_of(neurons("z", 9) + neurons("a", 3) + neurons("b", 4) + synapses("t", "z", "b", keys) +
                                  synapses("s", "a", "b", keys));
  CHECK(weights_of(more, "s") == base);

  const auto grown = weights_of(circuit_of(neurons("a", 4) + neurons("b", 5) + synapses("s", "a", "b", keys)), "s");
  for (std::size_t post = 0; post < 4; ++post) {
    for (std::size_t pre = 0; pre < 3; ++pre) CHECK(grown[post * 4 + pre] == base[post * 3 + pre]);
  }
}

TEST_CASE("weights: feedback synapses are born as the transpose of the forward synapses") {
  for (const std::string source : {"learned", "tied"}) {
    const circuit c = circuit_of(testing::short_form("[5, 4, 3]", "feedback_weights = \"" + source + "\""));
    const auto forward = weights_of(c, "output.forward");
    const auto feedback = weights_of(c, "hidden1.feedback");
    REQUIRE(feedback.size() == forward.size());
    for (std::size_t post = 0; post < 3; ++post) {
      for (std::size_t pre = 0; pre < 4; ++pre) CHECK(feedback[pre * 3 + post] == forward[post * 4 + pre]);
    }
  }
}

TEST_CASE("weights: listed weights are [post][pre], or in the order of (post, pre) for sparse projections") {
  const std::string ab = neurons("a", 2) + neurons("b", 3);
  const circuit dense = circuit_of(ab + synapses("s", "a", "b", "weights = { values = [[1, 2], [3, 4], [5, 6]] }"));
  CHECK(weights_of(dense, "s") == std::vector<double>{1, 2, 3, 4, 5, 6});
  const circuit sparse = circuit_of(
      ab +
      synapses("s", "a", "b", "connect = { post_pre = [[0, 0], [0, 1], [2, 1]] }\nweights = { values = [[7, 8, 9]] }"));
  CHECK(weights_of(sparse, "s") == std::vector<double>{7, 8, 9});
  const projection& p = sparse.projections.front();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  p.connections.each([&](std::uint32_t pre, std::uint32_t post) { pairs.emplace_back(pre, post); });
  CHECK(pairs == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 0}, {1, 0}, {1, 2}});
}

TEST_CASE("weights: pairs whose weights are listed are listed in the weights' order") {
  const auto listed = [](const std::string& weights) {
    return neurons("a", 2) + neurons("b", 3) +
           synapses("s", "a", "b", "connect = { post_pre = [[2, 1], [0, 0], [0, 1]] }\n" + weights);
  };
  CHECK_THROWS_WITH(
      circuit_of(listed("weights = { values = [[7, 8, 9]] }")),
      "n.toml:9:1: projection \"s\": the pair [0, 0] ([post, pre]) stands too late: weights are listed in "
      "ascending order of [post, pre], list the pairs likewise");
  CHECK_NOTHROW(circuit_of(listed("weights = { seed = 1 }")));
}

TEST_CASE("weights: a listed matrix of the wrong shape is an error") {
  const std::string ab = neurons("a", 2) + neurons("b", 3);
  const circuit dense = circuit_of(ab + synapses("s", "a", "b", "weights = { values = [[1, 2, 3], [4, 5, 6]] }"));
  CHECK_THROWS_WITH(initial_weights(dense, 0),
                    "n.toml:9:1: the weights of \"s\" are 2 x 3: expected 3 x 2 ([post][pre])");
  const circuit sparse = circuit_of(
      ab + synapses("s", "a", "b", "connect = { post_pre = [[0, 0], [2, 1]] }\nweights = { values = [[7, 8, 9]] }"));
  CHECK_THROWS_WITH(initial_weights(sparse, 0),
                    "n.toml:9:1: the weights of \"s\" are 1 x 3: expected 1 x 2 ([post][pre])");
}

}  // namespace test_circuit_weights
