#include "sim/experiment/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "sim/circuit/census.hpp"
#include "sim/circuit/connections.hpp"
#include "sim/circuit/entity_names.hpp"
#include "sim/core/bits.hpp"

namespace locus {
namespace {

/// "hidden1.forward.theta[3][17]" for the n-th weight.
std::string weight_name(const circuit& c, std::size_t index, std::size_t n) {
  const projection& p = c.projections[index];
  const auto [pre, post] = ends_of(c, p, n);
  return fmt::format("{}.theta{}", p.name, index_text(c, p, post, pre));
}

}  // namespace

namespace {

/// "64 -> 16, all-to-all"
std::string shape_of(const circuit& c, const projection& p) {
  return fmt::format("{} -> {}, {}", c.size_before(p), c.size_after(p), name_of(p.shape));
}

/// The projections that learn in `a` and have nothing to be compared with in `b`. Those whose namesake there uses the
/// weight of another synapse are compared where that synapse is.
void note_alone(const circuit& a, const circuit& b, const char* where, std::vector<std::string>& alone) {
  for (const projection& p : a.projections) {
    if (!p.learns()) continue;
    const auto other = b.find_projection(p.name);
    if (other && (b.projections[*other].learns() || b.projections[*other].shared_with)) continue;
    alone.push_back(fmt::format("{} ({})", p.name, where));
  }
}

}  // namespace

bool same_connections(const circuit& a, const projection& p, const circuit& b, const projection& q) {
  if (a.size_before(p) != b.size_before(q) || a.size_after(p) != b.size_after(q)) return false;
  if (p.shape != projection_shape::sparse || q.shape != projection_shape::sparse)
    return p.shape == q.shape && p.window == q.window;
  for (std::uint32_t target = 0; target < a.size_after(p); ++target) {
    const std::size_t degree = p.connections.degree(target);
    if (q.connections.degree(target) != degree) return false;
    for (std::size_t k = 0; k < degree; ++k)
      if (p.connections.source(target, k) != q.connections.source(target, k)) return false;
  }
  return true;
}

learning_in_common common_learning(const circuit& a, const circuit& b) {
  learning_in_common common;
  for (std::size_t i = 0; i < a.projections.size(); ++i) {
    const projection& p = a.projections[i];
    const auto other = b.find_projection(p.name);
    if (!p.learns() || !other || !b.projections[*other].learns()) continue;
    const projection& q = b.projections[*other];
    if (!same_connections(a, p, b, q)) {
      const std::string here = shape_of(a, p), there = shape_of(b, q);
      throw usage_error(fmt::format(
          "projection \"{}\" joins {} here and {} there{}: the two circuits cannot be compared; their layers must have "
          "the same sizes and connections",
          p.name, here, there, here == there ? " with other pairs" : ""));
    }
    common.pairs.emplace_back(i, *other);
  }
  if (common.pairs.empty()) {
    throw usage_error("the two circuits have no learning projection of the same name: there is nothing to compare");
  }
  note_alone(a, b, "learns here only", common.alone);
  note_alone(b, a, "learns there only", common.alone);
  return common;
}

comparer::comparer(const simulator& ours, const simulator& theirs, std::string rule) : ours_(ours), theirs_(theirs) {
  learning_in_common common = common_learning(ours.net(), theirs.net());
  pairs_ = std::move(common.pairs);
  result_.alone = std::move(common.alone);
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
    if (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0) continue;
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
      result.max_ulp = std::max(result.max_ulp, ulp_distance(a[n], b[n], ours_.net().precision == precision::f32));
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
