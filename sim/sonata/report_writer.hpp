#pragma once
/// A population of a report: numbers of nodes, frame after frame. Callers hold an hdf5::session.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/sonata/sonata_file.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus::sonata {

/// Frames at the ticks first, first + step, ...; `count` of them.
struct frame_grid {
  tick_t first = 0;
  tick_t step = 1;
  std::uint64_t count = 0;

  [[nodiscard]] tick_t end() const { return first + static_cast<tick_t>(count) * step; }
};

/// Whose the columns are: those of nodes[i] are pointers[i] ... pointers[i + 1] - 1, and column k is its element
/// elements[k]. Nodes ascend, and the elements of a node do. The weights of a kernel stand each at the first of the
/// edges at which it serves.
struct report_columns {
  std::string population;  ///< of the nodes
  bool whole = false;      ///< all of its nodes are here
  std::vector<std::uint32_t> nodes;
  std::vector<std::uint64_t> pointers;
  std::vector<std::uint32_t> elements;  ///< 0 for a neuron's own variable, the edge's id for a weight
  std::vector<std::size_t> order = {};  ///< [column]: its number in the trace; empty: as there

  [[nodiscard]] std::size_t in_trace(std::size_t column) const { return order.empty() ? column : order[column]; }
};

/// Throws run_error if the variable does not fit the circuit or has too many edges for SONATA (2^32).
[[nodiscard]] report_columns columns_of(const trace_variable& v, const circuit& c);

class report_writer {
 public:
  /// `tick_ms`: length of a tick.
  report_writer(const hdf5::object& file, const report_columns& columns, const std::string& units, double tick_ms);

  /// The next number of the frame, column after column.
  void add(double value) { data_.add(value); }

  /// The times of all frames come last, when it is known how many there are.
  void finish(const frame_grid& grid);

 private:
  hdf5::object group_;
  std::string units_;
  double tick_ms_;
  table_writer<double, float> data_;
};

}  // namespace locus::sonata
