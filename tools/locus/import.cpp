#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "models/templates/catalogue.hpp"
#include "sim/circuit/circuit.hpp"
#include "sim/circuit/graphml_import.hpp"
#include "sim/core/text_file.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/run/files.hpp"
#include "sim/sonata/circuit_import.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {

namespace {

namespace fs = std::filesystem;

/// What SONATA has no place for: that of the netlist which an export of Locus holds.
std::optional<description> settings_beside(const fs::path& config) {
  const std::string netlist = (config.parent_path() / "netlist.toml").string();
  if (std::error_code ignored; fs::is_regular_file(netlist, ignored))
    return read_netlist(document::from_file(netlist), all_templates());
  return std::nullopt;
}

int run_import_sonata(const parsed_arguments& parsed) {
  const std::string config = sonata::circuit_config_path(parsed.text("circuit"));
  const std::string out = parsed.has("out") ? parsed.text("out") : "-";
  check_files({{"--out", out}}, {{"the circuit", config}});
  const auto settings = settings_beside(config);
  description netlist = settings.value_or(description());
  sonata::imported_circuit read = sonata::read_circuit(config, netlist.dt);
  if (!settings)
    tell("there is no netlist.toml beside circuit_config.json: the netlist has no stimuli and no models of its own");
  for (const std::string& note : read.notes) tell(note);
  netlist.source = config;
  if (read.dt) netlist.dt = read.dt;
  netlist.populations = std::move(read.populations);
  netlist.projections = std::move(read.projections);
  (void)outline_circuit(netlist);  // what does not fit together is told now
  write_output(out, long_form(netlist));
  return done;
}

}  // namespace

/// The text of a netlist that the settings and the circuit of a file make.
std::string netlist_of_graphml(const std::string& file) {
  graphml_circuit read = read_graphml(read_file(file, "graph"), file);
  if (!read.settings)
    tell(fmt::format("{} has no settings of a netlist: the netlist has no stimuli and no models of its own", file));
  description circuit;
  circuit.populations = std::move(read.populations);
  circuit.projections = std::move(read.projections);
  return read.settings.value_or("") + long_form_network(circuit);
}

int run_import_graphml(const parsed_arguments& parsed) {
  const std::string file = parsed.text("graph");
  const std::string out = parsed.has("out") ? parsed.text("out") : "-";
  check_files({{"--out", out}}, {{"the graph", file}});
  // What no netlist says, and what does not fit together, is told now, by its place in the netlist that would be.
  const description netlist =
      read_netlist(document::from_text(netlist_of_graphml(file), file + " as a netlist"), all_templates());
  (void)outline_circuit(netlist);
  write_output(out, long_form(netlist));
  return done;
}

const command& import_command() {
  static const command from_sonata = {
      .name = "import sonata",
      .synopsis = "import sonata CIRCUIT [options]",
      .summary = "the netlist of a circuit in SONATA",
      .takes = {"circuit"},
      .options = {{"out", "FILE", "write the netlist there (default: standard output)"}},
      .run = run_import_sonata,
      .example = "locus import sonata xor-circuit --out xor.toml",
      .notes =
          "CIRCUIT is a folder with circuit_config.json, or such a file. Connections and weights stay in its file "
          "of edges, which the netlist names. Its tables of types say which models of Locus nodes and edges have.",
      .isolated = true};
  static const command from_graphml = {
      .name = "import graphml",
      .synopsis = "import graphml GRAPH [options]",
      .summary = "the netlist of a circuit in GraphML, entity by entity",
      .takes = {"graph"},
      .options = {{"out", "FILE", "write the netlist there (default: standard output)"}},
      .run = run_import_graphml,
      .example = "locus import graphml xor.graphml --out xor.toml",
      .notes =
          "GRAPH is what `locus describe --graphml FILE --by entity` writes, or another program from it: neurons and "
          "synapses, their models, parameters and weights, and as text what is no entity, such as stimuli.",
      .isolated = true};
  static const command c = {.name = "import",
                            .synopsis = "import FORMAT CIRCUIT [options]",
                            .summary = "make a netlist of a circuit that is in another format",
                            .parts = {&from_sonata, &from_graphml}};
  return c;
}

}  // namespace locus::tools
