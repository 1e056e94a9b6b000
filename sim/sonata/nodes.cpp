#include "sim/circuit/grid.hpp"
#include "sim/sonata/attributes.hpp"
#include "sim/sonata/names.hpp"
#include "sim/sonata/network.hpp"
#include "sim/sonata/sonata_file.hpp"

namespace locus::sonata {

namespace {

/// x, y, z: where each neuron lies on its grid, in steps of it.
void write_places(const hdf5::object& attributes, const population& p) {
  if (p.shape.size() < 2) return;
  for (std::size_t axis = 0; axis < p.shape.size(); ++axis) {
    (void)write_column<float>(attributes, std::string(axis_name(p.shape, axis)), p.size,
                              [&](std::uint64_t neuron) { return place_of(p.shape, neuron)[axis]; });
  }
}

void write_population(const hdf5::object& nodes, const population& p, std::uint64_t type) {
  const hdf5::object group = hdf5::open_group(nodes, p.name);
  write_constant<std::int64_t>(group, "node_type_id", p.size, static_cast<std::int64_t>(type));
  write_numbering(group, "node_id", p.size);
  write_constant<std::uint32_t>(group, "node_group_id", p.size, 0);
  write_numbering(group, "node_group_index", p.size);
  const hdf5::object attributes = hdf5::open_group(group, "0");
  write_same_text(attributes, "model_type", "point_neuron", p.size);
  write_same_text(attributes, "model_template", model_template(p.model), p.size);
  write_places(attributes, p);
  write_parameters(attributes, *p.model, p.params, p.size);
}

}  // namespace

void write_nodes(const atomic_file& place, const circuit& c, const origin& from) {
  const hdf5::session exclusive;
  hdf5::object file = create_file(place, from);
  {
    const hdf5::object nodes = hdf5::open_group(file, "/nodes");
    for (std::size_t i = 0; i < c.populations.size(); ++i) write_population(nodes, c.populations[i], i);
  }
  hdf5::close(file);
}

}  // namespace locus::sonata
