#include "sim/trace/synapse_ends.hpp"

namespace locus {

synapse_ends ends_of(const circuit& c, const projection& p) {
  synapse_ends ends;
  const auto add = [&ends](std::uint32_t source, std::uint32_t target) {
    ends.source.push_back(source);
    ends.target.push_back(target);
  };
  for (std::uint32_t target = 0; target < c.size_after(p); ++target) {
    switch (p.shape) {
      case projection_shape::one_to_one: add(target, target); break;
      case projection_shape::dense:
        for (std::uint32_t source = 0; source < c.size_before(p); ++source) add(source, target);
        break;
      case projection_shape::sparse:
        for (std::size_t k = 0; k < p.connections.degree(target); ++k) add(p.connections.source(target, k), target);
        break;
    }
  }
  return ends;
}

}  // namespace locus
