#pragma once
/// Panels of a figure, of each kind.

#include "sim/trace/sampled_values.hpp"
#include "tools/locus/trace/figure.hpp"

namespace locus::tools {

/// What of a trace is drawn.
struct view {
  const trace_reader& trace;
  tick_t from = 0, until = 0;  ///< half-open
  std::uint32_t lane = 0;
  bool vector_graphics = false;  ///< SVG: fewer, larger cells
};

/// One line a column: the first eight; a note tells of others.
void add_lines(figure& f, const view& v, const chosen_columns& c);

/// Columns x ticks as colours: a diverging palette with white at zero if there are both signs.
void add_heat_map(figure& f, const view& v, const chosen_columns& c);

/// Range, quartiles and median over all columns.
void add_distribution(figure& f, const view& v, const chosen_columns& c);

/// Events: a row a neuron, a band a list. Nothing if there are no lists.
void add_raster(figure& f, const view& v, const std::vector<spike_list_info>& lists);

/// When populations were clamped: a bar each.
void add_stimuli(figure& f, const view& v, const std::vector<stimulus_window>& windows);

/// Lines for few columns, otherwise a heat map.
void add_values(figure& f, const view& v, const chosen_columns& c);

/// Up to this many columns are drawn as lines.
inline constexpr std::size_t most_lines = 8;

}  // namespace locus::tools
