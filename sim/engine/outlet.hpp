#pragma once
/// An output of a population as its receivers see it: the values, and what changed in which tick.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <vector>

#include "sim/core/aligned.hpp"
#include "sim/core/archive.hpp"
#include "sim/core/tick.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {

/// Invariants: counts and total describe the tick `stamp`; at any other tick nothing changed. `present` and `events`
/// are always current.
template <class P>
class outlet {
 public:
  /// `moved_panels`: [panel], 0 where no value changed in the tick of the last sweep; null: any may have.
  outlet(const P* values, std::size_t size, std::size_t lanes, const std::uint8_t* moved_panels)
      : values_(values), size_(size), lanes_(lanes), moved_panels_(moved_panels), present_(panels_for(size)) {}

  /// From now on changes are counted. What nobody listens to need not be.
  P* listen() {
    counts_.resize(panels() * panel_width);
    return counts_.data();
  }

  [[nodiscard]] const P* values() const noexcept { return values_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t panels() const noexcept { return present_.size(); }
  [[nodiscard]] std::uint16_t* present() noexcept { return present_.data(); }
  [[nodiscard]] const std::uint8_t* moved_panels() const noexcept { return moved_panels_; }
  [[nodiscard]] bool nonzero() const noexcept { return nonzero_; }

  /// Whether some neuron's value changed a bit in tick t.
  [[nodiscard]] bool changed(tick_t t) const noexcept { return stamp_ == t; }

  /// (neuron, lane) pairs that changed in tick t.
  [[nodiscard]] std::uint64_t total(tick_t t) const noexcept { return stamp_ == t ? total_ : 0; }

  /// Lanes of neuron j that changed in tick t.
  [[nodiscard]] std::uint64_t count(std::size_t j, tick_t t) const noexcept {
    return stamp_ == t ? static_cast<std::uint64_t>(counts_[j]) : 0;
  }

  /// Lanes of each neuron that changed in the last tick in which any did.
  [[nodiscard]] const P* counts() const noexcept { return counts_.data(); }

  /// Counts the sweeps that changed something.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

  /// Notes the result of a sweep in tick t; the counts and present() have been filled.
  void note(tick_t t, std::uint64_t total) {
    if (total == 0) return;
    stamp_ = t;
    total_ = total;
    ++version_;
    nonzero_ = std::any_of(present_.begin(), present_.end(), [](std::uint16_t bits) { return bits != 0; });
    listed_ = false;
  }

  /// Notes that more changed in tick t than was noted.
  void note_more(tick_t t, std::uint64_t more) { note(t, stamp_ == t && more != 0 ? total_ + more : more); }

  /// Notes that every neuron sends in tick t, whether or not its value differs (its first message).
  void note_first(tick_t t) {
    if (counts_.empty()) return;
    std::fill_n(counts_.begin(), size_, static_cast<P>(lanes_));
    note(t, size_ * lanes_);
  }

  /// Neurons whose value is not 0 in all lanes.
  [[nodiscard]] source_list active() {
    if (!listed_) list_active();
    return {active_ == size_ ? nullptr : indices_.data(), active_};
  }
  [[nodiscard]] source_list everyone() const noexcept { return {nullptr, size_}; }

  /// Requires, when loading: the values have been loaded. The counts describe a tick that is over.
  void serialize(archive& a, const std::string& name) {
    a.value(name + "_changed_at", stamp_);
    if (a.loading()) find_present();
  }

  [[nodiscard]] std::size_t memory() const noexcept {
    return counts_.size() * sizeof(P) + present_.size() * sizeof(std::uint16_t);
  }

 private:
  void find_present() {
    std::fill(present_.begin(), present_.end(), std::uint16_t{0});
    for (std::size_t j = 0; j < size_; ++j) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        if (values_[field_offset(j, lane, lanes_)] == P(0)) continue;
        present_[j / panel_width] |= static_cast<std::uint16_t>(1u << j % panel_width);
      }
    }
    nonzero_ = std::any_of(present_.begin(), present_.end(), [](std::uint16_t bits) { return bits != 0; });
    listed_ = false;
  }

  [[nodiscard]] bool all_present() const {
    constexpr unsigned all = (1u << panel_width) - 1;
    return std::all_of(present_.begin(), present_.end() - 1, [](std::uint16_t bits) { return bits == all; }) &&
           present_.back() == all >> (present_.size() * panel_width - size_);
  }

  void list_active() {
    listed_ = true;
    active_ = size_;
    if (all_present()) return;
    indices_.resize(size_);
    std::uint32_t* next = indices_.data();
    for (std::size_t panel = 0; panel < present_.size(); ++panel) {
      for (unsigned bits = present_[panel]; bits != 0; bits &= bits - 1) {
        *next++ = static_cast<std::uint32_t>(panel * panel_width) + static_cast<std::uint32_t>(std::countr_zero(bits));
      }
    }
    active_ = static_cast<std::size_t>(next - indices_.data());
  }

  const P* values_;
  std::size_t size_;
  std::size_t lanes_;
  const std::uint8_t* moved_panels_;
  aligned_vector<P> counts_;
  std::vector<std::uint16_t> present_;  ///< [panel]: bit i: neuron i is not 0 in some lane
  tick_t stamp_ = never;
  std::uint64_t total_ = 0;
  std::uint64_t version_ = 0;
  bool nonzero_ = false;
  bool listed_ = false;
  std::size_t active_ = 0;              ///< if listed: how many neurons are not silent
  std::vector<std::uint32_t> indices_;  ///< and which, unless all are
};

}  // namespace locus
