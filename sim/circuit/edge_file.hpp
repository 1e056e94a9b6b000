#pragma once
/// Connections that a file lists, and their weights: pairs [post, pre] = (target, source), counted from 0, in any
/// order. By the ending of its name the file is
///
/// | .csv | a header `post,pre` or `post,pre,weight` (in any order), then a line for each |
/// | --- | --- |
/// | .npy | an array [n, 2] of integers, or [n, 3] of floating-point numbers: post, pre, weight |
/// | .mtx | MatrixMarket, `matrix coordinate real`, `integer` or `pattern`, `general`: W[post][pre], counted from 1 |
/// | others | HDF5: sim/netlist/ends_in_file.hpp |

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/netlist/description.hpp"

namespace locus {

/// A file, and the projection whose connections it lists.
struct edge_file {
  std::string file;
  std::string dataset;  ///< HDF5 only
  std::string projection;
  std::uint32_t targets = 0, sources = 0;  ///< how many neurons there are at either end
};

using neuron_pair = std::pair<std::uint32_t, std::uint32_t>;  ///< post, pre
using weighted_pair = std::pair<neuron_pair, double>;

/// All pairs, in ascending order. Throws run_error that names the file, the line or the row (from 0), and what is
/// wrong: an index that no neuron has, a pair listed twice, a file that is damaged or none of these. Memory: the
/// pairs once; of .npy the array beside them.
[[nodiscard]] std::vector<neuron_pair> read_pairs(const edge_file& from);

/// The same with weights, of one of the tables above. Throws run_error if it has none, or one that is not finite.
/// Requires: is_edge_table(from.file).
[[nodiscard]] std::vector<weighted_pair> read_weighted_pairs(const edge_file& from);

}  // namespace locus
