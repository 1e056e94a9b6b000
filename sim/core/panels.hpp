#pragma once
/// Neurons and targets stand in panels of 16, over which kernels vectorise.

#include <cstddef>

namespace locus {

inline constexpr std::size_t panel_width = 16;

/// Number of panels that hold n neurons.
[[nodiscard]] constexpr std::size_t panels_for(std::size_t n) noexcept { return (n + panel_width - 1) / panel_width; }

}  // namespace locus
