#include <catch2/catch.hpp>

#include "tools/locus/text.hpp"

#include "sim/core/grouped.hpp"

namespace test_tools_text {

using namespace locus::tools;
using locus::grouped;

TEST_CASE("text: lines are broken between words", "[text]") {
  CHECK(wrapped("one two three", 7, 0) == "one two\nthree");
  CHECK(wrapped("one two three", 8, 2) == "one\n  two\n  three");  // the first line stands behind something as wide
  CHECK(wrapped("extraordinary", 4, 0) == "extraordinary");
  CHECK(wrapped("", 4, 0).empty());
}

TEST_CASE("text: digits in groups of three", "[text]") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(12345678) == "12 345 678");
}

}  // namespace test_tools_text
