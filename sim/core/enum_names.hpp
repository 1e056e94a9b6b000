#pragma once
/// The names that users write and read for an enumeration's values. Beside each such enumeration stands its table.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace locus {

/// Specialised beside an enumeration E: `static constexpr std::pair<std::string_view, E> all[]`, in the order in which
/// messages list them.
template <class E>
struct enum_names;

template <class E>
concept named = requires {
  enum_names<E>::all;
};

template <named E>
[[nodiscard]] constexpr std::string_view name_of(E value) noexcept {
  for (const auto& [name, named_value] : enum_names<E>::all) {
    if (named_value == value) return name;
  }
  return {};  // a value that is none
}

/// The value with that name; nothing if there is none.
template <named E>
[[nodiscard]] constexpr std::optional<E> value_named(std::string_view text) noexcept {
  for (const auto& [name, value] : enum_names<E>::all) {
    if (name == text) return value;
  }
  return std::nullopt;
}

template <named E>
[[nodiscard]] std::vector<std::string> all_names() {
  std::vector<std::string> all;
  for (const auto& entry : enum_names<E>::all) all.emplace_back(entry.first);
  return all;
}

}  // namespace locus
