#include "sim/audit/ways.hpp"

#include <algorithm>
#include <numeric>

namespace locus {

ways::ways(const circuit& c) : column_(c.populations.size()), level_(c.populations.size(), unreachable) {
  std::iota(column_.begin(), column_.end(), std::size_t{0});
  for (const projection& p : c.projections) {
    if (!p.learns()) continue;
    for (const std::size_t seen : seen_populations(p)) {
      const std::size_t a = to(p), b = column_[seen];
      std::replace(column_.begin(), column_.end(), std::max(a, b), std::min(a, b));
    }
  }
  std::vector<std::size_t> front;
  for (const stimulus& s : c.stimuli) {
    if (s.role == stimulus_role::input) front.push_back(column_[s.population]);
  }
  for (const std::size_t column : front) level_[column] = 0;
  std::vector<std::vector<std::size_t>> next(c.populations.size());
  for (const projection& p : c.projections) next[from(p)].push_back(to(p));
  for (std::uint32_t level = 1; !front.empty(); ++level) {
    std::vector<std::size_t> reached;
    for (const std::size_t column : front) {
      for (const std::size_t other : next[column]) {
        if (level_[other] != unreachable) continue;
        level_[other] = level;
        reached.push_back(other);
      }
    }
    front = std::move(reached);
  }
}

int ways::way_of(const projection& p) const {
  const std::uint32_t a = level_[from(p)], b = level_[to(p)];
  if (a == unreachable || b == unreachable || a == b) return 0;
  return a < b ? 1 : -1;
}

bool ways::swapped(const projection& a, const projection& b) const { return from(b) == to(a) && to(b) == from(a); }

bool ways::opposite(const projection& a, const projection& b, bool transposed) const {
  const int one = way_of(a), other = way_of(b);
  if (one != 0 && other != 0) return one != other;
  return swapped(a, b) && (transposed || from(a) != to(a));
}

}  // namespace locus
