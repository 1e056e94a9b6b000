#include "sim/rules/declaration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace locus::rules {
namespace {

text_parameters& block(void* params) { return *static_cast<text_parameters*>(params); }

std::vector<std::string> choices_of(const text_model& model, const text_parameter& p) {
  if (p.is_flag()) return {"true", "false"};
  if (!p.is_activation()) return {};
  std::vector<std::string> all = all_names<activation>();
  for (const auto& own : model.activations) all.push_back(own->name);
  return all;
}

/// "", or what was expected.
std::string mistake_in(const text_parameter& p, const std::vector<std::string>& choices, const parameter_value& value) {
  if (p.is_flag()) return std::holds_alternative<bool>(value) ? "" : "true or false";
  if (p.is_activation()) {
    const std::string* name = std::get_if<std::string>(&value);
    const bool known = name != nullptr && std::find(choices.begin(), choices.end(), *name) != choices.end();
    return known ? "" : one_of(choices);
  }
  const double* number = std::get_if<double>(&value);
  return number == nullptr ? text_of(p.valid) : misses(*number, p.valid);
}

parameter_info info_of(const text_model& model, std::size_t index) {
  const text_parameter& p = model.parameters[index];
  parameter_info info{p.name, p.unit, p.meaning, p.valid, choices_of(model, p), {}, {}};
  info.set = [p, index, choices = info.names](void* params, const parameter_value& value) {
    const std::string expected = mistake_in(p, choices, value);
    if (!expected.empty()) return expected;
    block(params).values[index] = value;
    block(params).cache = std::make_shared<text_parameters::prepared>();
    return expected;
  };
  info.get = [index](const void* params) { return static_cast<const text_parameters*>(params)->values[index]; };
  return info;
}

/// The ports that a section reads, in the order of the model's.
phase_info phase_of(const rule& r) {
  const std::vector<std::uint32_t> ports = ports_of(r);
  return {{ports.begin(), ports.end()}};
}

}  // namespace

model_declaration declaration_of(std::shared_ptr<const text_model> text) {
  const text_model& m = *text;
  model_declaration d;
  d.kind = m.kind;
  d.info = {m.name, m.title, m.equation, m.source, m.notes};
  for (std::size_t i = 0; i < m.parameters.size(); ++i) d.parameters.push_back(info_of(m, i));
  d.make_parameters = [text] {
    auto made = std::make_shared<text_parameters>();
    made->model = text;
    for (const text_parameter& p : text->parameters) made->values.push_back(p.standard);
    return made;
  };
  if (m.kind == model_kind::neuron) {
    for (const text_field& f : m.fields)
      d.fields.push_back({f.name, f.unit, f.meaning, f.by, f.hidden ? visibility::hidden : visibility::sent, f.event});
    for (const text_port& p : m.ports) d.ports.push_back({p.name, p.unit, p.meaning, p.from});
    if (m.step) d.step = phase_of(*m.step);
    for (const rule& reaction : m.reactions) d.reactions.push_back(phase_of(reaction));
    d.has_clamp = m.clamp.has_value();
    d.clamp_is_total = m.clamp_is_total;
  } else {
    d.plastic = m.learn.has_value();
    for (const text_field& f : m.fields) d.state.push_back({f.name, f.unit, f.meaning, f.per_lane, f.initial_text});
    d.weight = m.weight;
    d.pre = m.pre;
    d.post = m.post;
    d.gated = m.gated;
    d.idle = m.idle;
  }
  d.text = std::move(text);
  return d;
}

std::shared_ptr<const text_model> with_activations(
    const text_model& model, const std::vector<std::shared_ptr<const text_activation>>& activations) {
  auto made = std::make_shared<text_model>(model);
  made->activations = activations;
  return made;
}

}  // namespace locus::rules
