#include "sim/sonata/type_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "sim/core/json_text.hpp"
#include "sim/sonata/kernels.hpp"
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

/// A field that may have nothing to say.
std::string or_null(const std::string& text) { return text.empty() ? "NULL" : text; }

/// The sizes of a grid, "4x8"; of a row nothing.
std::string shape_text(const population& p) {
  return p.shape.size() < 2 ? "" : fmt::format("{}", fmt::join(p.shape, "x"));
}

/// What synapses see of one end: "hidden1.error.eps", or with the names that their model has for it
/// "eps=hidden1.error.eps,mu=hidden1.error.mu".
std::string seen_text(const circuit& c, const std::vector<output_id>& outputs, const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool named = i < names.size() && !names[i].empty();
    all.push_back((named ? names[i] + "=" : "") + c.name_of(outputs[i]));
  }
  return fmt::format("{}", fmt::join(all, ","));
}

/// What SONATA has no columns for, in the order of the header: ports, what synapses see, whose weights they use.
std::vector<std::string> ends_text(const circuit& c, const projection& p) {
  const bool synapse = p.synapse != nullptr;
  return {c.name_of(p.from),
          c.name_of(p.to),
          or_null(synapse ? seen_text(c, p.pre, p.synapse->pre) : ""),
          or_null(synapse ? seen_text(c, p.post, p.synapse->post) : ""),
          or_null(p.gate ? c.name_of(*p.gate) : ""),
          or_null(p.gate ? std::string(name_of(p.gate_at)) : ""),
          or_null(p.shared_with ? c.projections[*p.shared_with].name : ""),
          or_null(p.shared_with && p.transposed ? "true" : ""),
          or_null(kernel_text(c, p))};
}

/// The nodes of a population, as a condition on their attributes.
std::string query(std::size_t population) { return fmt::format("node_type_id=='{}'", population); }

/// Exact, and with a point: "1.0", "0.25".
std::string decimal(double x) {
  const std::string text = fmt::format("{}", x);
  return text.find_first_not_of("0123456789") == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::string node_types(const circuit& c) {
  std::string table = row({"node_type_id", "population", "model_type", "model_template", "dynamics_params", "shape"});
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    const population& p = c.populations[i];
    table += row({std::to_string(i), p.name, "point_neuron", model_template(p.model), parameter_file(p),
                  or_null(shape_text(p))});
  }
  return table;
}

std::string edge_types(const circuit& c) {
  std::string table =
      row({"edge_type_id", "population", "target_query", "source_query", "delay", "dynamics_params", "model_template",
           "from", "to", "pre", "post", "gate", "gate_at", "shared", "transposed", "kernel"});
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    std::vector<std::string> fields = {std::to_string(i),        edge_population(c, p),         query(p.to.population),
                                       query(p.from.population), decimal(delay_ms(c, p.delay)), parameter_file(p),
                                       model_template(p.synapse)};
    for (const std::string& each : ends_text(c, p)) fields.push_back(each);
    table += row(fields);
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
