#pragma once
/// The parts of purity.cpp: a task is one rule of a model in one precision, with inputs and what they must give. Tasks
/// are made before a process is sealed, and then work in it: they neither allocate nor call the system, and write to
/// their bench alone.

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/bits.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/core/precision.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/kernels.hpp"

namespace locus::purity {

enum class mechanism : std::uint8_t { sealed, order, neighbours, lanes, places, many, sets, traced };
inline constexpr std::size_t mechanism_count = 8;

/// The first of the evaluations that gave something else, and how many did.
struct deviation {
  std::uint64_t count = 0;
  std::uint32_t row = 0;     ///< which inputs
  std::uint32_t output = 0;  ///< which of the results
  double expected = 0, found = 0;
};

inline constexpr std::size_t most_tasks = 64;

/// What is found, in shared memory.
struct notes {
  std::array<std::array<deviation, mechanism_count>, most_tasks> found;
  std::uint64_t evaluations = 0;
  std::uint32_t task = 0;  ///< at work
};

/// Where tasks work: shared memory, one after the other.
struct bench {
  notes* book = nullptr;
  std::byte* room = nullptr;
};

/// What a task is made of.
struct ingredients {
  const model_declaration* model = nullptr;
  const void* params = nullptr;
  const model_kernels* kernels = nullptr;  ///< of the chosen instruction set
  const model_kernels* scalar = nullptr;
  simd_target target = simd_target::scalar;
  const std::vector<std::vector<double>>* recorded = nullptr;
  random_stream draws{0, "", ""};
  std::optional<precision> only;

  /// Calls f with a number of each precision that is asked for.
  template <class F>
  void each_precision(F&& f) const {
    if (only != precision::f64) f(float{});
    if (only != precision::f32) f(double{});
  }
};

/// What a recorded evaluation of a synapse holds.
inline constexpr std::size_t recorded_theta = 0, recorded_pre = 1, recorded_post = 2, recorded_gate = 3;

class task {
 public:
  task(std::string name, std::uint32_t number) : name_(std::move(name)), number_(number) {}
  virtual ~task() = default;
  task(const task&) = delete;
  task& operator=(const task&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

  /// Bytes of a bench that it needs.
  [[nodiscard]] virtual std::size_t room() const = 0;
  /// Evaluates all inputs for the first time, and keeps what they give.
  virtual void record(const bench& at) = 0;
  /// Evaluates under the circumstances that a mechanism changes (not `many`).
  virtual void vary(mechanism by, const bench& at) const = 0;
  /// Evaluates a part of the inputs again and again.
  virtual void repeat(const bench& at, std::uint64_t sweeps) const = 0;
  /// Calls of the rule in one sweep of repeat(); 0: there is no such sweep.
  [[nodiscard]] virtual std::uint64_t calls_per_sweep() const = 0;
  /// "with b = 1 and prediction = 2 gave x = 1, and x = 3"
  [[nodiscard]] virtual std::string text_of(const deviation& d) const = 0;

 protected:
  void note(const bench& at, mechanism by, std::size_t row, std::size_t output, double expected, double found) const {
    deviation& d = at.book->found[number_][static_cast<std::size_t>(by)];
    if (d.count++ == 0) d = {1, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(output), expected, found};
  }

 private:
  std::string name_;
  std::uint32_t number_;
};

/// Equal bits; what is no number has none that count: sums of two of them have those of either.
template <class P>
[[nodiscard]] bool agree(P a, P b) noexcept {
  return same_bits(a, b) || (std::isnan(a) && std::isnan(b));
}

/// Numbers in one vector of a target's kernels.
template <class P>
[[nodiscard]] constexpr std::size_t width_of(simd_target target) noexcept {
  switch (target) {
    case simd_target::avx2: return 32 / sizeof(P);
    case simd_target::avx512: return 64 / sizeof(P);
    case simd_target::native: return 16 / sizeof(P);
    case simd_target::scalar: break;
  }
  return 1;
}

/// "f64"
template <class P>
[[nodiscard]] constexpr const char* precision_text() noexcept {
  return sizeof(P) == sizeof(float) ? "f32" : "f64";
}

/// An input for a slot of a row: zeros, ones, small counts, usual numbers and, in later rows, all magnitudes.
[[nodiscard]] double drawn_input(const random_stream& draws, std::size_t slot, std::size_t row, bool usual);

/// Calls f(argument) `depth` bytes further down the stack, of which the unused part is filled with `paint`.
void call_below(std::size_t depth, unsigned char paint, void (*f)(const void*), const void* argument);

/// The same for what can be called.
template <class F>
void below(std::size_t depth, unsigned char paint, const F& f) {
  call_below(
      depth, paint, [](const void* argument) { (*static_cast<const F*>(argument))(); }, &f);
}

/// Puts 0..n-1 into another order.
void shuffle(std::uint32_t* order, std::size_t n, std::uint64_t key);

using task_list = std::vector<std::unique_ptr<task>>;

/// Appends the tasks of a model, for both precisions.
void add_neuron_tasks(const ingredients& from, task_list& to);
void add_modulator_tasks(const ingredients& from, task_list& to);
void add_learning_tasks(const ingredients& from, task_list& to);
/// Of a synapse model: what its lanes do must add up.
void add_lane_tasks(const ingredients& from, task_list& to);

}  // namespace locus::purity
