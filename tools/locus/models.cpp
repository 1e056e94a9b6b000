#include <fmt/format.h>

#include "sim/core/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "tools/locus/commands.hpp"

namespace locus::tools {
namespace {

void print_list(model_kind kind, std::string_view heading) {
  fmt::print("{}\n", heading);
  for (const model_declaration& model : all_models()) {
    if (model.kind == kind) fmt::print("  {:<24} {}\n", model.info.name, model.info.title);
  }
}

std::string unit_text(std::string_view unit) { return unit.empty() || unit == "1" ? "" : fmt::format(" [{}]", unit); }

void print_parameters(const model_declaration& model) {
  if (model.parameters.empty()) return;
  const parameter_block defaults = model.make_parameters();
  fmt::print("\nparameters\n");
  for (const parameter_info& p : model.parameters) {
    std::string domain = p.names.empty() ? locus::text_of(p.valid) : "";
    for (const std::string& name : p.names) domain += (domain.empty() ? "" : " | ") + name;
    fmt::print("  {:<14} {}{}; default {}; {}\n", p.name, p.meaning, unit_text(p.unit),
               locus::text_of(p.get(defaults.get())), domain);
  }
}

void print_fields(const model_declaration& model) {
  if (model.fields.empty()) return;
  fmt::print("\nstate (recordable)\n");
  for (const field& f : model.fields) {
    std::string how = f.by == writer::step ? "registered" : "immediate";
    how += f.seen == visibility::sent ? ", sent" : ", private";
    if (f.event) how += ", event";
    fmt::print("  {:<14} {}{} ({})\n", f.name, f.meaning, unit_text(f.unit), how);
  }
}

void print_ports(const model_declaration& model) {
  if (!model.ports.empty()) fmt::print("\nports\n");
  for (const port& p : model.ports) {
    const std::string_view how = p.from == port_source::messages ? "" : " (noise: a new draw each tick)";
    fmt::print("  {:<14} {}{}{}\n", p.name, p.meaning, unit_text(p.unit), how);
  }
  if (model.has_clamp) fmt::print("  {:<14} {}\n", "clamp", "what a stimulus imposes");
}

void print_model(const model_declaration& model) {
  fmt::print("{} ({} model): {}\n\nequation\n  {}\n\nsource\n  {}\n", model.info.name,
             model.kind == model_kind::neuron ? "neuron" : "synapse", model.info.title, model.info.equation,
             model.info.source);
  if (!model.info.notes.empty()) fmt::print("\nnotes\n  {}\n", model.info.notes);
  print_parameters(model);
  print_fields(model);
  print_ports(model);
  if (model.kind == model_kind::synapse) {
    fmt::print("\nstate (recordable)\n  {:<14} weight{}\n", "theta", model.plastic ? ", learns" : ", constant");
  }
}

int run_models(const parsed_arguments& parsed) {
  if (!parsed.has("name")) {
    print_list(model_kind::neuron, "neuron models");
    print_list(model_kind::synapse, "\nsynapse models");
    fmt::print("\n`locus models NAME` shows equation, parameters, state and ports.\n");
    return done;
  }
  const std::string name = parsed.text("name");
  const model_declaration* model = all_models().find(name);
  if (model == nullptr) {
    std::vector<std::string> names;
    for (const model_declaration& each : all_models()) names.emplace_back(each.info.name);
    throw usage_error(fmt::format("no model is called \"{}\"{}", name, suggestion(name, names)));
  }
  print_model(*model);
  return done;
}

}  // namespace

const command& models_command() {
  static const command c = {.name = "models",
                            .synopsis = "models [NAME] [options]",
                            .summary = "the catalogue of models: equations, parameters, states, ports",
                            .takes = {.name = "name", .required = false},
                            .run = run_models};
  return c;
}

}  // namespace locus::tools
