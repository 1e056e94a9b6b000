#pragma once
/// Fields and ports in archives: without the kernels' layout.

#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {

/// `slots` arrays of neurons in the kernels' layout, one after another.
struct field_shape {
  std::size_t size = 0;  ///< neurons
  std::size_t lanes = 1;
  std::size_t slots = 1;
};

/// Saves or loads [neuron][lane], or [slot][neuron][lane] if there are several.
template <class P>
void serialize_fields(archive& a, const std::string& name, P* fields, const field_shape& shape) {
  const std::size_t length = panels_for(shape.size) * shape.lanes * panel_width;
  std::vector<P> rows(shape.slots * shape.size * shape.lanes);
  const auto each = [&](auto&& f) {
    P* row = rows.data();
    for (std::size_t slot = 0; slot < shape.slots; ++slot) {
      for (std::size_t i = 0; i < shape.size; ++i) {
        for (std::size_t lane = 0; lane < shape.lanes; ++lane) {
          f(*row++, fields[slot * length + field_offset(i, lane, shape.lanes)]);
        }
      }
    }
  };
  if (!a.loading()) each([](P& stored, const P& value) { stored = value; });
  std::vector<std::size_t> dimensions = {shape.size, shape.lanes};
  if (shape.slots > 1) dimensions.insert(dimensions.begin(), shape.slots);
  a.values(name, std::span(rows), dimensions);
  if (a.loading()) each([](const P& stored, P& value) { value = stored; });
}

}  // namespace locus
