#include "sim/audit/audit.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "sim/audit/report.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/json_text.hpp"
#include "tools/locus/audit_model.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/files.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/subject.hpp"

namespace locus::tools {
namespace {

using nlohmann::json;

std::vector<std::string> criterion_names() {
  std::vector<std::string> names;
  for (const criterion c : all_criteria) names.emplace_back(name_of(c));
  return names;
}

criterion criterion_named(const std::string& name, std::string_view option) {
  for (const criterion c : all_criteria) {
    if (name_of(c) == name) return c;
  }
  throw usage_error(fmt::format("{} {}: no such criterion{}", option, name, suggestion(name, criterion_names())));
}

/// "a,b" -> {a, b}
std::vector<criterion> required_criteria(const parsed_arguments& arguments) {
  std::vector<criterion> all;
  if (!arguments.has("require")) return all;
  std::string rest = arguments.text("require");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    all.push_back(criterion_named(rest.substr(0, comma), "--require"));
    rest.erase(0, comma + 1);
  }
  return all;
}

json json_of(const evidence& e) {
  json path = json::array();
  for (const path_step& s : e.path) path.push_back({{"entity", s.entity}, {"what", s.what}});
  return {{"mechanism", e.mechanism}, {"text", e.text}, {"count", e.count}, {"tick", e.tick}, {"path", path}};
}

json json_of(const audit_report& r) {
  json verdicts = json::object();
  for (const verdict& v : r.verdicts) {
    json reasons = json::array();
    for (const evidence& e : v.reasons) reasons.push_back(json_of(e));
    const char* result = v.result == outcome::holds ? "holds" : v.result == outcome::fails ? "fails" : "not measured";
    verdicts[std::string(name_of(v.about))] = {{"result", result}, {"detail", v.detail}, {"evidence", reasons}};
  }
  return {{"circuit", r.name}, {"verdicts", verdicts},   {"control", r.control},
          {"noise", r.noise},  {"measured", r.measured}, {"notes", r.notes}};
}

std::string json_of(const std::vector<audit_report>& reports, std::uint64_t seed) {
  json all = {{"program", "locus " LOCUS_VERSION}, {"seed", seed}, {"circuits", json::array()}};
  for (const audit_report& r : reports) all["circuits"].push_back(json_of(r));
  return json_text(all);
}

/// 0 if all that was asked for holds.
int judge(const std::vector<audit_report>& reports, const std::vector<criterion>& required, bool say) {
  int code = done;
  for (const audit_report& r : reports) {
    for (const criterion c : required) {
      if (r.holds(c)) continue;
      if (say) print("required, but does not hold: {} of {}\n", name_of(c), r.name);
      code = failed;
    }
  }
  return code;
}

int run_audit(const parsed_arguments& parsed) {
  if (parsed.has("explain")) {
    const criterion c = criterion_named(parsed.text("explain"), "--explain");
    fmt::print("{}\n{}\n", name_of(c), explanation_of(c));
    return done;
  }
  const std::vector<std::string> files = parsed.texts("netlist");
  if (parsed.has("model")) {
    if (!files.empty()) throw usage_error("--model looks at models alone, without a netlist");
    return audit_models(parsed.texts("model"), static_cast<std::uint64_t>(parsed.whole("seed", seeds).value()),
                        parsed.text("json"));
  }
  if (files.empty()) throw usage_error(fmt::format("netlist is missing; usage: locus {}", audit_command().synopsis));
  const std::vector<criterion> required = required_criteria(parsed);
  const std::string twin = parsed.text("twin");

  const std::string json_file = parsed.text("json"), dot_file = parsed.text("dot");
  progress_line progress;
  locus::audit_options options;
  options.seed = static_cast<std::uint64_t>(parsed.whole("seed", seeds).value());
  options.updates = static_cast<std::uint64_t>(parsed.whole("updates", counts_from(1)).value());
  options.on_progress = [&](const std::string& stage, std::uint64_t step, std::uint64_t steps) {
    progress.show(stage, step, steps);
  };
  std::vector<audit_subject> subjects;
  std::vector<named_file> inputs = {{"--twin", twin}};
  for (const std::string& file : files) {
    subjects.push_back(read_subject(file, parsed.texts("set"), twin));
    for (named_file& each : files_of(subjects.back().netlist)) inputs.push_back(std::move(each));
  }
  check_files({{"--json", json_file}, {"--dot", dot_file}}, inputs);
  std::vector<audit_report> reports;
  reports.reserve(subjects.size());
  for (const audit_subject& subject : subjects) {
    reports.push_back(audit(subject, load_data(subject.netlist.data), options));
  }
  progress.clear();

  const bool for_programs = json_file == "-" || dot_file == "-";
  if (!for_programs) {
    fmt::print("{}", printable(table_of(reports), true));
    for (const audit_report& r : reports) fmt::print("\n{}", printable(details_of(r), true));
  }
  if (!json_file.empty()) write_output(json_file, json_of(reports, options.seed));
  if (!dot_file.empty()) write_output(dot_file, dot_of(reports));
  return judge(reports, required, !for_programs);
}

}  // namespace

const command& audit_command() {
  static const command c = {
      .name = "audit",
      .synopsis = "audit NETLIST... [options]",
      .summary = "measure locality, autonomy and equivalence to backpropagation, with evidence",
      .takes = {.name = "netlist", .required = false, .several = true},
      .options =
          set_option() + data_option() +
          std::vector<option>{
              {"require", "A,B", "exit with code 1 unless these criteria hold, such as local-plasticity,full-autonomy"},
              {"explain", "CRITERION", "say what a criterion means and how it is measured"},
              {.name = "model",
               .argument = "NAME",
               .help = "in place of a netlist: whether this model's rule is a function of what it declares, or exit "
                       "with code 1",
               .repeatable = true},
              {"seed", "N", "of all samples that the audit draws", "1"},
              {"updates", "N", "compared with the twin's, in each run", "20"},
              {"twin", "NETLIST",
               "compare with this circuit instead of the backpropagation twin that the short form gives"},
              {"json", "FILE", "write everything for programs (- for standard output)"},
              {"dot", "FILE", "draw the offending paths (Graphviz; - for standard output)"},
          },
      .run = run_audit,
      .example = "locus audit netlists/digits.toml --require local-plasticity,full-autonomy"};
  return c;
}

}  // namespace locus::tools
