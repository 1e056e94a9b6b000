#include "tools/bench/suite.hpp"

namespace locus::bench {

const std::vector<suite>& all_suites() {
  static const std::vector<suite> all = {
      {"update",
       "one weight update on 20 images: a whole training presentation, putting the data on included, by the autonomous "
       "circuit (Fa-Z-IL), by Z-IL and by backpropagation as a circuit, which is the baseline. Random images stand in "
       "for MNIST: 19 % of 784 pixels are not 0.",
       update_jobs},
      {"message",
       "one message over a synapse, lanes 1: a tick of a running network, neurons included, over the messages sent. "
       "Baselines: OpenBLAS's matrix-vector product of the same shapes, reading as many numbers, a CSR loop.",
       message_jobs},
      {"learn",
       "one message over a synapse that learns in every tick, lanes 1: a tick of a running network over the messages "
       "sent. Baselines: OpenBLAS's matrix-vector product and rank-1 update; reading as many numbers and updating them "
       "in place.",
       learn_jobs},
      {"build",
       "from a netlist's text to a simulator at its first tick, random weights drawn. Baseline: as many draws of the "
       "standard library's Mersenne Twister.",
       build_jobs},
      {"memory",
       "bytes that a circuit and its simulator hold, by the simulator's own count, by the growth of the process's "
       "resident memory, and by the prediction of `locus describe`.",
       memory_jobs},
      {"trace",
       "ten epochs of the digits circuit, one digit at a time, that record into a file, opening and closing it "
       "included. Baseline: the epochs without recording. Wall time, because a thread of its own writes.",
       trace_jobs},
      {"quiet",
       "one presentation, and then 10^9 ticks in which nothing moves. Baseline: the same circuit that computes "
       "everything in every tick.",
       quiet_jobs},
      {"threads",
       "the same run on one thread, on two, and on as many as are chosen from the netlist. Baseline: one thread. Wall "
       "time.",
       threads_jobs},
      {"kernel",
       "the sweeps over dense weights alone: messages to ports (deliver) and learning, one thread. Baselines: "
       "OpenBLAS's matrix products of the same shapes, the peak of multiply-adds in registers, reading and updating "
       "arrays in caches and memory.",
       kernel_jobs},
      {"windows",
       "sweeps over shared windows (convolutions): messages to ports (deliver) and learning, with all that the engine "
       "does for them but the neurons' own rules; building windows of 10^7 connections. Baseline: the same of dense "
       "weights, at their best.",
       windows_jobs},
      {"rules",
       "rules as text, interpreted: neurons, learning, and how long a netlist with models of its own takes to its "
       "first "
       "tick. Baselines: the same rules compiled; for synapses with a state, which are never compiled, the same "
       "rule written by hand; the same netlist with shipped models.",
       rules_jobs},
  };
  return all;
}

}  // namespace locus::bench
