#pragma once
/// The parts of `locus reproduce autonomy`, and what they share.

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/sweep/jobs.hpp"
#include "tools/locus/progress.hpp"
#include "tools/reproduce/results.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {

inline constexpr const char* studied_activations[] = {"sigmoid", "tanh", "relu"};

class autonomy_study {
 public:
  explicit autonomy_study(const reproduce_settings& settings);

  const reproduce_settings& settings;
  result_files files;

  /// What the networks learn: mnist; digits in the quick form, or without the fetched set.
  [[nodiscard]] const std::string& images() const noexcept { return images_; }

  /// "[784, 32, 32, 10]": that many hidden layers of 32 neurons on the images.
  [[nodiscard]] std::string layers(std::size_t hidden) const;

  /// The flagship's netlist on these images, with further overrides: the circuit, and backpropagation's of the same
  /// network.
  struct netlist_pair {
    description ours, twin;
  };
  [[nodiscard]] description read(const std::vector<std::string>& overrides) const;
  [[nodiscard]] netlist_pair read_pair(const std::vector<std::string>& overrides) const;

  /// Notes a netlist for the results.
  void keep_netlist(const std::string& name, const std::vector<std::string>& overrides);

  /// Read once, if it is asked for here before processes compute.
  const data_set& data_of(const description& netlist);

  /// f(0), ..., f(count - 1), each in a process of its own, as many at the same time as --jobs says, with a progress
  /// line. T: as for sweep::compute_each().
  template <class T>
  [[nodiscard]] std::vector<T> compute(const std::string& what, std::size_t count,
                                       const std::function<T(std::size_t)>& f) {
    std::vector<T> all(count);
    progress_line progress;
    std::size_t ended = 0;
    sweep::compute_each<T>(count, settings.jobs, f, [&](std::size_t n, T result) {
      all[n] = std::move(result);
      progress.show(what, ++ended, count);
    });
    return all;
  }

 private:
  [[nodiscard]] document text_of(const std::vector<std::string>& overrides,
                                 const std::vector<std::string>& more = {}) const;

  std::string images_;
  std::map<std::string, data_set> data_;
};

/// One row a bound of the flagship, and one step below: what happens there?
void measure_bounds(autonomy_study& study);
/// Presentations of random length: are the weights backpropagation's, bit for bit?
void measure_jitter(autonomy_study& study);
/// Where does inference with feedback that always flows settle, and where does theory say so?
void measure_stability(autonomy_study& study);
/// MNIST and Fashion-MNIST beside backpropagation.
void measure_accuracy(autonomy_study& study);

}  // namespace locus::tools
