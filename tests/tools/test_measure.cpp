#include <catch2/catch.hpp>

#include "tools/bench/measure.hpp"

namespace test_tools_measure {

using namespace locus::bench;

TEST_CASE("measure: quantiles are interpolated between neighbours", "[bench]") {
  const spread odd = spread_of({3, 1, 2, 5, 4});
  CHECK(odd.median == 3);
  CHECK(odd.low == 2);
  CHECK(odd.high == 4);
  CHECK(odd.min == 1);
  CHECK(odd.max == 5);
  const spread even = spread_of({4, 1, 3, 2});  // quartiles at places 0.75, 1.5 and 2.25
  CHECK(even.low == 1.75);
  CHECK(even.median == 2.5);
  CHECK(even.high == 3.25);
  const spread one = spread_of({7});
  CHECK(one.low == 7);
  CHECK(one.median == 7);
  CHECK(one.high == 7);
  CHECK_THROWS_AS(spread_of({}), std::exception);
}

namespace {

/// Computes for that long, by the thread's own clock.
void work(double seconds) {
  const double end = now().cpu + seconds;
  while (now().cpu < end) {
  }
}

}  // namespace

TEST_CASE("measure: contestants take turns, each round beginning with the next", "[bench]") {
  std::vector<char> order;
  const auto noting = [&](char who) {
    return contestant{std::string(1, who), [&order, who](std::uint64_t) {
                        order.push_back(who);
                        work(1e-3);
                      }};
  };
  const std::vector<contestant> all = {noting('a'), noting('b'), noting('c')};
  const auto timings = alternate(all, {4, 0.003});  // a unit takes a whole round's time: one unit a turn
  REQUIRE(timings.size() == 3);
  REQUIRE(order.size() == 6 + 9);  // two measurements of each to find a turn, and the least number of rounds
  CHECK(std::string(order.begin() + 6, order.end()) == "abcbcacab");
  for (const auto& rounds : timings) CHECK(rounds.size() == least_rounds);
}

TEST_CASE("measure: costs are per unit, and both clocks run", "[bench]") {
  std::uint64_t done = 0;
  const std::vector<contestant> all = {{"work", [&](std::uint64_t n) {
                                          done += n;
                                          for (; n > 0; --n) work(1e-4);
                                        }}};
  const auto timings = alternate(all, {3, 0.03});
  REQUIRE(timings[0].size() == 3);
  CHECK(done > 3);
  for (const timing& t : timings[0]) {
    CHECK(t.cpu >= 1e-4);  // work() ends no earlier; a clock that counted whole turns would say much more
    CHECK(t.cpu < 1e-3);
    CHECK(t.wall >= 0.9 * t.cpu);  // the clocks are read one after the other
  }
}

}  // namespace test_tools_measure
