#include "tools/locus/audit_model.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/audit/purity.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/json_text.hpp"
#include "sim/run/files.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"

namespace locus::tools {
namespace {

const model_declaration& model_named(const std::string& name) {
  if (const model_declaration* model = all_models().find(name); model != nullptr) return *model;
  std::vector<std::string> names;
  for (const model_declaration& each : all_models()) names.emplace_back(each.info.name);
  throw usage_error(fmt::format("--model {}: no such model{}", name, suggestion(name, names)));
}

void print_purity(const std::string& name, const purity_result& r) {
  const char* verdict = !r.tested   ? "- opaque"
                        : r.by_text ? "✔ pure by its text"
                        : r.pure()  ? "✔ pure: equal inputs gave equal bits"
                                    : "✘ not pure";
  fmt::print("{}\n  {}\n", name, verdict);
  for (const purity_finding& f : r.findings) print("    [{}] {}\n", f.mechanism, f.what);
  print("  {}\n", r.tested ? "watched: " + r.watched : r.why_not);
}

nlohmann::json json_of(const std::string& name, const purity_result& r) {
  nlohmann::json findings = nlohmann::json::array();
  for (const purity_finding& f : r.findings) findings.push_back({{"mechanism", f.mechanism}, {"what", f.what}});
  return {{"model", name},        {"tested", r.tested},   {"by_text", r.by_text}, {"pure", r.pure()},
          {"findings", findings}, {"watched", r.watched}, {"why_not", r.why_not}, {"evaluations", r.evaluations},
          {"sealed", r.sealed},   {"calls", r.calls}};
}

}  // namespace

int audit_models(const std::vector<std::string>& names, std::uint64_t seed, const std::string& json_file) {
  check_files({{"--json", json_file}}, {});
  purity_options options;
  options.seed = seed;
  nlohmann::json all = {{"program", "locus " LOCUS_VERSION}, {"seed", seed}, {"models", nlohmann::json::array()}};
  int code = done;
  for (const std::string& name : names) {
    const model_declaration& model = model_named(name);
    const purity_result r = measure_purity(model, model.make_parameters(), options);
    if (!r.pure()) code = failed;
    if (json_file != "-") print_purity(name, r);
    all["models"].push_back(json_of(name, r));
  }
  if (!json_file.empty()) write_output(json_file, json_text(all));
  return code;
}

}  // namespace locus::tools
