#pragma once
/// Connections that a file lists, their weights, and their delays in ticks, from 1 on: pairs [post, pre] = (target,
/// source), counted from 0, in any order. By the ending of its name the file is
///
/// | .csv | a header of `post`, `pre` and, if it has them, `weight` and `delay`, in any order, then a line for each |
/// | --- | --- |
/// | .npy | an array of integers, [n, 2] or [n, 3]: post, pre, delay; or of floating-point numbers, [n, 3] or [n, 4]:
///   post, pre, weight, delay |
/// | .mtx | MatrixMarket, `matrix coordinate real`, `integer` or `pattern`, `general`: W[post][pre], counted from 1;
/// its
///   numbers are weights or delays, whatever is asked for |
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
using delayed_pair = std::pair<neuron_pair, std::uint32_t>;

/// All pairs, in ascending order. Throws run_error that names the file, the line or the row (from 0), and what is
/// wrong: an index that no neuron has, a pair listed twice, a file that is damaged or none of these. Memory: the
/// pairs once; of .npy the array beside them.
[[nodiscard]] std::vector<neuron_pair> read_pairs(const edge_file& from);

/// The same with weights, of one of the tables above. Throws run_error if it has none, or one that is not finite.
/// Requires: is_edge_table(from.file).
[[nodiscard]] std::vector<weighted_pair> read_weighted_pairs(const edge_file& from);

/// The same with delays. `tick_ms`: milliseconds of a tick, for edges of SONATA, which count those.
[[nodiscard]] std::vector<delayed_pair> read_delayed_pairs(const edge_file& from, double tick_ms);

/// The smallest and the largest of the delays; [1, 1] if the file lists no connection. Throws as above, but does not
/// look whether pairs are listed twice. Memory: none to speak of, but of .npy the array.
[[nodiscard]] std::pair<std::uint32_t, std::uint32_t> read_delay_range(const edge_file& from, double tick_ms);

}  // namespace locus
