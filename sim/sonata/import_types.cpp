#include "sim/sonata/import_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "sim/core/whole_number.hpp"

namespace locus::sonata {

namespace {

reference reference_of(const type_row& type, std::string_view column, const std::string& text) {
  const std::size_t dot = text.rfind('.');
  if (dot != std::string::npos && dot > 0 && dot + 1 < text.size())
    return {text.substr(0, dot), text.substr(dot + 1), type.at};
  throw usage_error(type.at, fmt::format("{} {}: expected POPULATION.NAME", column, text));
}

reference end_of(const type_row& type, const std::string& column, const std::string& population) {
  const auto text = type.find(column);
  if (!text)
    throw usage_error(
        type.at,
        fmt::format("there is no \"{}\": add a column that names {} of \"{}\", as {}.NAME (`locus models MODEL` "
                    "lists the names)",
                    column, column == "from" ? "the output that is sent" : "the port where messages arrive", population,
                    population));
  reference out = reference_of(type, column, *text);
  if (out.population == population) return out;
  throw usage_error(type.at, fmt::format("{} {}: these edges are at population \"{}\"", column, *text, population));
}

/// "hidden1.error.eps", or "eps=hidden1.error.eps,mu=hidden1.error.mu".
seen_outputs seen_of(const type_row& type, std::string_view column, const std::string& text) {
  seen_outputs out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string each = text.substr(begin, end - begin);
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) out.push_back({"", reference_of(type, column, each)});
    else out.push_back({each.substr(0, equals), reference_of(type, column, each.substr(equals + 1))});
    begin = end + 1;
  }
  return out;
}

}  // namespace

std::string model_of(const type_row& type, const std::string& population) {
  constexpr std::string_view ours = "locus:";
  const std::string name = type.find("model_template").value_or("NULL");
  if (name.starts_with(ours) && name.size() > ours.size()) return name.substr(ours.size());
  throw usage_error(type.at,
                    fmt::format("population \"{}\": model_template {} is no model of Locus: write locus:NAME there "
                                "(`locus models` lists the names; locus:link passes messages on), and its parameters "
                                "as a JSON object into the file that dynamics_params names",
                                population, name));
}

std::vector<parameter_setting> parameters_of(const type_row& type, const circuit_config_reader& config,
                                             const std::string& component) {
  const auto name = type.find("dynamics_params");
  if (!name) return {};
  const std::string file = (std::filesystem::path(config.component(component)) / *name).string();
  std::vector<parameter_setting> out;
  const nlohmann::json all = read_json(file);
  for (const auto& [key, value] : all.items()) {
    parameter_setting& setting = out.emplace_back(parameter_setting{key, {}, {file, 0, 0}});
    if (value.is_boolean()) setting.value = value.get<bool>();
    else if (value.is_number()) setting.value = value.get<double>();
    else if (value.is_string()) setting.value = value.get<std::string>();
    else throw run_error(fmt::format("{}: \"{}\": expected a number, true, false or a text", file, key));
  }
  return out;
}

std::vector<std::uint32_t> shape_of(const type_row& type, std::uint32_t size) {
  const auto text = type.find("shape");
  if (!text) return {};
  std::vector<std::uint32_t> shape;
  std::uint64_t product = 1;
  const char* const end = text->data() + text->size();
  for (const char* at = text->data(); product != 0;) {
    std::uint32_t n = 0;
    const auto [stop, error] = std::from_chars(at, end, n);
    product = error == std::errc{} && (stop == end || *stop == 'x') ? bounded_product(product, n) : 0;
    shape.push_back(n);
    if (stop == end) break;
    at = stop + 1;
  }
  if (product == size && shape.size() <= 4) return shape;
  throw usage_error(type.at,
                    fmt::format("shape {}: expected one to four sizes, such as 4x8, of {} nodes", *text, size));
}

void read_ends(const type_row& type, const std::string& source, const std::string& target,
               projection_description& out) {
  out.from = end_of(type, "from", source);
  out.to = end_of(type, "to", target);
  // What arrives is seen anyway, if the rule reads it.
  if (const auto pre = type.find("pre"); pre && *pre != out.from.text()) out.pre = seen_of(type, "pre", *pre);
  if (const auto post = type.find("post")) out.post = seen_of(type, "post", *post);
  if (const auto gate = type.find("gate")) out.gate = reference_of(type, "gate", *gate);
  const std::string at = type.find("gate_at").value_or("post");
  const auto* found = std::find_if(std::begin(enum_names<gate_end>::all), std::end(enum_names<gate_end>::all),
                                   [&](const auto& each) { return each.first == at; });
  if (found == std::end(enum_names<gate_end>::all))
    throw usage_error(type.at, fmt::format("gate_at {}: expected post, pre or everywhere", at));
  out.gate_at = found->second;
}

}  // namespace locus::sonata
