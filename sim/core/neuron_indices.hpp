#pragma once
/// Indices of neurons, in two bytes each as long as all of them fit.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "sim/core/aligned.hpp"
#include "sim/core/in_parallel.hpp"

namespace locus {

/// The indices as they lie in memory.
struct neuron_index_view {
  const std::uint16_t* narrow = nullptr;  ///< null: they are wide
  const std::uint32_t* wide = nullptr;

  /// f(first index), as a pointer to what they are.
  template <class F>
  void visit(F&& f) const {
    if (narrow != nullptr) f(narrow);
    else f(wide);
  }
};

class neuron_indices {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return is_wide_ ? wide_.size() : narrow_.size(); }
  [[nodiscard]] std::uint32_t operator[](std::size_t i) const noexcept { return is_wide_ ? wide_[i] : narrow_[i]; }

  /// The first index that needs four bytes makes all of them take four.
  void set(std::size_t i, std::uint32_t neuron) {
    if (!is_wide_ && neuron > std::numeric_limits<std::uint16_t>::max()) widen();
    if (is_wide_) wide_[i] = neuron;
    else narrow_[i] = static_cast<std::uint16_t>(neuron);
  }

  /// Sets every `step`-th index from the i-th on.
  void set_each(std::size_t i, std::size_t step, std::span<const std::uint32_t> neurons) {
    if (neurons.empty()) return;  // there may be no array
    constexpr std::uint32_t narrow = std::numeric_limits<std::uint16_t>::max();
    const auto fits = [](std::uint32_t neuron) { return neuron <= narrow; };
    if (!is_wide_ && !std::all_of(neurons.begin(), neurons.end(), fits)) widen();
    const auto put = [&](auto* to) {
      for (std::size_t k = 0; k < neurons.size(); ++k)
        to[k * step] = static_cast<std::remove_pointer_t<decltype(to)>>(neurons[k]);
    };
    is_wide_ ? put(wide_.data() + i) : put(narrow_.data() + i);
  }

  /// Those of the first of these, then those of the next.
  [[nodiscard]] static neuron_indices joined(std::vector<neuron_indices> parts) {
    neuron_indices all;
    std::vector<std::size_t> first = {0};  // [part]
    for (const neuron_indices& part : parts) {
      all.is_wide_ = all.is_wide_ || part.is_wide_;
      first.push_back(first.back() + part.size());
    }
    all.is_wide_ ? all.wide_.resize(first.back()) : all.narrow_.resize(first.back());
    in_parallel(parts.size(), [&](std::size_t n) {
      const std::size_t size = parts[n].size();
      parts[n].view().visit([&](const auto* from) {
        if (all.is_wide_) std::copy_n(from, size, all.wide_.data() + first[n]);
        else std::copy_n(from, size, all.narrow_.data() + first[n]);
      });
      parts[n] = {};
    });
    return all;
  }

  /// New indices are 0.
  void resize(std::size_t size) {
    const auto fill = [&](auto& all) {
      const std::size_t before = all.size();
      all.resize(size);
      if (before < size) std::fill(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(), 0);
    };
    is_wide_ ? fill(wide_) : fill(narrow_);
  }
  void reserve(std::size_t size) { is_wide_ ? wide_.reserve(size) : narrow_.reserve(size); }
  void shrink_to_fit() { is_wide_ ? wide_.shrink_to_fit() : narrow_.shrink_to_fit(); }

  [[nodiscard]] neuron_index_view view() const noexcept {
    return is_wide_ ? neuron_index_view{nullptr, wide_.data()} : neuron_index_view{narrow_.data(), nullptr};
  }

  /// Bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return size() * (is_wide_ ? sizeof(std::uint32_t) : sizeof(std::uint16_t));
  }

 private:
  void widen() {
    wide_.reserve(narrow_.capacity());
    wide_.assign(narrow_.begin(), narrow_.end());
    narrow_ = {};
    is_wide_ = true;
  }

  bool is_wide_ = false;
  unset_vector<std::uint16_t> narrow_;
  unset_vector<std::uint32_t> wide_;
};

}  // namespace locus
