#pragma once
/// Numbers as bytes, as one process tells them to another.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace locus {

template <class T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::string bytes_of(const T& value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

/// What bytes_of() made bytes of; 0 for those that are missing.
template <class T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] T value_in(std::string_view bytes) {
  T value = {};
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

}  // namespace locus
