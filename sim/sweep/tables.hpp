#pragma once
/// Tables of a sweep in full precision, the heading first. What was not measured, or is not known yet, is empty.

#include "sim/core/text_table.hpp"
#include "sim/sweep/summary.hpp"

namespace locus::sweep {

/// A row a cell, with the columns of the file's table of cells.
[[nodiscard]] text_table cell_table(const results& all);

/// A row a setting: its values, cells that are done and that failed, and mean, standard deviation and number of each
/// score; then those of the differences, if settings are held against others.
[[nodiscard]] text_table summary_table(const results& all, const summary& s);

}  // namespace locus::sweep
