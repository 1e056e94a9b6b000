#include "sim/trace/spike_order.hpp"

#include <array>
#include <cstdint>

namespace locus {

void set_sorted_by_time(const hdf5::object& group) {
  const hdf5::handle type(H5Tenum_create(H5T_STD_U8LE));
  const std::array<std::uint8_t, 3> values = {0, 1, 2};
  H5Tenum_insert(type.get(), "none", &values[0]);
  H5Tenum_insert(type.get(), "by_id", &values[1]);
  H5Tenum_insert(type.get(), "by_time", &values[2]);
  const hdf5::handle space(H5Screate(H5S_SCALAR));
  const hid_t id = H5Acreate2(group.id.get(), "sorting", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT);
  const hdf5::handle attribute(group.check(id, "write"));
  group.check(H5Awrite(attribute.get(), type.get(), &values[2]), "write");
}

}  // namespace locus
