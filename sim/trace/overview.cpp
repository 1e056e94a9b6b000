#include "sim/trace/overview.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace locus {

namespace {

/// As many numbers as a line of the cache holds, in registers that every processor has.
template <class T>
struct vector_of {
  using type [[gnu::vector_size(16)]] = T;
};
template <class T>
using line = std::array<typename vector_of<T>::type, 4>;
template <class T>
constexpr std::size_t across = sizeof(line<T>) / sizeof(T);

/// A number that is none changes nothing. T: a number, or a vector of them.
template <class T>
void widen(T& low, T& high, const T& number) {
  low = number < low ? number : low;
  high = number > high ? number : high;
}

}  // namespace

template <class T>
overview<T>::overview(std::size_t neurons, std::size_t lanes)
    : width_((neurons + overview_block - 1) / overview_block),
      group_(overview_block * lanes),
      low_(neurons * lanes, std::numeric_limits<T>::infinity()),
      high_(neurons * lanes, -std::numeric_limits<T>::infinity()) {}

template <class T>
void overview<T>::add(const T* frames, std::size_t count) {
  const std::size_t size = low_.size();
  while (count > 0) {
    const std::size_t taken = std::min(count, overview_block - frames_);
    take(frames, taken);
    frames += taken * size;
    count -= taken;
    frames_ += taken;
    if (frames_ == overview_block) reduce();
  }
}

/// Column after column of a few numbers, so that the extremes stay in registers over all frames.
template <class T>
void overview<T>::take(const T* frames, std::size_t count) {
  const std::size_t size = low_.size();
  std::size_t i = 0;
  for (; i + across<T> <= size; i += across<T>) {
    line<T> low, high, numbers;
    std::memcpy(&low, low_.data() + i, sizeof(low));
    std::memcpy(&high, high_.data() + i, sizeof(high));
    for (std::size_t f = 0; f < count; ++f) {
      std::memcpy(&numbers, frames + f * size + i, sizeof(numbers));
      for (std::size_t k = 0; k < numbers.size(); ++k) widen(low[k], high[k], numbers[k]);
    }
    std::memcpy(low_.data() + i, &low, sizeof(low));
    std::memcpy(high_.data() + i, &high, sizeof(high));
  }
  for (; i < size; ++i) {
    for (std::size_t f = 0; f < count; ++f) widen(low_[i], high_[i], frames[f * size + i]);
  }
}

template <class T>
void overview<T>::finish() {
  if (frames_ != 0) reduce();
}

template <class T>
void overview<T>::reduce() {
  for (std::size_t first = 0; first < low_.size(); first += group_) {
    const std::size_t last = std::min(first + group_, low_.size());
    lowest.push_back(*std::min_element(low_.data() + first, low_.data() + last));
    highest.push_back(*std::max_element(high_.data() + first, high_.data() + last));
  }
  std::fill(low_.begin(), low_.end(), std::numeric_limits<T>::infinity());
  std::fill(high_.begin(), high_.end(), -std::numeric_limits<T>::infinity());
  frames_ = 0;
}

template class overview<float>;
template class overview<double>;

}  // namespace locus
