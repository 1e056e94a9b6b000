#pragma once
/// The whole numbers that users write: how large each kind may be, and the one check of it. Netlists, --set and the
/// program's options all read them by this.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace locus {

/// The whole numbers from `least` to `most`. A single number n means "n or more".
struct whole_range {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();

  constexpr whole_range(std::int64_t from) : least(from) {}
  constexpr whole_range(std::int64_t from, std::int64_t to) : least(from), most(to) {}

  [[nodiscard]] constexpr bool contains(std::int64_t n) const noexcept { return n >= least && n <= most; }

  /// The limit that a number breaks, as an error says it: "expected a whole number <= 256" for one that is too large,
  /// "expected a whole number >= 1" for everything else.
  [[nodiscard]] std::string expected(bool too_large = false) const;
};

/// Neurons, lanes, samples, epochs and other things that 32 bits count.
[[nodiscard]] constexpr whole_range counts_from(std::int64_t least) {
  return {least, std::numeric_limits<std::uint32_t>::max()};
}

/// Times and their lengths in ticks. Sums of some of them, and a run of them (longest_run), stay far from overflow.
inline constexpr std::int64_t longest_time = std::int64_t{1} << 40;
[[nodiscard]] constexpr whole_range ticks_from(std::int64_t least) { return {least, longest_time}; }

/// Ticks of a run at most, so that what it adds to a checkpoint's tick is a tick.
inline constexpr std::int64_t longest_run = std::int64_t{1} << 61;

inline constexpr whole_range seeds = {0};

/// Reads digits with an optional minus sign and nothing else, from `valid`. Otherwise `complaint` says what was
/// expected.
[[nodiscard]] std::optional<std::int64_t> parse_whole(std::string_view text, const whole_range& valid,
                                                      std::string& complaint);

/// a * b, or the largest number if that has no place in 64 bits.
[[nodiscard]] constexpr std::uint64_t bounded_product(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  return b != 0 && a > largest / b ? largest : a * b;
}

/// a + b, or the largest number if that has no place in 64 bits.
[[nodiscard]] constexpr std::uint64_t bounded_sum(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  return a > largest - b ? largest : a + b;
}

}  // namespace locus
