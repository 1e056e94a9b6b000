#include "sim/audit/sites.hpp"

#include "sim/core/random.hpp"

namespace locus::detail {
namespace {

/// Connections to trace: all, or a seeded sample.
void choose(const circuit& c, const interpreter_options& options, synapse_site& site) {
  const projection& p = c.projections[site.projection];
  const std::uint64_t all = learning_synapses(c);
  site.all = all <= options.max_synapses;
  const random_stream random(options.seed, "audit", p.name);
  const double share = static_cast<double>(options.max_synapses) / static_cast<double>(all);
  for (std::uint64_t k = 0; k < c.connections(p); ++k) {
    if (site.all || random.uniform(k) < share) site.traced.push_back(k);
  }
}

std::vector<bool> near_modulators(const circuit& c, const projection& p, const control_map& control) {
  if (!p.gate) return {};
  const std::size_t gate = p.gate->population;
  const std::size_t end = p.gate_at == gate_end::pre ? p.from.population : p.to.population;
  std::vector<bool> near = attached(c, gate, end);
  // One neuron that all synapses see is near only where there is no other end than that which it is joined to.
  if (p.gate_at == gate_end::everywhere) near.assign(1, c.populations[end].size == 1 && near[0]);
  for (std::size_t m = 0; m < near.size(); ++m) {
    if (control.of(gate, m) != control_map::part::none) near[m] = true;  // judged as control, not as a read
  }
  return near;
}

}  // namespace

std::uint64_t learning_synapses(const circuit& c) {
  std::uint64_t n = 0;
  for (const projection& p : c.projections) n += p.learns() ? c.connections(p) : 0;
  return n;
}

std::vector<synapse_site> find_sites(const circuit& c, const control_map& control, const interpreter_options& options) {
  std::vector<synapse_site> sites;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (!p.learns()) continue;
    synapse_site site;
    site.projection = i;
    choose(c, options, site);
    site.far_post = p.post.population != p.to.population;
    site.near_gate = near_modulators(c, p, control);
    sites.push_back(std::move(site));
  }
  return sites;
}

}  // namespace locus::detail
