#pragma once
/// A task whose kernel evaluates a rule for one element after the other (neurons, or ends that are modulated): results
/// must not depend on where an element stands, who stands beside it, and what was evaluated before.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/audit/purity_task.hpp"
#include "sim/core/panels.hpp"

namespace locus::purity {

/// One sweep: which inputs stand where, and how the kernel is called.
struct sweep {
  mechanism by = mechanism::order;
  const std::uint32_t* rows = nullptr;  ///< [place]; null: in order
  std::size_t lanes = 1;
  std::size_t shift = 0;  ///< numbers by which arrays are moved
  std::size_t depth = 0;  ///< of the stack, in bytes
  unsigned char paint = 0;
  std::size_t only = panel_width;  ///< compare this place of each panel alone; panel_width: all
  std::size_t pieces = 1;          ///< calls into which the population is divided
  bool masked = false;             ///< the last panel says which of its neurons there are
  bool scalar = false;
};

/// Arrays of one sweep.
template <class P>
struct sweep_arrays {
  std::array<P*, 2 * max_fields + 1> inputs{};
  std::array<P*, max_fields> outputs{};  ///< may be among the inputs
  std::uint32_t* scratch = nullptr;      ///< [panel], for what kernels count
  std::size_t panels = 0;
};

template <class P>
class element_task : public task {
 public:
  // Some number of panels in whatever number of lanes below.
  static constexpr std::size_t rows = 3840;
  static constexpr std::size_t few = 512;  ///< in repetitions, and all of them usual numbers

  [[nodiscard]] std::size_t room() const override {
    return (2 * inputs_.size() + 3 * outputs_.size()) * stride * sizeof(P) + 2 * rows * sizeof(std::uint32_t);
  }

  void record(const bench& at) override {
    expected_.assign(outputs_.size() * rows, P(0));
    run(at, {}, [this](std::size_t row, std::size_t output, P value) { expected_[output * rows + row] = value; });
  }

  void vary(mechanism by, const bench& at) const override {
    switch (by) {
      case mechanism::sealed: return check(at, {.by = by});
      case mechanism::order: return vary_order(at);
      case mechanism::neighbours: return vary_neighbours(at);
      case mechanism::lanes:
        for (const std::size_t lanes : {2u, 3u, 5u, 16u}) check(at, {.by = by, .lanes = lanes});
        return;
      case mechanism::places: return vary_places(at);
      case mechanism::sets: return check(at, {.by = by, .scalar = true});
      case mechanism::traced: return trace(at);
      case mechanism::many: return;
    }
  }

  void repeat(const bench& at, std::uint64_t sweeps) const override {
    P* next = reinterpret_cast<P*>(at.room);
    sweep_arrays<P> arrays;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      arrays.inputs[s] = next + s * few;
      std::copy_n(values_.data() + s * rows, few, arrays.inputs[s]);
    }
    P* const given = next + inputs_.size() * few;  // what the kernel overwrites, and what it must make of it
    std::copy_n(next, overwritten_ * few, given);
    P* const expected = given + overwritten_ * few;
    P* const outputs = overwritten_ != 0 ? next : expected + outputs_.size() * few;
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
      std::copy_n(expected_.data() + o * rows, few, expected + o * few);
      arrays.outputs[o] = outputs + o * few;
    }
    arrays.scratch = scratch(at);
    arrays.panels = few / panel_width;
    for (std::uint64_t n = 0; n < sweeps; ++n) {
      std::memcpy(next, given, overwritten_ * few * sizeof(P));
      invoke(arrays, {});
      at.book->evaluations += few;
      if (std::memcmp(outputs, expected, outputs_.size() * few * sizeof(P)) != 0) compare_few(at, outputs, expected);
    }
  }

  [[nodiscard]] std::uint64_t calls_per_sweep() const override { return few / width_; }

  [[nodiscard]] std::string text_of(const deviation& d) const override {
    std::string text;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      text +=
          fmt::format("{}{} = {}", s == 0 ? "with " : ", ", inputs_[s], static_cast<double>(values_[s * rows + d.row]));
    }
    return fmt::format("{}{}gave {} = {} and then {}", text, inputs_.empty() ? "" : " ", outputs_[d.output], d.expected,
                       d.found);
  }

 protected:
  element_task(std::string name, std::uint32_t number) : task(std::move(name), number) {}

  /// `inputs`: names, those that the kernel overwrites first; recorded: where each is in a recorded evaluation.
  void set_up(const ingredients& from, std::vector<std::string> inputs, const std::vector<std::size_t>& recorded,
              std::vector<std::string> outputs, std::size_t overwritten, std::size_t width) {
    inputs_ = std::move(inputs);
    outputs_ = std::move(outputs);
    overwritten_ = overwritten;
    width_ = width;
    values_.resize(inputs_.size() * rows);
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      for (std::size_t r = 0; r < rows; ++r) values_[s * rows + r] = static_cast<P>(input(from, recorded[s], s, r));
    }
  }

  virtual void invoke(const sweep_arrays<P>& arrays, const sweep& how) const = 0;
  virtual void trace(const bench& at) const = 0;

  [[nodiscard]] P value(std::size_t slot, std::size_t row) const { return values_[slot * rows + row]; }
  [[nodiscard]] P expected(std::size_t output, std::size_t row) const { return expected_[output * rows + row]; }
  [[nodiscard]] std::size_t input_count() const { return inputs_.size(); }

 private:
  static constexpr std::size_t stride = rows + 32;

  static double input(const ingredients& from, std::size_t recorded, std::size_t slot, std::size_t row) {
    if (row < 2) return static_cast<double>(row);  // all 0, all 1
    const auto& known = *from.recorded;
    if (row - 2 < known.size() && recorded < known[row - 2].size()) return known[row - 2][recorded] + 0.0;
    return drawn_input(from.draws, slot, row, row < few);
  }

  [[nodiscard]] std::uint32_t* scratch(const bench& at) const {
    return reinterpret_cast<std::uint32_t*>(at.room + (2 * inputs_.size() + 3 * outputs_.size()) * stride * sizeof(P));
  }
  [[nodiscard]] std::uint32_t* order(const bench& at) const { return scratch(at) + rows; }

  /// Evaluates, and calls f(row, output, value).
  template <class F>
  void run(const bench& at, const sweep& how, F&& f) const {
    sweep_arrays<P> arrays;
    P* next = reinterpret_cast<P*>(at.room) + how.shift;
    for (std::size_t s = 0; s < inputs_.size(); ++s, next += stride) {
      arrays.inputs[s] = next;
      const P* const from = values_.data() + s * rows;
      for (std::size_t i = 0; i < rows; ++i) next[i] = from[how.rows == nullptr ? i : how.rows[i]];
    }
    for (std::size_t o = 0; o < outputs_.size(); ++o, next += stride)
      arrays.outputs[o] = overwritten_ != 0 ? arrays.inputs[o] : next;
    arrays.scratch = scratch(at);
    arrays.panels = rows / panel_width / how.lanes;
    below(how.depth, how.paint, [&] { invoke(arrays, how); });
    at.book->evaluations += rows;
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
      for (std::size_t i = 0; i < rows; ++i) {
        if (how.only == panel_width || how.only == i % panel_width)
          f(how.rows == nullptr ? i : how.rows[i], o, arrays.outputs[o][i]);
      }
    }
  }

  void check(const bench& at, const sweep& how) const {
    run(at, how, [&](std::size_t row, std::size_t output, P value) {
      const P wanted = expected_[output * rows + row];
      if (!agree(wanted, value)) note(at, how.by, row, output, wanted, value);
    });
  }

  void vary_order(const bench& at) const {
    check(at, {.by = mechanism::order});
    for (std::size_t i = 0; i < rows; ++i) order(at)[i] = static_cast<std::uint32_t>(rows - 1 - i);
    check(at, {.by = mechanism::order, .rows = order(at), .paint = 0xff});
    for (std::uint64_t n = 0; n < 4; ++n) {
      shuffle(order(at), rows, mix_bits(n + 1));
      check(at, {.by = mechanism::order, .rows = order(at), .paint = static_cast<unsigned char>(0x11 * n)});
    }
  }

  /// One element of each panel stays where it is; the others are drawn, or all alike, or silent.
  void vary_neighbours(const bench& at) const {
    for (std::size_t kept = 0; kept < panel_width; ++kept) {
      for (const int others : {0, 1, 2}) {
        for (std::size_t i = 0; i < rows; ++i) {
          const std::size_t own = i / panel_width * panel_width + kept;
          const std::size_t drawn = mix_bits(i * panel_width + kept) % rows;
          const std::size_t row = i == own || others == 1 ? own : others == 0 ? drawn : 0;
          order(at)[i] = static_cast<std::uint32_t>(row);
        }
        check(at, {.by = mechanism::neighbours, .rows = order(at), .only = kept});
      }
    }
  }

  void vary_places(const bench& at) const {
    for (std::size_t n = 1; n <= 12; ++n) {
      check(at, {.by = mechanism::places,
                 .shift = n % 4 == 0 ? 0 : n,
                 .depth = mix_bits(n) % 4096 * 16,
                 .pieces = n % 3 + 1,
                 .masked = n % 2 == 0});
    }
  }

  void compare_few(const bench& at, const P* outputs, const P* wanted) const {
    for (std::size_t i = 0; i < outputs_.size() * few; ++i) {
      if (!agree(outputs[i], wanted[i])) note(at, mechanism::many, i % few, i / few, wanted[i], outputs[i]);
    }
  }

  std::vector<std::string> inputs_, outputs_;
  std::vector<P> values_;    ///< [input][row]
  std::vector<P> expected_;  ///< [output][row]
  std::size_t overwritten_ = 0;
  std::size_t width_ = 1;
};

}  // namespace locus::purity
