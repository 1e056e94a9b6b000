#include <fmt/format.h>

#include <filesystem>

#include "models/templates/catalogue.hpp"
#include "sim/circuit/circuit.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/sonata/circuit_import.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/files.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {

namespace {

namespace fs = std::filesystem;

/// What SONATA has no place for: that of the netlist which an export of Locus holds.
description settings_beside(const fs::path& config) {
  const std::string netlist = (config.parent_path() / "netlist.toml").string();
  if (std::error_code ignored; fs::is_regular_file(netlist, ignored))
    return read_netlist(document::from_file(netlist), all_templates());
  tell("there is no netlist.toml beside circuit_config.json: the netlist has no stimuli and no models of its own");
  return {};
}

int run_import_sonata(const parsed_arguments& parsed) {
  const std::string config = sonata::circuit_config_path(parsed.text("circuit"));
  const std::string out = parsed.has("out") ? parsed.text("out") : "-";
  check_files({{"--out", out}}, {{"the circuit", config}});
  sonata::imported_circuit read = sonata::read_circuit(config);
  description netlist = settings_beside(config);
  netlist.source = config;
  netlist.dt = read.dt;
  netlist.populations = std::move(read.populations);
  netlist.projections = std::move(read.projections);
  (void)outline_circuit(netlist);  // what does not fit together is told now
  write_output(out, long_form(netlist));
  return done;
}

}  // namespace

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
  static const command c = {.name = "import",
                            .synopsis = "import FORMAT CIRCUIT [options]",
                            .summary = "make a netlist of a circuit that is in another format",
                            .parts = {&from_sonata}};
  return c;
}

}  // namespace locus::tools
