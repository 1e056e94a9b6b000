#include "sim/audit/audit.hpp"

namespace locus {

std::string_view explanation_of(criterion c) noexcept {
  switch (c) {
    case criterion::equivalence:
      return "Does the circuit learn what backpropagation learns?\n"
             "Measured by running the circuit and its backpropagation twin on the same data in the same order, from "
             "the netlist's\n"
             "own initialisation and two more, with the netlist's lanes and with one. After each update all weights "
             "are compared,\n"
             "layer by layer: bit-identical; to rounding (the largest difference is at most 1e-9 of the layer's "
             "largest change so\n"
             "far in f64, 1e-3 in f32); or not, with the largest difference, where it is, and in units in the last "
             "place.\n"
             "Not measured for a netlist in the long form, unless --twin names the other circuit.";
    case criterion::local_plasticity:
      return "Does every synapse learn from what is there where it is?\n"
             "A weight write is local if it uses the synapse's own weight and parameters, the outputs of its two end "
             "neurons, and\n"
             "of a modulator joined one-to-one to one of them; and if none of the values that it used goes back, "
             "within this\n"
             "presentation, to a read that was not local. Measured by running the models' very rules on numbers that "
             "carry their\n"
             "origins (read sets). The values must be the production engine's bit for bit, or nothing holds. The "
             "production\n"
             "engine itself is measured as a black box: a disturbance may spread over connections only (causal cone).";
    case criterion::local_computation:
      return "Does every neuron and synapse compute from what is there where it is?\n"
             "A read is local if it is the entity's own state, its parameters, or a message on its own connections; "
             "for a synapse\n"
             "also the outputs of its two ends and of an attached modulator. To be weighed with a weight that another "
             "synapse owns\n"
             "is not local. Measured as local plasticity is, for all writes, without their ancestry.";
    case criterion::no_weight_transport:
      return "Are the feedback weights the feedback's own?\n"
             "Fails if a feedback projection uses the weights of the forward projection, or a multiple of them, "
             "because "
             "the netlist\n"
             "shares them, or because they follow when forward weights are disturbed while the circuit runs. Which way "
             "a projection\n"
             "leads is told by hops from the inputs; one weight used twice in the same direction is no transport. "
             "Weights that were\n"
             "only born equal, or proportional, hold, and are reported, with how long they stay equal bit for bit. Of "
             "all pairs,\n"
             "magnitude, share of equal signs, and angle are told, at birth and at the end of what was watched.";
    case criterion::partial_autonomy:
      return "Do the neurons run by themselves, whatever tells the synapses when to learn?\n"
             "Fails if control enters a neuron's state, or if the neurons' trajectories change by a bit, before the "
             "first weight\n"
             "change, when all control is suppressed. Control is what comes from outside and is not data: signals "
             "stamped onto\n"
             "the timeline, imposed states, neurons that never come to rest or start late, in the same way "
             "whatever the data, while\n"
             "stimuli hold still, and teacher neurons that tell the time and nothing else. Found by what they do, "
             "not by their names.";
    case criterion::full_autonomy: break;
  }
  return "Does the circuit learn from stimuli alone?\n"
         "Fails if partial autonomy fails, if control enters any weight write, or if the circuit goes by a clock: the "
         "same run\n"
         "with the tick counter started elsewhere, or made twice in one process, must give the same bits, and the "
         "same\n"
         "presentations with longer parts (P, T, Q) the same weights, to the bound of equivalence, unless "
         "synapses learn all the\n"
         "time (a dose), or neurons that answer to data had not settled: then nothing may keep time, and gates "
         "must wait for the\n"
         "teacher. Not measured where nothing was learnt, and where neurons swing for ever as data set them off.";
}

}  // namespace locus
