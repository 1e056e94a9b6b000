#include "sim/sonata/type_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "sim/core/json_text.hpp"
#include "sim/sonata/names.hpp"
#include "sim/sonata/network.hpp"

namespace locus::sonata {

namespace {

/// A field in quotes where it has to be, with quotes within doubled.
std::string quoted(const std::string& field) {
  if (!field.empty() && field.find_first_of(" \"\n") == std::string::npos) return field;
  std::string out = "\"";
  for (const char character : field) out += character == '"' ? "\"\"" : std::string(1, character);
  return out + "\"";
}

std::string row(const std::vector<std::string>& fields) {
  std::vector<std::string> shown;
  shown.reserve(fields.size());
  for (const std::string& field : fields) shown.push_back(quoted(field));
  return fmt::format("{}\n", fmt::join(shown, " "));
}

/// The nodes of a population, as a condition on their attributes.
std::string query(std::size_t population) { return fmt::format("node_type_id=='{}'", population); }

}  // namespace

std::string node_types(const circuit& c) {
  std::string table = row({"node_type_id", "population", "model_type", "model_template", "dynamics_params"});
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    const population& p = c.populations[i];
    table += row({std::to_string(i), p.name, "point_neuron", model_template(p.model), parameter_file(p)});
  }
  return table;
}

std::string edge_types(const circuit& c) {
  std::string table =
      row({"edge_type_id", "population", "target_query", "source_query", "delay", "dynamics_params", "model_template"});
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    table += row({std::to_string(i), edge_population(c, p), query(p.to.population), query(p.from.population),
                  fmt::format("{:.1f}", delay_ms(p.delay)), parameter_file(p), model_template(p.synapse)});
  }
  return table;
}

std::string parameters_as_json(const model_declaration* model, const parameter_block& parameters) {
  auto j = nlohmann::ordered_json::object();
  if (model != nullptr) {
    for (const parameter_info& info : model->parameters) {
      std::visit([&](const auto& value) { j[info.name] = value; }, info.get(parameters.get()));
    }
  }
  return json_text(j);
}

}  // namespace locus::sonata
