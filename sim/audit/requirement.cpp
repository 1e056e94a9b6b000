#include "sim/audit/requirement.hpp"

#include <fmt/format.h>

#include <vector>

#include "sim/core/errors.hpp"

namespace locus {
namespace {

std::vector<std::string> criterion_names() {
  std::vector<std::string> names;
  for (const criterion c : all_criteria) names.emplace_back(name_of(c));
  return names;
}

}  // namespace

criterion criterion_named(const std::string& name, std::string_view asked_by) {
  for (const criterion c : all_criteria) {
    if (name_of(c) == name) return c;
  }
  throw usage_error(fmt::format("{} {}: no such criterion{}", asked_by, name, suggestion(name, criterion_names())));
}

requirement requirement_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  requirement r{criterion_named(text.substr(0, equals), "--require"), {}};
  if (equals == std::string::npos) return r;
  if (r.about != criterion::local_plasticity)
    throw usage_error(fmt::format("--require {}: only local-plasticity has classes", text));
  const std::string level = text.substr(equals + 1);
  if (level.size() != 1 || level.front() < '0' || level.front() > '4')
    throw usage_error(fmt::format("--require {}: expected a class from 0 to 4", text));
  r.level = level.front() - '0';
  return r;
}

std::string objection(const audit_report& r, const requirement& required) {
  const outcome result = r.of(required.about).result;
  const std::string name(name_of(required.about));
  if (result == outcome::not_measured) return "not measured: " + name;
  // A class may be asked for that fails, too: 4.
  if (required.level) {
    std::string higher;
    for (const plasticity_class& each : r.classes) {
      if (each.level <= *required.level) continue;
      higher += fmt::format("{}{} has class {}", higher.empty() ? "" : ", ", each.projection, each.level);
    }
    return higher.empty() ? "" : fmt::format("does not hold: {}={} ({})", name, *required.level, higher);
  }
  return result == outcome::holds ? "" : "does not hold: " + name;
}

}  // namespace locus
