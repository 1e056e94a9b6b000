#pragma once
/// Baselines of dense and sparse messages, on random numbers of their own: contestants that do once what a network
/// does in a tick.

#include <string>
#include <utility>
#include <vector>

#include "tools/bench/measure.hpp"

namespace locus::bench {

/// Sizes of the dense projections of a network: (sources, targets).
using shapes = std::vector<std::pair<std::size_t, std::size_t>>;

/// Weights of all of them.
[[nodiscard]] std::size_t weights_of(const shapes& all);

/// OpenBLAS: a matrix-vector product for each; with `learning` also a rank-1 update. Requires: blas::find().
template <class P>
[[nodiscard]] contestant blas_messages(const shapes& all, bool learning);

/// Reads n numbers, or updates them in place, with the vectors that the engine uses.
template <class P>
[[nodiscard]] contestant reading(std::size_t n);
template <class P>
[[nodiscard]] contestant updating(std::size_t n);

/// A sparse matrix in compressed rows, `degree` random columns in each, times a vector: the textbook loop.
template <class P>
[[nodiscard]] contestant compressed_rows(std::size_t size, std::size_t degree);

}  // namespace locus::bench
