#include "sim/experiment/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "sim/circuit/connections.hpp"

namespace locus {
namespace {

/// Maps floats to integers so that neighbours differ by one.
template <class Bits, class P>
std::uint64_t ulps(P a, P b) {
  const auto order = [](P v) -> std::int64_t {
    const Bits bits = std::bit_cast<Bits>(v);
    const Bits sign = Bits{1} << (sizeof(Bits) * 8 - 1);
    const auto magnitude = static_cast<std::int64_t>(bits & static_cast<Bits>(~sign));
    return (bits & sign) != 0 ? -magnitude : magnitude;
  };
  if (std::isnan(a) || std::isnan(b)) return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b) ? 0 : UINT64_MAX;
  const std::int64_t x = order(a);
  const std::int64_t y = order(b);
  return x > y ? static_cast<std::uint64_t>(x) - static_cast<std::uint64_t>(y)
               : static_cast<std::uint64_t>(y) - static_cast<std::uint64_t>(x);
}

std::uint64_t ulps_in(const std::string& precision, double a, double b) {
  return precision == "f32" ? ulp_distance(static_cast<float>(a), static_cast<float>(b)) : ulp_distance(a, b);
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// "hidden1.forward.theta[3][17]" for the n-th weight.
std::string weight_name(const circuit& c, std::size_t index, std::size_t n) {
  const projection& p = c.projections[index];
  const auto [pre, post] = ends_of(c, p, n);
  return fmt::format("{}.theta[{}][{}]", p.name, post, pre);
}

}  // namespace

std::uint64_t ulp_distance(double a, double b) noexcept { return ulps<std::uint64_t>(a, b); }
std::uint64_t ulp_distance(float a, float b) noexcept { return ulps<std::uint32_t>(a, b); }

std::vector<std::pair<std::size_t, std::size_t>> common_learning(const circuit& a, const circuit& b) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < a.projections.size(); ++i) {
    const auto other = b.find_projection(a.projections[i].name);
    if (!a.projections[i].learns() || !other || !b.projections[*other].learns()) continue;
    if (a.connections(a.projections[i]) != b.connections(b.projections[*other])) {
      throw usage_error(fmt::format("projection \"{}\" has {} weights here and {} there: they cannot be compared",
                                    a.projections[i].name, a.connections(a.projections[i]),
                                    b.connections(b.projections[*other])));
    }
    pairs.emplace_back(i, *other);
  }
  if (pairs.empty()) throw usage_error("the two circuits have no learning projection of the same name to compare");
  return pairs;
}

comparer::comparer(const simulator& ours, const simulator& theirs, std::string rule)
    : ours_(ours), theirs_(theirs), pairs_(common_learning(ours.net(), theirs.net())) {
  result_.rule = std::move(rule);
  if (ours.net().precision != theirs.net().precision)
    throw usage_error("the two circuits differ in precision: they cannot be compared");
}

void comparer::after_update(std::uint64_t update) {
  result_.updates = update;
  if (result_.first_difference) return;
  for (const auto& [i, j] : pairs_) {
    const std::vector<double> a = ours_.weights(i);
    const std::vector<double> b = theirs_.weights(j);
    if (std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0) continue;
    std::size_t n = 0;
    while (same_bits(a[n], b[n])) ++n;
    result_.first_difference =
        fmt::format("update {}, {}: {} against {}", update, weight_name(ours_.net(), i, n), a[n], b[n]);
    return;
  }
}

weight_comparison comparer::finish() const {
  weight_comparison result = result_;
  for (const auto& [i, j] : pairs_) {
    const std::vector<double> a = ours_.weights(i);
    const std::vector<double> b = theirs_.weights(j);
    for (std::size_t n = 0; n < a.size(); ++n) {
      if (same_bits(a[n], b[n])) continue;
      result.bit_identical = false;
      const double difference = std::abs(a[n] - b[n]);
      if (result.largest.empty() || difference > result.max_abs) result.largest = weight_name(ours_.net(), i, n);
      result.max_abs = std::max(result.max_abs, difference);
      const double scale = std::max(std::abs(a[n]), std::abs(b[n]));
      if (scale > 0) result.max_rel = std::max(result.max_rel, difference / scale);
      result.max_ulp = std::max(result.max_ulp, ulps_in(ours_.net().precision, a[n], b[n]));
    }
  }
  return result;
}

void comparer::serialize(archive& a) {
  std::string first = result_.first_difference.value_or("");
  a.value("updates", result_.updates);
  a.value("first_difference", first);
  if (!first.empty()) result_.first_difference = first;
}

}  // namespace locus
