#include "sim/core/catalogue.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/core/find_by_name.hpp"

namespace locus {

std::optional<std::size_t> model_declaration::find_field(std::string_view name) const {
  return find_by_name(fields, name);
}

std::optional<std::size_t> model_declaration::find_port(std::string_view name) const {
  return find_by_name(ports, name);
}

std::vector<std::string> model_declaration::sent_names() const {
  std::vector<std::string> names;
  for (const field& f : fields) {
    if (f.seen == visibility::sent) names.emplace_back(f.name);
  }
  return names;
}

std::vector<std::string> model_declaration::port_names() const {
  std::vector<std::string> names;
  for (const port& p : ports) names.emplace_back(p.name);
  return names;
}

const model_declaration* find_model(std::string_view name) {
  for (const model_declaration& model : all_models()) {
    if (model.info.name == name) return &model;
  }
  return nullptr;
}

std::string text_of(const parameter_value& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const double* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return std::get<std::string>(value);
}

std::string text_of(const limits& valid) {
  const std::string noun = valid.whole ? "a whole number" : "a number";
  const bool below = std::isfinite(valid.low);
  const bool above = std::isfinite(valid.high);
  std::string text = noun;
  if (below) text += fmt::format(" {} {}", valid.low_open ? ">" : ">=", valid.low);
  if (above) text += fmt::format("{} <= {}", below ? " and" : "", valid.high);
  return text;
}

}  // namespace locus
