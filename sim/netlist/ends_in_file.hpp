#pragma once
/// Which neurons the connections in an HDF5 file connect. Four layouts are known; NAME is that of a projection, or a
/// path:
///
/// | who writes it | target, source | weights | delays |
/// | --- | --- | --- | --- |
/// | --save-weights | NAME:target, NAME:source | NAME | NAME:delay, in ticks |
/// | traces | scales/NAME/target, source (before version 3 trace/NAME/...) | trace/NAME/theta | |
/// | others | NAME/target, NAME/source | NAME/weight | NAME/delay, in ticks |
/// | SONATA | NAME/target_node_id, NAME/source_node_id | NAME/0/syn_weight | NAME/0/delay_ticks, or 0/delay in ms |

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/core/hdf5.hpp"

namespace locus {

/// Where the two ends of each connection stand.
struct ends_paths {
  std::string target, source;
};

/// Nothing if the file does not tell them. Throws run_error if it tells only one of the two. `name`: NAME, or the path
/// of its weights. Requires: the caller holds an hdf5::session.
[[nodiscard]] std::optional<ends_paths> find_ends(const hdf5::object& file, const std::string& name);

/// Edges of SONATA: the path of their population, and of their ends.
struct edges_path {
  std::string population;
  ends_paths ends;
};

/// Nothing if they are no edges of SONATA. Requires as above.
[[nodiscard]] std::optional<edges_path> find_edges(const hdf5::object& file, const std::string& name);

/// The two ends of a connection, and its delay if that is asked for.
struct pair_in_file {
  std::uint64_t row = 0;
  std::int64_t target = 0, source = 0;
  double delay = 1;
  bool milliseconds = false;  ///< of the delay; otherwise ticks
};

/// Calls f for all rows, some at a time. Throws run_error that names file, dataset and what is wrong. Requires: no
/// other threads run, if this process is to survive whatever file.
void each_pair_in_hdf5(const std::string& file, const std::string& name, bool delays,
                       const std::function<void(const pair_in_file&)>& f);

}  // namespace locus
