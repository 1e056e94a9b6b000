#pragma once
/// How edge_file.cpp reads files of either kind.

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "sim/circuit/edge_file.hpp"

namespace locus::detail {

/// The columns of such a file.
enum edge_column : std::size_t { post_column, pre_column, weight_column, delay_column, edge_columns };

/// What stands in a line or row. Indices are counted from 0, but not checked, and neither are delays.
struct listed_edge {
  std::int64_t post = 0, pre = 0;
  double weight = 1;
  double delay = 1;
  bool milliseconds = false;                      ///< of the delay; otherwise ticks
  std::uint64_t place = 0;                        ///< line, from 1, or row, from 0
  std::array<std::size_t, edge_columns> at = {};  ///< where in the line they begin, in bytes from 1; 0: not known
};
using edge_visitor = std::function<void(const listed_edge&)>;

/// What a file tells beside the pairs.
struct edge_contents {
  bool weights = false, delays = false;
};

/// "FILE:7" or "FILE: row 7"; with a column, "FILE:7:3".
[[nodiscard]] std::string place_text(const std::string& file, std::uint64_t place, std::size_t column = 0);

/// Calls `visit` for each connection, in the order of the file. Throws run_error. The numbers of a matrix stand in
/// `weight` and in `delay`.
edge_contents each_edge_in_csv(const edge_file& from, const edge_visitor& visit);
edge_contents each_edge_in_npy(const edge_file& from, const edge_visitor& visit);
edge_contents each_edge_in_mtx(const edge_file& from, const edge_visitor& visit);

}  // namespace locus::detail
