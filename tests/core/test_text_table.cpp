#include <catch2/catch.hpp>

#include "sim/core/text_table.hpp"

namespace test_core_text_table {

TEST_CASE("text tables are aligned as seen, not as stored", "[core]") {
  CHECK(locus::aligned({{"a", "bc", "d"}, {"✔ µ", "", "x"}}) == "a    bc  d\n✔ µ      x\n");
  CHECK(locus::aligned({}) == "");
}

}  // namespace test_core_text_table
