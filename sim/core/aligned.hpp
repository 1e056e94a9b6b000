#pragma once
/// Arrays aligned to a cache line; large ones on pages of 2 MiB where the system has them: filling 4 KiB pages one
/// after the other takes a third of the time in which a large circuit is built (tools/bench/README.md).

#include <cstddef>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace locus {

namespace detail {
/// Throws std::bad_alloc.
[[nodiscard]] void* allocate_aligned(std::size_t bytes);
void free_aligned(void* memory) noexcept;

inline constexpr std::size_t large_page = std::size_t{2} << 20;  ///< bytes
/// Whether an array is large enough to lie on such pages.
[[nodiscard]] constexpr bool fills_large_pages(std::size_t bytes) noexcept { return bytes >= 2 * large_page; }
/// Asks for them, for whole pages only, so that an array holds no more than it needs. A refusal costs time alone.
void wish_large_pages(void* memory, std::size_t bytes) noexcept;
}  // namespace detail

template <class T>
struct aligned_allocator {
  using value_type = T;

  aligned_allocator() = default;
  template <class U>
  aligned_allocator(const aligned_allocator<U>&) noexcept {
  }  // NOLINT(google-explicit-constructor): as the standard asks

  [[nodiscard]] T* allocate(std::size_t n) {
    if (n > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(detail::allocate_aligned(n * sizeof(T)));
  }
  void deallocate(T* p, std::size_t) noexcept { detail::free_aligned(p); }

  template <class U>
  friend bool operator==(const aligned_allocator&, const aligned_allocator<U>&) noexcept {
    return true;
  }
};

template <class T>
using aligned_vector = std::vector<T, aligned_allocator<T>>;

/// Leaves new numbers as the memory has them, for who gives all of them a value, on several threads maybe.
template <class T>
struct unset_allocator : aligned_allocator<T> {
  unset_allocator() = default;
  template <class U>
  unset_allocator(const unset_allocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor): as the standard asks
  template <class U>
  struct rebind {
    using other = unset_allocator<U>;
  };

  void construct(T* place) noexcept { ::new (static_cast<void*>(place)) T; }
  template <class... Values>
  void construct(T* place, Values&&... values) {
    ::new (static_cast<void*>(place)) T(std::forward<Values>(values)...);
  }
};

template <class T>
using unset_vector = std::vector<T, unset_allocator<T>>;

}  // namespace locus
