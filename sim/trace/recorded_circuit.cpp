#include "sim/trace/recorded_circuit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

using parameter_values = std::map<std::string, parameter_value>;

/// A parameter of a recorded model, whatever it was.
parameter_info any_parameter(const std::string& name) {
  parameter_info info;
  info.name = name;
  info.set = [name](void* block, const parameter_value& value) {
    (*static_cast<parameter_values*>(block))[name] = value;
    return std::string();
  };
  info.get = [name](const void* block) {
    const auto& values = *static_cast<const parameter_values*>(block);
    const auto found = values.find(name);
    return found == values.end() ? parameter_value(std::string()) : found->second;
  };
  return info;
}

/// Makes a model's parameters, and the settings of one that has it, those that were recorded.
void take_parameters(const std::vector<traced_parameter>& recorded, model_declaration& model,
                     std::vector<parameter_setting>& settings) {
  settings.clear();
  for (const traced_parameter& p : recorded) {
    settings.push_back({p.name, p.value, {}});
    const bool known = std::any_of(model.parameters.begin(), model.parameters.end(),
                                   [&](const parameter_info& info) { return info.name == p.name; });
    if (!known) model.parameters.push_back(any_parameter(p.name));
  }
}

template <class Recorded>
const Recorded& find_recorded(const std::vector<Recorded>& all, const std::string& name, const char* kind) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Recorded& r) { return r.name == name; });
  if (found == all.end()) throw run_error(fmt::format("/circuit does not tell of the {} \"{}\"", kind, name));
  return *found;
}

/// Notes what a synapse model calls the outputs that it sees of one end. A projection need not give a name to a single
/// one: the first that does tells it.
void note_names(const seen_outputs& seen, std::vector<std::string>& known) {
  if (seen.empty() || (known.size() > 0 && !known.front().empty())) return;
  known.clear();
  for (const seen_output& each : seen) known.push_back(each.name);
}

description netlist_of(const trace_reader& trace, const template_catalogue& templates) {
  const trace_facts& facts = trace.facts();
  const std::string& text = facts.long_form.empty() ? facts.netlist : facts.long_form;
  if (text.empty()) throw run_error("it does not have the netlist of its run");
  return read_netlist(document::from_text(text, facts.long_form.empty() ? "netlist" : "long_form"), templates);
}

}  // namespace

recorded_circuit::recorded_circuit(const trace_reader& trace, const template_catalogue& templates) {
  try {
    description netlist = netlist_of(trace, templates);
    netlist.own = {};  // what was recorded tells all that is needed of models
    declared_.reserve(netlist.populations.size() + netlist.projections.size());
    declare_populations(trace, netlist);
    declare_projections(trace, netlist);
    declare_recorded(trace, netlist);
    models_ = catalogue(std::move(declared_));
    net_ = build_circuit(netlist, models_);
  } catch (const user_error& e) {
    throw run_error(fmt::format("cannot tell the circuit of \"{}\": {}", trace.path(), e.what()));
  }
}

void recorded_circuit::declare_populations(const trace_reader& trace, description& netlist) {
  for (population_description& p : netlist.populations) {
    const traced_population& recorded = find_recorded(trace.populations(), p.name, "population");
    if (recorded.size != p.size) {
      throw run_error(
          fmt::format("\"{}\" has {} neurons in /circuit, {} in the netlist", p.name, recorded.size, p.size));
    }
    model_declaration& model = model_named(p.model, model_kind::neuron);
    model.info.title = kept(recorded.title);
    model.info.equation = kept(recorded.equation);
    model.info.source = kept(recorded.source);
    model.has_clamp = true;
    take_parameters(recorded.parameters, model, p.params);
  }
}

void recorded_circuit::declare_projections(const trace_reader& trace, description& netlist) {
  const auto add_output = [&](const reference& r) { add_field(netlist, r.population, r.member); };
  for (projection_description& p : netlist.projections) {
    add_output(p.from);
    add_port(netlist, p.to.population, p.to.member);
    if (p.synapse.empty()) continue;
    for (const seen_output& seen : p.pre) add_output(seen.output);
    for (const seen_output& seen : p.post) add_output(seen.output);
    if (p.gate) add_output(*p.gate);
    const traced_projection& recorded = find_recorded(trace.projections(), p.name, "projection");
    model_declaration& model = model_named(p.synapse, model_kind::synapse);
    model.info.title = kept(recorded.title);
    model.info.equation = kept(recorded.equation);
    model.info.source = kept(recorded.source);
    model.plastic = model.plastic || recorded.learns;
    model.gated = model.gated || p.gate.has_value();
    model.state = {{"theta", "1", "weight", false, {}}};
    model.idle = {.when_gate_is_zero = true, .when_pre_is_zero = true};  // it ran: its rule stood in nothing's way
    p.initial.clear();
    if (p.pre.empty() && !recorded.pre.empty()) p.pre = seen_outputs(p.from);
    note_names(p.pre, model.pre);
    note_names(p.post, model.post);
    take_parameters(recorded.parameters, model, p.params);
  }
}

/// What the stimuli need, and what was recorded.
void recorded_circuit::declare_recorded(const trace_reader& trace, const description& netlist) {
  for (const stimulus_description& s : netlist.stimuli) {
    if (s.role == stimulus_role::teacher) {
      const reference answer = s.answer ? *s.answer : reference{s.target.population, "x", {}};
      add_field(netlist, answer.population, answer.member);
    }
    if (s.source) add_port(netlist, s.source->population, s.source->member);
  }
  for (const trace_variable& v : trace.variables()) {
    if (!v.weights) add_field(netlist, v.group, v.name);
  }
}

model_declaration& recorded_circuit::model_named(const std::string& name, model_kind kind) {
  for (model_declaration& m : declared_) {
    if (m.kind == kind && m.info.name == name) return m;
  }
  model_declaration& model = declared_.emplace_back();
  model.kind = kind;
  model.info.name = kept(name);
  model.make_parameters = [] { return std::make_shared<parameter_values>(); };
  return model;
}

model_declaration& recorded_circuit::model_of(const description& netlist, const std::string& population) {
  for (const population_description& p : netlist.populations) {
    if (p.name == population) return model_named(p.model, model_kind::neuron);
  }
  throw run_error(fmt::format("no population is called \"{}\"", population));
}

void recorded_circuit::add_field(const description& netlist, const std::string& population, const std::string& name) {
  model_declaration& model = model_of(netlist, population);
  if (!model.find_field(name)) model.fields.push_back({.name = kept(name), .unit = "1", .meaning = ""});
}

void recorded_circuit::add_port(const description& netlist, const std::string& population, const std::string& name) {
  model_declaration& model = model_of(netlist, population);
  if (!model.find_port(name)) model.ports.push_back({.name = kept(name), .unit = "1", .meaning = ""});
}

}  // namespace locus
