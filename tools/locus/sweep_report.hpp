#pragma once
/// What `locus sweep` tells of its results: tables and a picture.

#include <optional>
#include <string>

#include "sim/core/text_table.hpp"
#include "sim/sweep/summary.hpp"

namespace locus::tools {

/// A row a setting: its values, how many of its runs are done, and the mean and standard deviation of each score.
[[nodiscard]] text_table score_table(const sweep::results& all, const sweep::summary& s);

/// A row a setting that is held against another: mean and standard deviation of the differences, seed by seed.
[[nodiscard]] text_table difference_table(const sweep::results& all, const sweep::summary& s);

/// The index of a measure by the name that tables and files have for it. Throws usage_error.
[[nodiscard]] std::size_t measure_named(const sweep::summary& s, const std::string& name);

/// A measure over the axis with most numbers, a curve for each combination of the others; bars are standard deviations.
/// As gnuplot commands, as SVG or as PNG. Throws usage_error if nothing is varied.
[[nodiscard]] std::string sweep_picture(const sweep::results& all, const sweep::summary& s, std::size_t measure,
                                        bool vector_graphics);

}  // namespace locus::tools
