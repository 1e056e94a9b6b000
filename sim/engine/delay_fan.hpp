#pragma once
/// The messages of one output to connections that are differently late: side by side, one copy of the output for each
/// delay. A connection hears neuron j of the copy of its delay, number `copy * padded size + j`.

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/field_archive.hpp"
#include "sim/engine/outlet.hpp"

namespace locus {

/// Call shift(t) at the start of the exchange of messages in tick t, after those of the delay lines.
template <class P>
class delay_fan {
 public:
  /// `lines`: what arrives after each delay, all of one output.
  delay_fan(std::vector<outlet<P>*> lines, std::size_t lanes)
      : lines_(std::move(lines)),
        padded_(lines_[0]->panels() * panel_width),
        lanes_(lanes),
        values_(lines_.size() * padded_ * lanes),
        together_(values_.data(), lines_.size() * padded_, lanes, nullptr),
        counts_(together_.listen()) {}

  [[nodiscard]] outlet<P>& together() noexcept { return together_; }
  [[nodiscard]] const std::vector<outlet<P>*>& lines() const noexcept { return lines_; }
  [[nodiscard]] std::size_t memory() const noexcept { return values_.size() * sizeof(P) + together_.memory(); }

  void shift(tick_t t) {
    std::uint64_t total = 0;
    for (const outlet<P>* line : lines_) total += line->total(t);
    if (total == 0) return;
    for (std::size_t n = 0; n < lines_.size(); ++n) {
      P* const counts = counts_ + n * padded_;
      if (lines_[n]->changed(t)) {
        copy(n);
        std::copy_n(lines_[n]->counts(), padded_, counts);
      } else {
        std::fill_n(counts, padded_, P(0));
      }
    }
    together_.note(t, total);
  }

  /// Requires, when loading: the lines have been loaded.
  void serialize(archive& a) {
    for (std::size_t n = 0; a.loading() && n < lines_.size(); ++n) copy(n);
    together_.serialize(a, "arriving");
  }

 private:
  void copy(std::size_t n) {
    std::copy_n(lines_[n]->values(), padded_ * lanes_, values_.data() + n * padded_ * lanes_);
    std::copy_n(lines_[n]->present(), lines_[n]->panels(), together_.present() + n * lines_[n]->panels());
  }

  std::vector<outlet<P>*> lines_;
  std::size_t padded_;  ///< neurons of a copy, those past the last included
  std::size_t lanes_;
  aligned_vector<P> values_;  ///< [copy][panel][lane][16]
  outlet<P> together_;
  P* counts_;  ///< together_'s
};

}  // namespace locus
