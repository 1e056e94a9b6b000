#pragma once
/// Back channels for the models that cheat.

#include <cstring>

#include "sim/core/number.hpp"

namespace locus::models::cheats {

/// One variable for all neurons, for each number type.
template <class T>
inline T whispered{};

/// One plain variable for everybody. It is written and read as bytes, so that a traced number's origins are lost.
inline double laundered = 0;

template <class T>
void launder(const T& value) {
  scalar_of<T> first;
  std::memcpy(&first, &value, sizeof first);
  if (first != 0) laundered = static_cast<double>(first);  // entries past the last neuron are 0
}

}  // namespace locus::models::cheats
