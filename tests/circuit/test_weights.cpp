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
  const circuit c = circuit_of(testing::short_form_of("[40, 30, 20]"));
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

TEST_CASE("weights: kaiming-uniform fills [-w, w] with w = sqrt(6 / fan in)") {
  const circuit c = circuit_of(neurons("a", 24) + neurons("b", 50) +
                               synapses("k", "a", "b", "weights = { init = \"kaiming-uniform\", scale = 3 }"));
  const auto weights = weights_of(c, "k");
  const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
  // As above: 0.99^1200 = 6e-6.
  CHECK(*low >= -1.5);
  CHECK(*low < -0.98 * 1.5);
  CHECK(*high <= 1.5);
  CHECK(*high > 0.98 * 1.5);
}

TEST_CASE("weights: normal weights have the standard deviation `scale`") {
  const circuit c = circuit_of(neurons("a", 100) + neurons("b", 100) +
                               synapses("n", "a", "b", "weights = { init = \"normal\", scale = 0.5 }"));
  const auto weights = weights_of(c, "n");
  double sum = 0, squares = 0;
  std::size_t beyond = 0;
  for (const double w : weights) {
    sum += w;
    squares += w * w;
    beyond += std::abs(w) > 1 ? 1 : 0;
  }
  // Within five standard errors of 10000 draws: sigma / 100, sigma^2 sqrt(2) / 100, and of the 4.55 % beyond 2 sigma.
  CHECK(std::abs(sum / 1e4) < 5 * 0.5 / 100);
  CHECK(std::abs(squares / 1e4 - 0.25) < 5 * 0.25 * std::sqrt(2.0) / 100);
  CHECK(std::abs(static_cast<double>(beyond) - 455) < 5 * std::sqrt(1e4 * 0.0455 * 0.9545));
}

TEST_CASE("weights: orthogonal weights have orthonormal columns, or rows if there are fewer") {
  for (const auto& size : {std::pair(7, 7), std::pair(5, 9), std::pair(9, 5), std::pair(1, 4)}) {
    const int before = size.first, after = size.second;
    const circuit c = circuit_of(neurons("a", before) + neurons("b", after) +
                                 synapses("o", "a", "b", "weights = { init = \"orthogonal\", scale = 2 }"));
    const auto w = weights_of(c, "o");
    const int few = std::min(before, after), many = std::max(before, after);
    const auto at = [&](int vector, int k) {
      return w[static_cast<std::size_t>(before <= after ? k * before + vector : vector * before + k)];
    };
    for (int i = 0; i < few; ++i) {
      for (int j = 0; j < few; ++j) {
        double dot = 0;
        for (int k = 0; k < many; ++k) dot += at(i, k) * at(j, k);
        // Householder's Q is orthogonal to some multiple of n epsilon (Higham 2002, Theorem 19.4); 9 * 2^-52 * 100.
        CHECK(std::abs(dot - (i == j ? 4 : 0)) < 4 * 2e-13);
      }
    }
  }
}

TEST_CASE("weights: orthogonal weights are the orthogonal part of the normal ones") {
  const auto with = [](const std::string& init) {
    return weights_of(circuit_of(neurons("a", 3) + neurons("b", 4) +
                                 synapses("s", "a", "b", "weights = { init = \"" + init + "\", seed = 5 }")),
                      "s");
  };
  const auto q = with("orthogonal"), a = with("normal");
  // R = Q'A is upper triangular with a positive diagonal, and QR = A.
  double r[3][3] = {};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 4; ++k) r[i][j] += q[k * 3 + i] * a[k * 3 + j];
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(r[i][i] > 0);
    for (std::size_t j = 0; j < i; ++j) CHECK(std::abs(r[i][j]) < 1e-14);
  }
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::size_t j = 0; j < 3; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < 3; ++i) sum += q[k * 3 + i] * r[i][j];
      CHECK(std::abs(sum - a[k * 3 + j]) < 1e-14);
    }
  }
}

TEST_CASE("weights: the bits of orthogonal weights are the same everywhere") {
  const auto w = weights_of(
      circuit_of(neurons("a", 3) + neurons("b", 2) + synapses("s", "a", "b", "weights = { init = \"orthogonal\" }")),
      "s");
  CHECK(w == std::vector<double>{-0.3665849439355582, -0.13760512191402202, 0.9201523294013827, 0.6640616903581477,
                                 0.653999601664309, 0.36236251519935747});
}

TEST_CASE("weights: only whole matrices are orthogonal") {
  const std::string ab = neurons("a", 3) + neurons("b", 3), orthogonal = "weights = { init = \"orthogonal\" }";
  const auto refuses = [&](const std::string& projections) {
    return testing::circuit_message(ab + projections)
               .find("projection \"s\": orthogonal weights are a whole matrix: connect all-to-all") !=
           std::string::npos;
  };
  CHECK(refuses(synapses("s", "a", "b", "connect = { fixed_indegree = 2 }\n" + orthogonal)));
  CHECK(refuses(synapses("o", "a", "b", "connect = { fixed_indegree = 2 }") +
                synapses("s", "b", "a", "connect = { transposed = \"o\" }\n" + orthogonal)));
  CHECK(
      refuses("[[projection]]\nname = \"s\"\nfrom = \"a.rate\"\nto = \"b.feedback\"\nconnect = { fixed_indegree = 2 }\n"
              "synapse = \"momentum-hebbian\"\npost = \"b.rate\"\ninitial = { m = { init = \"orthogonal\" } }\n"));
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
    const circuit c = circuit_of(testing::short_form_of("[5, 4, 3]", "feedback_weights = \"" + source + "\""));
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
