#pragma once
/// Large arrays that begin as zeros.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>
#include <utility>

namespace locus {

namespace detail {
/// Zeros, aligned to a cache line; large arrays on pages of 2 MiB where the system has them. `sparsely`: the caller
/// will write to a part of it alone, and there need not be memory for the rest. Throws std::bad_alloc.
[[nodiscard]] void* allocate_zeroed(std::size_t bytes, bool sparsely);
void free_zeroed(void* memory, std::size_t bytes) noexcept;
}  // namespace detail

/// Numbers that begin as zeros. Of a large array, only pages that were written to take memory, and nothing is written
/// to make them zeros: the system gives them so.
template <class T>
class zeroed_array {
 public:
  zeroed_array() = default;
  explicit zeroed_array(std::size_t size, bool sparsely = false) : size_(size) {
    if (size > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_array_new_length();
    if (size != 0) data_ = static_cast<T*>(detail::allocate_zeroed(size * sizeof(T), sparsely));
  }
  zeroed_array(zeroed_array&& other) noexcept { swap(other); }
  zeroed_array& operator=(zeroed_array&& other) noexcept {
    zeroed_array taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~zeroed_array() {
    if (data_ != nullptr) detail::free_zeroed(data_, size_ * sizeof(T));
  }

  [[nodiscard]] T* data() noexcept { return data_; }
  [[nodiscard]] const T* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  [[nodiscard]] T* begin() noexcept { return data_; }
  [[nodiscard]] T* end() noexcept { return data_ + size_; }
  [[nodiscard]] const T* begin() const noexcept { return data_; }
  [[nodiscard]] const T* end() const noexcept { return data_ + size_; }

  /// Copies [first, last) of an array of the same size.
  void take(const zeroed_array& other, std::size_t first, std::size_t last) {
    std::copy(other.data_ + first, other.data_ + last, data_ + first);
  }

 private:
  void swap(zeroed_array& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace locus
