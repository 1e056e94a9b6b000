#pragma once
/// A projection in the course of a run: its weights in the kernels' layout, and what of them changed.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/engine/outlet.hpp"

namespace locus {

/// How messages get to the port.
enum class transport {
  alias,  ///< the port is the source's field itself: a plain one-to-one link
  copy,   ///< the same, where the source may move before the port is read
  dense,
  sliced,
};

template <class P>
class projection_state {
 public:
  /// `weights`: dense [post][pre], sparse in the order of connections; unused for alias and copy.
  projection_state(const circuit& c, const projection& p, transport kind, std::size_t lanes)
      : kind_(kind), before_(c.size_before(p)), after_(c.size_after(p)), panels_(panels_for(after_)) {
    if (kind == transport::dense) {
      weights_.resize(panels_ * before_ * panel_width);
      changed_weights_.resize(p.synapse != nullptr ? before_ : 0);
    }
    if (kind == transport::sliced) slice(p, lanes);
  }

  [[nodiscard]] transport kind() const noexcept { return kind_; }
  [[nodiscard]] std::size_t panels() const noexcept { return panels_; }
  [[nodiscard]] P* weights() noexcept { return weights_.data(); }
  [[nodiscard]] const P* weights() const noexcept { return weights_.data(); }

  /// Calls f(post, pre, index of the weight in the kernels' layout) in the order in which weights are listed.
  template <class F>
  void each_weight(F&& f) const {
    if (kind_ == transport::dense) {
      for (std::size_t post = 0; post < after_; ++post) {
        for (std::size_t pre = 0; pre < before_; ++pre) f(post, pre, dense_index(post, pre));
      }
      return;
    }
    for (std::size_t post = 0; post < after_; ++post) {
      const std::size_t panel = post / panel_width;
      for (std::size_t e = slice_start_[panel]; e < slice_start_[panel + 1]; ++e) {
        const std::size_t at = e * panel_width + post % panel_width;
        if (slice_used_[at] != 0) f(post, static_cast<std::size_t>(slice_neuron_[at]), at);
      }
    }
  }
  [[nodiscard]] std::size_t dense_index(std::size_t post, std::size_t pre) const noexcept {
    return (post / panel_width * before_ + pre) * panel_width + post % panel_width;
  }

  void fill(transfer_call<P>& call) const {
    call.weights = weights_.data();
    call.sources = before_;
    call.last_panel = panels_;
    call.slice_start = slice_start_.data();
    call.slice_source = slice_source_.data();
  }
  void fill(learn_call<P>& call) {
    call.weights = weights_.data();
    call.sources = before_;
    call.last_panel = panels_;
    call.slice_start = slice_start_.data();
    call.slice_source = slice_source_.data();
    call.slice_used = slice_used_.data();
    call.changed_weights = changed_weights_.data();
    call.changed_entries = changed_entries_.data();
  }

  /// Messages of tick t over this projection: (synapse, lane) whose sender or weight changed.
  [[nodiscard]] std::uint64_t messages(const outlet<P>& source, tick_t t, std::size_t lanes) const {
    if (kind_ == transport::alias || kind_ == transport::copy) return source.total(t);
    std::uint64_t sum = 0;
    if (kind_ == transport::dense) {
      if (!dirty_ || changed_weights_.empty()) return source.total(t) * after_;
      for (std::size_t j = 0; j < before_; ++j) {
        sum += changed_weights_[j] * lanes + (after_ - changed_weights_[j]) * source.count(j, t);
      }
      return sum;
    }
    if (!dirty_) {
      if (!source.changed(t)) return 0;
      for (std::size_t j = 0; j < before_; ++j) sum += out_degree_[j] * source.count(j, t);
      return sum;
    }
    each_weight([&](std::size_t, std::size_t pre, std::size_t at) {
      sum += changed_entries_[at] != 0 ? lanes : source.count(pre, t);
    });
    return sum;
  }

  /// Whether a weight changed since the last delivery.
  [[nodiscard]] bool dirty() const noexcept { return dirty_; }
  void mark_dirty() noexcept { dirty_ = true; }
  void delivered() {
    if (!dirty_) return;
    std::fill(changed_weights_.begin(), changed_weights_.end(), 0u);
    std::fill(changed_entries_.begin(), changed_entries_.end(), std::uint8_t{0});
    dirty_ = false;
  }

  /// Takes over the weights of `owner`, whose pre and post are ours exchanged if `transposed`; notes what changed.
  void refresh_from(const projection_state& owner, bool transposed) {
    for (std::size_t post = 0; post < after_; ++post) {
      for (std::size_t pre = 0; pre < before_; ++pre) {
        const P value = owner.weights_[transposed ? owner.dense_index(pre, post) : owner.dense_index(post, pre)];
        P& mine = weights_[dense_index(post, pre)];
        if (std::memcmp(&mine, &value, sizeof(P)) == 0) continue;
        mine = value;
        ++changed_weights_[pre];
        dirty_ = true;
      }
    }
  }

  [[nodiscard]] std::size_t memory() const noexcept {
    return weights_.size() * sizeof(P) + slice_source_.size() * sizeof(std::uint32_t) * 2 + slice_used_.size() +
           changed_entries_.size() + (changed_weights_.size() + out_degree_.size()) * sizeof(std::uint32_t);
  }

 private:
  void slice(const projection& p, std::size_t lanes) {
    // A plain link into a port with other projections becomes one synapse a target, of weight 1.
    const bool link = p.shape == projection_shape::one_to_one;
    const auto degree = [&](std::size_t post) -> std::size_t {
      if (post >= after_) return 0;
      return link ? 1 : static_cast<std::size_t>(p.connections.start[post + 1] - p.connections.start[post]);
    };
    out_degree_.resize(before_);
    slice_start_.push_back(0);
    for (std::size_t panel = 0; panel < panels_; ++panel) {
      std::size_t widest = 0;
      for (std::size_t i = 0; i < panel_width; ++i) widest = std::max(widest, degree(panel * panel_width + i));
      const std::size_t first = slice_start_.back();
      slice_start_.push_back(static_cast<std::uint32_t>(first + widest));
      slice_source_.resize((first + widest) * panel_width);
      slice_neuron_.resize(slice_source_.size());
      slice_used_.resize(slice_source_.size());
      for (std::size_t i = 0; i < panel_width; ++i) {
        const std::size_t post = panel * panel_width + i;
        for (std::size_t k = 0; k < degree(post); ++k) {
          const std::uint32_t pre =
              link ? static_cast<std::uint32_t>(post) : p.connections.source[p.connections.start[post] + k];
          const std::size_t at = (first + k) * panel_width + i;
          slice_neuron_[at] = pre;
          slice_source_[at] = static_cast<std::uint32_t>(field_offset(pre, 0, lanes));
          slice_used_[at] = 1;
          ++out_degree_[pre];
        }
      }
    }
    weights_.resize(slice_source_.size());
    changed_entries_.resize(slice_source_.size());
  }

  transport kind_;
  std::size_t before_;
  std::size_t after_;
  std::size_t panels_;
  aligned_vector<P> weights_;
  std::vector<std::uint32_t> slice_start_;
  std::vector<std::uint32_t> slice_source_;  ///< field offset of the source's lane 0
  std::vector<std::uint32_t> slice_neuron_;  ///< the source
  std::vector<std::uint8_t> slice_used_;
  std::vector<std::uint32_t> out_degree_;
  std::vector<std::uint32_t> changed_weights_;
  std::vector<std::uint8_t> changed_entries_;
  bool dirty_ = false;
};

}  // namespace locus
