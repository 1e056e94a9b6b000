#pragma once
/// Populations that lie on a grid, drawn as images.

#include "tools/locus/trace/panels.hpp"

namespace locus::tools {

/// Whether the values of a variable's columns make an image: they are those of neurons on a grid.
[[nodiscard]] bool makes_image(const chosen_columns& c);

/// The grid at one tick after the other, from left to right; its channels (what lies along the axes before the last
/// two) one below the other. Of a single tick the channels stand side by side. Throws run_error for a grid that is too
/// large. Requires: makes_image(c).
void add_images(figure& f, const view& v, const chosen_columns& c);

}  // namespace locus::tools
