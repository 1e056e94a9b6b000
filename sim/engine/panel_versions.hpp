#pragma once
/// What of a population changed since somebody last looked. The engine asks three questions of this kind, and each has
/// one answer:
///   Is there anything in the population itself that this sweep has not seen?   panel_versions and seen_panels
///   Did this output (or port) change in tick t, and where?                     outlet, port_state: changed(),
///   moved_panels() Was this port summed from what its senders hold now? port_state::computed_from, outlet::version()

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"

namespace locus {

/// Counts, for each panel of a population, the sweeps that changed something there.
class panel_versions {
 public:
  explicit panel_versions(std::size_t panels) : of_panel_(panels) {}

  /// moved[panel]: whether a sweep changed something there; it did in one at least.
  void note(std::span<const std::uint8_t> moved) {
    ++of_all_;
    for (std::size_t i = 0; i < of_panel_.size(); ++i) of_panel_[i] += moved[i];
  }

  /// Anything may have changed.
  void note_all() {
    ++of_all_;
    for (std::uint32_t& v : of_panel_) ++v;
  }

  [[nodiscard]] std::size_t memory() const noexcept { return of_panel_.size() * sizeof(std::uint32_t); }

 private:
  friend class seen_panels;

  std::vector<std::uint32_t> of_panel_;
  std::uint64_t of_all_ = 0;
};

/// What one reader has seen of them; at first nothing.
class seen_panels {
 public:
  explicit seen_panels(std::size_t panels) : of_panel_(panels, ~std::uint32_t{0}) {}

  void see(const panel_versions& now) {
    of_panel_ = now.of_panel_;
    of_all_ = now.of_all_;
  }

  [[nodiscard]] bool unseen(const panel_versions& now) const noexcept { return of_all_ != now.of_all_; }

  /// to[panel] = 1 where something is unseen, otherwise 0.
  void mark_unseen(const panel_versions& now, std::span<std::uint8_t> to) const {
    // Bytes may alias anything: what the loop needs is copied into locals, so that it becomes a vector loop.
    const std::size_t panels = of_panel_.size();
    std::uint8_t* const out = to.data();
    const std::uint32_t* const seen = of_panel_.data();
    const std::uint32_t* const version = now.of_panel_.data();
    for (std::size_t i = 0; i < panels; ++i) out[i] = seen[i] != version[i] ? 1 : 0;
  }

  /// Takes everything as seen but these panels. `waits`: whether there is one.
  void see_but(const panel_versions& now, bool waits, std::span<const std::uint8_t> panels) {
    of_all_ = waits ? ~now.of_all_ : now.of_all_;
    for (std::size_t i = 0; i < panels.size(); ++i) {
      of_panel_[i] = panels[i] != 0 ? ~now.of_panel_[i] : now.of_panel_[i];
    }
  }

  /// Stores whether something is unseen, and where: the numbers themselves do not matter.
  void serialize(archive& a, const std::string& name, const panel_versions& now) {
    bool waits = unseen(now);
    std::vector<std::uint8_t> panels(of_panel_.size());
    mark_unseen(now, panels);
    a.value(name + "_waits", waits);
    a.values(name + "_unseen", std::span(panels));
    if (a.loading()) see_but(now, waits, panels);
  }

  [[nodiscard]] std::size_t memory() const noexcept { return of_panel_.size() * sizeof(std::uint32_t); }

 private:
  std::vector<std::uint32_t> of_panel_;
  std::uint64_t of_all_ = ~std::uint64_t{0};
};

}  // namespace locus
