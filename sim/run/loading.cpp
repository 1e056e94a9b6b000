#include "sim/run/loading.hpp"

#include <span>
#include <utility>
#include <variant>

#include "models/templates/catalogue.hpp"
#include "sim/core/sha256.hpp"

namespace locus {

loaded_netlist::loaded_netlist(document from) : text(std::move(from)), netlist(read_netlist(text, all_templates())) {}

std::uint64_t weights_seed(const description& netlist) {
  for (const projection_description& p : netlist.projections) {
    const auto* random = std::get_if<random_weights>(&p.weights);
    if (!p.synapse.empty() && random != nullptr) return random->seed;
  }
  return 0;
}

trace_provenance provenance(const loaded_netlist& loaded) {
  const std::string canonical = loaded.text.canonical_text();
  sha256 hash;
  hash.update(std::as_bytes(std::span(canonical)));
  description circuit = loaded.netlist;
  circuit.trace.file.clear();  // as in the canonical text
  return {canonical, hash.hex(), weights_seed(loaded.netlist), LOCUS_VERSION, long_form(circuit)};
}

}  // namespace locus
