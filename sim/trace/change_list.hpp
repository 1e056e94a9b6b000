#pragma once
/// /changes/<population>/<variable> or /changes/<projection>/theta: the values of a variable when they change.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/hdf5.hpp"
#include "sim/core/tick.hpp"

namespace locus {

struct change {
  tick_t tick = 0;
  std::uint32_t index = 0;  ///< of the neuron or synapse
  std::uint32_t lane = 0;
  double value = 0;
};

/// As many as are read at once.
inline constexpr std::uint64_t changes_of_block = 65536;

/// An open list, sorted by (tick, index, lane). One thread at a time; callers hold an hdf5::session.
class change_list {
 public:
  /// Throws run_error if the group at `path` is not such a list.
  change_list(const hdf5::object& file, const std::string& path);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] tick_t tick(std::uint64_t at) const;

  /// The neurons or synapses of the first tick, which lists all that are recorded; ascending.
  [[nodiscard]] std::vector<std::uint32_t> first_indices() const;

  /// Changes [first, first + count), as far as there are any.
  [[nodiscard]] std::vector<change> read(std::uint64_t first, std::uint64_t count) const;

 private:
  hdf5::object tick_, index_, lane_, value_;
  std::uint64_t size_ = 0;  ///< of the shortest of the four
};

}  // namespace locus
