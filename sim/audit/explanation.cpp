#include "sim/audit/audit.hpp"

namespace locus {

std::string_view explanation_of(criterion c) noexcept {
  switch (c) {
    case criterion::equivalence:
      return "Does the circuit learn what backpropagation learns?\n"
             "Measured by running the circuit and its backpropagation twin on the same data in the same order,\n"
             "from the netlist's own initialisation and two more, with the netlist's lanes and with one. After\n"
             "each update all weights are compared, layer by layer: bit-identical; to rounding (the largest\n"
             "difference is at most 1e-9 of the layer's largest change so far in f64, 1e-3 in f32); or not, with\n"
             "the largest difference, where it is, and in units in the last place. Not measured for a netlist in\n"
             "the long form, unless --twin names the other circuit.";
    case criterion::local_plasticity:
      return "Does every synapse learn from what is there where it is?\n"
             "A weight write is local if it uses the synapse's own weight and parameters, the outputs of its\n"
             "two end neurons, and of a modulator: one joined one-to-one to one of them, or one that many share if\n"
             "it is control and carries no data (class 3); and if none of the values that it used goes back, within\n"
             "this presentation, to a read that was not local. docs/audit.md explains the classes. Measured by\n"
             "running the models' very rules on numbers that carry their origins (read sets). The values must be\n"
             "the production engine's bit for bit, or nothing holds. The production engine itself is measured as a\n"
             "black box: a disturbance may spread over connections only (causal cone).";
    case criterion::local_computation:
      return "Does every neuron and synapse compute from what is there where it is?\n"
             "A read is local if it is the entity's own state, its parameters, or a message on its own\n"
             "connections; for a synapse also the outputs of its two ends and of an attached modulator. To be\n"
             "weighed with a weight that another synapse owns is not local. Measured as local plasticity is, for\n"
             "all writes, without their ancestry.";
    case criterion::no_weight_transport:
      return "Are the feedback weights the feedback's own?\n"
             "Fails if a feedback projection uses the weights of the forward projection, or a multiple of them,\n"
             "because the netlist shares them, or because they follow when forward weights are disturbed while the\n"
             "circuit runs. Which way a projection leads is told by hops from the inputs; one weight used twice in\n"
             "the same direction is no transport. Weights that were only born equal, or proportional, hold, and\n"
             "are reported, with how long they stay equal bit for bit. Of all pairs, magnitude, share of equal\n"
             "signs, and angle are told, at birth and at the end of what was watched.";
    case criterion::partial_autonomy:
      return "Do the neurons run by themselves, whatever tells the synapses when to learn?\n"
             "Fails if control enters a neuron's state, or if the neurons' trajectories change by a bit, before\n"
             "the first weight change, when all control is suppressed. Control is what comes from outside and is\n"
             "not data: signals stamped onto the timeline, imposed states, neurons that never come to rest or\n"
             "start late, in the same way whatever the data, while stimuli hold still, and teacher neurons that\n"
             "tell the time and nothing else. Found by what they do, not by their names.";
    case criterion::full_autonomy: break;
  }
  return "Does the circuit learn from stimuli alone?\n"
         "Fails if partial autonomy fails, if control enters any weight write, or if the circuit goes by a\n"
         "clock: the same run with the tick counter started elsewhere, or made twice in one process, must give\n"
         "the same bits, and the same presentations with longer parts (P, T, Q) the same weights, to the bound\n"
         "of equivalence, unless synapses learn all the time (a dose), or neurons that answer to data had not\n"
         "settled: then nothing may keep time, and gates must wait for the teacher. Not measured where nothing\n"
         "was learnt, and where neurons swing for ever as data set them off.";
}

}  // namespace locus
