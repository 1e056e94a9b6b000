#include "sim/trace/overview.hpp"

#include <algorithm>
#include <limits>

namespace locus {

template <class T>
overview<T>::overview(std::size_t neurons, std::size_t lanes)
    : width_((neurons + overview_block - 1) / overview_block),
      group_(overview_block * lanes),
      low_(neurons * lanes, std::numeric_limits<T>::infinity()),
      high_(neurons * lanes, -std::numeric_limits<T>::infinity()) {}

template <class T>
void overview<T>::add(const T* frames, std::size_t count) {
  const std::size_t size = low_.size();
  T* const low = low_.data();
  T* const high = high_.data();
  for (std::size_t f = 0; f < count; ++f, frames += size) {
    for (std::size_t i = 0; i < size; ++i) {
      low[i] = frames[i] < low[i] ? frames[i] : low[i];
      high[i] = frames[i] > high[i] ? frames[i] : high[i];
    }
    if (++frames_ == overview_block) reduce();
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
