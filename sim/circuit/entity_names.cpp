#include "sim/circuit/entity_names.hpp"

#include "sim/circuit/grid.hpp"

namespace locus {

std::string index_text(const circuit& c, std::size_t population, std::uint64_t neuron) {
  return index_text(c.populations[population].shape, neuron);
}

std::string index_text(const circuit& c, const projection& p, std::uint64_t post, std::uint64_t pre) {
  return index_text(c, p.to.population, post) + index_text(c, p.from.population, pre);
}

}  // namespace locus
