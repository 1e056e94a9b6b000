#pragma once
/// Runs that are recorded and exported, for the tests of sim/sonata.

#include <memory>
#include <string>
#include <vector>

#include "models/templates/catalogue.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/sonata/circuit_export.hpp"
#include "sim/sonata/trace_export.hpp"
#include "sim/trace/trace_writer.hpp"
#include "tests/data/scratch_directory.hpp"

namespace locus::test {

inline const sonata::progress untold = [](const std::string&, std::uint64_t, std::uint64_t) {};

/// Runs the netlist for `presentations`, with what its [trace] says, and exports the trace.
class exported_run {
 public:
  explicit exported_run(std::string netlist, std::uint64_t presentations = 3) : text_(std::move(netlist)) {
    run(presentations);
    trace = std::make_unique<trace_reader>(scratch.path("run.h5"));
    sonata::output_folder folder(scratch.path("out"), false);
    const sonata::origin from{"9.9", text_, "abc"};
    sonata::write_circuit(folder, net, sonata::last_weights_of(*trace, net), from, untold);
    summary = sonata::write_recordings(folder, *trace, net, from, untold);
    folder.commit();
  }

  [[nodiscard]] std::string path(const std::string& name) const { return scratch.path("out/" + name); }

  scratch_directory scratch;
  circuit net;
  std::vector<std::vector<double>> final_weights;  ///< [projection] when the run was over
  std::unique_ptr<trace_reader> trace;
  sonata::export_summary summary;

 private:
  void run(std::uint64_t presentations) {
    const description netlist = read_netlist(document::from_text(text_, "n.toml"), all_templates());
    net = build_circuit(netlist);
    const data_set data = load_data(netlist.data);
    experiment_options options;
    options.max_updates = presentations;
    options.evaluate = false;
    experiment x(netlist, data, options);
    trace_description wanted = netlist.trace;
    wanted.file = scratch.path("run.h5");
    trace_writer writer(x.net(), wanted, {text_, "abc", 7, "9.9"}, false, netlist.timeline);
    x.sim().observe(&writer);
    (void)x.run();
    writer.close();
    for (std::size_t i = 0; i < net.projections.size(); ++i) final_weights.push_back(x.sim().weights(i));
  }

  std::string text_;
};

/// xor, all of it recorded in every tick.
inline std::string xor_netlist() {
  return R"([circuit]
template = "predictive-coding"
layers = [2, 4, 1]
activation = "tanh"
bias = true
neuron = "two-compartment"
lanes = 1
[weights]
seed = 1
[learning]
rule = "fa-z-il"
alpha = 0.1
feedback = "burst"
[stimuli]
data = { inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[0], [1], [1], [0]] }
encode = "rate"
predict = 4
teach = 2
rest = 2
[trace]
record = ["*"]
)";
}

/// The long form of a 5-4-2 circuit whose first weights are sparse, in three lanes. Recorded: neurons of hidden1
/// every second tick, not the same of both variables, errors on change, the weights from one source, events.
inline std::string sparse_netlist() {
  description d = read_netlist(document::from_text(R"([circuit]
template = "predictive-coding"
layers = [5, 4, 2]
activation = "tanh"
lanes = 3
[weights]
seed = 2
[learning]
rule = "fa-z-il"
alpha = 0.05
[stimuli]
data = { inputs = [[0, 1, 0, 1, 1], [1, 0, 0, 1, 0], [1, 1, 1, 0, 0]], targets = [[0, 1], [1, 0], [1, 1]] }
encode = "rate"
predict = 4
teach = 2
rest = 2
epochs = 4
[trace]
record = ["hidden1.value.x[1, 3]", "hidden1.value.b[2]", "output.value.x", "spike", "hidden1.forward.theta[:][2]", "output.forward.theta"]
on_change = ["eps"]
every = 2
)",
                                                   "n.toml"),
                               all_templates());
  for (projection_description& p : d.projections) {
    if (p.name == "hidden1.forward") p.connect = fixed_indegree{3, 1};
    if (p.name == "output.forward") p.delay = 3;
  }
  return long_form(d);
}

}  // namespace locus::test
