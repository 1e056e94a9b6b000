#include "sim/audit/cut_circuit.hpp"

#include <algorithm>

#include "sim/circuit/connections.hpp"

namespace locus {

cut_circuit::cut_circuit(const circuit& c, const choice& goes) : whole_(c), net_(c) {
  for (std::size_t w = 0; w < net_.projections.size(); ++w) {
    const projection& all = whole_.projections[w];
    if (lends(w)) continue;
    sparse_connections kept;
    cut_projection cut{w, {}};
    bool some = false;
    for (std::size_t i = 0; i < c.size_after(all); ++i) {
      std::vector<std::uint32_t> sources;
      each_source(whole_, all, i, [&](std::size_t j, std::size_t k) {
        if (goes(w, j, i)) {
          some = true;
          return;
        }
        sources.push_back(static_cast<std::uint32_t>(j));
        cut.kept.push_back(k);
      });
      kept.add_target(sources);
    }
    if (!some) continue;
    projection& p = net_.projections[w];
    p.shape = projection_shape::sparse;
    p.size = kept.counts();
    p.connections = std::move(kept);
    p.window.reset();
    p.shared_with.reset();
    p.copied_from.reset();
    p.weights = random_weights{"constant", 0, 1, {}};
    cut_.push_back(std::move(cut));
  }
}

bool cut_circuit::lends(std::size_t w) const {
  return std::any_of(whole_.projections.begin(), whole_.projections.end(),
                     [&](const projection& p) { return p.shared_with == w; });
}

std::unique_ptr<simulator> cut_circuit::start() const {
  auto sim = make_simulator(net_);
  for (const cut_projection& cut : cut_) {
    const projection& p = whole_.projections[cut.projection];
    if (p.synapse == nullptr) continue;
    std::vector<double> all = initial_weights(whole_, p.shared_with.value_or(cut.projection));
    if (p.shared_with) all = weights_from_owner(whole_, p, std::move(all));
    std::vector<double> kept;
    for (const std::size_t k : cut.kept) kept.push_back(all[k]);
    sim->set_weights(cut.projection, kept);
  }
  return sim;
}

}  // namespace locus
