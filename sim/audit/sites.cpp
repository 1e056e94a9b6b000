#include "sim/audit/sites.hpp"

#include <algorithm>

#include "sim/audit/modulators.hpp"
#include "sim/core/random.hpp"

namespace locus::detail {
namespace {

class site_finder {
 public:
  site_finder(const circuit& c, const script& world, const control_map& control, const interpreter_options& options)
      : net_(c), world_(world), control_(control), options_(options), all_(learning_synapses(c)) {}

  synapse_site find(std::size_t index) {
    const projection& p = net_.projections[index];
    synapse_site site;
    site.projection = index;
    for (const output_id& seen : p.post) site.far_post = site.far_post || seen.population != p.to.population;
    look_at_gate(p, site);
    choose(p, site);
    return site;
  }

 private:
  void look_at_gate(const projection& p, synapse_site& site) {
    if (!p.gate) return;
    const std::size_t gate = p.gate->population;
    const gate_nearness found = near_modulators(net_, world_, site.projection, options_.cut_wires);
    site.near_gate = found.near;
    site.one_signal = found.one_signal;
    for (std::size_t m = 0; m < site.near_gate.size(); ++m) {
      if (control_.pure[gate][m]) site.near_gate[m] = true;  // judged as control, not as a read
    }
  }

  /// Connections to trace: all, or a seeded sample with some of each projection, and with one of each modulator that is
  /// not near.
  void choose(const projection& p, synapse_site& site) const {
    constexpr double some = 16;
    site.all = all_ <= options_.max_synapses;
    const random_stream random(options_.seed, "audit", p.name);
    const auto own = static_cast<double>(net_.weights(p));
    const double share =
        std::max(static_cast<double>(options_.max_synapses) / static_cast<double>(all_), some / std::max(own, 1.0));
    std::vector<bool> wanted(site.near_gate.size());
    for (std::size_t m = 0; m < wanted.size(); ++m) wanted[m] = !site.near_gate[m];
    each_weight(net_, p, [&](std::size_t pre, std::size_t post, std::size_t k) {
      bool take = site.all || k == 0 || random.uniform(k) < share;
      if (!wanted.empty()) {
        const std::size_t g = modulator_of(p, {pre, post});
        take = take || wanted[g];
        wanted[g] = false;
      }
      if (take) site.traced.push_back(k);
    });
  }

  const circuit& net_;
  const script& world_;
  const control_map& control_;
  const interpreter_options& options_;
  std::uint64_t all_;
};

}  // namespace

std::uint64_t learning_synapses(const circuit& c) {
  std::uint64_t n = 0;
  for (const projection& p : c.projections) n += p.learns() ? c.weights(p) : 0;
  return n;
}

std::vector<synapse_site> find_sites(const circuit& c, const script& world, const control_map& control,
                                     const interpreter_options& options) {
  std::vector<synapse_site> sites;
  site_finder finder(c, world, control, options);
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    if (c.projections[i].learns()) sites.push_back(finder.find(i));
  }
  return sites;
}

}  // namespace locus::detail
