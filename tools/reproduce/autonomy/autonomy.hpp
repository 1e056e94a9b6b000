#pragma once
/// The parts of `locus reproduce autonomy`, and what they share.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sim/data/data_set.hpp"
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

  /// Read once. Safe to call from several threads.
  const data_set& data_of(const description& netlist);

  /// Calls f(0), ..., f(count - 1) on as many threads as --jobs says, with a progress line.
  void for_each(const std::string& what, std::size_t count, const std::function<void(std::size_t)>& f);

 private:
  [[nodiscard]] document text_of(const std::vector<std::string>& overrides,
                                 const std::vector<std::string>& more = {}) const;

  std::string images_;
  std::map<std::string, data_set> data_;
  std::mutex mutex_;  ///< of data_ and the progress line
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
