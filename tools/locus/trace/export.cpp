#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/grouped.hpp"
#include "sim/sonata/circuit_export.hpp"
#include "sim/sonata/trace_export.hpp"
#include "sim/trace/recorded_circuit.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/sonata_options.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

void print_summary(const std::string& folder, const trace_reader& trace, const sonata::export_summary& summary,
                   double tick_ms) {
  const std::vector<std::string>& files = summary.files;
  print("wrote {}/{}{}\n", folder, files.front(), files.size() > 1 ? " to " + files.back() : "");
  print("reports: {}\n", summary.reports.empty() ? "none" : fmt::format("{}", fmt::join(summary.reports, ", ")));
  print("events: {}\n", grouped(summary.spikes));
  print("1 tick = {} ms{}\n", tick_ms,
        trace.facts().precision == precision::f64 ? "; values are rounded to float32, as SONATA wants them" : "");
  for (const std::string& each : summary.left_out) print("left out: {}\n", each);
}

int run_trace_export(const parsed_arguments& parsed) {
  if (!wants_sonata(parsed)) {
    throw usage_error("--sonata DIR is missing; usage: locus " + std::string(trace_export_command().synopsis));
  }
  const trace_reader trace(parsed.text("file"));
  const recorded_circuit recorded(trace, all_templates());
  const circuit& c = recorded.net();
  const sonata::origin from{LOCUS_VERSION, trace.facts().netlist, trace.facts().netlist_sha256, sonata::tick_ms(c)};
  sonata::output_folder folder = open_sonata_folder(parsed);
  const std::string written = write_sonata_circuit(folder, c, sonata::last_weights_of(trace, c), from);
  progress_line line;
  const auto summary = sonata::write_recordings(folder, trace, c, from, shown_on(line));
  line.clear();
  folder.commit();
  print("{}\n", written);
  print_summary(folder.path(), trace, summary, from.tick_ms);
  return done;
}

}  // namespace

const command& trace_export_command() {
  static const command c = {.name = "trace export",
                            .synopsis = "trace export --sonata DIR FILE [options]",
                            .summary = "write circuit, values and spikes as SONATA",
                            .takes = {"file"},
                            .options = sonata_options(),
                            .run = run_trace_export,
                            .example = "locus trace export --sonata xor-run xor.h5",
                            .isolated = true};
  return c;
}

}  // namespace locus::tools
