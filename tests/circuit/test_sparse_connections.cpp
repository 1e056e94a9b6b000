#include "sim/circuit/sparse_connections.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

namespace test_circuit_sparse_connections {

using namespace locus;

namespace {

using list = std::vector<std::uint32_t>;

/// 18 targets, which are two panels: target i has the sources 0, 3, 6 .. below 3 (i % 5).
sparse_connections some() {
  sparse_connections c;
  for (std::uint32_t target = 0; target < 18; ++target) {
    list sources;
    for (std::uint32_t k = 0; k < target % 5; ++k) sources.push_back(3 * k);
    c.add_target(sources);
  }
  return c;
}

}  // namespace

TEST_CASE("sparse connections are numbered by (target, source), and found from either side") {
  const sparse_connections c = some();
  CHECK(c.targets() == 18);
  CHECK(c.size() == 3 * (0 + 1 + 2 + 3 + 4) + 0 + 1 + 2);
  std::uint64_t connection = 0;
  std::uint64_t wrong = 0;
  c.each([&](std::uint32_t source, std::uint32_t target) {
    const auto ends = c.ends(connection);
    wrong += ends.source != source || ends.target != target || c.find(source, target) != connection ? 1 : 0;
    ++connection;
  });
  CHECK(wrong == 0);
  CHECK(connection == c.size());
  CHECK(c.first(4) == 6);
  CHECK_FALSE(c.find(0, 5));   // target 5 has no source
  CHECK_FALSE(c.find(12, 4));  // past its last one
  CHECK_FALSE(c.find(4, 4));   // between two
}

TEST_CASE("sparse connections: a slice is as long as its widest target, and its filling is source 0") {
  const sparse_connections c = some();
  CHECK(c.slice_start() == list{0, 4, 6});  // targets 16 and 17 have one and two sources
  REQUIRE(c.slice_source().size() == 6 * 16);
  list places(c.slice_source().size());
  for (std::size_t target = 0; target < c.targets(); ++target) {
    for (std::size_t k = 0; k < c.degree(target); ++k) places[c.place(target, k)] = c.source(target, k);
  }
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < places.size(); ++i) wrong += places[i] != c.slice_source()[i] ? 1 : 0;
  CHECK(wrong == 0);
}

TEST_CASE("sparse connections: one source each") {
  const sparse_connections c = sparse_connections::one_to_one(17);
  CHECK(c.size() == 17);
  CHECK(c.entries() == 2);
  c.each([](std::uint32_t source, std::uint32_t target) { CHECK(source == target); });
}

}  // namespace test_circuit_sparse_connections
