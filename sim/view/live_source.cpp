#include "sim/view/live_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "sim/circuit/connections.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/run/loading.hpp"
#include "sim/view/json_answer.hpp"
#include "sim/view/neighbourhood.hpp"
#include "sim/why/explainer.hpp"
#include "sim/why/explanation_json.hpp"

namespace locus {
namespace {

constexpr std::uint64_t most_steps = 1'000'000;

nlohmann::json parameters_json(const model_declaration& model, const parameter_block& params) {
  nlohmann::json list = nlohmann::json::array();
  for (const parameter_info& p : model.parameters) {
    nlohmann::json j = {{"name", p.name}, {"unit", p.unit}, {"description", p.meaning}};
    const parameter_value value = p.get(params.get());
    std::visit([&](const auto& x) { j["value"] = x; }, value);
    if (const double* number = std::get_if<double>(&value)) j["value"] = json_number(*number);
    if (!p.names.empty()) j["names"] = p.names;
    list.push_back(std::move(j));
  }
  return list;
}

nlohmann::json variable_json(const ring_variable& v) {
  nlohmann::json j = {{"name", v.full_name()},
                      {"field", v.names.variable},
                      {"unit", v.names.units.empty() ? "1" : v.names.units},
                      {"description", v.names.long_name},
                      {"event", v.event},
                      {"storage", "frames"},
                      {"neurons", v.columns},
                      {"columns", v.columns},
                      {"recorded", nullptr},
                      {"overview", false}};
  if (v.projection) j["recorded"] = v.columns;
  return j;
}

nlohmann::json results_json(const std::vector<epoch_result>& epochs) {
  nlohmann::json j = {{"epoch", nlohmann::json::array()},
                      {"train_loss", nlohmann::json::array()},
                      {"train_accuracy", nlohmann::json::array()},
                      {"test_loss", nlohmann::json::array()},
                      {"test_accuracy", nlohmann::json::array()}};
  for (const epoch_result& e : epochs) {
    const answer_score test = e.test.value_or(answer_score{});
    j["epoch"].push_back(e.epoch);
    j["train_loss"].push_back(json_number(e.train.mean_loss()));
    j["train_accuracy"].push_back(json_number(e.train.accuracy()));
    j["test_loss"].push_back(json_number(test.mean_loss()));
    j["test_accuracy"].push_back(json_number(test.accuracy()));
  }
  return j;
}

/// What a trace would call the list of a variable's events.
std::string group_of(const tick_ring& ring, const ring_variable& v) {
  const auto events = std::count_if(ring.variables().begin(), ring.variables().end(), [&](const ring_variable& other) {
    return other.event && other.names.group == v.names.group;
  });
  return events == 1 ? v.names.group : v.full_name();
}

/// What the ring holds of a tick.
class ring_values : public known_values {
 public:
  ring_values(const tick_ring& ring, const circuit& c, std::uint32_t lane) : ring_(ring), net_(c), lane_(lane) {}

  std::optional<double> field(output_id of, std::size_t neuron, tick_t at) override {
    const ring_variable* v = ring_.find(net_.name_of(of));
    return v == nullptr ? std::nullopt : ring_.value(*v, neuron, lane_, at);
  }
  std::vector<std::optional<double>> weights(std::size_t projection, const std::vector<std::size_t>& weights,
                                             tick_t at) override {
    std::vector<std::optional<double>> result(weights.size());
    const locus::projection& p = net_.projections[projection];
    const ring_variable* v = ring_.find(p.name + ".theta");
    for (std::size_t k = 0; v != nullptr && p.synapse->weight == 0 && k < weights.size(); ++k)
      result[k] = ring_.value(*v, weights[k], 0, at);
    return result;
  }
  std::optional<std::size_t> column(std::size_t, std::size_t weight) override { return weight; }
  std::optional<message> logged(std::size_t, std::size_t, std::size_t, tick_t) override { return std::nullopt; }

 private:
  const tick_ring& ring_;
  const circuit& net_;
  std::uint32_t lane_;
};

/// The body of a change: an object that is not deep.
nlohmann::json body_of(const view_query& query) {
  constexpr int deepest = 8;
  bool deep = false;
  const auto look = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    deep = deep || depth > deepest;
    return !deep;
  };
  if (query.body.empty()) return nlohmann::json::object();
  nlohmann::json j;
  try {
    j = nlohmann::json::parse(query.body, look, true);
  } catch (const nlohmann::json::exception&) {
    throw view_error(view_outcome::wrong, fmt::format("{}: the body is no JSON", query.what));
  }
  if (deep || !j.is_object())
    throw view_error(view_outcome::wrong,
                     fmt::format("{}: the body must be a JSON object, and not a deep one", query.what));
  return j;
}

[[noreturn]] void fail_body(std::string_view name, std::string_view expected) {
  throw view_error(view_outcome::wrong, fmt::format("\"{}\": {}", name, expected));
}

std::string text_in(const nlohmann::json& body, const char* name) {
  if (!body.contains(name) || !body[name].is_string()) fail_body(name, "expected a text");
  return body[name].get<std::string>();
}

double number_in(const nlohmann::json& x, const char* name) {
  if (!x.is_number() || !std::isfinite(x.get<double>())) fail_body(name, "expected a finite number");
  return x.get<double>();
}

std::int64_t whole_in(const nlohmann::json& body, const char* name, const whole_range& valid,
                      std::optional<std::int64_t> otherwise = {}) {
  if (!body.contains(name) && otherwise) return *otherwise;
  const bool whole =
      body.contains(name) && body[name].is_number_integer() &&
      !(body[name].is_number_unsigned() && body[name].get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max());
  if (!whole || !valid.contains(body[name].get<std::int64_t>()))
    fail_body(name, fmt::format("expected a whole number from {} to {}", valid.least, valid.most));
  return body[name].get<std::int64_t>();
}

}  // namespace

std::string live_source::long_form_now() {
  const visit here(run_);
  return long_form(run_.netlist());
}

view_answer live_source::answer(const view_query& query) {
  return answered([&] {
    if (query.changes) return change(query);
    const visit here(run_);
    return query.what == "state" ? state() : read(query, "a run");
  });
}

view_answer live_source::netlist() {
  return {view_outcome::done, view_content::text, run_.loaded().text.canonical_text()};
}

view_answer live_source::diff() { return json_answer(nullptr); }

view_answer live_source::why(const query_reader& asked) {
  const std::string question = asked.text("of");
  const asked_event e = read_event(run_.net(), question);
  const std::size_t which = lane(asked);
  const history* past = run_.past();
  const window held = run_.ring().extent();
  if (past == nullptr)
    throw view_error(view_outcome::too_large,
                     fmt::format("{}: a tick of this circuit has too many numbers to keep them: record its run with "
                                 "locus run --trace, and ask of the trace",
                                 question));
  if (e.tick >= held.last)
    throw view_error(view_outcome::wrong,
                     fmt::format("{}: this run has come to tick {} so far", question, held.last - 1));
  if (!past->knows(e.tick) || !past->knows(e.tick - 1)) {
    const window kept = past->extent();
    const tick_t first = kept.last > 0 ? kept.first : run_.rebuilt().value_or(0);
    throw view_error(
        view_outcome::wrong,
        fmt::format("{}: {}: only ticks from {} on can be told of; a trace (locus run --trace) holds a whole run",
                    question,
                    run_.rebuilt() == first ? fmt::format("a parameter was changed after tick {}", first - 1)
                                            : std::string("what was so long ago is no longer kept"),
                    first + 1));
  }
  if (!happened(*past, e, which))
    throw usage_error(did_not_happen(*past, e, question, happened_before(*past, e, which),
                                     happened_after(*past, e, which), held.last - 1));
  std::vector<kept_presentation> presented;
  for (const traced_presentation& p : run_.presentations()) {
    const auto number = static_cast<std::uint64_t>(p.number);
    if (presented.empty() || presented.back().number != number)
      presented.push_back({p.first, number, static_cast<std::uint32_t>(p.epoch), {}, {}});
    presented.back().samples.push_back(static_cast<std::uint32_t>(p.sample));
    presented.back().labels.push_back(p.label ? static_cast<std::int32_t>(*p.label) : -1);
  }
  // Of a synapse the lane that counts most is told of, unless the question names one but the first.
  trace_explanation told;
  const explanation_world world{*past, run_.near(), presented, {}, [this](std::size_t clamped, tick_t on) {
                                  return run_.held_by_hand(clamped, on);
                                }};
  told.told = explain(world, e, which > 0 ? std::optional(which) : std::nullopt, {});
  told.run_from = past->extent().first;
  return json_answer(explanation_as_json(told, question));
}

view_answer live_source::whys(const query_reader&) {
  throw view_error(view_outcome::missing, "of a run that goes on, ask why of one event after the other");
}

view_answer live_source::overview(const query_reader& asked) {
  const ring_variable& v = variable(asked.text("variable"));
  const overview_request wanted = overview_asked(asked, v.columns);
  const window held = run_.ring().extent(), asked_ticks = asked.ticks(held);
  const window ticks = {std::max(asked_ticks.first, held.first), std::min(asked_ticks.last, held.last)};
  if (v.columns == 0 || ticks.first >= ticks.last) return matrix_answer(0, 0, {});
  const auto in_blocks = [](std::size_t count, std::size_t most) { return (count + most - 1) / most; };
  const auto span = static_cast<std::size_t>(ticks.last - ticks.first);
  const std::size_t width = in_blocks(span, wanted.columns), samples = in_blocks(span, width);
  const std::size_t neurons = in_blocks(v.columns, wanted.rows), rows = in_blocks(v.columns, neurons);
  const std::uint32_t which = v.projection ? 0 : lane(asked);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> low(samples * rows, none), high(low);
  for (std::size_t t = 0; t < span; ++t) {
    const std::vector<double> now = run_.ring().row(v, which, ticks.first + static_cast<tick_t>(t));
    double *lowest = low.data() + t / width * rows, *highest = high.data() + t / width * rows;
    for (std::size_t k = 0; k < now.size(); ++k) {
      if (std::isnan(now[k])) continue;
      double &least = lowest[k / neurons], &most = highest[k / neurons];
      if (!(least <= now[k])) least = now[k];
      if (!(most >= now[k])) most = now[k];
    }
  }
  std::vector<double> numbers;
  if (wanted.low) numbers = std::move(low);
  if (wanted.high) numbers.insert(numbers.end(), high.begin(), high.end());
  view_answer a = matrix_answer(numbers.size() / rows, rows, numbers);
  a.notes.emplace_back("Block", fmt::format("{},{}", width, neurons));
  a.notes.emplace_back("From", std::to_string(ticks.first));
  return a;
}

view_answer live_source::change(const view_query& query) {
  const nlohmann::json body = body_of(query);
  visit here(run_);
  const auto refuse_when_done = [&] {
    if (run_.done()) throw view_error(view_outcome::wrong, fmt::format("{}: the run is over", query.what));
  };
  if (query.what == "run") {
    std::optional<double> speed;
    if (body.contains("speed") && !body["speed"].is_null()) {
      speed = number_in(body["speed"], "speed");
      if (!(*speed >= 0.01 && *speed <= 1e9))
        fail_body("speed", "expected ticks per second, from 0.01 to 1e9, or null");
    }
    run_.run(speed);
  } else if (query.what == "pause") {
    run_.pause();
  } else if (query.what == "step") {
    run_.step(here, static_cast<std::uint64_t>(whole_in(body, "ticks", {1, most_steps}, 1)));
  } else if (query.what == "step_to") {
    const std::string what = text_in(body, "what");
    using goal = live_run::goal;
    const goal wanted = what == "change"         ? goal::change
                        : what == "spike"        ? goal::spike
                        : what == "weight"       ? goal::weight
                        : what == "presentation" ? goal::presentation
                                                 : goal::none;
    if (wanted == goal::none) fail_body("what", "must be change, spike, weight or presentation");
    run_.step_to(here, wanted);
  } else if (query.what == "perturb") {
    refuse_when_done();
    const ring_variable& v = variable(text_in(body, "variable"));
    if (v.projection) fail_body("variable", "fields of neurons can be perturbed, weights cannot");
    const auto neuron =
        static_cast<std::size_t>(whole_in(body, "neuron", {0, static_cast<std::int64_t>(v.columns) - 1}));
    const auto lane = static_cast<std::size_t>(whole_in(body, "lane", {0, static_cast<std::int64_t>(v.lanes) - 1}, 0));
    if (!body.contains("value")) fail_body("value", "is missing");
    run_.perturb(v.field, neuron, lane, number_in(body["value"], "value"));
  } else if (query.what == "clamp") {
    refuse_when_done();
    const std::size_t which = population(text_in(body, "population"));
    const locus::population& p = run_.net().populations[which];
    if (!body.contains("values")) fail_body("values", "is missing");
    if (body["values"].is_null()) {
      run_.release(which);
    } else {
      if (!p.model->has_clamp)
        fail_body("population", fmt::format("{} cannot be clamped: its model has no clamp", p.name));
      const nlohmann::json& values = body["values"];
      if (!values.is_array() || values.size() != p.size)
        fail_body("values", fmt::format("expected {} numbers, or null", p.size));
      std::vector<double> all;
      for (const nlohmann::json& x : values) {
        for (std::uint32_t lane = 0; lane < run_.net().lanes; ++lane) all.push_back(number_in(x, "values"));
      }
      run_.clamp(which, std::move(all));
    }
  } else if (query.what == "parameter") {
    refuse_when_done();
    parameter_setting setting;
    setting.name = text_in(body, "name");
    if (!body.contains("value")) fail_body("value", "is missing");
    const nlohmann::json& value = body["value"];
    if (value.is_boolean()) setting.value = value.get<bool>();
    else if (value.is_string()) setting.value = value.get<std::string>();
    else setting.value = number_in(value, "value");
    setting.at = {"the page", 0, 0};
    const bool rebuilt = run_.set_parameter(here, text_in(body, "entity"), setting);
    return json_answer({{"state", nlohmann::json::parse(state().body)}, {"rebuilt", rebuilt}, {"restarted", false}});
  } else {
    throw view_error(view_outcome::missing, fmt::format("there is no change \"{:.60}\" of a run", query.what));
  }
  return state();
}

view_answer live_source::info() {
  const circuit& c = run_.net();
  const window held = run_.ring().extent();
  const trace_provenance from = provenance(run_.loaded());
  nlohmann::json j = {{"mode", "live"},
                      {"name", std::filesystem::path(run_.loaded().text.name()).filename().string()},
                      {"files", {run_.loaded().text.name()}},
                      {"version", LOCUS_VERSION},
                      {"precision", name_of(c.precision)},
                      {"first", held.first},
                      {"last", held.last},
                      {"every", 1},
                      {"dt", json_number(c.dt)},
                      {"lanes", c.lanes},
                      {"complete", run_.done()},
                      {"ended", run_.ended()},
                      {"netlist", from.netlist},
                      {"sha256", from.netlist_sha256},
                      {"seed", std::to_string(from.seed)},
                      {"populations", nlohmann::json::array()},
                      {"projections", nlohmann::json::array()},
                      {"spikes", nlohmann::json::array()},
                      {"presentations", run_.presentations_seen()},
                      {"classes", !run_.presentations().empty() && run_.presentations().front().label.has_value()},
                      {"results", results_json(run_.epochs())}};
  const auto variables_of = [&](const std::string& group) {
    nlohmann::json list = nlohmann::json::array();
    for (const ring_variable& v : run_.ring().variables()) {
      if (v.names.group == group) list.push_back(variable_json(v));
    }
    return list;
  };
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    const locus::population& p = c.populations[i];
    const bool stimulated =
        std::any_of(c.stimuli.begin(), c.stimuli.end(), [&](const stimulus& s) { return s.population == i; });
    j["populations"].push_back({{"name", p.name},
                                {"model", p.model->info.name},
                                {"title", p.model->info.title},
                                {"equation", p.model->info.equation},
                                {"source", p.model->info.source},
                                {"size", p.size},
                                {"shape", p.shape.size() > 1 ? nlohmann::json(p.shape) : nlohmann::json::array()},
                                {"stimulated", stimulated},
                                {"clamps", p.model->has_clamp},
                                {"parameters", parameters_json(*p.model, p.params)},
                                {"variables", variables_of(p.name)}});
  }
  for (const projection& p : c.projections) {
    nlohmann::json k = {{"name", p.name},
                        {"from", c.populations[p.from.population].name},
                        {"to", c.populations[p.to.population].name},
                        {"output", c.name_of(p.from)},
                        {"port", c.name_of(p.to)},
                        {"field", c.populations[p.from.population].model->fields[p.from.field].name},
                        {"synapse", p.synapse == nullptr ? "link" : std::string(p.synapse->info.name)},
                        {"title", p.synapse == nullptr ? "" : std::string(p.synapse->info.title)},
                        {"equation", p.synapse == nullptr ? "" : std::string(p.synapse->info.equation)},
                        {"source", p.synapse == nullptr ? "" : std::string(p.synapse->info.source)},
                        {"learns", p.learns()},
                        {"shape", name_of(p.shape)},
                        {"connections", c.connections(p)},
                        {"delay", p.delay},
                        {"matrix", nullptr},
                        {"parameters", nlohmann::json::array()},
                        {"variables", variables_of(p.name)}};
    if (p.synapse != nullptr) {
      k["matrix"] = {c.size_after(p), c.size_before(p)};
      k["parameters"] = parameters_json(*p.synapse, p.params);
    }
    j["projections"].push_back(std::move(k));
  }
  for (const ring_variable& v : run_.ring().variables()) {
    if (v.event)
      j["spikes"].push_back({{"group", group_of(run_.ring(), v)}, {"population", v.names.group}, {"count", nullptr}});
  }
  return json_answer(j);
}

view_answer live_source::state() {
  const window held = run_.ring().extent();
  nlohmann::json j = {{"tick", held.last - 1},
                      {"first", held.first},
                      {"last", held.last},
                      {"running", run_.running()},
                      {"speed", json_number(run_.speed())},
                      {"presentation", nullptr},
                      {"done", run_.done()},
                      {"ended", run_.ended()},
                      {"results", results_json(run_.epochs())},
                      {"held", nlohmann::json::array()}};
  const auto& all = run_.presentations();
  for (auto p = all.rbegin(); p != all.rend(); ++p) {
    if (p->lane != 0 || p->first >= held.last) continue;
    j["presentation"] = json_of(*p);
    break;
  }
  for (const auto& [population, h] : run_.clamped()) {
    const std::uint32_t lanes = run_.net().lanes;
    nlohmann::json values = nlohmann::json::array();
    for (std::size_t k = 0; k < h.values.size(); k += lanes) values.push_back(json_number(h.values[k]));
    j["held"].push_back({{"population", run_.net().populations[population].name},
                         {"neuron", nullptr},
                         {"value", nullptr},
                         {"values", values}});
  }
  return json_answer(j);
}

const ring_variable& live_source::variable(std::string_view name) const {
  if (const ring_variable* v = run_.ring().find(name)) return *v;
  std::vector<std::string> known;
  for (const ring_variable& v : run_.ring().variables()) known.push_back(v.full_name());
  fail_unknown("variable", name, known);
}

std::size_t live_source::population(std::string_view name) const {
  if (const auto found = run_.net().find_population(name)) return *found;
  std::vector<std::string> known;
  for (const locus::population& p : run_.net().populations) known.push_back(p.name);
  fail_unknown("population", name, known);
}

std::uint32_t live_source::lane(const query_reader& asked) const {
  return static_cast<std::uint32_t>(asked.whole("lane", {0, run_.net().lanes - 1}, 0));
}

view_answer live_source::values(const query_reader& asked) {
  const ring_variable& v = variable(asked.text("variable"));
  const window ticks = asked.ticks(run_.ring().extent());
  const tick_t step = asked.whole("step", {1, longest_run}, 1);
  const std::vector<std::size_t> columns = asked.columns("columns", v.columns);
  const auto rows = static_cast<std::uint64_t>((ticks.last - ticks.first + (step - 1)) / step);
  check_most(bounded_product(rows, std::max<std::size_t>(1, columns.size())), most_numbers);
  const std::uint32_t which = v.projection ? 0 : lane(asked);
  std::vector<double> numbers;
  numbers.reserve(rows * columns.size());
  for (std::uint64_t r = 0; r < rows; ++r) {
    for (const std::size_t column : columns)
      numbers.push_back(run_.ring()
                            .value(v, column, which, ticks.first + static_cast<tick_t>(r) * step)
                            .value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return matrix_answer(rows, columns.size(), numbers);
}

view_answer live_source::tick(const query_reader& asked) {
  const tick_t tick = asked.whole("tick", view_ticks);
  const std::uint32_t which = lane(asked);
  const std::string names = asked.text("variables");
  std::vector<const ring_variable*> variables;
  std::uint64_t numbers = 0;
  for (std::size_t at = 0; at <= names.size();) {
    const std::size_t comma = std::min(names.find(',', at), names.size());
    variables.push_back(&variable(std::string_view(names).substr(at, comma - at)));
    numbers += variables.back()->columns;
    at = comma + 1;
  }
  check_most(numbers, most_listed);
  std::string text = fmt::format(R"({{"tick":{},"values":{{)", tick);
  for (const ring_variable* v : variables) {
    if (v != variables.front()) text += ',';
    text += compact_text(v->full_name()) + ':';
    append_numbers(text, run_.ring().row(*v, v->projection ? 0 : which, tick));
  }
  return {view_outcome::done, view_content::json, text + "}}"};
}

view_answer live_source::spikes(const query_reader& asked) {
  const std::string group = asked.text("group");
  const auto& all = run_.ring().variables();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ring_variable& each) {
    return each.event && group_of(run_.ring(), each) == group;
  });
  if (found == all.end()) {
    std::vector<std::string> known;
    for (const ring_variable& each : all) {
      if (each.event) known.push_back(group_of(run_.ring(), each));
    }
    fail_unknown("list of events", group, known);
  }
  const ring_variable& v = *found;
  const window held = run_.ring().extent();
  window ticks = asked.ticks(held);
  ticks = {std::max(ticks.first, held.first), std::min(ticks.last, held.last)};
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, static_cast<std::int64_t>(most_listed)}, 20'000));
  const std::uint32_t which = lane(asked);
  nlohmann::json tick = nlohmann::json::array(), neuron = nlohmann::json::array();
  bool more = false;
  for (tick_t t = ticks.first; t < ticks.last && !more; ++t) {
    for (std::size_t k = 0; k < v.columns && !more; ++k) {
      if (run_.ring().value(v, k, which, t) != 1.0) continue;
      more = tick.size() == most;
      if (more) break;
      tick.push_back(t);
      neuron.push_back(k);
    }
  }
  return json_answer({{"tick", tick}, {"neuron", neuron}, {"more", more}});
}

view_answer live_source::stimuli(const query_reader& asked) {
  const window held = run_.ring().extent(), ticks = asked.ticks(held);
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, 100'000}, 5000));
  nlohmann::json list = nlohmann::json::array();
  for (const stimulus_window& s : run_.stimuli()) {
    const tick_t off = std::min(s.off, held.last);  // the last ones are still on
    if (off <= ticks.first || s.on >= ticks.last || list.size() == most) continue;
    list.push_back({{"population", s.population}, {"on", s.on}, {"off", off}});
  }
  return json_answer(list);
}

view_answer live_source::presentations(const query_reader& asked) {
  const window ticks = asked.ticks(run_.ring().extent());
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, 100'000}, 2000));
  const std::uint32_t which = lane(asked);
  nlohmann::json rows = nlohmann::json::array();
  bool more = false;
  for (const traced_presentation& p : run_.presentations()) {
    if (p.lane != which || p.end <= ticks.first || p.first >= ticks.last) continue;
    more = rows.size() == most;
    if (more) break;
    rows.push_back(json_of(p));
  }
  return json_answer({{"rows", rows}, {"more", more}});
}

view_answer live_source::next(const query_reader& asked) {
  const tick_t tick = asked.whole("tick", view_ticks);
  const auto direction = asked.whole("direction", {-1, 1}, 1);
  if (direction == 0) throw view_error(view_outcome::wrong, "direction = \"0\": must be 1 or -1");
  const std::string what = asked.choice("what", {"tick", "change", "spike", "weight", "presentation"});
  const std::string where = asked.text("population", "");
  const std::uint32_t which = lane(asked);
  const window held = run_.ring().extent();
  const auto happens = [&](tick_t t) {
    if (what == "tick") return true;
    if (what == "presentation")
      return std::any_of(run_.presentations().begin(), run_.presentations().end(),
                         [&](const auto& p) { return p.first == t; });
    return std::any_of(run_.ring().variables().begin(), run_.ring().variables().end(), [&](const ring_variable& v) {
      if (!where.empty() && v.names.group != where && !(v.projection && v.names.group.starts_with(where + ".")))
        return false;
      if (what == "spike") return v.event && run_.ring().has_event(v, which, t);
      return v.projection.has_value() == (what == "weight") && run_.ring().differs(v, t);
    });
  };
  nlohmann::json found;
  for (tick_t t = direction > 0 ? std::max(tick + 1, held.first) : std::min(tick - 1, held.last - 1);
       t >= held.first && t < held.last; t += direction) {
    if (!happens(t)) continue;
    found = t;
    break;
  }
  return json_answer({{"tick", found}});
}

view_answer live_source::search(const query_reader& asked) {
  const std::string text = asked.text("text");
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, 10'000}, 50));
  nlohmann::json list = nlohmann::json::array();
  const auto offer = [&](const std::string& name, const char* kind, std::string_view title) {
    if (list.size() < most && name.find(text.substr(0, text.find('['))) != std::string::npos)
      list.push_back({{"name", name}, {"kind", kind}, {"title", title}});
  };
  for (const locus::population& p : run_.net().populations) offer(p.name, "population", p.model->info.title);
  for (const projection& p : run_.net().projections)
    offer(p.name, "projection", p.synapse == nullptr ? "" : p.synapse->info.title);
  for (const ring_variable& v : run_.ring().variables()) offer(v.full_name(), "variable", v.names.long_name);
  return json_answer(list);
}

view_answer live_source::neuron(const query_reader& asked) {
  const std::size_t which = population(asked.text("population"));
  const locus::population& p = run_.net().populations[which];
  const tick_t tick = asked.whole("tick", view_ticks);
  const std::uint32_t in = lane(asked);
  const auto neuron = static_cast<std::size_t>(asked.whole("neuron", {0, std::int64_t{p.size} - 1}));
  ring_values values(run_.ring(), run_.net(), in);
  nlohmann::json j = neighbourhood(run_.net(), which, neuron, tick, values);
  j["state"] = nlohmann::json::object();
  for (const ring_variable& v : run_.ring().variables()) {
    if (v.projection || v.field.population != which) continue;
    j["state"][v.names.variable] =
        json_number(run_.ring().value(v, neuron, in, tick).value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return json_answer(j);
}

view_answer live_source::weights(const query_reader& asked) {
  const std::string name = asked.text("projection");
  const ring_variable& v = variable(name + ".theta");
  const tick_t tick = asked.whole("tick", view_ticks);
  const circuit& c = run_.net();
  const projection& p = c.projections[*v.projection];
  check_most(v.columns, most_numbers);
  const std::vector<double> all = run_.ring().row(v, 0, tick);
  const std::uint64_t targets = c.size_after(p), sources = c.size_before(p);
  view_answer a;
  if (p.shape != projection_shape::shared_window && bounded_product(targets, sources) <= most_numbers) {
    std::vector<double> rows(targets * sources, std::numeric_limits<double>::quiet_NaN());
    each_weight(
        c, p, [&](std::size_t source, std::size_t target, std::size_t k) { rows[target * sources + source] = all[k]; });
    a = matrix_answer(targets, sources, rows);
  } else {
    const auto [rows, columns] = c.weight_matrix(p);
    a = matrix_answer(rows, columns, all);
  }
  if (const auto since = run_.ring().weights_since(v, tick)) a.notes.emplace_back("Tick", std::to_string(*since));
  return a;
}

view_answer live_source::curves(const query_reader&) {
  nlohmann::json j = {{"presentations", nlohmann::json::array()},
                      {"loss", nullptr},
                      {"accuracy", nullptr},
                      {"weights", nlohmann::json::array()}};
  const auto& all = run_.presentations();
  const std::size_t step = all.size() / 400 + 1;
  for (std::size_t k = 0; k < all.size(); k += step) j["presentations"].push_back(all[k].first);
  const window held = run_.ring().extent();
  for (const ring_variable& v : run_.ring().variables()) {
    if (!v.projection || v.columns == 0 || v.columns > most_listed) continue;
    nlohmann::json ticks = nlohmann::json::array(), rms = ticks;
    std::optional<tick_t> last;
    constexpr tick_t samples = 60;
    for (tick_t k = 0; k < samples && held.first < held.last; ++k) {
      const tick_t tick = held.first + (held.last - 1 - held.first) * k / (samples - 1);
      const auto since = run_.ring().weights_since(v, tick);
      if (!since || since == last) continue;
      last = since;
      double sum = 0;
      for (const double x : run_.ring().row(v, 0, tick)) sum += x * x;
      ticks.push_back(std::max(*since, held.first));
      rms.push_back(json_number(std::sqrt(sum / static_cast<double>(v.columns))));
    }
    j["weights"].push_back({{"projection", v.names.group}, {"tick", ticks}, {"rms", rms}});
  }
  return json_answer(j);
}

}  // namespace locus
