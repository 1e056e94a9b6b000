#include "tools/bench/targets.hpp"

#include <fmt/format.h>

namespace locus::bench {

using enum bound;

const std::vector<target>& all_targets() {
  static const std::vector<target> all = {
      {"peers.784-32-10.f32.torch", "Fa-Z-IL update, 784-32-10, f32, one thread", at_most, 0.75, "x PyTorch BP"},
      {"peers.784-32-32-32-10.f32.torch", "Fa-Z-IL update, 784-32-32-32-10, f32, one thread", at_most, 0.75,
       "x PyTorch BP"},
      {"peers.784-512-512-10.f32.torch", "Fa-Z-IL update, 784-512-512-10, f32, one thread", at_most, 0.75,
       "x PyTorch BP"},
      {"peers.784-32-10.f64.torch", "Fa-Z-IL update, 784-32-10, f64, one thread", at_most, 0.75, "x PyTorch BP"},
      {"peers.784-32-32-32-10.f64.torch", "Fa-Z-IL update, 784-32-32-32-10, f64, one thread", at_most, 0.75,
       "x PyTorch BP"},
      {"peers.784-512-512-10.f64.torch", "Fa-Z-IL update, 784-512-512-10, f64, one thread", at_most, 0.75,
       "x PyTorch BP"},
      {"peers.784-32-10.f32.numpy", "Fa-Z-IL update, 784-32-10, f32, one thread", at_most, 1, "x NumPy BP"},
      {"peers.784-32-32-32-10.f32.numpy", "Fa-Z-IL update, 784-32-32-32-10, f32, one thread", at_most, 1, "x NumPy BP"},
      {"peers.784-512-512-10.f32.numpy", "Fa-Z-IL update, 784-512-512-10, f32, one thread", at_most, 1, "x NumPy BP"},
      {"peers.784-32-10.f64.numpy", "Fa-Z-IL update, 784-32-10, f64, one thread", at_most, 1, "x NumPy BP"},
      {"peers.784-32-32-32-10.f64.numpy", "Fa-Z-IL update, 784-32-32-32-10, f64, one thread", at_most, 1, "x NumPy BP"},
      {"peers.784-512-512-10.f64.numpy", "Fa-Z-IL update, 784-512-512-10, f64, one thread", at_most, 1, "x NumPy BP"},

      {"update.784-32-10.burst", "Fa-Z-IL update, 784-32-10, shortest times", at_most, 1.3, "x BP"},
      {"update.784-32-32-32-10.burst", "Fa-Z-IL update, 784-32-32-32-10, shortest times", at_most, 1.8, "x BP"},
      {"update.784-512-512-10.burst", "Fa-Z-IL update, 784-512-512-10, shortest times", at_most, 1.6, "x BP"},
      {"update.784-32-10.segregated", "the same with segregated neurons, 784-32-10", at_most, 1.2, "x BP"},
      {"update.784-32-32-32-10.segregated", "the same with segregated neurons, 784-32-32-32-10", at_most, 1.5, "x BP"},
      {"update.784-512-512-10.segregated", "the same with segregated neurons, 784-512-512-10", at_most, 1.4, "x BP"},
      {"update.784-32-10.z-il", "Z-IL update, start = \"forward\", 784-32-10", at_most, 1.3, "x BP"},
      {"update.784-32-32-32-10.z-il", "Z-IL update, start = \"forward\", 784-32-32-32-10", at_most, 1.3, "x BP"},
      {"update.784-512-512-10.z-il", "Z-IL update, start = \"forward\", 784-512-512-10", at_most, 1.3, "x BP"},

      {"message.in-cache.f32", "dense message, lanes 1, weights in L2, f32", at_most, 0.1, "ns"},
      {"message.in-cache.f64", "dense message, lanes 1, weights in L2, f64", at_most, 0.2, "ns"},
      {"message.outside", "dense message, lanes 1, weights outside L2", at_least, 60, "% of the read bandwidth"},
      {"message.sparse.f32", "sparse message, in-degree 100, lanes 1, f32", at_most, 0.7, "ns"},
      {"message.sparse.f64", "sparse message, in-degree 100, lanes 1, f64", at_most, 0.9, "ns"},
      {"message.few", "sparse synapse and tick, 1 % of the sources active", at_most, 0.05, "ns"},

      {"learn.in-cache", "dense message with learning, lanes 1, weights in L2", at_most, 0.6, "ns"},
      {"learn.outside", "dense message with learning, lanes 1, weights outside L2", at_least, 60,
       "% of the read + write bandwidth"},

      {"build.dense", "build, dense random weights", at_most, 10, "ns per synapse"},
      {"build.sparse", "build, sparse random connections and weights", at_most, 10, "ns per synapse"},

      {"memory.dense.f64", "memory, dense f64", at_most, 8.5, "bytes per synapse"},
      {"memory.sparse.f64", "memory, sparse f64", at_most, 13, "bytes per synapse"},
      {"memory.prediction", "prediction of `locus describe`", at_most, 5, "% off"},

      {"trace.every-neuron", "run that records every neuron in every tick", at_most, 1.9, "x the run without"},

      {"quiet.billion", "10^9 quiet ticks", at_most, 10, "ms"},

      {"threads.large", "two threads, 10^6 synapses and more", at_least, 1.7, "x as fast as one"},
      // Two equal runs differ by about as much from round to round.
      {"threads.chosen", "the threads chosen from the netlist", at_least, 0.97, "x as fast as one"},

      {"kernel.deliver", "deliver kernel, lanes >= 16", at_least, 1.5, "x as fast as OpenBLAS"},
      {"kernel.deliver.peak", "deliver kernel, lanes >= 16", at_least, 85, "% of the multiply-add peak"},
      {"kernel.learn", "learn kernel, lanes 20", at_least, 1.2, "x as fast as OpenBLAS"},
      {"kernel.learn.bandwidth", "learn kernel, lanes 1", at_least, 75, "% of the read + write bandwidth"},

      {"windows.deliver", "shared windows deliver", at_least, 50, "% of the dense rate"},
      {"windows.learn", "shared windows learn", at_least, 50, "% of the dense rate"},
      {"windows.build", "build, windows of 10^7 connections", at_most, 10, "ns per connection"},

      {"rules.neuron", "neurons, interpreted", at_most, 3, "x compiled"},
      // At its speed: two equal runs differ by about as much.
      {"rules.product", "learning by a product of the two ends, interpreted", at_most, 1.1, "x compiled"},
      {"rules.synapse", "learning by any other rule, interpreted", at_most, 4, "x compiled"},
      {"rules.state", "the same with a state, of which the build compiles none", at_most, 4, "x written by hand"},
      {"rules.load", "netlist with models of its own, to its first tick", at_most, 50, "ms more"},
  };
  return all;
}

const target* find_target(std::string_view key) {
  for (const target& t : all_targets()) {
    if (t.key == key) return &t;
  }
  return nullptr;
}

std::string target::text() const { return fmt::format("{} {} {}", side == bound::at_most ? "<=" : ">=", value, unit); }

}  // namespace locus::bench
