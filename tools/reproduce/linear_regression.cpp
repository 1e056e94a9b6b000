#include "tools/reproduce/linear_regression.hpp"

#include <Eigen/Dense>
#include <algorithm>

namespace locus {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using row_major = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Rows [first, first + count) as the columns of a matrix.
MatrixXd columns_of(const number_table& table, std::uint32_t first, std::uint32_t count) {
  MatrixXd all(table.columns(), count);
  for (std::uint32_t n = 0; n < count; ++n) table.copy_row(first + n, {all.col(n).data(), table.columns()});
  return all;
}

}  // namespace

struct linear_regression::moments {
  MatrixXd xx, yx;
  double yy = 0;       ///< trace
  VectorXd explained;  ///< what each direction of the best regression takes off 2 loss, largest first
};

linear_regression::linear_regression(const samples& data) : moments_(std::make_unique<moments>()) {
  moments& m = *moments_;
  m.xx = MatrixXd::Zero(data.inputs(), data.inputs());
  m.yx = MatrixXd::Zero(data.targets(), data.inputs());
  constexpr std::uint32_t block = 1000;
  for (std::uint32_t first = 0; first < data.count(); first += block) {
    const std::uint32_t count = std::min(block, data.count() - first);
    const MatrixXd x = columns_of(data.input, first, count), y = columns_of(data.target, first, count);
    m.xx.selfadjointView<Eigen::Lower>().rankUpdate(x);
    m.yx += y * x.transpose();
    m.yy += y.squaredNorm();
  }
  m.xx.triangularView<Eigen::StrictlyUpper>() = m.xx.transpose().triangularView<Eigen::StrictlyUpper>();
  const double samples = data.count();
  m.xx /= samples, m.yx /= samples, m.yy /= samples;

  const Eigen::SelfAdjointEigenSolver<MatrixXd> of_x(m.xx);
  const VectorXd& variance = of_x.eigenvalues();
  const double least = 1e-10 * variance.maxCoeff();
  const VectorXd inverse_root = variance.unaryExpr([least](double v) { return v > least ? 1 / std::sqrt(v) : 0.0; });
  const MatrixXd whitened = m.yx * of_x.eigenvectors() * inverse_root.asDiagonal();
  m.explained = Eigen::SelfAdjointEigenSolver<MatrixXd>(whitened * whitened.transpose(), Eigen::EigenvaluesOnly)
                    .eigenvalues()
                    .reverse();
}

linear_regression::~linear_regression() = default;

double linear_regression::loss(const std::vector<double>& w, const std::vector<double>& v) const {
  const moments& m = *moments_;
  const auto hidden = static_cast<Eigen::Index>(w.size()) / m.xx.rows();
  const MatrixXd a = Eigen::Map<const row_major>(v.data(), m.yx.rows(), hidden) *
                     Eigen::Map<const row_major>(w.data(), hidden, m.xx.rows());
  return (m.yy - 2 * a.cwiseProduct(m.yx).sum() + (a * m.xx).cwiseProduct(a).sum()) / 2;
}

double linear_regression::least_loss(std::size_t rank) const {
  const auto kept = std::min(static_cast<Eigen::Index>(rank), moments_->explained.size());
  return (moments_->yy - moments_->explained.head(kept).sum()) / 2;
}

}  // namespace locus
