#pragma once
/// The networks that the suites run, as netlists, and what drives them.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/experiment/presenter.hpp"
#include "sim/netlist/netlist.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {

using sizes = std::vector<std::uint32_t>;

/// "784-32-10"
[[nodiscard]] std::string name_of(const sizes& layers);

/// The precisions of a netlist.
inline constexpr const char* precisions[] = {"f32", "f64"};

/// Options of a simulator that computes on that many threads; 0: as many as it chooses.
[[nodiscard]] simulator_options on_threads(std::size_t threads);

// ---- networks that learn images --------------------------------------------------------------------------------

/// Of MNIST's training pixels, this share is not 0 (LeCun, Cortes and Burges: 19.1 %).
inline constexpr double pixels_on = 0.19;

/// `count` images of independent random pixels, 0 or k / 255, and targets with one 1 among 0s; drawn from a seed.
[[nodiscard]] data_set random_images(std::uint32_t pixels, std::uint32_t classes, std::uint32_t count);

/// The images that the network of an image_network() learns: random ones, unless its stimuli.data was changed.
[[nodiscard]] data_set images_for(const sizes& layers, const document& network);

/// Fa-Z-IL with the template's defaults (sigmoid, no bias), batch 20, at the shortest times: P = L + t_d, T = L, Q = 0.
/// Pixels are rates, as in tensor libraries: the input neurons compute no sigmoid.
[[nodiscard]] std::string image_network(const sizes& layers, const std::string& precision);

/// What makes backpropagation of that netlist, with the shortest timeline that it can do with.
[[nodiscard]] std::vector<std::string> backpropagation(const sizes& layers);

/// A circuit that is trained, one presentation after the other.
class trainer {
 public:
  /// `data` must outlive the trainer.
  trainer(description netlist, const data_set& data, const simulator_options& options);
  trainer(const document& text, const data_set& data, const simulator_options& options);

  void update(std::uint64_t n);
  [[nodiscard]] simulator& sim() noexcept { return *simulator_; }
  [[nodiscard]] const description& netlist() const noexcept { return netlist_; }

  /// Counted over an update: ticks, messages, learning sweeps.
  [[nodiscard]] std::vector<std::pair<std::string, double>> work();

 private:
  description netlist_;
  circuit net_;
  std::unique_ptr<simulator> simulator_;
  presenter presenter_;
  std::uint32_t samples_;
  std::uint32_t next_ = 0;
  std::vector<std::uint32_t> batch_;
};

// ---- networks that send without end ----------------------------------------------------------------------------

/// A chain of populations, lanes 1. Those of the first change sign in every tick, so that everybody sends in each.
/// `connect` and `synapse` as in the long form of a netlist: "all-to-all", "fixed".
[[nodiscard]] std::string chain(const sizes& layers, const std::string& precision, const std::string& connect,
                                const std::string& synapse);

/// Two populations of rate neurons, all to all both ways, in a chaotic state (Sompolinsky, Crisanti and Sommers 1988).
[[nodiscard]] std::string pair_of(std::uint32_t size, const std::string& precision, const std::string& synapse);

/// One population of rate neurons, random connections of that in-degree, in a chaotic state.
[[nodiscard]] std::string recurrent(std::uint32_t size, std::uint32_t degree, const std::string& precision);

/// A circuit that runs on after its neurons were given random values.
class runner {
 public:
  /// `active`: share of the neurons that get a value other than 0.
  explicit runner(const std::string& text, double active = 1, const simulator_options& options = on_threads(1));

  void ticks(std::uint64_t n) { simulator_->advance(simulator_->now() + static_cast<tick_t>(n)); }
  [[nodiscard]] simulator& sim() noexcept { return *simulator_; }
  [[nodiscard]] std::uint64_t synapses() const;

  /// Counted over some ticks: messages and learning sweeps in each.
  [[nodiscard]] std::vector<std::pair<std::string, double>> work();

 private:
  circuit net_;
  std::unique_ptr<simulator> simulator_;
};

/// The description of a netlist text.
[[nodiscard]] description description_of(const document& text);
[[nodiscard]] description description_of(const std::string& text);

}  // namespace locus::bench
