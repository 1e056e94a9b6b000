#include "sim/sonata/sonata_file.hpp"

#include <fmt/format.h>

#include <array>

namespace locus::sonata {

std::string time_text(double tick_ms) {
  return fmt::format(
      "a tick of the netlist is written as {0} ms; a delay of 0 ticks, within the tick, as the shortest that readers "
      "take, {0} ms: 0/delay_ticks of edges.h5 is exact",
      tick_ms);
}

hdf5::object create_file(const atomic_file& place, const origin& from) {
  hdf5::object file = hdf5::create_file(place);
  const std::uint32_t magic = 0x0A7A;
  hdf5::set_array(file, "magic", H5T_NATIVE_UINT32, {}, &magic);
  const std::array<std::uint32_t, 2> version = {0, 1};
  hdf5::set_array(file, "version", H5T_NATIVE_UINT32, {version.size()}, version.data());
  const hdf5::object meta = hdf5::open_group(file, "/meta");
  hdf5::set_text(meta, "program", "locus " + from.version);
  hdf5::set_text(meta, "netlist_sha256", from.netlist_sha256);
  hdf5::set_number(meta, "tick_ms", from.tick_ms);
  hdf5::set_text(meta, "time", time_text(from.tick_ms));
  return file;
}

void add_alias(const hdf5::object& group, const std::string& name, const std::string& alias) {
  const hid_t id = group.id.get();
  group.check(H5Lcreate_hard(id, name.c_str(), id, alias.c_str(), H5P_DEFAULT, H5P_DEFAULT), "write");
}

}  // namespace locus::sonata
