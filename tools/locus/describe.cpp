#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "sim/circuit/census.hpp"
#include "sim/circuit/drawing.hpp"
#include "sim/core/printable.hpp"
#include "sim/run/circuit_report.hpp"
#include "sim/run/files.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/loading.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/sonata_options.hpp"

namespace locus::tools {
namespace {

drawing_scale scale_of(const parsed_arguments& parsed, const circuit& c) {
  if (!parsed.has("by")) return suitable_scale(c);
  const std::string by = parsed.text("by");
  if (by == "entity") return drawing_scale::entity;
  if (by == "population") return drawing_scale::population;
  throw usage_error(fmt::format("--by = {}: not a scale of drawing{}", by, suggestion(by, {"entity", "population"})));
}

int run_describe(const parsed_arguments& parsed) {
  const loaded_netlist loaded = load_netlist(parsed);
  const description& netlist = loaded.netlist;
  circuit c = outline_circuit(netlist);
  const drawing_scale scale = scale_of(parsed, c);
  // An outline tells nothing of single neurons, and of no weights.
  const bool of_entities = parsed.has("dot") && scale == drawing_scale::entity;
  if (of_entities || parsed.has("graphml") || wants_sonata(parsed)) c = build_circuit(netlist);
  const auto ranks = static_cast<std::size_t>(parsed.whole("ranks", {1, 1'000'000}).value_or(1));
  const census n = take_census(c, ranks);
  const std::array<std::pair<const char*, std::function<void(std::ostream&)>>, 3> writers = {{
      {"json", [&](std::ostream& out) { out << description_as_json(netlist.source, c, n); }},
      {"dot", [&](std::ostream& out) { write_dot(out, c, scale); }},
      {"graphml", [&](std::ostream& out) { write_graphml(out, c, scale, long_form_settings(netlist)); }},
  }};
  const auto to_output =
      std::count_if(writers.begin(), writers.end(), [&](const auto& w) { return parsed.text(w.first) == "-"; });
  check_files({{"--json", parsed.text("json")}, {"--dot", parsed.text("dot")}, {"--graphml", parsed.text("graphml")}},
              files_of(netlist));
  for (const auto& [option, write] : writers) {
    if (const std::string file = parsed.text(option); !file.empty()) write_output(file, write);
  }
  std::string written;
  if (wants_sonata(parsed)) {
    const trace_provenance run = provenance(loaded);
    sonata::output_folder folder = open_sonata_folder(parsed);
    written = write_sonata_circuit(folder, c, sonata::initial_weights_of(c),
                                   {run.version, run.netlist, run.netlist_sha256, sonata::tick_ms(c)});
    folder.commit();
  }
  // What is meant for another program stands alone on standard output.
  if (to_output != 0) return done;
  fmt::print("{}", printable(description_as_text(netlist.source, c, n), true));
  if (!written.empty()) fmt::print("\n{}\n", written);
  return done;
}

}  // namespace

const command& describe_command() {
  static const command c = {
      .name = "describe",
      .synopsis = "describe NETLIST [options]",
      .summary = "count entities and connections, show schedule, memory and control",
      .takes = {"netlist"},
      .options =
          set_option() +
          std::vector<option>{
              {"ranks", "N", "also say what each of N processes will hold and tell the others (docs/ranks.md)"},
              {"json", "FILE", "write the counts for programs (- for standard output)"},
              {"dot", "FILE", "draw the circuit for Graphviz"},
              {"graphml", "FILE", "write the circuit as GraphML"},
              {"by", "entity|population",
               fmt::format("what is drawn as one vertex (default: entity up to {} of them)", entity_drawing_limit)},
          } +
          sonata_options(),
      .run = run_describe,
      .example = "locus describe netlists/xor.toml --sonata xor-circuit"};
  return c;
}

}  // namespace locus::tools
