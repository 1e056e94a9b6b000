#pragma once
/// The processes that run one circuit together, as they hear each other.

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/partition.hpp"

namespace locus {

/// What each rank said, by ranks.
class gathered {
 public:
  void clear() {
    bytes.clear();
    ends.clear();
  }
  /// What rank r said.
  [[nodiscard]] std::string_view of(std::size_t r) const {
    const std::size_t first = r == 0 ? 0 : ends[r - 1];
    return std::string_view(bytes).substr(first, ends[r] - first);
  }

  std::string bytes;              ///< of all ranks, one after the other
  std::vector<std::size_t> ends;  ///< [rank]
};

/// Ranks 0 to size() - 1. All of them make the same calls in the same order; a call returns when this rank has what it
/// is to get. A rank that fails and cannot go on ends all of them: none waits for ever.
class rank_group {
 public:
  virtual ~rank_group() = default;
  rank_group() = default;
  rank_group(const rank_group&) = delete;
  rank_group& operator=(const rank_group&) = delete;

  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  [[nodiscard]] locus::partition partition() const noexcept { return {rank(), size()}; }

  /// Rank 0 says something to all; for the others, `bytes` becomes it.
  virtual void broadcast(std::string& bytes) = 0;
  /// Each says something to all.
  virtual void all_gather(std::string_view mine, gathered& all) = 0;
  /// Each says something to rank 0; for the others, `all` is left empty.
  virtual void gather(std::string_view mine, gathered& all) = 0;
};

/// Numbers as ranks say them.
template <class T>
[[nodiscard]] std::string_view said(std::span<const T> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

/// The numbers of all ranks one after the other, at rank 0; at the others nothing.
template <class T>
[[nodiscard]] std::vector<T> numbers_of_all(std::span<const T> mine, rank_group& group) {
  gathered all;
  group.gather(said(mine), all);
  std::vector<T> values(all.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), all.bytes.data(), all.bytes.size());
  return values;
}

/// Numbers one after the other, as ranks send them: machines of the same byte order.
class byte_writer {
 public:
  explicit byte_writer(std::string& to) : to_(to) {}
  template <class T>
  void put(const T& value) {
    put(std::span<const T>(&value, 1));
  }
  template <class T>
  void put(std::span<const T> values) {
    to_.append(said(values));
  }

 private:
  std::string& to_;
};

class byte_reader {
 public:
  explicit byte_reader(std::string_view from) : from_(from) {}
  [[nodiscard]] bool done() const noexcept { return from_.empty(); }
  template <class T>
  [[nodiscard]] T get() {
    T value;
    get(std::span<T>(&value, 1));
    return value;
  }
  template <class T>
  void get(std::span<T> values) {
    take(values.data(), values.size_bytes());
  }
  void skip(std::size_t bytes) { take(nullptr, bytes); }
  [[nodiscard]] std::string_view rest() const noexcept { return from_; }

 private:
  /// Into `to`, unless that is null.
  void take(void* to, std::size_t bytes);

  std::string_view from_;
};

}  // namespace locus
