#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "sim/netlist/netlist_parts.hpp"
#include "sim/netlist/toml_text.hpp"
#include "sim/rules/check.hpp"

namespace locus::detail {

namespace {

using namespace rules;

/// A default says of what kind the parameter is.
parameter_value read_default(const section& parameters, const section& table, std::string_view name) {
  const bool short_form = !parameters.is_table(name);
  const section& here = short_form ? parameters : table;
  const std::string_view key = short_form ? name : "default";
  if (here.is_text(key)) return here.text(key);
  if (here.is_number(key)) return here.number(key);
  if (!here.is_flag(key)) here.fail(key, "expected a number, true or false, or the name of an activation");
  return here.flag(key, false);
}

text_parameter read_parameter(const section& parameters, const std::string& name,
                              const std::vector<std::string>& activations) {
  text_parameter out;
  out.name = name;
  const bool short_form = !parameters.is_table(name);
  const section table = short_form ? section() : parameters.table(name);
  out.standard = read_default(parameters, table, name);
  out.unit = std::holds_alternative<double>(out.standard) ? "1" : "";
  const auto fail = [&](std::string_view key, const std::string& message) {
    short_form ? parameters.fail(name, message) : table.fail(key, message);
  };
  if (out.is_activation()) {
    const std::string& wanted = std::get<std::string>(out.standard);
    if (std::find(activations.begin(), activations.end(), wanted) == activations.end())
      fail("default", fmt::format("no activation is called \"{}\"{}", wanted, suggestion(wanted, activations)));
  }
  if (short_form) return out;
  out.meaning = table.text("meaning", "");
  if (!std::holds_alternative<double>(out.standard)) return out;
  out.unit = table.text("unit", out.unit);
  if (table.has("at_least") && table.has("above")) table.fail("above", "there is at_least already");
  if (table.has("at_least")) out.valid.low = table.number("at_least");
  if (table.has("above")) out.valid.low = table.number("above"), out.valid.low_open = true;
  if (table.has("at_most")) out.valid.high = table.number("at_most");
  if (out.valid.high < out.valid.low || (out.valid.high == out.valid.low && out.valid.low_open))
    table.fail("at_most", fmt::format("expected a number {} {}, as \"{}\" says", out.valid.low_open ? ">" : ">=",
                                      out.valid.low, out.valid.low_open ? "above" : "at_least"));
  out.valid.whole = table.flag("whole", false);
  if (const std::string wanted = misses(std::get<double>(out.standard), out.valid); !wanted.empty())
    table.fail("default", fmt::format("expected {}, as its limits say", wanted));
  return out;
}

text_port read_port(const section& ports, const std::string& name) {
  text_port out;
  out.name = name;
  out.unit = "1";
  if (!ports.is_table(name)) {
    if (!ports.is_text(name)) ports.fail(name, "expected its meaning, as a text, or { meaning = \"...\", ... }");
    out.meaning = ports.text(name);
    return out;
  }
  const section table = ports.table(name);
  out.meaning = table.text("meaning", "");
  out.unit = table.text("unit", out.unit);
  out.from = table.choice("from", port_source::messages);
  return out;
}

text_field read_field(const section& state, const std::string& name, model_kind kind) {
  text_field out;
  out.name = name;
  out.unit = "1";
  if (!state.is_table(name)) {
    if (!state.is_text(name)) state.fail(name, "expected its meaning, as a text, or { meaning = \"...\", ... }");
    out.meaning = state.text(name);
    return out;
  }
  const section table = state.table(name);
  out.meaning = table.text("meaning", "");
  out.unit = table.text("unit", out.unit);
  if (kind == model_kind::neuron) {
    out.hidden = table.flag("hidden", false);
    out.event = table.flag("event", false);
  } else {
    out.per_lane = table.flag("per_lane", false);
  }
  return out;
}

/// What a field of a synapse begins with: a number, or an expression.
std::optional<located_text> read_initial(const section& state, const std::string& name) {
  const char* const key = "initial";
  if (!state.is_table(name) || !state.table(name).has(key)) return std::nullopt;
  const section table = state.table(name);
  if (table.is_text(key)) return table.located(key);
  if (!table.is_number(key)) table.fail(key, "expected a number, or an expression as a text");
  return located_text{toml_number(table.number(key)), name, {}};
}

template <class T, class Read>
void read_list(const section& table, std::vector<T>& out, std::vector<source_position>& at, const Read& read) {
  for (const std::string& name : table.keys()) {
    at.push_back(table.at_key(name));
    out.push_back(read(name));
  }
}

std::vector<std::string> read_seen(const section& sees, std::string_view end, std::vector<source_position>& at) {
  std::vector<std::string> out = sees.texts(end);
  for (std::size_t i = 0; i < out.size(); ++i) at.push_back(sees.at(end, i));
  return out;
}

/// A synapse has theta, first.
void read_synapse_state(const section& model, model_draft& draft) {
  std::vector<text_field>& fields = draft.declared.fields;
  const auto theta = std::find_if(fields.begin(), fields.end(), [](const text_field& f) { return f.name == "theta"; });
  if (theta == fields.end()) {
    text_field made;
    made.name = "theta";
    made.unit = "1";
    made.meaning = "weight";
    fields.insert(fields.begin(), made);
    draft.field_at.insert(draft.field_at.begin(), draft.at);
    draft.initial.insert(draft.initial.begin(), std::nullopt);
  } else if (theta != fields.begin()) {
    model.table("state").fail("theta", "theta comes first");
  }
  if (fields[0].per_lane)
    model.table("state").fail("theta", "theta serves all lanes; keep what differs in another field");
  if (draft.initial[0]) model.table("state").fail("theta", "it begins as `weights` of the projection say");
  std::vector<std::string> names(fields.size());
  std::transform(fields.begin(), fields.end(), names.begin(), [](const text_field& f) { return f.name; });
  const std::string weight = model.has("weight") ? model.choice("weight", names) : "theta";
  draft.declared.weight = static_cast<std::size_t>(std::find(names.begin(), names.end(), weight) - names.begin());
}

bool is_model_name(std::string_view text) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

/// A section that the kind does not have.
void check_sections(const section& rules, model_kind kind) {
  const std::vector<std::string> known = section_names(kind);
  for (const std::string& name : rules.keys()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string nearest = nearest_name(name, known);
    throw usage_error(
        rules.at_key(name),
        fmt::format("the rules of a {} have no section \"{}\"{}: expected {}", name_of(kind), name,
                    nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", nearest), fmt::join(known, ", ")));
  }
}

/// What only the other kind has.
void check_kind(const section& model, model_kind kind) {
  const std::vector<std::string> keys = model.keys();
  const auto refuse = [&](std::string_view key, const std::string& message) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) throw usage_error(model.at_key(key), message);
  };
  if (kind == model_kind::neuron)
    refuse("sees", "only synapses have model.sees: a neuron sees what arrives on its ports");
  else refuse("ports", "only neurons have model.ports: a synapse sees its two ends, pre and post, and a gate");
}

text_model read_model(const section& model, const std::vector<std::shared_ptr<const text_activation>>& activations) {
  model_draft draft;
  text_model& out = draft.declared;
  draft.at = model.at();
  out.activations = activations;
  out.text = model.ordered_text("model");
  out.name = model.text("name");
  if (!is_model_name(out.name)) model.fail("name", "expected small letters, digits and -, a letter first");
  draft.at = model.at("name");
  out.kind = model.choice<model_kind>("kind");
  check_kind(model, out.kind);
  out.title = model.text("title", out.name);
  out.equation = model.text("equation", "");
  out.source = model.text("source", "");
  out.notes = model.text("notes", "");
  out.deviations = model.text("deviations", "");
  std::vector<std::string> names = all_names<activation>();
  for (const auto& own : activations) names.push_back(own->name);
  const section parameters = model.table("parameters");
  read_list(parameters, out.parameters, draft.parameter_at,
            [&](const std::string& name) { return read_parameter(parameters, name, names); });
  const section state = model.table("state");
  read_list(state, out.fields, draft.field_at, [&](const std::string& name) {
    if (out.kind == model_kind::synapse) draft.initial.push_back(read_initial(state, name));
    return read_field(state, name, out.kind);
  });
  if (out.kind == model_kind::neuron) {
    const section ports = model.table("ports");
    read_list(ports, out.ports, draft.port_at, [&](const std::string& name) { return read_port(ports, name); });
  } else {
    const section sees = model.table("sees");
    out.pre = read_seen(sees, "pre", draft.pre_at);
    out.post = read_seen(sees, "post", draft.post_at);
    read_synapse_state(model, draft);
  }
  const section rules = model.table("rules");
  check_sections(rules, out.kind);
  for (const std::string& name : section_names(out.kind)) {
    if (rules.has(name)) draft.rules.push_back({name, rules.located(name)});
  }
  model.finish();
  return checked(std::move(draft));
}

}  // namespace

model_texts read_models(const section& root) {
  model_texts out;
  (void)root.has("models");  // they are among the tables already
  for (const section& table : root.tables("activation")) {
    activation_draft draft{table.text("name"), table.at("name"), table.located("f"), table.located("derivative")};
    text_activation found = checked(draft);
    found.text = table.ordered_text("activation");
    auto made = std::make_shared<const text_activation>(std::move(found));
    for (const auto& other : out.activations) {
      if (other->name == made->name) table.fail("name", "another activation is called so");
    }
    out.activations.push_back(std::move(made));
  }
  for (const section& table : root.tables("model")) {
    auto made = std::make_shared<const text_model>(read_model(table, out.activations));
    for (const auto& other : out.models) {
      if (other->name == made->name) table.fail("name", "another [[model]] is called so");
    }
    out.models.push_back(std::move(made));
  }
  return out;
}

}  // namespace locus::detail
