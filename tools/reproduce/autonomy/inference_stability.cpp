#include "tools/reproduce/autonomy/inference_stability.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "sim/core/describe.hpp"

namespace locus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using row_major = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

activation activation_of(const population& p) {
  for (const parameter_info& each : p.model->parameters) {
    if (each.name != "activation") continue;
    const parameter_value name = each.get(p.params.get());
    if (const auto named = value_named<activation>(std::get<std::string>(name))) return *named;
  }
  throw internal_error(fmt::format("modes_of_inference: \"{}\" has no activation", p.name));
}

/// f'(x) of all neurons.
VectorXd slopes_of(const simulator& s, std::size_t index, std::size_t lane) {
  const population& p = s.net().populations[index];
  const activation f = activation_of(p);
  const output_id x{index, p.model->find_field("x").value()}, rate{index, p.model->find_field("rate").value()};
  VectorXd slopes(static_cast<Index>(p.size));
  for (std::size_t i = 0; i < p.size; ++i) {
    slopes[static_cast<Index>(i)] = slope(f, s.value(x, i, lane), s.value(rate, i, lane));
  }
  return slopes;
}

/// A = d eps / d x: ones on the diagonal, and below it -theta f'(x) from each layer to the next.
MatrixXd errors_by_values(const simulator& s, const std::vector<free_layer>& layers, std::size_t lane) {
  Index size = 0;
  for (const free_layer& layer : layers) size += static_cast<Index>(s.net().populations[layer.values].size);
  MatrixXd a = MatrixXd::Identity(size, size);
  Index row = 0, column = 0;
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const auto rows = static_cast<Index>(s.net().populations[layers[k].values].size);
    if (layers[k].synapses) {
      const std::vector<double> theta = s.weights(*layers[k].synapses);
      const Index columns = row - column;
      a.block(row, column, rows, columns) = -(Eigen::Map<const row_major>(theta.data(), rows, columns) *
                                              slopes_of(s, layers[k - 1].values, lane).asDiagonal());
      column = row;
    }
    row += rows;
  }
  return a;
}

}  // namespace

double inference_modes::growth(double gamma) const {
  return std::max(std::abs(1 - gamma * fastest), std::abs(1 - gamma * slowest));
}

inference_modes modes_of_inference(const simulator& s, const std::vector<free_layer>& layers, std::size_t lane) {
  const MatrixXd a = errors_by_values(s, layers, lane);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> modes(a.transpose() * a);
  const VectorXd direction = modes.eigenvectors().col(a.cols() - 1);
  return {modes.eigenvalues()[a.cols() - 1],
          modes.eigenvalues()[0],
          {direction.data(), direction.data() + direction.size()}};
}

}  // namespace locus
