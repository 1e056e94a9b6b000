#pragma once
/// Which neurons the connections in an HDF5 file connect. Three layouts are known; NAME is that of a projection, or a
/// path:
///
/// | who writes it | target, source | weights |
/// | --- | --- | --- |
/// | --save-weights | NAME:target, NAME:source | NAME |
/// | traces | scales/NAME/target, source (before version 3 trace/NAME/...) | trace/NAME/theta |
/// | others | NAME/target, NAME/source | NAME/weight |
/// | SONATA | NAME/target_node_id, NAME/source_node_id | NAME/0/syn_weight |

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

/// Calls f(row, target, source) for all rows, some at a time. Throws run_error that names file, dataset and what is
/// wrong. Requires: no other threads run, if this process is to survive whatever file.
void each_pair_in_hdf5(const std::string& file, const std::string& name,
                       const std::function<void(std::uint64_t, std::int64_t, std::int64_t)>& f);

}  // namespace locus
