#include "sim/audit/audit.hpp"

#include <fmt/format.h>

#include "models/templates/catalogue.hpp"
#include "sim/audit/report.hpp"
#include "sim/audit/requirement.hpp"
#include "sim/audit/sentences.hpp"
#include "sim/core/bits_version.hpp"
#include "sim/core/errors.hpp"
#include "sim/run/files.hpp"
#include "sim/run/verdict_file.hpp"
#include "tools/locus/audit_model.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/subject.hpp"

namespace locus::tools {
namespace {

/// "a,b" -> {a, b}
std::vector<requirement> requirements(const parsed_arguments& arguments) {
  std::vector<requirement> all;
  if (!arguments.has("require")) return all;
  const std::string text = arguments.text("require");
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    if (comma == begin) throw usage_error(fmt::format("--require \"{}\": a criterion is missing between commas", text));
    all.push_back(requirement_of(text.substr(begin, comma - begin)));
    begin = comma + 1;
  }
  return all;
}

/// 0 if all that was asked for holds.
int judge(const std::vector<audit_report>& reports, const std::vector<requirement>& required, bool say) {
  int code = done;
  for (const audit_report& r : reports) {
    for (const requirement& each : required) {
      const std::string text = objection(r, each);
      if (text.empty()) continue;
      if (say) print("required, but {} of {}\n", text, r.name);
      code = failed;
    }
  }
  return code;
}

audit_request audit_request_of(const parsed_arguments& parsed) {
  audit_request request{parsed.texts("netlist"), parsed.texts("set"), parsed.text("twin"), parsed.text("angle"), {}};
  audit_options& o = request.options;
  const auto number = [&](const char* name, const whole_range& valid, std::uint64_t otherwise) {
    const auto given = parsed.whole(name, valid);
    return given ? static_cast<std::uint64_t>(*given) : otherwise;
  };
  o.seed = number("seed", seeds, o.seed);
  o.updates = number("updates", counts_from(1), o.updates);
  o.presentations = number("presentations", audited_presentations, o.presentations);
  return request;
}

std::vector<audit_subject> subjects_of(const audit_request& request) {
  std::vector<audit_subject> subjects;
  for (const std::string& file : request.netlists) {
    subjects.push_back(read_subject(request.place_of(file), request.overrides, request.place_of(request.twin)));
    subjects.back().name = file;
    if (request.angle.empty()) continue;
    subjects.back().angled = read_netlist(document::from_file(request.place_of(request.angle)), all_templates());
    subjects.back().angled->source = request.angle;
  }
  return subjects;
}

std::vector<audit_report> audit_all(const audit_request& request, const std::vector<audit_subject>& subjects) {
  progress_line progress;
  audit_options options = request.options;
  options.on_progress = [&](const std::string& stage, std::uint64_t step, std::uint64_t steps) {
    progress.show(stage, step, steps);
  };
  std::vector<audit_report> reports;
  reports.reserve(subjects.size());
  for (const audit_subject& subject : subjects) {
    reports.push_back(audit(subject, load_data(subject.netlist.data), options));
  }
  progress.clear();
  return reports;
}

/// Comes to the verdicts of a file again.
int run_verify(const parsed_arguments& parsed) {
  for (const char* other : {"netlist", "set", "require", "explain", "model", "seed", "updates", "presentations", "twin",
                            "angle", "json", "dot"}) {
    if (!parsed.has(other)) continue;
    const std::string option = std::string(other) == "netlist" ? "a netlist" : fmt::format("--{}", other);
    throw usage_error(fmt::format("--verify takes netlists and options from its file: {} cannot be given too", option));
  }
  const std::string file = parsed.text("verify");
  const verdict_file verdicts(file);
  if (const std::string other = verdicts.other_program(); !other.empty()) {
    print("{} was written by {}; this is locus " LOCUS_VERSION ", bits version {}\n", file, other, bits_version);
  }
  const std::vector<audit_subject> subjects = subjects_of(verdicts.request());
  const std::vector<std::string> changed = verdicts.changed(subjects);
  for (const std::string& each : changed) print("{}\n", each);
  if (!changed.empty()) return failed;
  const std::string now = verdict_text(verdicts.request(), subjects, audit_all(verdicts.request(), subjects));
  constexpr std::size_t most = 10;
  const std::vector<std::string> different = verdicts.differences(now, most);
  for (const std::string& each : different) print("{}\n", each);
  if (different.size() == most) print("and perhaps more\n");
  if (!different.empty()) return failed;
  print("{}: the same ({})\n", file, counted(subjects.size(), "circuit"));
  return done;
}

int run_audit(const parsed_arguments& parsed) {
  if (parsed.has("verify")) return run_verify(parsed);
  if (parsed.has("explain")) {
    const criterion c = criterion_named(parsed.text("explain"), "--explain");
    fmt::print("{}\n{}\n", name_of(c), explanation_of(c));
    return done;
  }
  const audit_request request = audit_request_of(parsed);
  if (parsed.has("model")) {
    if (!request.netlists.empty()) throw usage_error("--model looks at models alone, without a netlist");
    return audit_models(parsed.texts("model"), request.options.seed, parsed.text("json"));
  }
  if (request.netlists.empty()) {
    throw usage_error(fmt::format("netlist is missing; usage: locus {}", audit_command().synopsis));
  }
  const std::vector<requirement> required = requirements(parsed);
  const std::string json_file = parsed.text("json"), dot_file = parsed.text("dot");
  const std::vector<audit_subject> subjects = subjects_of(request);
  std::vector<named_file> inputs = {{"--twin", request.twin}, {"--angle", request.angle}};
  for (const audit_subject& subject : subjects) {
    for (named_file& each : files_of(subject.netlist)) inputs.push_back(std::move(each));
  }
  check_files({{"--json", json_file}, {"--dot", dot_file}}, inputs);
  const std::vector<audit_report> reports = audit_all(request, subjects);

  const bool for_programs = json_file == "-" || dot_file == "-";
  if (!for_programs) {
    fmt::print("{}", printable(table_of(reports), true));
    for (const audit_report& r : reports) fmt::print("\n{}", printable(details_of(r), true));
  }
  if (!json_file.empty()) write_output(json_file, verdict_text(request, subjects, reports));
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
              {"require", "A,B",
               "exit with code 1 unless these criteria hold, such as local-plasticity,full-autonomy; "
               "local-plasticity=2: "
               "unless all that learns has this class or a lower one"},
              {"explain", "CRITERION", "say what a criterion means and how it is measured"},
              {.name = "model",
               .argument = "NAME",
               .help = "in place of a netlist: whether this model's rule is a function of what it declares, or exit "
                       "with code 1",
               .repeatable = true},
              {"seed", "N", "of all samples that the audit draws (default: 1)"},
              {"updates", "N", "compared with the twin's, in each run (default: 20)"},
              {"presentations", "N",
               "traced number by number, and watched for when weights change; more until a first weight changes "
               "(default: 2)"},
              {"twin", "NETLIST",
               "compare with this circuit instead of the backpropagation twin that the short form gives"},
              {"angle", "NETLIST",
               "measure the angle between its weight updates and those of this circuit, from the same weights"},
              {"json", "FILE", "write everything for programs (- for standard output)"},
              {"verify", "FILE",
               "audit again what a file of --json tells of, with its options, and compare: exit code 1 if a verdict, "
               "its evidence or a netlist is not the same"},
              {"dot", "FILE", "draw the offending paths (Graphviz; - for standard output)"},
          },
      .run = run_audit,
      .example = "locus audit netlists/digits.toml --require local-plasticity,full-autonomy"};
  return c;
}

}  // namespace locus::tools
