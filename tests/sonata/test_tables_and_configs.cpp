/// Tables of types and configurations: section 3 of the rules.

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "sim/sonata/names.hpp"
#include "tests/sonata/exported.hpp"
#include "tests/sonata/sonata_reading.hpp"

namespace test_sonata_tables_and_configs {

using namespace locus;
using namespace locus::test;
using nlohmann::json;

namespace {

json json_of(const std::string& path) { return json::parse(bytes_of(path)); }

/// Rows of a table whose fields have no spaces in them.
std::vector<std::vector<std::string>> table(const std::string& path) {
  const std::string text = bytes_of(path);
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  CHECK(text.find("  ") == std::string::npos);
  CHECK(text.back() == '\n');
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, ' ');) rows.back().push_back(field);
    CHECK(rows.back().size() == rows.front().size());
  }
  return rows;
}

/// A path of a config with its variables replaced.
std::string expanded(std::string path, const json& manifest) {
  for (int round = 0; round < 10; ++round) {
    for (const auto& [name, value] : manifest.items()) {
      CHECK(std::regex_match(name, std::regex(R"(\$[a-zA-Z0-9_]*)")));
      const auto at = path.find(name);
      if (at != std::string::npos) path.replace(at, name.size(), value.get<std::string>());
    }
  }
  return path;
}

}  // namespace

TEST_CASE("sonata: types of nodes and edges are tables with single spaces", "[sonata]") {
  const exported_run run(xor_netlist(), 1);
  const auto nodes = table(run.path("network/node_types.csv"));
  CHECK(nodes.front() == std::vector<std::string>{"node_type_id", "population", "model_type", "model_template",
                                                  "dynamics_params", "shape"});
  REQUIRE(nodes.size() == run.net.populations.size() + 1);
  CHECK(nodes[1] == std::vector<std::string>{"0", "input.value", "point_neuron", "locus:two-compartment-value",
                                             "input.value.json", "NULL"});
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    CHECK(nodes[i][3] == "locus:" + std::string(run.net.populations[i - 1].model->info.name));
    // NEST hands each parameter on to the model, by name.
    const json parameters = json_of(run.path("components/point_neuron_models/" + nodes[i][4]));
    for (const auto& [name, value] : parameters.items()) {
      INFO(name);
      CHECK(value.is_primitive());
    }
  }
  CHECK(json_of(run.path("components/point_neuron_models/hidden1.value.json"))["activation"] == "tanh");

  const auto edges = table(run.path("network/edge_types.csv"));
  CHECK(edges.front() == std::vector<std::string>{"edge_type_id", "population", "target_query", "source_query", "delay",
                                                  "dynamics_params", "model_template", "from", "to", "pre", "post",
                                                  "gate", "gate_at", "shared", "transposed", "kernel"});
  REQUIRE(edges.size() == run.net.projections.size() + 1);
  for (std::size_t i = 1; i < edges.size(); ++i) {
    const projection& p = run.net.projections[i - 1];
    CHECK(edges[i][0] == std::to_string(i - 1));
    CHECK(edges[i][1] == sonata::edge_population(run.net, p));
    CHECK(edges[i][2] == "node_type_id=='" + std::to_string(p.to.population) + "'");
    CHECK(edges[i][4] == "1.0");
    CHECK(edges[i][7] == run.net.name_of(p.from));
    CHECK(edges[i][8] == run.net.name_of(p.to));
    // A file for each, or NEST and bmtk fail at the one that is missing.
    const json parameters = json_of(run.path("components/synaptic_models/" + edges[i][5]));
    REQUIRE(parameters.is_object());
    if (p.synapse == nullptr) {
      CHECK(parameters.empty());
      CHECK(edges[i][6] == "locus:link");
    } else {
      CHECK(parameters["alpha"] == 0.1);
      CHECK(edges[i][6] == "locus:gated-hebbian");
    }
  }
}

TEST_CASE("sonata: the circuit's config names every population once, with a type, and files that exist", "[sonata]") {
  const exported_run run(xor_netlist(), 1);
  const json config = json_of(run.path("circuit_config.json"));
  const auto exists = [&](const json& path) {
    return std::filesystem::exists(run.path(expanded(path.get<std::string>(), config["manifest"])));
  };
  CHECK(exists(config["components"]["point_neuron_models_dir"]));
  CHECK(exists(config["components"]["synaptic_models_dir"]));
  CHECK(exists(config["node_sets_file"]));
  CHECK(config["target_simulator"] == "NEST");  // the only one that NEST takes
  CHECK(config["metadata"]["tick_ms"] == 1.0);
  // NEST joins each of them with the folder of the config; an absolute one could not be moved.
  for (const auto& [name, value] : config["manifest"].items()) CHECK(value.get<std::string>().front() != '/');
  for (const auto& [kind, type] : {std::pair{"node", "point_neuron"}, std::pair{"edge", "chemical"}}) {
    const std::string plural = std::string(kind) + "s";
    REQUIRE(config["networks"][plural].size() == 1);
    const json& network = config["networks"][plural][0];
    CHECK(exists(network[plural + "_file"]));
    CHECK(exists(network[std::string(kind) + "_types_file"]));
    const sonata_file f(run.path("network/" + plural + ".h5"));
    const auto populations = f.children("/" + plural);
    CHECK(network["populations"].size() == populations.size());
    for (const std::string& name : populations) CHECK(network["populations"].at(name)["type"] == type);
  }
}

TEST_CASE("sonata: a simulation's config says all that libsonata demands, and nothing that it refuses", "[sonata]") {
  for (const std::string& netlist : {xor_netlist(), sparse_netlist()}) {
    const exported_run run(netlist);
    REQUIRE(run.summary.files.size() == run.net.lanes);
    for (const std::string& file : run.summary.files) {
      const json config = json_of(run.path(file));
      INFO(file);
      const auto path = [&](const json& p) { return run.path(expanded(p.get<std::string>(), config["manifest"])); };
      CHECK(std::filesystem::exists(path(config["network"])));
      CHECK(config["run"]["tstop"] == 24.0);
      CHECK(config["run"]["dt"] == 1.0);
      CHECK(config["run"]["random_seed"] == 7);
      CHECK_FALSE(config.contains("target_simulator"));
      CHECK(config["output"]["spikes_sort_order"] == "by_time");
      const std::string outputs = path(config["output"]["output_dir"]) + "/";
      CHECK(std::filesystem::exists(outputs + config["output"]["spikes_file"].get<std::string>()));
      const json sets = json_of(path(config["node_sets_file"]));
      CHECK(json_of(path(config["network"]))["node_sets"] == sets);
      REQUIRE(config["reports"].size() == run.summary.reports.size());
      for (const auto& [name, r] : config["reports"].items()) {
        INFO(name);
        const bool synapses = name.find("theta") != std::string::npos;
        CHECK(r["type"] == (synapses ? "synapse" : "compartment"));
        CHECK(r["sections"] == (synapses ? "all" : "soma"));  // SNAP: with "soma" a node has one column
        CHECK(std::regex_match(r["variable_name"].get<std::string>(), std::regex(R"(\w+)")));
        const sonata_file f(outputs + r["file_name"].get<std::string>());
        const std::string population = "/report/" + f.children("/report").front();
        CHECK(f.numbers(population + "/mapping/time") == std::vector<double>{r["start_time"], r["end_time"], r["dt"]});
        CHECK(f.text(population + "/data", "units") == r["unit"].get<std::string>());
        for (const json& member : sets.at(r["cells"].get<std::string>())) {
          const json& set = sets.at(member.get<std::string>());
          const auto nodes = f.integers("/report/" + set["population"].get<std::string>() + "/mapping/node_ids");
          const std::size_t all =
              run.net.populations[*run.net.find_population(set["population"].get<std::string>())].size;
          if (set.contains("node_id")) CHECK(set["node_id"].get<std::vector<std::int64_t>>() == nodes);
          CHECK(set.contains("node_id") == (nodes.size() < all));
        }
      }
      for (const auto& [name, value] : config["metadata"].items()) CHECK(value.is_primitive());
    }
  }
}

TEST_CASE("sonata: what is not written is said", "[sonata]") {
  std::string netlist = xor_netlist();
  netlist.replace(netlist.find("record = [\"*\"]"), 14, "record = [\"output.value.x\"]\nfrom = 1000");
  const exported_run run(netlist);
  CHECK(run.summary.reports.empty());
  CHECK(run.summary.left_out == std::vector<std::string>{"output.value.x: the trace has no values of it"});
  CHECK_FALSE(std::filesystem::exists(run.path("output/reports")));
  CHECK_FALSE(json_of(run.path("simulation_config.json")).contains("reports"));
}

TEST_CASE("sonata: units of all models are from a fixed list", "[sonata]") {
  for (const model_declaration& model : all_models()) {
    for (const field& f : model.fields) {
      INFO(model.info.name << "." << f.name);
      CHECK(sonata_units.count(std::string(f.unit)) == 1);
    }
  }
}

}  // namespace test_sonata_tables_and_configs
