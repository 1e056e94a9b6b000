#pragma once
/// A circuit of a netlist, in its world.

#include <memory>

#include "sim/circuit/circuit.hpp"
#include "sim/experiment/presenter.hpp"

namespace locus {

/// Netlist and data must outlive it.
struct running_circuit {
  running_circuit(const description& d, const data_set& data, const simulator_options& options = {})
      : netlist(d),
        net(build_circuit(d, all_models(), options.keeps(), options.threads)),
        sim(make_simulator(net, options)),
        world(*sim, d, data) {}
  running_circuit(const running_circuit&) = delete;
  running_circuit& operator=(const running_circuit&) = delete;

  const description& netlist;
  circuit net;
  std::unique_ptr<simulator> sim;
  presenter world;
};

}  // namespace locus
