#include "sim/engine/field_values.hpp"

namespace locus {

std::vector<double> field_values(const simulator& s, output_id field) {
  const circuit& c = s.net();
  std::vector<double> values(std::size_t{c.populations[field.population].size} * c.lanes);
  if (c.precision == precision::f64) {
    s.read_field(field, values.data());
    return values;
  }
  std::vector<float> native(values.size());
  s.read_field(field, native.data());
  values.assign(native.begin(), native.end());
  return values;
}

}  // namespace locus
