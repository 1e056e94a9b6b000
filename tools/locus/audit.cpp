#include "sim/audit/audit.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "sim/audit/report.hpp"
#include "sim/core/errors.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/files.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/subject.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;
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
  if (arguments.values.count("require") == 0) return all;
  std::string rest = arguments.values["require"].as<std::string>();
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    all.push_back(criterion_named(rest.substr(0, comma), "--require"));
    rest.erase(0, comma + 1);
  }
  return all;
}

std::vector<std::string> texts(const parsed_arguments& arguments, const char* name) {
  if (arguments.values.count(name) == 0) return {};
  return arguments.values[name].as<std::vector<std::string>>();
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

std::string json_text(const std::vector<audit_report>& reports, std::uint64_t seed) {
  json all = {{"program", "locus " LOCUS_VERSION}, {"seed", seed}, {"circuits", json::array()}};
  for (const audit_report& r : reports) all["circuits"].push_back(json_of(r));
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
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

}  // namespace

po::options_description audit_options() {
  po::options_description options("options");
  add_set_option(options);
  add_data_option(options);
  options.add_options()  //
      ("require", po::value<std::string>()->value_name("A,B"),
       "exit with code 1 unless these criteria hold, such as local-plasticity,full-autonomy")  //
      ("explain", po::value<std::string>()->value_name("CRITERION"),
       "say what a criterion means and how it is measured")                                                           //
      ("seed", po::value<std::string>()->value_name("N")->default_value("1"), "of all samples that the audit draws")  //
      ("updates", po::value<std::string>()->value_name("N")->default_value("20"),
       "compared with the twin's, in each run")  //
      ("twin", po::value<std::string>()->value_name("NETLIST"),
       "compare with this circuit instead of the backpropagation twin that the short form gives")  //
      ("json", po::value<std::string>()->value_name("FILE"),
       "write everything for programs (- for standard output)")  //
      ("dot", po::value<std::string>()->value_name("FILE"),
       "draw the offending paths (Graphviz; - for standard output)");
  return options;
}

int audit_command(const std::vector<std::string>& arguments) {
  const command& self = command_named("audit");
  parsed_arguments parsed = parse_arguments(self, arguments, "netlist", false, true);
  if (parsed.help_shown) return done;
  if (parsed.values.count("explain") != 0) {
    const criterion c = criterion_named(parsed.values["explain"].as<std::string>(), "--explain");
    fmt::print("{}\n{}\n", name_of(c), explanation_of(c));
    return done;
  }
  const std::vector<std::string> files = texts(parsed, "netlist");
  if (files.empty()) throw usage_error(fmt::format("netlist is missing; usage: locus {}", self.synopsis));
  const std::vector<criterion> required = required_criteria(parsed);
  const std::string twin = parsed.values.count("twin") != 0 ? parsed.values["twin"].as<std::string>() : std::string();

  const std::string json_file = text_option(parsed, "json"), dot_file = text_option(parsed, "dot");
  check_output(json_file);
  check_output(dot_file);
  progress_line progress;
  locus::audit_options options;
  options.seed = static_cast<std::uint64_t>(whole_option(parsed, "seed", seeds).value());
  options.updates = static_cast<std::uint64_t>(whole_option(parsed, "updates", counts_from(1)).value());
  options.on_progress = [&](const std::string& stage, std::uint64_t step, std::uint64_t steps) {
    progress.show(stage, step, steps);
  };
  std::vector<audit_subject> subjects;
  std::vector<named_file> inputs = {{"--twin", twin}};
  for (const std::string& file : files) {
    subjects.push_back(read_subject(file, texts(parsed, "set"), twin));
    for (named_file& each : files_of(subjects.back().netlist)) inputs.push_back(std::move(each));
  }
  check_files({{"--json", json_file}, {"--dot", dot_file}}, inputs);
  std::vector<audit_report> reports;
  for (const audit_subject& subject : subjects) {
    reports.push_back(audit(subject, load_data(subject.netlist.data), options));
  }
  progress.clear();

  const bool for_programs = json_file == "-" || dot_file == "-";
  if (!for_programs) {
    fmt::print("{}", printable(table_of(reports), true));
    for (const audit_report& r : reports) fmt::print("\n{}", printable(details_of(r), true));
  }
  if (!json_file.empty()) write_output(json_file, json_text(reports, options.seed));
  if (!dot_file.empty()) write_output(dot_file, dot_of(reports));
  return judge(reports, required, !for_programs);
}

}  // namespace locus::tools
