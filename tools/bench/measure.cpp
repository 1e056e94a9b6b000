#include "tools/bench/measure.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include "sim/core/errors.hpp"

namespace locus::bench {

timing now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now().time_since_epoch();
  return {wall.count(), static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec)};
}

spread spread_of(std::vector<double> values) {
  if (values.empty()) throw internal_error("the spread of nothing");
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double q) {
    const double place = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - std::floor(place)) * (values[above] - values[below]);
  };
  return {quantile(0.5), quantile(0.25), quantile(0.75), values.front(), values.back()};
}

namespace {

timing time_of(const contestant& c, std::uint64_t units) {
  const timing start = now();
  c.run(units);
  return now() - start;
}

/// How much of a contestant makes a turn.
struct turn_size {
  std::uint64_t units = 1;
  double seconds = 0;
};

/// Units that take about `seconds`, at least one. The first unit is not trusted: it finds caches cold.
turn_size turn_for(const contestant& c, double seconds) {
  std::uint64_t units = 1;
  double took = time_of(c, units).wall;
  while (took < seconds / 8) {
    took = time_of(c, units).wall;
    if (took < seconds / 8) units *= 2;
  }
  took = std::min(took, time_of(c, units).wall);  // what it prepares once would make few units of a turn
  const double unit = took / static_cast<double>(units);
  const auto fitting = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(seconds / unit));
  return {fitting, unit * static_cast<double>(fitting)};
}

/// Fewer rounds where a round takes long because a contestant's unit does.
unsigned rounds_for(const std::vector<turn_size>& turns, const pace& p) {
  double round = 0;
  for (const turn_size& t : turns) round += t.seconds;
  const double fitting = p.seconds / round;
  return fitting >= p.rounds ? p.rounds : std::max(std::min(p.rounds, least_rounds), static_cast<unsigned>(fitting));
}

}  // namespace

std::vector<std::vector<timing>> alternate(std::span<const contestant> contestants, const pace& p) {
  const double slot = p.seconds / (static_cast<double>(contestants.size()) * (p.rounds + 0.5));
  std::vector<turn_size> turns;
  for (const contestant& c : contestants) turns.push_back(turn_for(c, slot));
  const unsigned rounds = rounds_for(turns, p);
  std::vector<std::vector<timing>> all(contestants.size(), std::vector<timing>(rounds));
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < contestants.size(); ++turn) {
      const std::size_t who = (turn + round) % contestants.size();
      const timing took = time_of(contestants[who], turns[who].units);
      const auto n = static_cast<double>(turns[who].units);
      all[who][round] = {took.wall / n, took.cpu / n};
    }
  }
  return all;
}

}  // namespace locus::bench
