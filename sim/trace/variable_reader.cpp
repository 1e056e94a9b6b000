#include "sim/trace/variable_reader.hpp"

#include <cstring>

namespace locus {

namespace {

/// Copies blocks of `width` numbers, those at `indices`.
template <class From, class To>
void gather(const std::byte* from, const std::vector<std::uint32_t>& indices, std::size_t width, std::byte* to) {
  for (const std::uint32_t index : indices) {
    const std::byte* block = from + index * width * sizeof(From);
    for (std::size_t k = 0; k < width; ++k, to += sizeof(To)) {
      From number;
      std::memcpy(&number, block + k * sizeof(From), sizeof(From));
      const To stored = static_cast<To>(number);
      std::memcpy(to, &stored, sizeof(To));
    }
  }
}

void read_all(const simulator& s, const recorded_variable& v, std::byte* to) {
  if (v.projection && v.synapse_field == 0) s.read_weights(*v.projection, to);
  else if (v.projection) s.read_synapse_field(*v.projection, v.synapse_field, to);
  else s.read_field(v.field, to);
}

}  // namespace

variable_reader::variable_reader(const circuit& c, bool single)
    : lanes_(c.lanes), native_single_(c.precision == precision::f32), single_(single) {}

void variable_reader::read(const simulator& s, const recorded_variable& v, std::byte* to) {
  if (v.whole() && single_ == native_single_) return read_all(s, v, to);
  const std::size_t width = v.per_lane ? lanes_ : 1;
  scratch_.resize(v.total * width * (native_single_ ? sizeof(float) : sizeof(double)));
  read_all(s, v, scratch_.data());
  if (native_single_) gather<float, float>(scratch_.data(), v.indices, width, to);
  else if (single_) gather<double, float>(scratch_.data(), v.indices, width, to);
  else gather<double, double>(scratch_.data(), v.indices, width, to);
}

}  // namespace locus
