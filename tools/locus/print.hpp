#pragma once
/// How commands print what they found in files.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

#include "sim/core/printable.hpp"

namespace locus::tools {

namespace detail {

template <class T>
inline constexpr bool is_text = std::is_convertible_v<const T&, std::string_view>;

template <class T>
using printed = std::conditional_t<is_text<T>, std::string, T>;

template <class T>
[[nodiscard]] printed<T> as_printed(const T& value) {
  if constexpr (is_text<T>) return printable(value);
  else return value;
}

}  // namespace detail

/// fmt::print, with texts among the arguments made fit for a terminal: names, units and netlists are whatever a file
/// says they are.
template <class... T>
void print(fmt::format_string<detail::printed<T>...> format, const T&... values) {
  fmt::print(format, detail::as_printed(values)...);
}

}  // namespace locus::tools
