#pragma once
/// The messages of one output, d >= 1 ticks late.

#include <cstring>
#include <memory>
#include <vector>

#include "sim/engine/field_archive.hpp"
#include "sim/engine/outlet.hpp"

namespace locus {

/// Call shift(t) at the start of the exchange of messages in tick t and push(t) at its end. Ticks may be left out
/// while !busy(t): then all of the ring holds the source's present values.
template <class P>
class delay_line {
 public:
  delay_line(const outlet<P>& source, std::size_t lanes, std::uint32_t delay, tick_t first)
      : source_(&source),
        lanes_(lanes),
        delay_(delay),
        first_(first),
        length_(panels_for(source.size()) * lanes * panel_width),
        ring_(length_ * delay),
        current_(length_),
        late_(current_.data(), source.size(), lanes, nullptr),
        counts_(late_.listen()) {}

  [[nodiscard]] outlet<P>& late() noexcept { return late_; }
  [[nodiscard]] std::uint32_t delay() const noexcept { return delay_; }
  [[nodiscard]] const outlet<P>& source() const noexcept { return *source_; }
  [[nodiscard]] bool busy(tick_t t) const noexcept { return t <= active_until_; }
  [[nodiscard]] std::size_t memory() const noexcept {
    return (ring_.size() + current_.size()) * sizeof(P) + late_.memory();
  }

  void shift(tick_t t) {
    if (!busy(t)) return;
    const P* arriving = slot(t);
    std::fill_n(late_.present(), late_.panels(), std::uint16_t{0});
    std::uint64_t total = 0;
    for (std::size_t j = 0; j < source_->size(); ++j) {
      P changed = 0;
      bool nonzero = false;
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const std::size_t at = field_offset(j, lane, lanes_);
        changed += std::memcmp(arriving + at, current_.data() + at, sizeof(P)) != 0 ? P(1) : P(0);
        nonzero = nonzero || arriving[at] != P(0);
      }
      counts_[j] = changed;
      total += static_cast<std::uint64_t>(changed);
      if (nonzero) late_.present()[j / panel_width] |= static_cast<std::uint16_t>(1u << j % panel_width);
    }
    std::copy_n(arriving, length_, current_.data());
    // After `delay` ticks arrives what every entity sent in the first tick.
    if (t == first_ + static_cast<tick_t>(delay_)) late_.note_first(t);
    else late_.note(t, total);
  }

  void push(tick_t t) {
    if (source_->changed(t)) active_until_ = t + delay_;
    if (busy(t)) std::copy_n(source_->values(), length_, slot(t));
  }

  void serialize(archive& a) {
    serialize_fields(a, "ring", ring_.data(), {source_->size(), lanes_, delay_});
    serialize_fields(a, "arriving", current_.data(), {source_->size(), lanes_});
    late_.serialize(a, "arriving");
    a.value("active_until", active_until_);
  }

 private:
  P* slot(tick_t t) { return ring_.data() + static_cast<std::size_t>((t - first_) % delay_) * length_; }

  const outlet<P>* source_;
  std::size_t lanes_;
  std::uint32_t delay_;
  tick_t first_;
  std::size_t length_;
  aligned_vector<P> ring_;     ///< [tick modulo delay][panel][lane][16]
  aligned_vector<P> current_;  ///< what arrives in the present tick
  outlet<P> late_;
  P* counts_;  ///< late_'s
  tick_t active_until_ = never;
};

}  // namespace locus
