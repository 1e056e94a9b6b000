#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>

#include "models/templates/catalogue.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/grouped.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/rules/text_model.hpp"
#include "sim/sonata/circuit_export.hpp"
#include "sim/sonata/trace_export.hpp"
#include "sim/trace/recorded_circuit.hpp"
#include "sim/trace/vcd_export.hpp"
#include "tools/locus/output.hpp"
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

/// Variables whose ones are events, as far as the models of the run are known.
std::set<std::string> event_variables(const trace_reader& trace) {
  std::set<std::string> events;
  model_texts own;
  try {
    if (!trace.facts().long_form.empty())
      own = read_netlist(document::from_text(trace.facts().long_form, trace.path()), all_templates()).own;
  } catch (const user_error&) {  // written by another version: what this one knows is enough
  }
  for (const traced_population& p : trace.populations()) {
    const auto named =
        std::find_if(own.models.begin(), own.models.end(), [&](const auto& m) { return m->name == p.model; });
    if (named != own.models.end()) {
      for (const rules::text_field& f : (*named)->fields) {
        if (f.event) events.insert(p.name + "." + f.name);
      }
    } else if (const model_declaration* known = all_models().find(p.model); known != nullptr) {
      for (const field& f : known->fields) {
        if (f.event) events.insert(fmt::format("{}.{}", p.name, f.name));
      }
    }
  }
  return events;
}

int export_vcd(const parsed_arguments& parsed) {
  const std::string file = parsed.text("vcd");
  if (file != "-" && !parsed.has("force") && std::filesystem::exists(file))
    throw usage_error(fmt::format("\"{}\" exists: choose another name or pass --force", file));
  const trace_reader trace(parsed.text("file"));
  vcd_request request{choose_columns(trace, selected_patterns(parsed)),
                      selected_ticks(parsed, trace),
                      selected_lanes(parsed, trace),
                      event_variables(trace),
                      LOCUS_VERSION,
                      {}};
  if (request.columns.empty()) throw run_error(fmt::format("\"{}\" has no variables", trace.path()));
  progress_line line;
  const auto [from, until] = request.ticks;
  const auto ticks = static_cast<std::uint64_t>(until - from);
  request.on_tick = [&, first = from](tick_t now) { line.show(file, static_cast<std::uint64_t>(now - first), ticks); };
  vcd_summary summary;
  write_output(file, [&](std::ostream& out) { summary = write_vcd(out, trace, request); });
  line.clear();
  if (file == "-") return done;
  print("wrote {}: {} signals, {} changes in ticks {} to {}\n{}\n", file, grouped(summary.signals),
        grouped(summary.changes), from, until - 1, summary.timescale);
  if (trace.facts().lanes > 1 && !parsed.has("lanes"))
    print("lane 0 of {}; others with --lanes\n", trace.facts().lanes);
  return done;
}

int run_trace_export(const parsed_arguments& parsed) {
  const bool vcd = parsed.has("vcd");
  if (vcd == wants_sonata(parsed)) {
    throw usage_error(fmt::format("--sonata DIR or --vcd FILE {}; usage: locus {}",
                                  vcd ? "can be written, one at a time" : "is missing",
                                  trace_export_command().synopsis));
  }
  if (vcd) return export_vcd(parsed);
  for (const char* each : {"select", "ticks", "lanes"}) {
    if (parsed.has(each)) throw usage_error(fmt::format("--{} goes with --vcd: SONATA gets the whole run", each));
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
  static const command c = {
      .name = "trace export",
      .synopsis = "trace export --sonata DIR | --vcd FILE FILE [options]",
      .summary = "write circuit, values and spikes as SONATA, or signals for a wave viewer",
      .takes = {"file"},
      .options = std::vector<option>{{"vcd", "FILE",
                                      "write a value change dump, for GTKWave and Surfer; - is standard "
                                      "output"}} +
                 sonata_options() + selection_options(),
      .run = run_trace_export,
      .example = "locus trace export --sonata xor-run xor.h5",
      .isolated = true};
  return c;
}

}  // namespace locus::tools
