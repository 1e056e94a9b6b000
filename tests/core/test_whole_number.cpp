#include "sim/core/whole_number.hpp"

#include <catch2/catch.hpp>

namespace test_core_whole_number {

using namespace locus;

namespace {

/// What was read, or what was expected.
std::string read(const std::string& text, const whole_range& valid) {
  std::string complaint;
  const auto number = parse_whole(text, valid, complaint);
  return number ? std::to_string(*number) : complaint;
}

}  // namespace

TEST_CASE("whole numbers: both ends of a range belong to it", "[core]") {
  CHECK(read("1", {1, 256}) == "1");
  CHECK(read("256", {1, 256}) == "256");
  CHECK(read("0", {1, 256}) == "expected a whole number >= 1");
  CHECK(read("257", {1, 256}) == "expected a whole number <= 256");
  CHECK(read("-5", {-5, 5}) == "-5");
  CHECK(read("4294967295", counts_from(1)) == "4294967295");
  CHECK(read("4294967296", counts_from(1)) == "expected a whole number <= 4294967295");
  CHECK(read("9223372036854775807", seeds) == "9223372036854775807");
}

TEST_CASE("whole numbers: anything else is none", "[core]") {
  for (const char* text : {"", " 1", "1 ", "1.0", "1e3", "+1", "0x10", "1,000", "1_000", "one", "-", "nan"}) {
    CAPTURE(text);
    CHECK(read(text, 0) == "expected a whole number >= 0");
  }
  CHECK(read("-1", 0) == "expected a whole number >= 0");
  CHECK(read("9223372036854775808", seeds) == "expected a whole number <= 9223372036854775807");
  CHECK(read("99999999999999999999999999", counts_from(1)) == "expected a whole number <= 4294967295");
  CHECK(read("-99999999999999999999999999", counts_from(1)) == "expected a whole number >= 1");
}

TEST_CASE("whole numbers: sums and products without a place in 64 bits are the largest number", "[core]") {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  CHECK(bounded_product(largest, 1) == largest);
  CHECK(bounded_product(std::uint64_t{1} << 32, std::uint64_t{1} << 31) == std::uint64_t{1} << 63);
  CHECK(bounded_product(std::uint64_t{1} << 32, std::uint64_t{1} << 32) == largest);
  CHECK(bounded_product(largest, 0) == 0);
  CHECK(bounded_sum(largest - 1, 1) == largest);
  CHECK(bounded_sum(largest, 1) == largest);
}

}  // namespace test_core_whole_number
