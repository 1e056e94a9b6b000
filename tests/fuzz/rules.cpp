/// A rule's text, as the step of a neuron and as the rule of a synapse; and a file of models.

#include <array>
#include <cmath>
#include <string>

#include "sim/netlist/netlist.hpp"
#include "sim/rules/check.hpp"
#include "sim/rules/declaration.hpp"
#include "sim/rules/evaluate.hpp"
#include "sim/rules/parser.hpp"
#include "sim/rules/specialise.hpp"
#include "tests/fuzz/target.hpp"

using namespace locus;
using rules::node;
using rules::operation;
using rules::rule;

namespace {

/// A message about a rule shows its line, and below it marks a place.
void check_message(std::string_view message) {
  const std::size_t marks = message.rfind('\n');
  fuzzing::require(marks != std::string_view::npos && marks > message.find('\n'), "a line is shown", message);
  fuzzing::require(message.substr(marks + 1).find_first_not_of(" ^~") == std::string_view::npos &&
                       message.substr(marks).find('^') != std::string_view::npos,
                   "a place is marked below the line", message);
}

template <class F>
bool accepted_rule(F&& read) {
  return fuzzing::accepted([&] {
    try {
      read();
    } catch (const usage_error& error) {
      check_message(error.what());
      throw;
    }
  });
}

/// Every leaf is `x`, but the gate or pre is 0 if that is what `silent` says.
template <class P>
struct numbers {
  P x;
  operation silent = operation::constant;
  P operator()(const node& n) const { return n.op == silent ? P(0) : n.op == operation::field ? -x : x; }
};

template <class P>
void evaluate(const rule& text, const rules::text_model& model, const std::vector<parameter_value>& values) {
  const rule made = rules::specialised<P>(text, model, values);
  fuzzing::require(made.writes.size() == text.writes.size(), "every assignment stays");
  const rules::evaluation<P, numbers<P>> done(made.nodes, numbers<P>{P(0.75)});
  for (const rules::assignment& w : made.writes) (void)done.number(w.value);
}

std::vector<parameter_value> defaults_of(const rules::text_model& model) {
  std::vector<parameter_value> out;
  for (const rules::text_parameter& p : model.parameters) out.push_back(p.standard);
  return out;
}

/// What is said to change nothing changes nothing, unless numbers are too large.
void check_idle(const rules::text_model& model, operation silent) {
  const rule made = rules::specialised<double>(*model.learn, model, defaults_of(model));
  for (const double x : {0.75, -3.0}) {
    const numbers<double> leaf{x, silent};
    const rules::evaluation<double, numbers<double>> done(made.nodes, leaf);
    bool finite = true;
    for (rules::node_id id = 0; id < made.nodes.size(); ++id) finite = finite && std::isfinite(done.number(id));
    for (const rules::assignment& w : made.writes)
      fuzzing::require(!finite || done.number(w.value) == -x, "a rule is idle when it says so");
  }
}

void look_at(const rules::text_model& model) {
  const std::vector<parameter_value> values = defaults_of(model);
  for (const auto* section : {&model.step, &model.emit, &model.clamp, &model.learn}) {
    if (!*section) continue;
    evaluate<float>(**section, model, values);
    evaluate<double>(**section, model, values);
  }
  for (const rule& section : model.reactions) evaluate<double>(section, model, values);
  if (model.learn) {
    for (const bool gate_at_pre : {false, true})
      evaluate<double>(rules::with_products_by_end(*model.learn, gate_at_pre), model, values);
    if (model.idle.when_gate_is_zero) check_idle(model, operation::gate);
    if (model.idle.when_pre_is_zero) check_idle(model, operation::pre);
  }
  (void)rules::declaration_of(std::make_shared<const rules::text_model>(model));
}

/// A neuron with two ports and fields, a number, a flag and an activation.
void read_step(const std::string& text) {
  rules::text_model model;
  model.parameters = {{"rate", "", "", {}, 0.5}, {"fast", "", "", {}, true}, {"f", "", "", {}, std::string("tanh")}};
  model.ports = {{"i", "", ""}, {"j", "", ""}};
  model.fields.resize(2);
  model.fields[0].name = "x";
  model.fields[1].name = "y";
  rules::scope names;
  names.readables = {{"rate", "parameter", {.op = operation::number_parameter, .index = 0}, "", false},
                     {"fast", "parameter", {.op = operation::flag_parameter, .index = 1}, "", false}};
  names.callables = {{"f", 2, false}};
  for (std::uint32_t k = 0; k < 2; ++k) {
    names.readables.push_back({model.ports[k].name, "port", {.op = operation::port, .index = k}, "", false});
    names.readables.push_back({model.fields[k].name, "field", {.op = operation::field, .index = k}, "", false});
    names.writables.push_back({model.fields[k].name, k});
  }
  if (accepted_rule([&] { model.step = rules::parse_section({text, "step", {{0, {"fuzzed", 1, 1}}}}, names); }))
    look_at(model);
}

void read_learn(const std::string& text) {
  rules::model_draft draft;
  draft.declared.kind = model_kind::synapse;
  draft.rules.push_back({"learn", {text, "learn", {{0, {"fuzzed", 1, 1}}}}});
  rules::text_model model;
  if (accepted_rule([&] { model = rules::checked(draft); })) look_at(model);
}

void read_file(const std::string& text) {
  if (fuzzing::may_name_models(text)) return;
  model_texts all;
  if (!fuzzing::accepted([&] { all = read_model_texts(document::from_text(text, "fuzzed")); })) return;
  for (const auto& model : all.models) look_at(*model);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzzing::text_of(data, size));
  read_step(text);
  read_learn(text);
  read_file(text);
  return 0;
}
