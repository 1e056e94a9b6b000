/// A program that uses Locus as a library: trains the circuit of a netlist and prints the hash of its weights, which is
/// that of `locus run NETLIST --updates 60`.

#include <cstdio>
#include <exception>

#include "models/templates/catalogue.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/netlist/netlist.hpp"

int main(int, char** argv) try {
  const locus::document text = locus::document::from_file(argv[1]);
  const locus::description netlist = locus::read_netlist(text, locus::all_templates());
  const locus::data_set data = locus::load_data(netlist.data);
  locus::experiment_options options;
  options.max_updates = 60;
  locus::experiment training(netlist, data, options);
  const locus::run_result result = training.run();
  const locus::simulator& circuit = training.sim();
  std::printf("%llu %llu %s\n", static_cast<unsigned long long>(circuit.counters().ticks),
              static_cast<unsigned long long>(circuit.counters().messages), result.weights_sha256.c_str());
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
