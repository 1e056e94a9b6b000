#include "sim/audit/equivalence.hpp"

#include <algorithm>

#include "sim/data/order.hpp"
#include "sim/experiment/running_circuit.hpp"

namespace locus {
namespace {

/// Draws all random weights anew; false if none are drawn.
bool reseed(description& d, std::uint64_t by) {
  bool any = false;
  for (projection_description& p : d.projections) {
    auto* random = std::get_if<random_weights>(&p.weights);
    if (random == nullptr || p.synapse.empty()) continue;
    random->seed += by;
    any = any || random->method != "constant";
  }
  return any;
}

void compare(const description& netlist, const description& twin, const data_set& data,
             const equivalence_options& options, equivalence_result& result) {
  running_circuit ours(netlist, data), theirs(twin, data);
  weight_watch watch(*ours.sim, *theirs.sim);
  batch_order order(data.train.count(), netlist.shuffle, netlist.lanes);
  for (std::uint64_t n = 0; n < options.updates; ++n) {
    const std::span<const std::uint32_t> samples = order.batch(n);
    ours.world.teach(samples, draw_times(netlist.timeline, n));
    theirs.world.teach(samples, draw_times(twin.timeline, n));
    watch.after_update();
    if (options.on_update) options.on_update();
  }
  take_worse(result.layers, watch.layers());
  result.alone = watch.alone();
}

}  // namespace

equivalence_result measure_equivalence(const description& netlist, const description& twin, const data_set& data,
                                       const equivalence_options& options) {
  equivalence_result result;
  result.updates = options.updates;
  check_run_length(netlist.timeline, options.updates);
  check_run_length(twin.timeline, options.updates);
  result.lanes.push_back(1);
  if (netlist.lanes != 1 && data.train.count() >= netlist.lanes) result.lanes.push_back(netlist.lanes);
  for (const std::uint32_t lanes : result.lanes) {
    for (std::uint64_t seed = 0; seed < options.seeds; ++seed) {
      description ours = netlist, theirs = twin;
      ours.lanes = theirs.lanes = lanes;
      if (seed > 0) {
        const bool drawn = reseed(ours, seed);
        if (!(reseed(theirs, seed) && drawn)) {
          result.other_seeds = false;
          break;
        }
      }
      compare(ours, theirs, data, options, result);
      ++result.runs;
    }
  }
  return result;
}

}  // namespace locus
