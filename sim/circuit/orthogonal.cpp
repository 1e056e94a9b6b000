#include "sim/circuit/orthogonal.hpp"

#include <cmath>
#include <utility>

namespace locus {
namespace {

/// A matrix column by column, at least as many rows as columns.
class tall_matrix {
 public:
  tall_matrix(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns), values_(rows * columns) {}

  [[nodiscard]] double& at(std::size_t row, std::size_t column) { return values_[column * rows_ + row]; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }

 private:
  std::size_t rows_, columns_;
  std::vector<double> values_;
};

/// Column x <- x - v (2 v.x / v.v), v being column `of` of another matrix from row `of` on, and v.v `square`.
void reflect(tall_matrix& x, std::size_t column, tall_matrix& v, std::size_t of, double square) {
  if (square == 0) return;
  double dot = 0;
  for (std::size_t i = of; i < x.rows(); ++i) dot += v.at(i, of) * x.at(i, column);
  const double factor = 2 * dot / square;
  for (std::size_t i = of; i < x.rows(); ++i) x.at(i, column) -= factor * v.at(i, of);
}

/// Leaves in column k of `a`, from row k on, the vector of the k-th reflection; returns the squares of their lengths,
/// and in `negative` whether R's diagonal is.
std::vector<double> triangulate(tall_matrix& a, std::vector<bool>& negative) {
  std::vector<double> squares;
  for (std::size_t k = 0; k < a.columns(); ++k) {
    double norm = 0;
    for (std::size_t i = k; i < a.rows(); ++i) norm += a.at(i, k) * a.at(i, k);
    norm = std::sqrt(norm);
    // Away from 0, so that nothing cancels; R's diagonal has the other sign.
    negative.push_back(a.at(k, k) >= 0);
    a.at(k, k) += a.at(k, k) >= 0 ? norm : -norm;
    double square = 0;
    for (std::size_t i = k; i < a.rows(); ++i) square += a.at(i, k) * a.at(i, k);
    squares.push_back(square);
    for (std::size_t column = k + 1; column < a.columns(); ++column) reflect(a, column, a, k, square);
  }
  return squares;
}

}  // namespace

std::vector<double> orthogonal(std::vector<double> matrix, std::size_t rows, std::size_t columns) {
  const bool tall = rows >= columns;
  const auto place = [&](std::size_t i, std::size_t k) { return tall ? i * columns + k : k * columns + i; };
  tall_matrix a(tall ? rows : columns, tall ? columns : rows);
  for (std::size_t k = 0; k < a.columns(); ++k) {
    for (std::size_t i = 0; i < a.rows(); ++i) a.at(i, k) = matrix[place(i, k)];
  }
  std::vector<bool> negative;
  const std::vector<double> squares = triangulate(a, negative);
  tall_matrix q(a.rows(), a.columns());
  for (std::size_t column = 0; column < q.columns(); ++column) {
    q.at(column, column) = 1;
    for (std::size_t k = column + 1; k-- > 0;) reflect(q, column, a, k, squares[k]);
  }
  for (std::size_t k = 0; k < q.columns(); ++k) {
    for (std::size_t i = 0; i < q.rows(); ++i) matrix[place(i, k)] = negative[k] ? -q.at(i, k) : q.at(i, k);
  }
  return matrix;
}

}  // namespace locus
