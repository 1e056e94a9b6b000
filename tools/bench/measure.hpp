#pragma once
/// Measuring on a machine that is never quiet: what is compared takes turns, round by round, and what counts is the
/// median over the rounds, with its spread.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace locus::bench {

/// Seconds since some moment.
struct timing {
  double wall = 0;
  double cpu = 0;  ///< of the calling thread: what other programs take of the machine does not count

  friend timing operator-(timing a, timing b) { return {a.wall - b.wall, a.cpu - b.cpu}; }
};
[[nodiscard]] timing now();

/// Order statistics of a series.
struct spread {
  double median = 0;
  double low = 0;   ///< first quartile
  double high = 0;  ///< third quartile
  double min = 0;
  double max = 0;
};

/// Quantiles are interpolated between neighbours: of n sorted numbers, quantile q lies at place q (n - 1).
/// Requires: values is not empty.
[[nodiscard]] spread spread_of(std::vector<double> values);

/// Something that is measured: `run(n)` does n units of it.
struct contestant {
  std::string name;
  std::function<void(std::uint64_t n)> run;
};

/// How much time measuring may take.
struct pace {
  unsigned rounds = 15;
  double seconds = 1;  ///< for all contestants and rounds together
};

/// If `seconds` do not suffice for a unit of each contestant in each round, rounds are left out, down to these.
inline constexpr unsigned least_rounds = 3;

/// Seconds per unit, [contestant][round]. A contestant first warms up, and in that finds how many units fit its share
/// of the time. In each round everybody runs once, each round beginning with the next one. Requires: p.rounds > 0,
/// p.seconds > 0.
[[nodiscard]] std::vector<std::vector<timing>> alternate(std::span<const contestant> contestants, const pace& p);

/// Keeps the compiler from leaving out what computes a value.
template <class T>
void keep(T value) {
  [[maybe_unused]] volatile T sink = value;
}

}  // namespace locus::bench
