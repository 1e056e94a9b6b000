#pragma once
/// An output of a population as its receivers see it: the values, and what changed in which tick.

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/tick.hpp"
#include "sim/engine/aligned.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {

/// Invariants: counts and total describe the tick `stamp`; at any other tick nothing changed. `nonzero` is always
/// current.
template <class P>
class outlet {
 public:
  outlet(const P* values, std::size_t size, std::size_t lanes)
      : values_(values), size_(size), lanes_(lanes), counts_(panels_for(size) * panel_width) {}

  [[nodiscard]] const P* values() const noexcept { return values_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] P* counts() noexcept { return counts_.data(); }
  [[nodiscard]] bool nonzero() const noexcept { return nonzero_; }

  /// Whether some neuron's value changed a bit in tick t.
  [[nodiscard]] bool changed(tick_t t) const noexcept { return stamp_ == t; }

  /// (neuron, lane) pairs that changed in tick t.
  [[nodiscard]] std::uint64_t total(tick_t t) const noexcept { return stamp_ == t ? total_ : 0; }

  /// Lanes of neuron j that changed in tick t.
  [[nodiscard]] std::uint64_t count(std::size_t j, tick_t t) const noexcept {
    return stamp_ == t ? static_cast<std::uint64_t>(counts_[j]) : 0;
  }

  /// Notes the result of a sweep in tick t; counts() has been filled.
  void note(tick_t t, std::uint64_t total, bool nonzero) {
    nonzero_ = nonzero;
    if (total == 0) return;
    stamp_ = t;
    total_ = total;
    listed_ = false;
  }

  /// Notes that every neuron sends in tick t, whether or not its value differs (its first message).
  void note_first(tick_t t, bool nonzero) {
    std::fill_n(counts_.begin(), size_, static_cast<P>(lanes_));
    note(t, size_ * lanes_, nonzero);
  }

  /// Neurons whose value is not 0 in all lanes.
  [[nodiscard]] source_list active() {
    if (!listed_) list_active();
    if (indices_.size() == size_) return {nullptr, size_};
    return {indices_.data(), indices_.size()};
  }
  [[nodiscard]] source_list everyone() const noexcept { return {nullptr, size_}; }

 private:
  void list_active() {
    indices_.clear();
    for (std::size_t panel = 0; panel < panels_for(size_); ++panel) {
      const P* row = values_ + panel * lanes_ * panel_width;
      bool on[panel_width] = {};
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        for (std::size_t i = 0; i < panel_width; ++i) on[i] |= row[lane * panel_width + i] != P(0);
      }
      for (std::size_t i = 0; i < panel_width; ++i) {
        if (on[i]) indices_.push_back(static_cast<std::uint32_t>(panel * panel_width + i));
      }
    }
    listed_ = true;
  }

  const P* values_;
  std::size_t size_;
  std::size_t lanes_;
  aligned_vector<P> counts_;
  tick_t stamp_ = never;
  std::uint64_t total_ = 0;
  bool nonzero_ = false;
  bool listed_ = false;
  std::vector<std::uint32_t> indices_;
};

}  // namespace locus
