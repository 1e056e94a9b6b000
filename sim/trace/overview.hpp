#pragma once
/// The extremes of what was recorded, over blocks of frames and neurons: what a viewer needs to draw a whole run.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace locus {

/// Frames and neurons (all their lanes), or synapses, of a block.
inline constexpr std::size_t overview_block = 16;

/// Reduces the frames of one variable. T: float or double. Numbers that are none (NaN) do not count; where a block has
/// no other, its minimum is +infinity and its maximum -infinity.
template <class T>
class overview {
 public:
  /// A frame is `neurons` times `lanes` numbers.
  overview(std::size_t neurons, std::size_t lanes);

  /// Takes `count` consecutive frames; full blocks are added to lowest and highest.
  void add(const T* frames, std::size_t count);

  /// Adds the last block, if frames are left that do not fill one.
  void finish();

  std::vector<T> lowest, highest;  ///< [block of frames][block of neurons]; for the caller to take away

  /// Blocks of neurons.
  [[nodiscard]] std::size_t width() const noexcept { return width_; }

 private:
  void take(const T* frames, std::size_t count);
  void reduce();

  std::size_t width_;
  std::size_t group_;          ///< numbers of a block in one frame
  std::vector<T> low_, high_;  ///< [number of a frame], over the frames so far
  std::size_t frames_ = 0;     ///< so far, of the block at hand
};

extern template class overview<float>;
extern template class overview<double>;

}  // namespace locus
