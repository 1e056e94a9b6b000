#include "sim/audit/equivalence.hpp"

#include <algorithm>

#include "sim/data/order.hpp"
#include "sim/experiment/presenter.hpp"

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

struct side {
  side(const description& d, const data_set& data)
      : netlist(d), net(build_circuit(d)), sim(make_simulator(net)), world(*sim, d, data) {}
  const description& netlist;
  circuit net;
  std::unique_ptr<simulator> sim;
  presenter world;
};

void compare(const description& netlist, const description& twin, const data_set& data,
             const equivalence_options& options, equivalence_result& result) {
  side ours(netlist, data), theirs(twin, data);
  weight_watch watch(*ours.sim, *theirs.sim);
  const std::uint64_t batches = data.train.count() / netlist.lanes;
  for (std::uint64_t n = 0; n < options.updates; ++n) {
    const auto order = presentation_order(data.train.count(), netlist.shuffle, static_cast<std::uint32_t>(n / batches));
    const std::span<const std::uint32_t> samples(order.data() + n % batches * netlist.lanes, netlist.lanes);
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
