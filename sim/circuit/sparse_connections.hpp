#pragma once
/// The connections of a sparse projection, as circuit and engine share them.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/neuron_indices.hpp"
#include "sim/core/panels.hpp"
#include "sim/core/partition.hpp"

namespace locus {

/// How many connections a sparse projection has, or will have.
struct sparse_size {
  std::uint64_t connections = 0;
  std::uint64_t entries = 0;  ///< of all slices
  std::uint64_t memory = 0;   ///< bytes
  bool exact = true;          ///< false: what is expected of random draws
};

/// The bytes that the connections onto so many targets take, with indices of two or four bytes.
[[nodiscard]] std::uint64_t sparse_memory(std::uint64_t targets, std::uint64_t entries, bool wide) noexcept;

/// Of sparse_connections::one_to_one(n).
[[nodiscard]] sparse_size one_to_one_size(std::uint32_t n) noexcept;

/// Connections are numbered by (target, source). They are stored in slices: for each panel of targets [entry][16], as
/// many entries as its widest target has sources; entry k holds the k-th source of each target, or 0 as filling.
///
/// One of several ranks may keep the sources of some panels of targets alone. All connections are numbered and counted
/// nevertheless; the slices of the other panels are empty here, and whoever asks for their sources asks in vain.
class sparse_connections {
 public:
  static constexpr panel_range every_panel = {0, std::numeric_limits<std::size_t>::max()};

  explicit sparse_connections(panel_range kept = every_panel) noexcept : kept_(kept) {}

  struct pair {
    std::uint32_t source = 0;
    std::uint32_t target = 0;
  };

  /// A source for each of n targets: the neuron of the same index.
  [[nodiscard]] static sparse_connections one_to_one(std::uint32_t n);

  /// Makes room for that many targets of that in-degree.
  void reserve(std::size_t targets, std::size_t degree);
  /// Whether the sources of a target are kept.
  [[nodiscard]] bool keeps(std::size_t target) const noexcept { return kept_.has(target / panel_width); }
  /// Connects the next target. Requires: sources ascend; where they are not kept, only how many they are matters.
  void add_target(std::span<const std::uint32_t> sources);
  void shrink_to_fit();
  /// The targets of the first of these, then those of the next. Requires: all but the last have whole panels of
  /// targets, and each keeps what `kept` has of its own.
  [[nodiscard]] static sparse_connections joined(std::vector<sparse_connections> parts, panel_range kept);

  /// The same, of which some panels are kept. Requires: all are kept here.
  [[nodiscard]] sparse_connections keeping(panel_range kept) const;

  [[nodiscard]] std::uint64_t size() const noexcept { return first_.back(); }
  [[nodiscard]] std::size_t targets() const noexcept { return first_.size() - 1; }

  /// Number of the first connection onto a target.
  [[nodiscard]] std::uint64_t first(std::size_t target) const noexcept { return first_[target]; }
  [[nodiscard]] std::size_t degree(std::size_t target) const noexcept {
    return static_cast<std::size_t>(first_[target + 1] - first_[target]);
  }
  /// The k-th source of a target. Requires: k < degree(target).
  [[nodiscard]] std::uint32_t source(std::size_t target, std::size_t k) const noexcept {
    return slice_source_[place(target, k)];
  }
  /// Where it stands in the slices.
  [[nodiscard]] std::size_t place(std::size_t target, std::size_t k) const noexcept {
    return (slice_start_[target / panel_width] + k) * panel_width + target % panel_width;
  }

  /// The ends of a connection. Logarithmic in the number of targets.
  [[nodiscard]] pair ends(std::uint64_t connection) const;
  /// The connection between two neurons, if there is one. Logarithmic in the in-degree.
  [[nodiscard]] std::optional<std::uint64_t> find(std::uint32_t source, std::uint32_t target) const;

  /// Calls f(source, target, place in the slices) for each connection in its order; onto some panels of targets alone.
  template <class F>
  void each_place(F&& f) const {
    each_place({0, panels_for(targets())}, f);
  }
  template <class F>
  void each_place(panel_range onto, F&& f) const {
    const auto first = static_cast<std::uint32_t>(std::min(onto.first * panel_width, targets()));
    const auto last = static_cast<std::uint32_t>(std::min(onto.last * panel_width, targets()));
    slice_source_.view().visit([&](const auto* sources) {
      for (std::uint32_t target = first; target < last; ++target) {
        std::size_t at = place(target, 0);
        for (std::size_t k = degree(target); k > 0; --k, at += panel_width) f(std::uint32_t{sources[at]}, target, at);
      }
    });
  }

  /// Calls f(source, target) for each connection in its order.
  template <class F>
  void each(F&& f) const {
    each_place([&](std::uint32_t source, std::uint32_t target, std::size_t) { f(source, target); });
  }

  /// [panel + 1]: first entry of a panel's slice.
  [[nodiscard]] const std::vector<std::uint32_t>& slice_start() const noexcept { return slice_start_; }
  /// [entry][16]
  [[nodiscard]] const neuron_indices& slice_source() const noexcept { return slice_source_; }
  [[nodiscard]] std::size_t entries() const noexcept { return slice_start_.back(); }
  /// Entries of the panels before those that are kept; of all panels.
  [[nodiscard]] std::uint64_t entries_before() const noexcept { return entries_before_; }
  [[nodiscard]] std::uint64_t entries_of_all() const noexcept { return entries_of_all_; }

  /// Bytes.
  [[nodiscard]] std::uint64_t memory() const noexcept { return memory_of(entries()); }
  /// Of all panels.
  [[nodiscard]] sparse_size counts() const noexcept {
    return {size(), entries_of_all(), memory_of(entries_of_all()), true};
  }

 private:
  friend std::uint64_t sparse_memory(std::uint64_t targets, std::uint64_t entries, bool wide) noexcept;

  [[nodiscard]] std::uint64_t memory_of(std::uint64_t entries) const noexcept {
    return sparse_memory(targets(), entries, slice_source_.view().narrow == nullptr);
  }

  void append_numbers(const sparse_connections& next);

  panel_range kept_;
  std::size_t widest_ = 0;  ///< in-degree of the last panel's targets
  std::uint64_t entries_before_ = 0, entries_of_all_ = 0;
  std::vector<std::uint64_t> first_ = {0};        ///< [target + 1]
  std::vector<std::uint32_t> slice_start_ = {0};  ///< [panel + 1]
  neuron_indices slice_source_;                   ///< [entry][16]
};

}  // namespace locus
