#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "sim/core/activation.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/noise.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/data/sources.hpp"

namespace locus {
namespace {

class teacher {
 public:
  explicit teacher(const teacher_network& t) : of_(t), f_(value_named<activation>(t.activation).value()) {
    for (std::size_t k = 1; k < t.layers.size(); ++k) {
      const random_stream random(t.seed, "teacher", fmt::format("layer {}", k));
      std::vector<double>& weights = weights_.emplace_back();
      for (std::uint32_t i = 0; i < t.layers[k]; ++i) {
        for (std::uint32_t j = 0; j < t.layers[k - 1]; ++j) {
          weights.push_back(std::fma(2 * t.scale, random.uniform(i, j), -t.scale));
        }
      }
    }
  }

  /// Samples [first, first + count).
  [[nodiscard]] samples make(std::uint32_t first, std::uint32_t count) const {
    const noise_stream noise(of_.seed, "teacher inputs", port_source::normal);
    std::vector<double> inputs, targets;
    for (std::uint32_t n = first; n < first + count; ++n) {
      std::vector<double> x;
      for (std::uint32_t j = 0; j < of_.layers.front(); ++j) x.push_back(noise.draw(j, 0, n));
      inputs.insert(inputs.end(), x.begin(), x.end());
      const std::vector<double> y = answer(std::move(x));
      targets.insert(targets.end(), y.begin(), y.end());
    }
    return {{of_.layers.front(), std::move(inputs)}, {of_.layers.back(), std::move(targets)}};
  }

 private:
  [[nodiscard]] std::vector<double> answer(std::vector<double> below) const {
    for (std::size_t k = 1; k < of_.layers.size(); ++k) {
      std::vector<double> above;
      for (std::size_t i = 0; i < of_.layers[k]; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < below.size(); ++j)
          sum = std::fma(weights_[k - 1][i * below.size() + j], below[j], sum);
        above.push_back(k + 1 < of_.layers.size() ? activate(f_, sum) : sum);
      }
      below = std::move(above);
    }
    return below;
  }

  const teacher_network& of_;
  activation f_;
  std::vector<std::vector<double>> weights_;  ///< [layer - 1]: [post][pre]
};

}  // namespace

data_set load_teacher(const data_description& description) {
  const teacher_network& t = description.teacher.value();
  // Vectors that grow hold the old numbers beside twice as many new ones.
  std::uint64_t numbers =
      bounded_product(std::uint64_t{t.samples} + t.test_samples, std::uint64_t{t.layers.front()} + t.layers.back());
  for (std::size_t k = 1; k < t.layers.size(); ++k)
    numbers = bounded_sum(numbers, bounded_product(t.layers[k], t.layers[k - 1]));
  require_memory(bounded_product(numbers, 3 * sizeof(double)),
                 fmt::format("{}: making the data of a teacher", description.at.text()));
  const teacher random_network(t);
  return {random_network.make(0, t.samples), random_network.make(t.samples, t.test_samples), "teacher",
          fmt::format("made by a random network {}, {}", fmt::join(t.layers, "-"), t.activation)};
}

}  // namespace locus
