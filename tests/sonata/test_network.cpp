/// Nodes, edges and their indices: section 3 of the rules, and 5 for other readers.

#include <catch2/catch.hpp>

#include <algorithm>

#include "sim/sonata/names.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/sonata/exported.hpp"
#include "tests/sonata/sonata_reading.hpp"

namespace test_sonata_network {

using namespace locus;
using namespace locus::test;

namespace {

using integers = std::vector<std::int64_t>;

integers numbering(std::size_t count) {
  integers numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<std::int64_t>(i);
  return numbers;
}

/// Exactly one group whose name is a number, and it is `0`.
void check_single_group(const sonata_file& f, const std::string& population) {
  for (const std::string& name : f.children(population)) {
    const bool number = name.find_first_not_of("0123456789") == std::string::npos;
    CHECK(number == (name == "0"));
  }
  CHECK(f.is_group(population + "/0"));
}

/// A text that all have: unsigned indices into a table of texts.
void check_same_text(const sonata_file& f, const std::string& group, const std::string& name, const std::string& text,
                     std::size_t count) {
  CHECK(f.has_type(group + name, H5T_STD_U32LE));
  CHECK(f.integers(group + name) == integers(count, 0));
  CHECK(f.texts(group + "@library/" + name) == std::vector<std::string>{text});
}

void check_parameters(const sonata_file& f, const std::string& group, const model_declaration& model,
                      const parameter_block& parameters, std::size_t count) {
  for (const parameter_info& info : model.parameters) {
    INFO(info.name);
    const parameter_value value = info.get(parameters.get());
    const std::string path = group + "dynamics_params/" + info.name;
    if (const bool* flag = std::get_if<bool>(&value)) {
      CHECK(f.has_type(path, H5T_STD_U8LE));
      CHECK(f.integers(path) == integers(count, *flag ? 1 : 0));
    } else if (const double* number = std::get_if<double>(&value)) {
      CHECK(f.has_type(path, H5T_IEEE_F64LE));
      CHECK(f.numbers(path) == std::vector<double>(count, *number));
    } else {
      check_same_text(f, group, info.name, std::get<std::string>(value), count);
    }
  }
}

/// The edges that an index gives for a node.
integers found_edges(const sonata_file& f, const std::string& index, std::size_t node) {
  const integers slices = f.integers(index + "/node_id_to_ranges"), ranges = f.integers(index + "/range_to_edge_id");
  integers edges;
  for (auto r = slices.at(2 * node); r < slices.at(2 * node + 1); ++r) {
    const auto first = ranges.at(static_cast<std::size_t>(2 * r)),
               last = ranges.at(static_cast<std::size_t>(2 * r + 1));
    CHECK(first < last);
    for (auto e = first; e < last; ++e) edges.push_back(e);
  }
  return edges;
}

/// Each node's edges, all of them and no others, in as few ranges as they make.
void check_index(const sonata_file& f, const std::string& index, const integers& nodes, std::size_t count) {
  INFO(index);
  CHECK(f.same(index + "/node_id_to_ranges", index + "/node_id_to_range"));
  CHECK(f.has_type(index + "/node_id_to_ranges", H5T_STD_U64LE));
  CHECK(f.has_type(index + "/range_to_edge_id", H5T_STD_U64LE));
  CHECK(f.size(index + "/node_id_to_ranges") == std::vector<hsize_t>{count, 2});
  CHECK(f.size(index + "/range_to_edge_id").at(1) == 2);
  std::size_t runs = 0;
  for (std::size_t node = 0; node < count; ++node) {
    integers expected;
    for (std::size_t e = 0; e < nodes.size(); ++e) {
      if (nodes[e] != static_cast<std::int64_t>(node)) continue;
      const bool next = !expected.empty() && expected.back() + 1 == static_cast<std::int64_t>(e);
      runs += next ? 0 : 1;
      expected.push_back(static_cast<std::int64_t>(e));
    }
    CHECK(found_edges(f, index, node) == expected);
  }
  CHECK(f.size(index + "/range_to_edge_id").at(0) == runs);
}

void check_edges(const sonata_file& f, const circuit& c, std::size_t index) {
  const projection& p = c.projections[index];
  const std::string group = "/edges/" + sonata::edge_population(c, p) + "/";
  INFO(group);
  const std::size_t count = c.connections(p);
  CHECK(f.has_type(group + "edge_type_id", H5T_STD_I64LE));
  for (const char* name : {"source_node_id", "target_node_id", "edge_group_index"}) {
    CHECK(f.has_type(group + name, H5T_STD_U64LE));
    CHECK(f.size(group + name) == std::vector<hsize_t>{count});
  }
  CHECK(f.text(group + "source_node_id", "node_population") == c.populations[p.from.population].name);
  CHECK(f.text(group + "target_node_id", "node_population") == c.populations[p.to.population].name);
  CHECK(f.integers(group + "edge_type_id") == integers(count, static_cast<std::int64_t>(index)));
  CHECK(f.has_type(group + "edge_group_id", H5T_STD_U32LE));
  CHECK(f.integers(group + "edge_group_id") == integers(count, 0));
  CHECK(f.integers(group + "edge_group_index") == numbering(count));
  check_single_group(f, group);
  CHECK(f.has_type(group + "0/delay", H5T_IEEE_F32LE));
  CHECK(f.text(group + "0/delay", "units") == "ms");
  CHECK(f.numbers(group + "0/delay") == std::vector<double>(count, p.delay == 0 ? 1 : p.delay));
  CHECK(f.has_type(group + "0/delay_ticks", H5T_STD_U32LE));
  CHECK(f.integers(group + "0/delay_ticks") == integers(count, p.delay));
  check_same_text(f, group + "0/", "model_template",
                  p.synapse == nullptr ? "locus:link" : "locus:" + std::string(p.synapse->info.name), count);
  CHECK(f.size(group + "0/syn_weight") == std::vector<hsize_t>{count});
  if (p.synapse != nullptr) check_parameters(f, group + "0/", *p.synapse, p.params, count);

  const integers sources = f.integers(group + "source_node_id"), targets = f.integers(group + "target_node_id");
  for (std::size_t e = 1; e < count; ++e) {
    CHECK(std::pair(targets[e - 1], sources[e - 1]) < std::pair(targets[e], sources[e]));
  }
  const sonata::edge_numbers edges(c, p);
  for (std::size_t e = 0; e < count; ++e) {
    CHECK(edges.id(static_cast<std::uint32_t>(sources[e]), static_cast<std::uint32_t>(targets[e])) == e);
  }
  check_index(f, group + "indices/source_to_target", sources, c.size_before(p));
  check_index(f, group + "indices/target_to_source", targets, c.size_after(p));
}

}  // namespace

TEST_CASE("sonata: nodes have ids, one type and one group a population, and their parameters", "[sonata]") {
  for (const std::string& netlist : {xor_netlist(), sparse_netlist()}) {
    const exported_run run(netlist, 1);
    const sonata_file f(run.path("network/nodes.h5"));
    CHECK(f.children("/nodes").size() == run.net.populations.size());
    for (std::size_t i = 0; i < run.net.populations.size(); ++i) {
      const population& p = run.net.populations[i];
      const std::string group = "/nodes/" + p.name + "/";
      INFO(group);
      CHECK(f.has_type(group + "node_type_id", H5T_STD_I64LE));
      CHECK(f.integers(group + "node_type_id") == integers(p.size, static_cast<std::int64_t>(i)));
      CHECK(f.integers(group + "node_id") == numbering(p.size));
      CHECK(f.has_type(group + "node_id", H5T_STD_U64LE));
      CHECK(f.has_type(group + "node_group_id", H5T_STD_U32LE));
      CHECK(f.integers(group + "node_group_id") == integers(p.size, 0));
      CHECK(f.integers(group + "node_group_index") == numbering(p.size));
      check_single_group(f, group);
      check_same_text(f, group + "0/", "model_type", "point_neuron", p.size);
      check_same_text(f, group + "0/", "model_template", "locus:" + std::string(p.model->info.name), p.size);
      check_parameters(f, group + "0/", *p.model, p.params, p.size);
    }
  }
}

TEST_CASE("sonata: nodes on a grid tell where they lie", "[sonata]") {
  const circuit net = build_circuit(read_netlist(
      document::from_text("[[population]]\nname = 'a'\nmodel = 'point-value'\nshape = [2, 2, 3]\n"
                          "[[population]]\nname = 'b'\nmodel = 'point-value'\nsize = 3\n"
                          "[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'b.error'\nsynapse = 'fixed'\n",
                          "n.toml"),
      all_templates()));
  const scratch_directory scratch;
  sonata::output_folder folder(scratch.path("out"), false);
  sonata::write_circuit(folder, net, sonata::initial_weights_of(net), {"9.9", "", "abc"}, untold);
  folder.commit();
  const sonata_file f(scratch.path("out/network/nodes.h5"));
  CHECK(f.has_type("/nodes/a/0/x", H5T_IEEE_F32LE));
  CHECK(f.numbers("/nodes/a/0/x") == std::vector<double>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
  CHECK(f.numbers("/nodes/a/0/y") == std::vector<double>{0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1});
  CHECK(f.numbers("/nodes/a/0/z") == std::vector<double>{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1});
  const std::vector<std::string> row = f.children("/nodes/b/0");
  CHECK(std::count(row.begin(), row.end(), "x") == 0);
}

TEST_CASE("sonata: edges are those of the circuit, sorted, and found from both ends", "[sonata]") {
  for (const std::string& netlist : {xor_netlist(), sparse_netlist()}) {
    const exported_run run(netlist, 1);
    const sonata_file f(run.path("network/edges.h5"));
    CHECK(f.children("/edges").size() == run.net.projections.size());
    for (std::size_t i = 0; i < run.net.projections.size(); ++i) check_edges(f, run.net, i);
  }
}

TEST_CASE("sonata: a node without edges has an empty interval", "[sonata]") {
  description d = read_netlist(document::from_text(sparse_netlist(), "n.toml"), all_templates());
  for (projection_description& each : d.projections) {
    if (each.name == "hidden1.forward") each.connect = listed_pairs{{{1, 0}, {1, 1}, {1, 3}, {3, 3}}};
  }
  d.trace.record = {"output.value.x"};
  const exported_run few(long_form(d), 1);
  const sonata_file f(few.path("network/edges.h5"));
  const std::string indices = "/edges/input.value__hidden1.error__hidden1.forward/indices/";
  CHECK(f.integers(indices + "target_to_source/node_id_to_ranges") == integers{0, 0, 0, 1, 1, 1, 1, 2});
  CHECK(f.integers(indices + "target_to_source/range_to_edge_id") == integers{0, 3, 3, 4});
  CHECK(f.integers(indices + "source_to_target/node_id_to_ranges") == integers{0, 1, 1, 2, 2, 2, 2, 3, 3, 3});
}

TEST_CASE("sonata: weights are those that were recorded last, otherwise those at the start", "[sonata]") {
  const exported_run run(sparse_netlist());
  const sonata_file f(run.path("network/edges.h5"));
  const stored trace(run.scratch.path("run.h5"));
  const std::string recorded = "hidden1.value__output.error__output.forward";
  const auto all = trace.numbers("/trace/output.forward/theta");
  const std::size_t last = all.size() - 8;  // of frames of 4 x 2 weights
  CHECK(f.numbers("/edges/" + recorded + "/0/syn_weight") ==
        std::vector<double>(all.begin() + static_cast<std::ptrdiff_t>(last), all.end()));
  CHECK(f.text("/meta/weights", recorded) == "tick 22");
  // Of the first weights only a part was recorded.
  const std::string partly = "input.value__hidden1.error__hidden1.forward";
  const std::size_t index = *run.net.find_projection("hidden1.forward");
  CHECK(f.numbers("/edges/" + partly + "/0/syn_weight") == initial_weights(run.net, index));
  CHECK(f.text("/meta/weights", partly) == "initial");
}

TEST_CASE("sonata: a projection that shares weights has those of their owner, recorded or not", "[sonata]") {
  description d = read_netlist(document::from_text(xor_netlist(), "n.toml"), all_templates());
  for (projection_description& each : d.projections) {
    if (each.name != "hidden1.feedback") continue;
    each.weights = shared_weights{"output.forward", true};
    locus::testing::make_fixed(each);
  }
  d.trace.record = {"output.forward.theta"};
  const exported_run run(long_form(d));
  const auto shared = std::find_if(run.net.projections.begin(), run.net.projections.end(),
                                   [](const projection& p) { return p.shared_with.has_value(); });
  REQUIRE(shared != run.net.projections.end());
  const projection& owner = run.net.projections[*shared->shared_with];
  REQUIRE(owner.name == "output.forward");
  const sonata_file f(run.path("network/edges.h5"));
  const auto owned = f.numbers("/edges/" + sonata::edge_population(run.net, owner) + "/0/syn_weight");
  CHECK(f.numbers("/edges/" + sonata::edge_population(run.net, *shared) + "/0/syn_weight") ==
        weights_from_owner(run.net, *shared, owned));
  CHECK(owned != initial_weights(run.net, *shared->shared_with));
}

}  // namespace test_sonata_network
