#include <fmt/format.h>

#include "sim/circuit/connections.hpp"
#include "sim/core/errors.hpp"
#include "sim/sonata/attributes.hpp"
#include "sim/sonata/edge_index.hpp"
#include "sim/sonata/kernels.hpp"
#include "sim/sonata/names.hpp"
#include "sim/sonata/network.hpp"
#include "sim/trace/synapse_ends.hpp"

namespace locus::sonata {

namespace {

void write_ends(const hdf5::object& group, const std::string& name, const std::vector<std::uint32_t>& neurons,
                const population& of) {
  const hdf5::object written =
      write_column<std::uint64_t>(group, name, neurons.size(), [&](std::uint64_t e) { return neurons[e]; });
  hdf5::set_text(written, "node_population", of.name);
}

void write_attributes(const hdf5::object& group, const circuit& c, const projection& p,
                      const std::vector<double>& weights) {
  const std::uint64_t count = weights.size();
  (void)write_column<double>(group, "syn_weight", count, [&](std::uint64_t e) { return weights[e]; });
  hdf5::set_text(
      write_column<float>(group, "delay", count, [&](std::uint64_t k) { return delay_ms(c, delay_of(p, k)); }), "units",
      "ms");
  hdf5::set_text(
      write_column<std::uint32_t>(group, "delay_ticks", count, [&](std::uint64_t k) { return delay_of(p, k); }),
      "units", "tick");
  write_same_text(group, "model_template", model_template(p.synapse), count);
  if (p.synapse != nullptr) write_parameters(group, *p.synapse, p.params, count);
}

void write_population(const hdf5::object& edges, const circuit& c, std::size_t index,
                      const std::vector<double>& weights) {
  const projection& p = c.projections[index];
  const population& before = c.populations[p.from.population];
  const population& after = c.populations[p.to.population];
  synapse_ends ends;
  std::vector<double> edge_weight;  // a weight of a shared window is that of many edges
  each_connection(c, p, [&](std::size_t source, std::size_t target, std::size_t k) {
    ends.source.push_back(static_cast<std::uint32_t>(source));
    ends.target.push_back(static_cast<std::uint32_t>(target));
    edge_weight.push_back(weights[k]);
  });
  const std::uint64_t count = ends.source.size();
  const hdf5::object group = hdf5::open_group(edges, edge_population(c, p));
  write_ends(group, "source_node_id", ends.source, before);
  write_ends(group, "target_node_id", ends.target, after);
  write_constant<std::int64_t>(group, "edge_type_id", count, static_cast<std::int64_t>(index));
  write_constant<std::uint32_t>(group, "edge_group_id", count, 0);
  write_numbering(group, "edge_group_index", count);
  write_attributes(hdf5::open_group(group, "0"), c, p, edge_weight);
  write_edge_index(group, "indices/source_to_target", ends.source, before.size);
  write_edge_index(group, "indices/target_to_source", ends.target, after.size);
}

}  // namespace

void write_edges(const atomic_file& place, const circuit& c, const weights_of_projection& weights, const origin& from,
                 const progress& tell) {
  const hdf5::session exclusive;
  hdf5::object file = create_file(place, from);
  {
    const hdf5::object edges = hdf5::open_group(file, "/edges");
    const hdf5::object meta = hdf5::open_group(file, "/meta/weights");
    std::uint64_t done = 0, total = 0;
    for (const projection& p : c.projections) total += c.connections(p);
    for (std::size_t i = 0; i < c.projections.size(); ++i) {
      tell("edges", done, total);
      const edge_weights w = weights(i);
      write_population(edges, c, i, w.values);
      write_kernel(file, c, c.projections[i], w.values, edge_population(c, c.projections[i]));
      hdf5::set_text(meta, edge_population(c, c.projections[i]), w.from);
      done += c.connections(c.projections[i]);
    }
  }
  hdf5::close(file);
}

edge_numbers::edge_numbers(const circuit& c, const projection& p) : c_(c), p_(p) {
  if (p.window) of_window_ = listed_connections(c, p);
}

std::uint64_t edge_numbers::id(std::uint32_t source, std::uint32_t target) const {
  if (source < c_.size_before(p_) && target < c_.size_after(p_)) {
    if (p_.shape == projection_shape::dense) return std::uint64_t{target} * c_.size_before(p_) + source;
    if (p_.shape == projection_shape::one_to_one && source == target) return target;
    if (p_.shape == projection_shape::sparse || of_window_) {
      if (const auto edge = (of_window_ ? *of_window_ : p_.connections).find(source, target)) return *edge;
    }
  }
  throw run_error(
      fmt::format("projection \"{}\" has no synapse from neuron {} onto neuron {}", p_.name, source, target));
}

}  // namespace locus::sonata
