#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "sim/circuit/census.hpp"
#include "sim/circuit/drawing.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/describe_report.hpp"
#include "tools/locus/files.hpp"
#include "tools/locus/recording.hpp"
#include "tools/locus/sonata_options.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;

drawing_scale scale_of(const parsed_arguments& parsed, const circuit& c) {
  if (parsed.values.count("by") == 0) return suitable_scale(c);
  const std::string by = parsed.values["by"].as<std::string>();
  if (by == "entity") return drawing_scale::entity;
  if (by == "population") return drawing_scale::population;
  throw usage_error(fmt::format("--by = {}: not a scale of drawing{}", by, suggestion(by, {"entity", "population"})));
}

}  // namespace

po::options_description describe_options() {
  po::options_description options("options");
  add_set_option(options);
  const auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  options.add_options()                                                          //
      ("json", file(), "write the counts for programs (- for standard output)")  //
      ("dot", file(), "draw the circuit for Graphviz")                           //
      ("graphml", file(), "write the circuit as GraphML")                        //
      ("by", po::value<std::string>()->value_name("entity|population"),
       fmt::format("what is drawn as one vertex (default: entity up to {} of them)", entity_drawing_limit).c_str());
  add_sonata_options(options);
  return options;
}

int describe_command(const std::vector<std::string>& arguments) {
  const parsed_arguments parsed = parse_arguments(command_named("describe"), arguments);
  if (parsed.help_shown) return done;
  const loaded_netlist loaded = load_netlist(parsed);
  const description& netlist = loaded.netlist;
  circuit c = outline_circuit(netlist);
  const drawing_scale scale = scale_of(parsed, c);
  // An outline tells nothing of single neurons, and of no weights.
  const bool of_entities = parsed.values.count("dot") != 0 && scale == drawing_scale::entity;
  if (of_entities || parsed.values.count("graphml") != 0 || wants_sonata(parsed)) c = build_circuit(netlist);
  const census n = take_census(c);
  const std::array<std::pair<const char*, std::function<void(std::ostream&)>>, 3> writers = {{
      {"json", [&](std::ostream& out) { out << description_as_json(netlist.source, c, n) << '\n'; }},
      {"dot", [&](std::ostream& out) { write_dot(out, c, scale); }},
      {"graphml", [&](std::ostream& out) { write_graphml(out, c, scale); }},
  }};
  const auto file_of = [&](const char* option) {
    return parsed.values.count(option) != 0 ? parsed.values[option].as<std::string>() : std::string();
  };
  const auto to_output =
      std::count_if(writers.begin(), writers.end(), [&](const auto& w) { return file_of(w.first) == "-"; });
  check_files({{"--json", file_of("json")}, {"--dot", file_of("dot")}, {"--graphml", file_of("graphml")}},
              files_of(netlist));
  for (const auto& [option, write] : writers) {
    if (const std::string file = file_of(option); !file.empty()) write_output(file, write);
  }
  std::string written;
  if (wants_sonata(parsed)) {
    const trace_provenance run = provenance(loaded);
    sonata::output_folder folder = open_sonata_folder(parsed);
    written =
        write_sonata_circuit(folder, c, sonata::initial_weights_of(c), {run.version, run.netlist, run.netlist_sha256});
    folder.commit();
  }
  // What is meant for another program stands alone on standard output.
  if (to_output != 0) return done;
  print_description(netlist.source, c, n);
  if (!written.empty()) fmt::print("\n{}\n", written);
  return done;
}

}  // namespace locus::tools
