/// The weights at the end of a recording.

#include <fmt/format.h>

#include "sim/sonata/trace_export.hpp"
#include "sim/trace/value_stream.hpp"

namespace locus::sonata {

namespace {

/// Nothing if the trace does not have all weights of the projection.
std::optional<edge_weights> recorded(const trace_reader& trace, const circuit& c, const projection& p) {
  const trace_variable* v = trace.find(p.name + ".theta");
  if (v == nullptr || v->rows == 0 || v->columns() != c.weights(p)) return std::nullopt;
  const bool frames = v->storage == trace_storage::frames;
  const tick_t tick = frames ? trace.frames().back() : trace.extent().second - 1;
  value_stream stream(trace, *v);
  const auto values = stream.at(tick);
  return edge_weights{{values.begin(), values.end()}, fmt::format("tick {}", tick)};
}

}  // namespace

weights_of_projection last_weights_of(const trace_reader& trace, const circuit& c) {
  return [&trace, &c](std::size_t index) {
    const projection& p = c.projections[index];
    if (auto own = recorded(trace, c, p)) return *own;
    if (p.shared_with) {
      if (auto owned = recorded(trace, c, c.projections[*p.shared_with])) {
        return edge_weights{weights_from_owner(c, p, std::move(owned->values)), owned->from};
      }
    }
    return edge_weights{initial_weights(c, index), "initial"};
  };
}

}  // namespace locus::sonata
