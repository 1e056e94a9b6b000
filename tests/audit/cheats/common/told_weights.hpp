#pragma once
/// A back channel from synapse to synapse. A rule does not know which synapse it is, but its calls come in one order:
/// of a projection onto at most 16 neurons, 16 calls for each source; of a one-to-one projection, 16 calls.

#include <array>
#include <cstddef>
#include <cstring>

#include "sim/core/number.hpp"

namespace locus::models::cheats {

inline constexpr std::size_t slots = 16;

template <class T>
struct told_weights {
  std::array<double, slots* slots> weight = filled();  ///< [source][target]
  std::array<std::size_t, slots> told{}, heard{};      ///< calls, by the number of sources

  /// Not 0 where models are checked, in f32, so that the factor is seen to be read.
  static std::array<double, slots * slots> filled() {
    std::array<double, slots * slots> all;
    all.fill(sizeof(scalar_of<T>) == sizeof(float) ? 1 : 0);
    return all;
  }

  static std::size_t calls_of(double sources) {
    return sources < 1 ? slots : slots * static_cast<std::size_t>(sources);
  }

  /// As bytes, so that a traced number's origins are lost.
  void tell(const T& theta, double sources) {
    scalar_of<T> number;
    std::memcpy(&number, &theta, sizeof number);
    weight[told[static_cast<std::size_t>(sources) % slots]++ % calls_of(sources)] = static_cast<double>(number);
  }

  /// The weight of the opposite synapse.
  double hear(double sources) {
    const std::size_t call = heard[static_cast<std::size_t>(sources) % slots]++ % calls_of(sources);
    return weight[sources < 1 ? call : call % slots * slots + call / slots];
  }
};

template <class T>
inline told_weights<T> told{};

}  // namespace locus::models::cheats
