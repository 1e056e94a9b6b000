#include "sim/circuit/grid.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace locus {
namespace {

/// The shape that the targets of these windows have, with as many channels as `after` has if it may choose; empty if a
/// window does not fit.
grid_shape targets_of(const spatial_window& w, const grid_shape& before, const grid_shape& after) {
  const std::size_t axes = w.size.size(), channels = before.size() - axes;
  const std::uint32_t heard = channels != 0 ? before[0] : 1;
  grid_shape out;
  if (after.size() == axes + 1) out.push_back(w.each_channel ? heard : after[0]);
  else if (w.each_channel && heard != 1) out.push_back(heard);
  for (std::size_t a = 0; a < axes; ++a) {
    const std::uint64_t n = before[channels + a], reach = std::uint64_t{w.dilation[a]} * (w.size[a] - 1) + 1;
    if (w.same_padding) out.push_back(static_cast<std::uint32_t>((n + w.stride[a] - 1) / w.stride[a]));
    else if (reach > n) return {};
    else out.push_back(static_cast<std::uint32_t>((n - reach) / w.stride[a] + 1));
  }
  return out;
}

}  // namespace

std::string text_of(const grid_shape& shape) { return fmt::format("{}", fmt::join(shape, " x ")); }

grid_shape place_of(const grid_shape& shape, std::uint64_t neuron) {
  grid_shape place(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0; neuron /= shape[axis])
    place[axis] = static_cast<std::uint32_t>(neuron % shape[axis]);
  return place;
}

std::string index_text(const grid_shape& shape, std::uint64_t neuron) {
  if (shape.size() < 2) return fmt::format("[{}]", neuron);
  return fmt::format("[{}]", fmt::join(place_of(shape, neuron), ","));
}

std::string_view axis_name(const grid_shape& shape, std::size_t axis) {
  static constexpr std::string_view from_the_last[] = {"x", "y", "z", "channel"};
  return from_the_last[shape.size() - 1 - axis];
}

window_grid windows_between(const projection_description& d, const grid_shape& before, const grid_shape& after) {
  const auto& w = std::get<spatial_window>(d.connect);
  const std::size_t axes = w.size.size();
  const auto fail = [&](const std::string& what) {
    throw usage_error(d.at, fmt::format("projection \"{}\": {}", d.name, what));
  };
  if (before.size() != axes && before.size() != axes + 1)
    fail(
        fmt::format("a window of {0} {1} needs sources on a grid of {0} {1}, or with channels before them; \"{2}\" "
                    "has shape {3}",
                    axes, axes == 1 ? "axis" : "axes", d.from.population, text_of(before)));
  const grid_shape expected = targets_of(w, before, after);
  if (expected.empty())
    fail(fmt::format("a window of {} does not fit into \"{}\", {}; use padding = \"same\" or a smaller one",
                     text_of(w.size), d.from.population, text_of(before)));
  if (after != expected)
    fail(fmt::format("its windows make targets of shape {}, but \"{}\" has {}: write shape = [{}]", text_of(expected),
                     d.to.population, text_of(after), fmt::join(expected, ", ")));
  window_grid g;
  g.channels_before = before.size() > axes ? before[0] : 1;
  g.channels_after = after.size() > axes ? after[0] : 1;
  g.each_channel = w.each_channel;
  for (auto* sizes : {&g.before, &g.after, &g.window, &g.stride, &g.dilation}) sizes->fill(1);
  g.padding.fill(0);
  for (std::size_t a = 0; a < axes; ++a) {
    const std::size_t axis = window_grid::axes - axes + a;
    g.before[axis] = before[before.size() - axes + a];
    g.after[axis] = after[after.size() - axes + a];
    g.window[axis] = w.size[a];
    g.stride[axis] = w.stride[a];
    g.dilation[axis] = w.dilation[a];
    const std::uint64_t covered =
        std::uint64_t{g.after[axis] - 1} * w.stride[a] + std::uint64_t{w.dilation[a]} * (w.size[a] - 1) + 1;
    if (w.same_padding && covered > g.before[axis])
      g.padding[axis] = static_cast<std::uint32_t>((covered - g.before[axis]) / 2);
    if (w.place.empty()) continue;
    // One place of the window is a window of size 1 that begins there.
    g.padding[axis] -= w.place[a] * w.dilation[a];
    g.window[axis] = g.dilation[axis] = 1;
  }
  return g;
}

std::uint32_t window_grid::degree(std::uint32_t target) const noexcept {
  std::uint32_t n = heard();
  std::uint32_t rest = target % (after[0] * after[1] * after[2]);
  for (std::size_t a = axes; a-- > 0; rest /= after[a]) {
    std::uint32_t inside = 0;
    for (std::uint32_t k = 0; k < window[a]; ++k) inside += place(a, rest % after[a], k) < before[a] ? 1 : 0;
    n *= inside;
  }
  return n;
}

std::uint64_t window_grid::connections() const noexcept {
  std::uint64_t all = std::uint64_t{channels_after} * heard();
  for (std::size_t a = 0; a < axes; ++a) {
    std::uint64_t inside = 0;
    for (std::uint32_t at = 0; at < after[a]; ++at) {
      for (std::uint32_t k = 0; k < window[a]; ++k) inside += place(a, at, k) < before[a] ? 1 : 0;
    }
    all *= inside;
  }
  return all;
}

grid_distance::grid_distance(const projection_description& d, const grid_shape& before, const grid_shape& after,
                             bool wrap)
    : before_(before), after_(after), wrap_(wrap) {
  if (before.size() == after.size()) return;
  throw usage_error(d.at,
                    fmt::format("projection \"{}\": a distance needs two grids with as many axes; \"{}\" has shape "
                                "{}, \"{}\" {}",
                                d.name, d.from.population, text_of(before), d.to.population, text_of(after)));
}

double grid_distance::squared(std::uint32_t source, std::uint32_t target) const noexcept {
  double sum = 0;
  for (std::size_t a = before_.size(); a-- > 0; source /= before_[a], target /= after_[a]) {
    // The middle of the target's part of the axis, in steps of the sources.
    const double n = before_[a];
    const double at = (target % after_[a] + 0.5) * n / after_[a] - 0.5;
    double apart = std::abs(at - source % before_[a]);
    if (wrap_) apart = std::min(apart, n - apart);
    sum += apart * apart;
  }
  return sum;
}

}  // namespace locus
