#pragma once
/// Where a synapse can leave its weight for another.

#include <cstring>

#include "sim/core/number.hpp"

namespace locus::models::cheats {

inline double stored = 0;

/// As bytes, so that a traced number's origins are lost.
template <class T>
void store(const T& value) {
  scalar_of<T> first;
  std::memcpy(&first, &value, sizeof first);
  stored = static_cast<double>(first);
}

}  // namespace locus::models::cheats
