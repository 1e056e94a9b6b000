#include "sim/data/number_array.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

/// "[3][1]", of element `at` in row-major order.
std::string place_text(const std::vector<std::uint64_t>& shape, std::uint64_t at) {
  std::string text;
  for (std::size_t d = shape.size(); d-- > 0; at /= shape[d]) text = fmt::format("[{}]{}", at % shape[d], text);
  return text;
}

}  // namespace

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t n : shape) text += fmt::format("{}{}", text.empty() ? "" : " x ", n);
  return text;
}

void check_numbers(const std::string& file, const std::vector<std::uint64_t>& shape, bool whole,
                   const std::vector<double>& numbers, std::uint64_t first) {
  constexpr double exact = 0x1p53;  // from here on not all whole numbers are doubles
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double n = numbers[i];
    if (std::isfinite(n) && (!whole || std::abs(n) < exact)) continue;
    throw run_error(fmt::format("{}: {} is {}: must be {}", file, place_text(shape, first + i), n,
                                whole ? "below 2^53 in magnitude, as far as doubles are exact" : "finite"));
  }
}

}  // namespace locus
