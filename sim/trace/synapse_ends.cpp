#include "sim/trace/synapse_ends.hpp"

#include "sim/circuit/connections.hpp"

namespace locus {

synapse_ends ends_of(const circuit& c, const projection& p) {
  synapse_ends ends;
  each_weight(c, p, [&ends](std::size_t source, std::size_t target, std::size_t) {
    ends.source.push_back(static_cast<std::uint32_t>(source));
    ends.target.push_back(static_cast<std::uint32_t>(target));
  });
  return ends;
}

}  // namespace locus
