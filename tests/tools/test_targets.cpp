#include <catch2/catch.hpp>

#include <set>

#include "tools/bench/report.hpp"
#include "tools/bench/suite.hpp"

namespace test_tools_targets {

using namespace locus::bench;

TEST_CASE("targets: keys are unique and begin with their suite", "[bench]") {
  std::set<std::string_view> keys, suites = {"peers"};
  for (const suite& s : all_suites()) suites.insert(s.name);
  for (const target& t : all_targets()) {
    CHECK(keys.insert(t.key).second);
    CHECK(suites.contains(t.key.substr(0, t.key.find('.'))));
    CHECK(find_target(t.key) == &t);
  }
  CHECK(find_target("update") == nullptr);
}

TEST_CASE("targets: the median over the rounds is judged", "[bench]") {
  const target below{"a", "b", bound::at_most, 2, "s"};
  const target above{"a", "b", bound::at_least, 2, "s"};
  CHECK(quantity{"s", {9, 1, 2}, &below}.met());
  CHECK_FALSE(quantity{"s", {9, 1, 2.5}, &below}.met());
  CHECK(quantity{"s", {9, 1, 2}, &above}.met());
  CHECK_FALSE(quantity{"s", {9, 1, 1.5}, &above}.met());
  CHECK(quantity{"s", {9}, nullptr}.met());
  CHECK(text_of({"s", {9, 1, 2.5}, &below}) == "2.5 s (1.75 .. 5.75)  <= 2: NOT MET");
}

TEST_CASE("targets: ratios are taken round by round", "[bench]") {
  const row slow{"slow", {{"s", {4, 9}, nullptr}}, {}, {}};
  row fast{"fast", {{"s", {1, 3}, nullptr}}, {}, {}};
  add_ratio(fast, slow, "x slow");
  add_speedup(fast, slow, "x as fast");
  add_share(fast, slow, "%");
  add_rate(fast, "1/s", 6);
  CHECK(fast.quantities[1].rounds == std::vector<double>{0.25, 3.0 / 9.0});
  CHECK(fast.quantities[2].rounds == std::vector<double>{4, 3});
  CHECK(fast.quantities[3].rounds == std::vector<double>{400, 300});
  CHECK(fast.quantities[4].rounds == std::vector<double>{6, 2});
  CHECK_THROWS_AS(judge(fast, "no such key"), std::exception);
}

}  // namespace test_tools_targets
