/// A circuit that was exported comes back as it was; what cannot be read is told.

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>

#include "sim/circuit/connections.hpp"
#include "sim/core/errors.hpp"
#include "sim/sonata/circuit_import.hpp"
#include "sim/sonata/import_tables.hpp"
#include "tests/sonata/exported.hpp"
#include "tests/sonata/sonata_reading.hpp"

namespace test_sonata_import {

using namespace locus;
using namespace locus::test;
using Catch::Contains;

namespace {

description read(const std::string& text) { return read_netlist(document::from_text(text, "n.toml"), all_templates()); }

/// The circuit of a netlist as SONATA, in a folder of its own.
class exported_circuit {
 public:
  explicit exported_circuit(const std::string& text) : netlist(read(text)), net(build_circuit(netlist)) {
    sonata::output_folder folder(scratch.path("out"), false);
    sonata::write_circuit(folder, net, sonata::initial_weights_of(net), {"9.9", text, "abc"}, untold);
    folder.commit();
  }

  [[nodiscard]] std::string path(const std::string& name) const { return scratch.path("out/" + name); }

  /// Replaces a text that stands in a file.
  void edit(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = bytes_of(path(name));
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    scratch.write("out/" + name, text);
  }

  /// The netlist as it comes back.
  [[nodiscard]] description back() const {
    sonata::imported_circuit c = sonata::read_circuit(sonata::circuit_config_path(scratch.path("out")));
    description out = netlist;
    out.populations = std::move(c.populations);
    out.projections = std::move(c.projections);
    return out;
  }

  [[nodiscard]] std::string message() const {
    try {
      (void)build_circuit(back());
    } catch (const std::exception& error) {
      return error.what();
    }
    return "(nothing)";
  }

  scratch_directory scratch;
  description netlist;
  circuit net;
};

/// Parameters by name, as text.
std::string text_of(const model_declaration& model, const parameter_block& block) {
  std::string out(model.info.name);
  for (const parameter_info& info : model.parameters)
    out += " " + info.name + "=" + locus::text_of(info.get(block.get()));
  return out;
}

void check_equal(const circuit& a, const circuit& b) {
  REQUIRE(a.populations.size() == b.populations.size());
  for (std::size_t i = 0; i < a.populations.size(); ++i) {
    const population &p = a.populations[i], &q = b.populations[i];
    CHECK(p.name == q.name);
    CHECK(p.shape == q.shape);
    CHECK(text_of(*p.model, p.params) == text_of(*q.model, q.params));
  }
  REQUIRE(a.projections.size() == b.projections.size());
  for (std::size_t i = 0; i < a.projections.size(); ++i) {
    const projection &p = a.projections[i], &q = b.projections[i];
    INFO(p.name);
    CHECK(p.name == q.name);
    CHECK(p.from == q.from);
    CHECK(p.to == q.to);
    CHECK(p.delay == q.delay);
    CHECK(p.pre == q.pre);
    CHECK(p.post == q.post);
    CHECK(p.gate == q.gate);
    CHECK(p.gate_at == q.gate_at);
    CHECK(p.shared_with == q.shared_with);
    CHECK(p.shape == q.shape);
    CHECK(p.window == q.window);
    CHECK(p.delays == q.delays);
    REQUIRE(a.connections(p) == b.connections(q));
    REQUIRE(a.weights(p) == b.weights(q));
    for (std::size_t k = 0; k < a.connections(p); ++k) {
      CHECK(ends_of(a, p, k).pre == ends_of(b, q, k).pre);
      CHECK(ends_of(a, p, k).post == ends_of(b, q, k).post);
    }
    REQUIRE((p.synapse == nullptr) == (q.synapse == nullptr));
    if (p.synapse != nullptr) CHECK(text_of(*p.synapse, p.params) == text_of(*q.synapse, q.params));
    CHECK(initial_weights(a, i) == initial_weights(b, i));
  }
}

void check_round_trip(const std::string& text) {
  const exported_circuit out(text);
  check_equal(out.net, build_circuit(out.back()));
}

/// Grids, windows, shared weights turned round, a synapse that sees several outputs.
std::string grid_netlist() {
  return R"([[population]]
name  = "image"
model = "point-value"
shape = [4, 4]
[[population]]
name  = "map"
model = "two-compartment-value"
shape = [2, 2, 2]
params = { gamma = 0.1, activation = "tanh" }
[[projection]]
name    = "features"
from    = "image.rate"
to      = "map.feedback"
connect = { window = [2, 2], stride = [2, 2] }
synapse = "gated-hebbian"
weights = { init = "uniform", seed = 3 }
post    = "map.x"
params  = { alpha = 0.1 }
delay   = 2
[[projection]]
name    = "back"
from    = "map.rate"
to      = "image.feedback"
connect = { transposed = "features" }
synapse = "fixed"
weights = { shared = "features", transposed = true }
delay   = 1
)";
}

/// Kernels: over the edge, with holes and channels, along one axis; their own, turned round, and those of others.
std::string kernel_netlist() {
  return R"([[population]]
name  = "image"
model = "point-value"
shape = [2, 5, 6]
[[population]]
name  = "map"
model = "point-value"
shape = [3, 5, 3]
[[population]]
name  = "line"
model = "point-value"
shape = [9]
[[population]]
name  = "short"
model = "point-value"
shape = [3]
[[projection]]
name    = "conv"
from    = "image.rate"
to      = "map.feedback"
connect = { window = [3, 2], stride = [1, 2], padding = "same" }
synapse = "gated-hebbian"
weights = { shared = "window", init = "uniform", seed = 3 }
post    = "map.x"
params  = { alpha = 0.1 }
[[projection]]
name    = "back"
from    = "map.rate"
to      = "image.feedback"
connect = { transposed = "conv" }
synapse = "fixed"
weights = { shared = "conv", transposed = true }
[[projection]]
name    = "own"
from    = "map.rate"
to      = "image.error"
connect = { transposed = "conv" }
synapse = "gated-hebbian"
weights = { same_initial_as = "conv", transposed = true, scale = -2 }
post    = "image.x"
[[projection]]
name    = "along"
from    = "line.rate"
to      = "short.feedback"
connect = { window = [2], stride = [3], dilation = [2] }
synapse = "fixed"
weights = { shared = "window", init = "normal" }
delay   = 2
[[projection]]
name    = "again"
from    = "line.rate"
to      = "short.error"
connect = { same_as = "along" }
synapse = "fixed"
weights = { init = "normal", seed = 2 }
[[projection]]
name    = "whole"
from    = "line.rate"
to      = "one.feedback"
connect = { window = [9] }
synapse = "fixed"
weights = { shared = "window", init = "normal" }
[[projection]]
name    = "all"
from    = "one.rate"
to      = "line.feedback"
connect = { transposed = "whole" }
synapse = "fixed"
weights = { shared = "whole", transposed = true }
[[population]]
name  = "one"
model = "point-value"
shape = [1]
[[stimulus]]
population = "image"
role       = "input"
)";
}

/// Delays that differ, drawn and listed.
std::string late_netlist() {
  return grid_netlist() + R"([[projection]]
name    = "late"
from    = "image.rate"
to      = "map.prediction"
connect = { fixed_indegree = 3 }
synapse = "fixed"
delay   = { uniform = [1, 9], seed = 2 }
[[projection]]
name    = "links"
from    = "image.rate"
to      = "image.error"
connect = "one-to-one"
delay   = { values = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8] }
)";
}

/// Changes the number at a place of a column of doubles in the file of edges.
void change_number(const exported_circuit& out, const std::string& path, std::size_t at) {
  const hdf5::session exclusive;
  hdf5::object file = hdf5::open_to_amend(out.path("network/edges.h5"));
  const hdf5::object dataset = hdf5::open_dataset(file, path);
  std::vector<double> all(hdf5::size_of(dataset)[0]);
  hdf5::read(dataset, H5T_NATIVE_DOUBLE, all.data());
  all.at(at) += 1;
  hdf5::write(dataset, H5T_NATIVE_DOUBLE, all.data());
  hdf5::close(file);
}

}  // namespace

TEST_CASE("sonata import: an exported circuit comes back as it was", "[sonata]") {
  check_round_trip(xor_netlist());
  check_round_trip(sparse_netlist());
  check_round_trip(grid_netlist());
  check_round_trip(kernel_netlist());
  check_round_trip(late_netlist());
}

TEST_CASE("sonata import: kernels come back as such, until another program has changed an edge", "[sonata]") {
  const exported_circuit out(kernel_netlist());
  const circuit back = build_circuit(out.back());
  for (const char* const name : {"conv", "back", "own", "along", "again"}) {
    const projection& p = back.projections[back.find_projection(name).value()];
    CHECK(p.shape == projection_shape::shared_window);
  }
  CHECK(sonata::read_circuit(out.path("circuit_config.json")).notes.empty());
  const std::string conv = "/edges/image__map__conv/0/syn_weight";
  change_number(out, conv, 7);
  const auto notes = sonata::read_circuit(out.path("circuit_config.json")).notes;
  REQUIRE(notes.size() == 2);
  CHECK_THAT(notes[0],
             Contains("projection \"conv\" had one kernel for all places of its window: edge 7 has the weight"));
  CHECK_THAT(notes[1], Contains("projection \"own\" had one kernel") && Contains("\"conv\" has no window any more"));
  const circuit changed = build_circuit(out.back());
  const std::size_t index = changed.find_projection("conv").value();
  CHECK(changed.projections[index].shape == projection_shape::sparse);
  CHECK(changed.weights(changed.projections[index]) == out.net.connections(out.net.projections[0]));
  // All edges but that one have the weights that they had.
  std::vector<double> had;
  const std::vector<double> kernel = initial_weights(out.net, 0);
  each_connection(out.net, out.net.projections[0],
                  [&](std::size_t, std::size_t, std::size_t k) { had.push_back(kernel[k]); });
  had[7] += 1;
  CHECK(initial_weights(changed, index) == had);
  const exported_circuit other(kernel_netlist());
  change_number(other, "/edges/line__short__again/0/syn_weight", 0);
  REQUIRE(sonata::read_circuit(other.path("circuit_config.json")).notes.size() == 1);
}

TEST_CASE("sonata import: a broken kernel column is told at its row", "[sonata]") {
  const auto message = [](const std::string& to) {
    const exported_circuit out(kernel_netlist());
    out.edit("network/edge_types.csv", "{transposed='conv'}", to);
    return out.message();
  };
  CHECK_THAT(message("{window=[3,2}"), Contains("edge_types.csv:4") && Contains("kernel"));
  CHECK_THAT(message("{transposd='conv'}"), Contains("edge_types.csv:4"));
  CHECK_THAT(message("'all-to-all'"), Contains("expected a window, or the connections of another projection"));
}

TEST_CASE("sonata export: the weights of a kernel stand at the first edge that each serves, nodes and edges ascending",
          "[sonata]") {
  std::string text = kernel_netlist() +
                     "[[stimulus]]\npopulation = \"map\"\nrole = \"teacher\"\n"
                     "[stimuli]\npredict = 3\nteach = 2\ndata = { inputs = [[";
  for (int k = 0; k < 60; ++k) text += (k > 0 ? ", " : "") + std::to_string(k % 7 - 3);
  text += "]], targets = [[";
  for (int k = 0; k < 45; ++k) text += (k > 0 ? ", " : "") + std::to_string(k % 5 - 2);
  text += "]] }\n[trace]\nrecord = [\"conv.theta\"]\n";
  const exported_run run(text, 1);
  const sonata_file report(run.path("output/reports/conv.theta.h5")), edges(run.path("network/edges.h5"));
  const std::string in = "/report/map/", of = "/edges/image__map__conv/";
  const auto nodes = report.integers(in + "mapping/node_ids"), elements = report.integers(in + "mapping/element_ids"),
             pointers = report.integers(in + "mapping/index_pointers");
  CHECK(std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal<>()) == nodes.end());
  REQUIRE(pointers.size() == nodes.size() + 1);
  const projection& p = run.net.projections[run.net.find_projection("conv").value()];
  REQUIRE(elements.size() == run.net.weights(p));
  const auto target = edges.integers(of + "target_node_id");
  const std::vector<double> weight = edges.numbers(of + "0/syn_weight"), values = report.numbers(in + "data");
  const double* last = values.data() + values.size() - elements.size();
  bool learnt = false;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    for (auto k = static_cast<std::size_t>(pointers[n]); k < static_cast<std::size_t>(pointers[n + 1]); ++k) {
      const auto edge = static_cast<std::size_t>(elements[k]);
      CHECK(target.at(edge) == nodes[n]);
      CHECK(last[k] == static_cast<double>(static_cast<float>(weight.at(edge))));
      learnt = learnt || last[k] != values[k];
      if (k > static_cast<std::size_t>(pointers[n])) CHECK(elements[k - 1] < elements[k]);
    }
  }
  CHECK(learnt);
}

TEST_CASE("sonata import: edges in any order keep their weights", "[sonata]") {
  const exported_circuit out(sparse_netlist());
  // The first two edges of a sparse projection change places, with their weights.
  {
    const hdf5::session exclusive;
    hdf5::object file = hdf5::open_to_amend(out.path("network/edges.h5"));
    const std::string edges = "/edges/input.value__hidden1.error__hidden1.forward/";
    const auto turn = [&](const std::string& name, auto number) {
      const hdf5::object dataset = hdf5::open_dataset(file, edges + name);
      std::vector<decltype(number)> all(hdf5::size_of(dataset)[0]);
      const hid_t type = sonata::number_types<decltype(number)>::memory();
      hdf5::read(dataset, type, all.data());
      std::swap(all[0], all[5]);
      hdf5::write(dataset, type, all.data());
    };
    turn("source_node_id", std::uint64_t{});
    turn("target_node_id", std::uint64_t{});
    turn("0/syn_weight", double{});
    hdf5::close(file);
  }
  check_equal(out.net, build_circuit(out.back()));
}

TEST_CASE("sonata import: what cannot be read is told, with what would be right", "[sonata]") {
  const std::string nodes = "network/node_types.csv", edges = "network/edge_types.csv";
  const auto message = [](const std::string& file, const std::string& from, const std::string& to) {
    const exported_circuit out(grid_netlist());
    out.edit(file, from, to);
    return out.message();
  };
  CHECK_THAT(message(nodes, "locus:point-value", "nest:iaf_psc_alpha"),
             Contains("node_types.csv:2: population \"image\": model_template nest:iaf_psc_alpha is no model of Locus: "
                      "write locus:NAME there"));
  CHECK_THAT(message(nodes, "locus:point-value", "NULL"), Contains("model_template NULL is no model of Locus"));
  CHECK_THAT(message(nodes, "locus:point-value", "locus:point-valeu"),
             Contains("node_types.csv:2: no neuron model is called \"point-valeu\" (did you mean \"point-value\"?)"));
  CHECK_THAT(message(nodes, "4x4", "4x5"), Contains("node_types.csv:2: shape 4x5: expected one to four sizes"));
  CHECK_THAT(message(nodes, "4x4", "4x4x"), Contains("shape 4x4x: expected"));
  CHECK_THAT(message(nodes, "1 map", "7 map"), Contains("no row for population \"map\" with node_type_id 1"));
  CHECK_THAT(message(nodes, " image.json", ""), Contains("node_types.csv:2: 5 fields: expected 6"));
  CHECK_THAT(message(nodes, "image.json", "\"image.json"), Contains("node_types.csv:2: a quote is not closed"));
  CHECK_THAT(message(nodes, "image.json", "gone.json"), Contains("gone.json: cannot be read as a file"));
  CHECK_THAT(message(edges, " from ", " of "),
             Contains("edge_types.csv:2: there is no \"from\": add a column that names "
                      "the output that is sent of \"image\", as image.NAME"));
  CHECK_THAT(message(edges, "image.rate", "map.rate"),
             Contains("from map.rate: these edges are at population \"image\""));
  CHECK_THAT(message(edges, "image.rate", "image.rat"), Contains("sends no \"rat\" (did you mean \"rate\"?)"));
  CHECK_THAT(message(edges, "map.feedback", "map"), Contains("to map: expected POPULATION.NAME"));
  CHECK_THAT(message("circuit_config.json", "\"networks\"", "\"netwerks\""),
             Contains("circuit_config.json: expected networks.nodes = [{ \"nodes_file\": ... }, ...]"));
  CHECK_THAT(message("circuit_config.json", "$NETWORK_DIR/nodes.h5", "$NETWORKS/nodes.h5"),
             Contains("\"$NETWORKS/nodes.h5\": the manifest does not say what that is"));
  CHECK_THAT(message("circuit_config.json", "{", "["), Contains("circuit_config.json: no JSON"));
  CHECK_THAT(message("circuit_config.json", "nodes.h5", "none.h5"), Contains("none.h5"));
  CHECK_THAT(message("components/point_neuron_models/map.json", "0.1", "[0.1]"),
             Contains("map.json: \"gamma\": expected a number, true, false or a text"));
  CHECK_THAT(message("components/point_neuron_models/map.json", "gamma", "gamme"),
             Contains("has no parameter \"gamme\" (did you mean \"gamma\"?)"));
  CHECK_THROWS_WITH(sonata::read_circuit("/nowhere/circuit_config.json"), Contains("cannot be read as a file"));
}

TEST_CASE("sonata import: members of unknown types and edges to nowhere are told, other delays are taken", "[sonata]") {
  const auto message = [](const std::string& file, const std::string& dataset, auto number) {
    const exported_circuit out(grid_netlist());
    {
      const hdf5::session exclusive;
      hdf5::object opened = hdf5::open_to_amend(out.path(file));
      const hdf5::object found = hdf5::open_dataset(opened, dataset);
      std::vector<decltype(number)> all(hdf5::size_of(found)[0]);
      const hid_t type = sonata::number_types<decltype(number)>::memory();
      hdf5::read(found, type, all.data());
      all.back() = number;
      hdf5::write(found, type, all.data());
      hdf5::close(opened);
    }
    return out.message();
  };
  const std::string edges = "/edges/image__map__features/";
  CHECK_THAT(message("network/nodes.h5", "/nodes/map/node_type_id", std::int64_t{3}),
             Contains("no row for population \"map\" with node_type_id 3"));
  CHECK_THAT(message("network/edges.h5", edges + "edge_type_id", std::int64_t{9}),
             Contains("no row for population \"image__map__features\" with edge_type_id 9"));
  CHECK_THAT(message("network/edges.h5", edges + "0/delay_ticks", std::uint32_t{5}), Contains("(nothing)"));
  CHECK_THAT(message("network/edges.h5", edges + "source_node_id", std::uint64_t{16}),
             Contains("projection \"features\" has 8 targets and 16 sources"));
  CHECK_THAT(message("network/edges.h5", edges + "source_node_id", std::uint64_t{14}),
             Contains("each may be listed once"));
}

TEST_CASE("sonata import: tables of types have quotes where NULL and spaces stand", "[sonata]") {
  const scratch_directory folder;
  const auto rows = sonata::read_types(
      folder.write("t.csv", "node_type_id  name\tnote\r\n0 \"two words\" NULL\n\n1 \"a \"\"b\"\"\" \"\"\n"));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].find("name") == "two words");
  CHECK(!rows[0].find("note"));
  CHECK(!rows[0].find("none"));
  CHECK(rows[1].find("name") == "a \"b\"");
  CHECK(rows[1].find("note") == "");
  CHECK(rows[1].at.line == 4);
}

}  // namespace test_sonata_import
