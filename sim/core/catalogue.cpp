#include "sim/core/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/errors.hpp"
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

catalogue::catalogue(std::vector<model_declaration> models) : models_(std::move(models)) {
  std::sort(models_.begin(), models_.end(),
            [](const model_declaration& a, const model_declaration& b) { return a.info.name < b.info.name; });
  const auto twice = std::adjacent_find(models_.begin(), models_.end(),
                                        [](const auto& a, const auto& b) { return a.info.name == b.info.name; });
  if (twice != models_.end()) throw usage_error(fmt::format("two models are called \"{}\"", twice->info.name));
}

const model_declaration* catalogue::find(std::string_view name) const {
  const auto found = std::lower_bound(models_.begin(), models_.end(), name,
                                      [](const model_declaration& a, auto wanted) { return a.info.name < wanted; });
  return found != models_.end() && found->info.name == name ? &*found : nullptr;
}

std::string text_of(const parameter_value& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const double* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return std::get<std::string>(value);
}

std::string one_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return text;
}

std::string misses(double value, const limits& valid) {
  const bool good = std::isfinite(value) && value <= valid.high &&
                    (valid.low_open ? value > valid.low : value >= valid.low) &&
                    (!valid.whole || value == std::floor(value));
  return good ? std::string() : text_of(valid);
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
