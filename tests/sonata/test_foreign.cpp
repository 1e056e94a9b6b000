/// Circuits as others write them, by the format's specification: several groups of nodes and edges, several populations
/// in a file, attributes that are missing, types in tables, variables in the config. And broken ones, each of which
/// gets one sentence that names the file and what is wrong in it.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <variant>

#include "models/templates/catalogue.hpp"
#include "sim/circuit/connections.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/sonata/circuit_import.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_sonata_foreign {

using namespace locus;
using Catch::Contains;
using test::scratch_directory;

namespace {

/// A dataset, or a text attribute of one: "PATH@NAME".
using numbers = std::vector<std::int64_t>;
using reals = std::vector<double>;
using column = std::variant<numbers, reals, std::string>;

/// The files of a circuit. Two populations of nodes share a file, and so do two of edges.
struct foreign_circuit {
  std::map<std::string, column> nodes = {
      {"/nodes/thalamus/node_type_id", numbers{100, 100, 100, 100}},
      // The members of group 0 are nodes 1 and 2, in the other order.
      {"/nodes/thalamus/node_group_id", numbers{1, 0, 0, 1}},
      {"/nodes/thalamus/node_group_index", numbers{0, 1, 0, 1}},
      {"/nodes/thalamus/0/x", reals{0.5, 1.5}},
      {"/nodes/thalamus/0/dynamics_params/gamma", reals{0.25, 0.25}},
      {"/nodes/thalamus/1/dynamics_params/gamma", reals{0.25, 0.25}},
      {"/nodes/cortex/node_type_id", numbers{200, 201, 200}},
      {"/nodes/cortex/node_id", numbers{0, 1, 2}},
      {"/nodes/cortex/0/y", reals{1, 2, 3}},
  };
  std::map<std::string, column> edges = {
      {"/edges/thalamus_to_cortex/source_node_id", numbers{3, 0, 1, 2, 0}},
      {"/edges/thalamus_to_cortex/source_node_id@node_population", "thalamus"},
      {"/edges/thalamus_to_cortex/target_node_id", numbers{2, 1, 0, 0, 2}},
      {"/edges/thalamus_to_cortex/target_node_id@node_population", "cortex"},
      {"/edges/thalamus_to_cortex/edge_type_id", numbers{7, 8, 7, 8, 7}},
      {"/edges/thalamus_to_cortex/edge_group_id", numbers{0, 2, 0, 2, 2}},
      {"/edges/thalamus_to_cortex/edge_group_index", numbers{1, 2, 0, 0, 1}},
      {"/edges/thalamus_to_cortex/0/syn_weight", reals{0.1, 0.2}},
      {"/edges/thalamus_to_cortex/2/syn_weight", reals{-1, -2, -3}},
      {"/edges/thalamus_to_cortex/0/delay", reals{1.5, 0.5}},
      {"/edges/thalamus_to_cortex/2/delay", reals{2, 1, 1}},
      // No groups, no weights: both are in the table of types.
      {"/edges/recurrent/source_node_id", numbers{0, 1, 2}},
      {"/edges/recurrent/source_node_id@node_population", "cortex"},
      {"/edges/recurrent/target_node_id", numbers{1, 2, 0}},
      {"/edges/recurrent/target_node_id@node_population", "cortex"},
      {"/edges/recurrent/edge_type_id", numbers{9, 9, 9}},
  };
  std::map<std::string, std::string> texts = {
      {"circuit_config.json", R"({
  "manifest": {"$BASE_DIR": "${configdir}", "$NETWORK_DIR": "$BASE_DIR/net", "$COMPONENTS": "$BASE_DIR/parts"},
  "components": {"point_neuron_models_dir": "$COMPONENTS", "synaptic_models_dir": "$COMPONENTS"},
  "networks": {
    "nodes": [{"nodes_file": "$NETWORK_DIR/nodes.h5", "node_types_file": "$NETWORK_DIR/node_types.csv"}],
    "edges": [{"edges_file": "$NETWORK_DIR/edges.h5", "edge_types_file": "$NETWORK_DIR/edge_types.csv"}]}})"},
      {"net/node_types.csv",
       "node_type_id pop_name model_type model_template dynamics_params\n"
       "100 \"LGN cells\" virtual locus:point-value NULL\n"
       "200 e point_neuron locus:point-value cells.json\n"
       "201 i point_neuron locus:point-value cells.json\n"},
      {"net/edge_types.csv",
       "edge_type_id target_query source_query syn_weight delay dynamics_params model_template from to\n"
       "7 pop_name=='e' \"pop_name=='LGN cells'\" 3.0 2.0 NULL locus:fixed thalamus.rate cortex.feedback\n"
       "8 pop_name=='i' \"pop_name=='LGN cells'\" 4.0 2.0 NULL locus:fixed thalamus.rate cortex.feedback\n"
       "9 * * 0.75 1.5 NULL locus:fixed cortex.rate cortex.error\n"},
      {"parts/cells.json", R"({"gamma": 0.5, "activation": "relu"})"},
  };

  void write(const scratch_directory& folder) const {
    for (const char* const name : {"net", "parts"}) std::filesystem::create_directories(folder.path(name));
    for (const auto& [name, text] : texts) (void)folder.write(name, text);
    write_hdf5(folder.path("net/nodes.h5"), nodes);
    write_hdf5(folder.path("net/edges.h5"), edges);
  }

  static void write_hdf5(const std::string& name, const std::map<std::string, column>& columns) {
    const hdf5::session exclusive;
    atomic_file place(name);
    hdf5::object file = hdf5::create_file(place);
    for (const auto& [path, content] : columns) write_one(file, path, content);
    hdf5::close(file);
    place.commit();
  }

  static void write_one(const hdf5::object& file, const std::string& path, const column& content) {
    if (const auto at = path.find('@'); at != std::string::npos) {
      hdf5::set_text(hdf5::open_dataset(file, path.substr(0, at)), path.substr(at + 1), std::get<std::string>(content));
      return;
    }
    const auto write = [&](const auto& all, hid_t type, hid_t memory) {
      const auto slash = path.rfind('/');
      const hdf5::object group = hdf5::open_group(file, path.substr(0, slash));
      const hdf5::object dataset =
          hdf5::create_dataset(group, path.substr(slash + 1), type, {.size = {all.size()}, .chunk = {}});
      if (!all.empty()) hdf5::write(dataset, memory, all.data());
    };
    if (const auto* whole = std::get_if<numbers>(&content)) write(*whole, H5T_STD_U32LE, H5T_NATIVE_INT64);
    else if (const auto* real = std::get_if<reals>(&content)) write(*real, H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE);
    else hdf5::write_texts(file, path, {std::get<std::string>(content)});
  }
};

struct imported {
  explicit imported(const foreign_circuit& files, std::optional<double> dt = 0.5) {
    files.write(folder);
    sonata::imported_circuit read = sonata::read_circuit(folder.path("circuit_config.json"), dt);
    netlist.dt = dt;
    netlist.populations = std::move(read.populations);
    netlist.projections = std::move(read.projections);
    net = build_circuit(netlist);
  }
  scratch_directory folder;
  description netlist;
  circuit net;
};

/// Target, source, weight and delay in ticks.
struct edge {
  std::size_t target, source;
  double weight;
  std::uint32_t delay;
  friend bool operator==(const edge&, const edge&) = default;
};

std::vector<edge> edges_of(const circuit& c, const std::string& name) {
  const std::size_t index = c.find_projection(name).value();
  const std::vector<double> weights = initial_weights(c, index);
  std::vector<edge> all;
  each_connection(c, c.projections[index], [&](std::size_t source, std::size_t target, std::size_t k) {
    all.push_back({target, source, weights[k], delay_of(c.projections[index], k)});
  });
  return all;
}

parameter_value parameter(const circuit& c, const std::string& population, const std::string& name) {
  const locus::population& p = c.populations[c.find_population(population).value()];
  for (const parameter_info& info : p.model->parameters)
    if (info.name == name) return info.get(p.params.get());
  throw internal_error("no parameter " + name);
}

/// The error of such files, after the folder.
std::string message(const foreign_circuit& files) {
  const scratch_directory folder;
  files.write(folder);
  try {
    sonata::imported_circuit read = sonata::read_circuit(folder.path("circuit_config.json"), 0.5);
    description netlist;
    netlist.dt = 0.5;
    netlist.populations = std::move(read.populations);
    netlist.projections = std::move(read.projections);
    const circuit c = build_circuit(netlist);
    for (std::size_t i = 0; i < c.projections.size(); ++i) (void)initial_weights(c, i);
  } catch (const std::exception& error) {
    std::string text = error.what();
    for (std::size_t at = 0; (at = text.find(folder.path())) != std::string::npos;)
      text.erase(at, folder.path().size() + 1);
    CHECK(std::count(text.begin(), text.end(), '\n') == 0);
    return text;
  }
  return "(nothing)";
}

/// The same of files in which a column is another, or is missing.
std::string with_nodes(const std::string& path, std::optional<column> content) {
  foreign_circuit files;
  files.nodes.erase(path);
  if (content) files.nodes.emplace(path, *content);
  return message(files);
}
std::string with_edges(const std::string& path, std::optional<column> content) {
  foreign_circuit files;
  files.edges.erase(path);
  if (content) files.edges.emplace(path, *content);
  return message(files);
}
std::string with_text(const std::string& name, const std::string& from, const std::string& to) {
  foreign_circuit files;
  std::string& text = files.texts.at(name);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  return message(files);
}

constexpr double third = static_cast<double>(0.1f), fifth = static_cast<double>(0.2f);

}  // namespace

TEST_CASE("sonata, foreign: groups of nodes and edges, several types, and what stands in tables alone", "[sonata]") {
  const imported in(foreign_circuit{});
  REQUIRE(in.net.populations.size() == 2);
  CHECK(in.net.populations[0].name == "thalamus");
  CHECK(in.net.populations[0].size == 4);
  CHECK(in.net.populations[1].size == 3);
  CHECK(std::get<double>(parameter(in.net, "thalamus", "gamma")) == 0.25);  // of the HDF5 file
  CHECK(std::get<double>(parameter(in.net, "cortex", "gamma")) == 0.5);     // of the JSON file
  CHECK(std::get<std::string>(parameter(in.net, "cortex", "activation")) == "relu");
  // Row edge_group_index of group edge_group_id; milliseconds, of which each tick has half a one.
  CHECK(edges_of(in.net, "thalamus_to_cortex") ==
        std::vector<edge>{{0, 1, third, 3}, {0, 2, -1, 4}, {1, 0, -3, 2}, {2, 0, -2, 2}, {2, 3, fifth, 1}});
  CHECK(edges_of(in.net, "recurrent") == std::vector<edge>{{0, 2, 0.75, 3}, {1, 0, 0.75, 3}, {2, 1, 0.75, 3}});
}

TEST_CASE("sonata, foreign: what is optional may be missing", "[sonata]") {
  foreign_circuit files;
  files.nodes.erase("/nodes/cortex/node_id");
  for (const char* name :
       {"node_group_id", "node_group_index", "0/x", "0/dynamics_params/gamma", "1/dynamics_params/gamma"})
    files.nodes.erase(std::string("/nodes/thalamus/") + name);
  for (const char* name : {"edge_group_id", "edge_group_index", "2/syn_weight", "2/delay", "0/delay"})
    files.edges.erase(std::string("/edges/thalamus_to_cortex/") + name);
  files.edges["/edges/thalamus_to_cortex/0/syn_weight"] = reals{1, 2, 3, 4, 5};
  const imported in(files);
  CHECK(std::get<double>(parameter(in.net, "thalamus", "gamma")) == 1);  // the model's own
  // The delay of both types, in the table.
  CHECK(edges_of(in.net, "thalamus_to_cortex") ==
        std::vector<edge>{{0, 1, 3, 4}, {0, 2, 4, 4}, {1, 0, 2, 4}, {2, 0, 5, 4}, {2, 3, 1, 4}});
}

TEST_CASE("sonata, foreign: populations in files of their own, parameters beside JSON, weights as integers",
          "[sonata]") {
  foreign_circuit files;
  std::string& config = files.texts["circuit_config.json"];
  config.replace(config.find("\"edges\": [{"), 11,
                 "\"edges\": [{\"edges_file\": \"./net/more.h5\", \"edge_types_file\": \"./net/more.csv\"}, {");
  files.texts["net/more.csv"] =
      "edge_type_id population model_template from to dynamics_params\n"
      "1 other NULL NULL NULL NULL\n1 back locus:fixed cortex.rate thalamus.feedback none.json\n";
  files.texts["parts/none.json"] = "{}";
  const std::map<std::string, column> more = {
      {"/edges/back/source_node_id", numbers{2}}, {"/edges/back/source_node_id@node_population", "cortex"},
      {"/edges/back/target_node_id", numbers{3}}, {"/edges/back/target_node_id@node_population", "thalamus"},
      {"/edges/back/edge_type_id", numbers{1}},   {"/edges/back/0/syn_weight", numbers{2}},
      {"/edges/back/0/delay", numbers{3}}};
  const scratch_directory folder;
  files.write(folder);
  foreign_circuit::write_hdf5(folder.path("net/more.h5"), more);
  sonata::imported_circuit read = sonata::read_circuit(folder.path("circuit_config.json"), 0.5);
  CHECK(read.notes.empty());
  description netlist;
  netlist.populations = read.populations;
  netlist.projections = {read.projections.at(0)};
  CHECK(netlist.projections[0].name == "back");
  CHECK(edges_of(build_circuit(netlist), "back") == std::vector<edge>{{3, 2, 2, 6}});
}

TEST_CASE("sonata, foreign: groups that do not fit their members are told", "[sonata]") {
  CHECK_THAT(with_nodes("/nodes/thalamus/node_group_index", {}),
             Contains("net/nodes.h5") && Contains("there is /nodes/thalamus/node_group_id, but no "
                                                  "/nodes/thalamus/node_group_index"));
  CHECK_THAT(with_nodes("/nodes/thalamus/node_group_index", numbers{0, 1, 0}),
             Contains("/nodes/thalamus/node_group_index") && Contains("it has 3 numbers for 4 members"));
  CHECK_THAT(
      with_nodes("/nodes/thalamus/node_group_index", numbers{0, 1, 0, 2}),
      Contains("/nodes/thalamus/1/dynamics_params/gamma has 2 numbers, but member 3 of /nodes/thalamus is row 2"));
  CHECK_THAT(with_nodes("/nodes/thalamus/node_group_id", numbers{0, 0, 0, 5}),
             Contains("/nodes/thalamus/node_group_id[3] is 5, but there is no group /nodes/thalamus/5"));
  CHECK_THAT(with_nodes("/nodes/thalamus/0/dynamics_params/gamma", {}),
             Contains("net/nodes.h5") && Contains("/nodes/thalamus/0/dynamics_params/gamma"));
  CHECK_THAT(with_nodes("/nodes/thalamus/1/dynamics_params/gamma", {}),  // then there is no such group
             Contains("/nodes/thalamus/node_group_id[0] is 1, but there is no group /nodes/thalamus/1"));
  CHECK_THAT(with_nodes("/nodes/thalamus/1/dynamics_params/gamma", reals{0.25, 0.5}),
             Contains("0.25 and 0.5: a parameter must be the same for all members of a population"));
  foreign_circuit files;
  files.nodes.erase("/nodes/thalamus/node_group_id");
  files.nodes.erase("/nodes/thalamus/node_group_index");
  CHECK_THAT(message(files), Contains("/nodes/thalamus has 2 groups, but no /nodes/thalamus/node_group_id"));

  CHECK_THAT(with_edges("/edges/thalamus_to_cortex/edge_group_id", {}),
             Contains("net/edges.h5") && Contains("but no /edges/thalamus_to_cortex/edge_group_id"));
  CHECK_THAT(with_edges("/edges/thalamus_to_cortex/edge_group_id", numbers{0, 2, 0, 2, 1}),
             Contains("edge_group_id[4] is 1, but there is no group /edges/thalamus_to_cortex/1"));
  CHECK_THAT(with_edges("/edges/thalamus_to_cortex/2/syn_weight", {}),
             Contains("net/edges.h5") && Contains("/edges/thalamus_to_cortex/2/syn_weight"));
  CHECK_THAT(
      with_edges("/edges/thalamus_to_cortex/2/syn_weight", reals{1, 2}),
      Contains("/edges/thalamus_to_cortex/2/syn_weight has 2 numbers, but member 1 of /edges/thalamus_to_cortex is "
               "row 2"));
  CHECK_THAT(with_edges("/edges/thalamus_to_cortex/2/syn_weight", reals{1, NAN, 2}),
             Contains("the weight of edge 4 of /edges/thalamus_to_cortex is nan: must be finite"));
  CHECK_THAT(with_edges("/edges/thalamus_to_cortex/0/delay", {}), Contains("/edges/thalamus_to_cortex/0/delay"));
}

TEST_CASE("sonata, foreign: members that are not of one kind are told", "[sonata]") {
  CHECK_THAT(with_text("net/node_types.csv", "201 i point_neuron locus:point-value cells.json",
                       "201 i point_neuron locus:error cells.json"),
             Contains("net/node_types.csv:4: population \"cortex\" has members of types 200 and 201, which differ in "
                      "model_template"));
  CHECK_THAT(
      with_text("net/edge_types.csv",
                "8 pop_name=='i' \"pop_name=='LGN cells'\" 4.0 2.0 NULL locus:fixed thalamus.rate",
                "8 pop_name=='i' \"pop_name=='LGN cells'\" 4.0 2.0 NULL locus:fixed thalamus.x"),
      Contains("net/edge_types.csv:3: population \"thalamus_to_cortex\" has members of types 7 and 8, which differ "
               "in from"));
  CHECK_THAT(with_nodes("/nodes/cortex/node_type_id", numbers{200, 300, 200}),
             Contains("net/node_types.csv: no row for population \"cortex\" with node_type_id 300"));
  foreign_circuit files;
  for (const char* name : {"0/syn_weight", "2/syn_weight"})
    files.edges.erase(std::string("/edges/thalamus_to_cortex/") + name);
  CHECK_THAT(message(files),
             Contains("net/edge_types.csv:3: population \"thalamus_to_cortex\": syn_weight differs from "
                      "that at net/edge_types.csv:2: give each edge its own"));
  CHECK_THAT(with_text("net/edge_types.csv", "9 * * 0.75", "9 * * NULL"),
             Contains("net/edges.h5") && Contains("/edges/recurrent has no attribute syn_weight, and neither has "
                                                  "net/edge_types.csv"));
  CHECK_THAT(with_text("net/edge_types.csv", "9 * * 0.75", "9 * * strong"),
             Contains("net/edge_types.csv:4: syn_weight strong: expected a number"));
}

TEST_CASE("sonata, foreign: ids and ends that do not fit are told", "[sonata]") {
  CHECK_THAT(with_nodes("/nodes/cortex/node_id", numbers{0, 2, 1}),
             Contains("/nodes/cortex/node_id") && Contains("node 1 has id 2: ids must count from 0 in their order"));
  CHECK_THAT(with_nodes("/nodes/cortex/node_id", numbers{0, 1}), Contains("it has 2 numbers for 3 nodes"));
  CHECK_THAT(with_nodes("/nodes/cortex/node_type_id", {}), Contains("net/nodes.h5") && Contains("node_type_id"));
  CHECK_THAT(with_nodes("/nodes/cortex/node_type_id", reals{200, 201, 200}), Contains("must be integers"));
  const std::string in = "/edges/thalamus_to_cortex/";
  CHECK_THAT(with_edges(in + "source_node_id@node_population", {}), Contains("it has no attribute node_population"));
  CHECK_THAT(with_edges(in + "source_node_id@node_population", "retina"),
             Contains("source_node_id") && Contains("no file of nodes has the population \"retina\""));
  foreign_circuit without;
  without.edges.erase(in + "target_node_id");
  without.edges.erase(in + "target_node_id@node_population");
  CHECK_THAT(message(without), Contains("net/edges.h5") && Contains("target_node_id"));
  CHECK_THAT(with_edges(in + "source_node_id", numbers{3, 0, 1, 4, 0}),
             Contains("row 3") && Contains("has 3 targets and 4 sources"));
  CHECK_THAT(with_edges(in + "source_node_id", numbers{3, 0, 1, 2, 3}), Contains("each may be listed once"));
  CHECK_THAT(with_edges(in + "edge_type_id", numbers{7, 8, 7, 8}), Contains("it has 5 numbers for 4 members"));
  CHECK_THAT(with_edges("/edges/recurrent/edge_type_id", numbers{9, 9}),
             Contains("/edges/recurrent/target_node_id") && Contains("it has 3 numbers, edge_type_id has 2"));
  CHECK_THAT(with_edges(in + "0/delay", reals{1.5, 0.6}),
             Contains("row 0: delay 0.6") && Contains("expected a whole number of ticks, each of which is 0.5 ms"));
  CHECK_THAT(with_edges(in + "0/delay", reals{1.5, 0}),
             Contains("/edges/thalamus_to_cortex/0/delay: edge 0 has a delay of 0, others a longer one"));
  CHECK_THAT(with_edges(in + "0/delay", reals{1.5, -1}), Contains("edge 0 has a delay of -1"));
  CHECK_THAT(with_text("net/edge_types.csv", "0.75 1.5", "0.75 1.6"),
             Contains("net/edge_types.csv: delay 1.6: expected a whole number of ticks, each of which is 0.5 ms"));
}

TEST_CASE("sonata, foreign: parameters that contradict each other are told", "[sonata]") {
  foreign_circuit files;
  files.nodes["/nodes/cortex/0/dynamics_params/gamma"] = reals{0.25, 0.25, 0.25};
  CHECK_THAT(message(files), Contains("/nodes/cortex/0/dynamics_params/gamma is 0.25, but parts/cells.json says "
                                      "otherwise: make them equal, or take one away"));
  files.nodes["/nodes/cortex/0/dynamics_params/gamma"] = reals{0.5, 0.5, 0.5};
  CHECK(message(files) == "(nothing)");
  files.nodes["/nodes/cortex/0/dynamics_params/tau"] = reals{1, 1, 1};
  CHECK_THAT(message(files), Contains("net/node_types.csv:3") && Contains("\"tau\""));
  CHECK_THAT(with_text("parts/cells.json", "0.5", "null"),
             Contains("parts/cells.json: \"gamma\": expected a number, true, false or a text"));
}

TEST_CASE("sonata, foreign: configs that name nothing are told", "[sonata]") {
  const auto config = [](const std::string& from, const std::string& to) {
    return with_text("circuit_config.json", from, to);
  };
  CHECK_THAT(config("\"$BASE_DIR/net\"", "\"$BASE_DIRS/net\""),
             Contains("circuit_config.json: \"$BASE_DIRS/net/nodes.h5\": the manifest does not say what that is"));
  CHECK_THAT(config("$NETWORK_DIR/nodes.h5", "$ELSEWHERE/nodes.h5"),
             Contains("circuit_config.json: \"$ELSEWHERE/nodes.h5\": the manifest does not say what that is"));
  CHECK_THAT(config("\"$NETWORK_DIR/node_types.csv\"", "null"),
             Contains("circuit_config.json") && Contains("has no \"node_types_file\", which says what its nodes are"));
  CHECK_THAT(config("\"$NETWORK_DIR/nodes.h5\"", "7"), Contains("expected the path of a file, found 7"));
  CHECK_THAT(config("\"components\": {\"point_neuron_models_dir\"", "\"components\": {\"models_dir\""),
             Contains("circuit_config.json: components.point_neuron_models_dir is missing"));
  CHECK_THAT(config("$NETWORK_DIR/edges.h5", "$NETWORK_DIR/nodes.h5"),
             Contains("net/nodes.h5") && Contains("there is no population in /edges"));
  CHECK_THAT(config("\"nodes\": [", "\"nodes\": [7, "), Contains("expected networks.nodes = [{"));
}

}  // namespace test_sonata_foreign
