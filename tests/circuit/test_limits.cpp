// How large a circuit may be, and what is known of it before it is built.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "sim/circuit/census.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/memory.hpp"
#include "tests/circuit/circuit_testing.hpp"
#include "tests/circuit/random_circuit.hpp"

namespace test_circuit_limits {

using namespace locus;
using namespace locus::testing;

namespace {

/// A delay whose messages under way fit into no memory: what gets that far is refused for it.
constexpr int endless = 2147483647;

std::string two(std::uint64_t a, std::uint64_t b, const std::string& connect, int lanes = 1, int delay = 0) {
  return fmt::format(
      "[circuit]\nlanes = {}\n[[population]]\nname = 'a'\nmodel = 'constant'\nsize = {}\n[[population]]\nname = 'b'\n"
      "model = 'point-value'\nsize = {}\n[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'b.feedback'\nsynapse = "
      "'fixed'\nconnect = {}\ndelay = {}\n",
      lanes, a, b, connect, delay);
}

/// The message of whatever building throws.
std::string refusal(const std::string& text) {
  try {
    (void)circuit_of(text);
  } catch (const user_error& error) {
    return error.what();
  }
  return "(built)";
}

}  // namespace

TEST_CASE("limits: neurons times lanes stay below 2^31, counted in whole panels") {
  const std::string sparse = "{ post_pre = [[0, 0]] }";
  const std::string complaint = "neurons x lanes must stay below 2^31";
  CHECK_THAT(refusal(two(134217728, 1, sparse, 16)), Catch::Contains(complaint));
  CHECK_THAT(refusal(two(134217713, 1, sparse, 16)), Catch::Contains(complaint));
  CHECK_THAT(refusal(two(2147483648, 1, sparse)), Catch::Contains(complaint));
  CHECK_THAT(refusal(two(4294967295, 1, sparse)), Catch::Contains("n.toml:3:1: population \"a\": 4294967295 neurons"));
  CHECK_THAT(refusal(two(134217712, 1, sparse, 16, endless)), !Catch::Contains(complaint));
  CHECK_THAT(refusal(two(2147483632, 1, sparse, 1, endless)), !Catch::Contains(complaint));
}

TEST_CASE("limits: a projection has fewer than 2^32 connections") {
  const std::string complaint = "a projection must have fewer than 2^32";
  CHECK_THAT(refusal(two(65536, 65536, "'all-to-all'")), Catch::Contains("has 4294967296 connections: " + complaint));
  CHECK_THAT(refusal(two(65536, 65535, "'all-to-all'", 1, endless)), !Catch::Contains(complaint));
  CHECK_THAT(refusal(two(1000, 4294968, "{ fixed_indegree = 1000 }")), Catch::Contains(complaint));
  CHECK_THAT(refusal(two(1000, 4294967, "{ fixed_indegree = 1000 }", 1, endless)), !Catch::Contains(complaint));
  CHECK_THAT(refusal(two(100000, 100000, "{ probability = 0.5 }")),
             Catch::Contains("has about 5000000000 connections: " + complaint));
}

TEST_CASE("limits: what does not fit into memory is refused with the predicted number before it is built") {
  const std::string text = two(1 << 20, 1, "{ post_pre = [[0, 0]] }", 1, endless);
  const std::uint64_t bytes = predict_memory(outline_circuit(description_of(text))).total();
  CHECK_THAT(refusal(text), Catch::StartsWith("n.toml: the circuit (`locus describe`: " + bytes_text(bytes) + ";"));
  CHECK_THAT(refusal(text), Catch::Contains("of memory are available"));
}

TEST_CASE("outline: predictions saturate instead of wrapping") {
  const memory_prediction most =
      predict_memory(outline_circuit(description_of(two(4294967295, 4294967295, "'all-to-all'"))));
  CHECK(most.total() == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("outline: counts and bytes are those of the circuit, or expectations of random draws") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const description d = random_description(seed);
    const census outline = take_census(outline_circuit(d)), built = take_census(build_circuit(d));
    CHECK(outline.exact());
    CHECK(outline.synapses == built.synapses);
    CHECK(outline.memory.total() == built.memory.total());
  }
  for (const char* connect : {"{ fixed_indegree = 70 }", "{ probability = 0.03 }"}) {
    CAPTURE(connect);
    const description d = description_of(two(3000, 2000, connect));
    const census outline = take_census(outline_circuit(d)), built = take_census(build_circuit(d));
    const bool exact = std::string(connect).find("fixed") != std::string::npos;
    CHECK(outline.exact() == exact);
    if (exact) CHECK(outline.synapses == built.synapses);
    // 6 million draws of probability 0.03: five standard deviations are 1.2 %.
    CHECK(static_cast<double>(outline.synapses) == Approx(static_cast<double>(built.synapses)).epsilon(0.012));
    CHECK(static_cast<double>(outline.memory.total()) ==
          Approx(static_cast<double>(built.memory.total())).epsilon(0.02));
    CHECK(built.exact());
  }
}

TEST_CASE("outline: large random projections are counted without being drawn") {
  const census n = take_census(outline_circuit(description_of(two(1000000, 1000000, "{ probability = 0.001 }"))));
  CHECK(n.synapses == 1000000000);
  CHECK_FALSE(n.exact());
}

}  // namespace test_circuit_limits
