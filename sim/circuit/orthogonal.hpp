#pragma once
/// The orthogonal part of a matrix.

#include <cstddef>
#include <vector>

namespace locus {

/// For a row-major matrix of independent normal numbers a matrix that is uniform (Haar) among those with orthonormal
/// columns, or rows if there are fewer: Q of its QR decomposition by Householder's reflections, with the signs that
/// make R's diagonal positive (Mezzadri 2007). The same bits on every machine: sums, products, quotients and square
/// roots in one order. Takes 4 rows columns min(rows, columns) operations. Requires: matrix.size() == rows * columns.
[[nodiscard]] std::vector<double> orthogonal(std::vector<double> matrix, std::size_t rows, std::size_t columns);

}  // namespace locus
