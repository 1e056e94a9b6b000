#pragma once
/// How edge_file.cpp reads files of either kind.

#include <cstdint>
#include <functional>
#include <string>

#include "sim/circuit/edge_file.hpp"

namespace locus::detail {

/// What stands in a line or row. Indices are counted from 0, but not checked.
struct listed_edge {
  std::int64_t post = 0, pre = 0;
  double weight = 1;
  std::uint64_t place = 0;  ///< line, from 1, or row, from 0
};
using edge_visitor = std::function<void(const listed_edge&)>;

/// "FILE:7" or "FILE: row 7".
[[nodiscard]] std::string place_text(const std::string& file, std::uint64_t place);

/// Calls `visit` for each connection, in the order of the file; returns whether it has weights. Throws run_error.
bool each_edge_in_csv(const edge_file& from, const edge_visitor& visit);
bool each_edge_in_npy(const edge_file& from, const edge_visitor& visit);
bool each_edge_in_mtx(const edge_file& from, const edge_visitor& visit);

}  // namespace locus::detail
