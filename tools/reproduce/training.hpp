#pragma once
/// Weights at several stages of training, learnt by backpropagation's circuit.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/netlist/description.hpp"

namespace locus::tools {

/// The weights of projections by name, as simulator::weights gives them.
using learnt_weights = std::map<std::string, std::vector<double>>;

/// Of the projections that learn.
[[nodiscard]] learnt_weights weights_of(const simulator& s);

/// Those of several moments of a training.
struct training_stages {
  std::vector<learnt_weights> weights;
};

/// For other processes.
void serialize(archive& a, training_stages& stages);

/// Trains a circuit, and keeps its weights after those numbers of epochs (0: at birth), in ascending order. The
/// netlist's own number of epochs does not matter. Throws run_error.
[[nodiscard]] std::vector<learnt_weights> train_in_stages(description netlist, const data_set& data,
                                                          const std::vector<std::uint32_t>& epochs);

/// Gives them to another circuit of the same network: forward synapses by name, and the feedback synapses that are born
/// as copies of forward ones what those get. Throws internal_error for a projection that nothing is known of.
void put_weights(simulator& s, const learnt_weights& weights);

}  // namespace locus::tools
