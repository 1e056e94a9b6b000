#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/templates/catalogue.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/engine/learning_program.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/rules/declaration.hpp"
#include "sim/rules/print.hpp"
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
    const std::string what = p.meaning + unit_text(p.unit);
    fmt::print("  {:<14} {}{}default {}; {}\n", p.name, what, what.empty() ? "" : "; ",
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
    const std::string_view how = is_noise(p.from)                 ? " (noise: a new draw each tick)"
                                 : p.from == port_source::largest ? " (the largest of the messages)"
                                                                  : "";
    fmt::print("  {:<14} {}{}{}\n", p.name, p.meaning, unit_text(p.unit), how);
  }
  if (model.has_clamp) fmt::print("  {:<14} {}\n", "clamp", "what a stimulus imposes");
}

void print_synapse(const model_declaration& model) {
  fmt::print("\nstate\n");
  for (std::size_t f = 0; f < model.state.size(); ++f) {
    const synapse_field& field = model.state[f];
    std::string how = !model.plastic   ? "constant"
                      : f == 0         ? "learns"
                      : field.per_lane ? "one for each lane"
                                       : "one for all lanes";
    if (f == model.weight) how += ", what messages are multiplied with";
    if (!field.initial.empty()) how += fmt::format(", begins with {}", field.initial);
    fmt::print("  {:<14} {}{} ({})\n", field.name, field.meaning, unit_text(field.unit), how);
  }
  if (!model.plastic) return;
  std::vector<std::string> sees;
  for (const auto& [end, names] : {std::pair("pre", &model.pre), std::pair("post", &model.post)}) {
    for (const std::string& name : *names) sees.push_back(name.empty() ? end : fmt::format("{}.{}", end, name));
  }
  if (model.gated) sees.emplace_back("gate (its modulator; 1 if there is none)");
  fmt::print("\nsees\n  {}\n", sees.empty() ? "nothing" : fmt::format("{}", fmt::join(sees, ", ")));
  if (model.idle.when_gate_is_zero || model.idle.when_pre_is_zero) {
    fmt::print("\nrests\n  {}\n", model.idle.when_gate_is_zero && model.idle.when_pre_is_zero
                                      ? "while the gate is 0, and while pre is 0"
                                  : model.idle.when_gate_is_zero ? "while the gate is 0"
                                                                 : "while pre is 0");
  }
}

void print_summary(const model_declaration& model) {
  fmt::print("{} ({} model): {}\n", model.info.name, name_of(model.kind), model.info.title);
  const auto part = [](std::string_view heading, std::string_view text) {
    if (!text.empty()) fmt::print("\n{}\n  {}\n", heading, text);
  };
  part("equation", model.info.equation);
  part("source", model.info.source);
  part("notes", model.info.notes);
  if (model.text != nullptr) part("deviations", model.text->deviations);
  print_parameters(model);
  print_fields(model);
  print_ports(model);
  if (model.kind == model_kind::synapse) print_synapse(model);
}

// ---- what rules read ------------------------------------------------------------------------------------------------

std::string name_of_leaf(const rules::text_model& m, const rules::node& n) {
  using rules::operation;
  const auto seen = [&](std::string_view end, const std::vector<std::string>& names) {
    return names[n.index].empty() ? std::string(end) : fmt::format("{}.{}", end, names[n.index]);
  };
  switch (n.op) {
    case operation::number_parameter:
    case operation::flag_parameter:
    case operation::activate:
    case operation::slope: return m.parameters[n.index].name;
    case operation::port: return m.ports[n.index].name;
    case operation::field: return m.fields[n.index].name;
    case operation::imposed: return "value";
    case operation::pre: return seen("pre", m.pre);
    case operation::post: return seen("post", m.post);
    case operation::gate: return "gate";
    default: return {};
  }
}

void print_reads(const rules::text_model& m, std::string_view section, const rules::rule& r) {
  for (const rules::assignment& w : r.writes) {
    const std::vector<bool> reached = rules::reached_from(r.nodes, {w.value});
    std::vector<std::string> names;
    for (rules::node_id id = 0; id < r.nodes.size(); ++id) {
      const std::string name = reached[id] ? name_of_leaf(m, r.nodes[id]) : std::string();
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    fmt::print("  {:<8} {:<14} {}\n", section, m.fields[w.field].name,
               names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", ")));
  }
}

/// All that each field's new value can depend on: the rule has no other words.
void print_all_reads(const rules::text_model& m) {
  fmt::print("{}: section, field, and what its new value is computed from\n", m.name);
  if (m.step) print_reads(m, "step", *m.step);
  if (m.clamp) print_reads(m, "clamp", *m.clamp);
  if (m.emit) print_reads(m, "emit", *m.emit);
  for (std::size_t k = 0; k < m.reactions.size(); ++k)
    print_reads(m, k == 0 ? "react" : fmt::format("react{}", k + 1), m.reactions[k]);
  for (const rules::text_field& f : m.fields) {
    if (f.initial) print_reads(m, "initial", *f.initial);
  }
  if (m.learn) print_reads(m, "learn", *m.learn);
}

// ---- files of one's own ---------------------------------------------------------------------------------------------

/// The models of a file: of models alone, or of a netlist.
model_texts texts_of(const std::string& file) {
  const document text = document::from_file(file);
  const section root = text.root();
  if (root.has("circuit") || root.has("population")) return read_netlist(text, all_templates()).own;
  return read_model_texts(text);
}

/// Everything that running would find out, too.
void prepare(const model_declaration& model) {
  const parameter_block params = model.make_parameters();
  if (model.kind == model_kind::neuron) {
    (void)programs_of<float>(params.get());
  } else if (model.plastic) {
    for (const gate_position at : {gate_position::post, gate_position::pre})
      (void)learning_programs_of<float>(params.get(), at);
  }
}

int check(const std::string& file) {
  const model_texts texts = texts_of(file);
  for (const auto& own : texts.activations) fmt::print("{}: activation {} is right\n", file, own->name);
  for (const auto& text : texts.models) {
    const model_declaration model = rules::declaration_of(text);
    prepare(model);
    fmt::print("{}: {} model {} is right\n", file, name_of(text->kind), text->name);
  }
  if (texts.models.empty() && texts.activations.empty()) fmt::print("{}: has no models of its own\n", file);
  return done;
}

/// The model of that name: of `file`, or of the catalogue.
model_declaration model_named(const std::string& name, const std::string& file) {
  std::vector<std::string> names;
  if (!file.empty()) {
    for (const auto& text : texts_of(file).models) {
      if (text->name == name) return rules::declaration_of(text);
      names.push_back(text->name);
    }
  }
  if (const model_declaration* model = all_models().find(name)) return *model;
  for (const model_declaration& each : all_models()) names.emplace_back(each.info.name);
  throw usage_error(fmt::format("no model is called \"{}\"{}", name, suggestion(name, names)));
}

int run_models(const parsed_arguments& parsed) {
  if (const std::string file = parsed.text("check"); !file.empty()) return check(file);
  if (!parsed.has("name")) {
    for (const std::string option : {"text", "cpp", "reads", "of"}) {
      if (parsed.has(option))
        throw usage_error(fmt::format("--{}: name a model, as in: locus models phi --{}", option, option));
    }
    print_list(model_kind::neuron, "neuron models");
    print_list(model_kind::synapse, "\nsynapse models");
    fmt::print("\n`locus models NAME` shows parameters, state, ports and rules.\n");
    return done;
  }
  const std::string name = parsed.text("name");
  const model_declaration model = model_named(name, parsed.text("of"));
  const bool any = parsed.has("text") || parsed.has("cpp") || parsed.has("reads");
  if (any && model.text == nullptr) throw usage_error(fmt::format("\"{}\" is C++, without a text", name));
  if (parsed.has("text")) fmt::print("{}", model.text->text);
  if (parsed.has("cpp")) fmt::print("{}", rules::printed_as_cpp(*model.text));
  if (parsed.has("reads")) print_all_reads(*model.text);
  if (any) return done;
  print_summary(model);
  if (model.text != nullptr) fmt::print("\ntext\n\n{}", model.text->text);
  return done;
}

}  // namespace

const command& models_command() {
  static const command c = {.name = "models",
                            .synopsis = "models [NAME] [options]",
                            .summary = "the catalogue of models: equations, parameters, states, ports",
                            .takes = {.name = "name", .required = false},
                            .options = {{"text", "", "print the model's text alone, to copy and change it"},
                                        {"cpp", "", "print the C++ that its text is compiled as"},
                                        {"reads", "", "print what each field's new value is computed from"},
                                        {"of", "FILE", "look for the model in this netlist or file of models first"},
                                        {"check", "FILE", "check the models of a netlist or of a file of models"}},
                            .run = run_models,
                            .example = "locus models phi --text > mine.toml"};
  return c;
}

}  // namespace locus::tools
