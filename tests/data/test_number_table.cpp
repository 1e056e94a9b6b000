#include "sim/data/number_table.hpp"

#include <catch2/catch.hpp>

#include <numeric>

namespace test_data_number_table {

using namespace locus;

TEST_CASE("number table: bytes are divided as doubles, whatever the divisor", "[data]") {
  std::vector<std::uint8_t> bytes(2 * 256);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  for (const double divisor : {1.0, 3.0, 16.0, 255.0, 256.0, 519.0, 1e-3, 12345.678}) {
    INFO("divisor " << divisor);
    const number_table table(256, bytes, divisor);
    std::vector<double> row(256);
    std::vector<float> row_f32(256);
    table.copy_row(1, std::span(row));
    table.copy_row(1, std::span(row_f32));
    int wrong = 0;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      const double value = byte / divisor;
      wrong += table.at(1, byte) != value || row[byte] != value || row_f32[byte] != static_cast<float>(value) ? 1 : 0;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace test_data_number_table
