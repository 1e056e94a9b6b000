#include "sim/run/circuit_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/circuit/grid.hpp"
#include "sim/circuit/schedule.hpp"
#include "sim/core/grouped.hpp"
#include "sim/core/json_text.hpp"
#include "sim/core/memory.hpp"

namespace locus {
namespace {

/// What happens in a tick, by name.
struct tick_plan {
  struct reaction {
    std::string population;
    std::vector<std::string> outputs;
  };
  std::vector<std::string> registered;
  std::vector<std::vector<reaction>> levels;
};

tick_plan plan_of(const circuit& c) {
  const auto written_by = [&](std::size_t p, int who) {
    std::vector<std::string> names;
    for (const field& f : c.populations[p].model->fields) {
      if (static_cast<int>(f.by) == who && f.seen == visibility::sent) names.emplace_back(f.name);
    }
    return names;
  };
  tick_plan plan;
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    if (!written_by(p, static_cast<int>(writer::step)).empty()) plan.registered.push_back(c.populations[p].name);
  }
  for (const scheduled_reaction& r : make_schedule(c)) {
    if (r.level >= plan.levels.size()) plan.levels.resize(r.level + 1);
    plan.levels[r.level].push_back(
        {c.populations[r.population].name, written_by(r.population, static_cast<int>(r.reaction))});
  }
  return plan;
}

// ---- for people ---------------------------------------------------------------------------------------------------

/// Text that grows.
class report_text {
 public:
  template <class... T>
  void add(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<T>(values)...);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

template <class Named>
std::size_t widest_name(const std::vector<Named>& all) {
  std::size_t width = 0;
  for (const Named& each : all) width = std::max(width, each.name.size());
  return width;
}

/// "  heading   item, item," and further lines under the first item.
void add_list(report_text& out, std::string_view heading, const std::vector<std::string>& items,
              std::string_view separator = ", ") {
  std::string line = fmt::format("  {:<11}", heading);
  bool empty = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = items[i] + std::string(i + 1 < items.size() ? separator : "");
    if (!empty && line.size() + item.size() > 110) {
      out.add("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
      line.assign(13, ' ');
    }
    line += item;
    empty = false;
  }
  out.add("{}\n", line);
}

std::string kind_of(const projection_count& p) {
  std::string text = fmt::format("{}, {}", p.model, name_of(p.shape));
  if (p.shape != projection_shape::one_to_one) text += fmt::format(" {} -> {}", p.before, p.after);
  if (!p.wiring.empty()) text += fmt::format(" ({})", p.wiring);
  if (!p.exact) text += ", as many as random draws are expected to make";
  if (p.longest_delay > p.delay) text += fmt::format(", {} to {} ticks late", p.delay, p.longest_delay);
  else if (p.delay > 0) text += fmt::format(", {} tick{} late", p.delay, p.delay == 1 ? "" : "s");
  if (p.plastic) text += ", learns" + (p.gate.empty() ? std::string() : fmt::format(" when {}", p.gate));
  if (!p.shared_with.empty()) text += fmt::format(", weights of {}", p.shared_with);
  return text;
}

std::string origin_of(const outside_source& s) {
  std::string text = fmt::format("{} ({} neuron{})", s.population, grouped(s.size), s.size == 1 ? "" : "s");
  if (s.first_column) text += fmt::format(", columns = [{}, {}]", *s.first_column, *s.first_column + s.size);
  if (s.role == stimulus_role::teacher) text += fmt::format(", compared with {}", s.answer);
  if (s.role == stimulus_role::imposed) {
    text += fmt::format(", set to {}{} when the {} comes", s.source,
                        s.sigma > 0 ? fmt::format(" + N(0, {}^2)", s.sigma) : std::string(), name_of(s.with));
  }
  if (s.role != stimulus_role::control) return text;
  const std::string from = !s.from_end ? fmt::format("tick {} of the teacher", s.onset)
                           : s.onset == 0
                               ? "the teacher's end"
                               : fmt::format("the teacher's end {} {}", s.onset < 0 ? '-' : '+', std::abs(s.onset));
  text += fmt::format(", {} from {}", s.value, from);
  return text + (s.ticks == 0 ? " until it goes" : fmt::format(" for {} tick{}", s.ticks, s.ticks == 1 ? "" : "s"));
}

void add_tables(report_text& out, const circuit& c, const census& n) {
  constexpr std::size_t heading_width = std::string_view("projections").size() - 2;  // names are indented by 2
  const std::size_t name_width = std::max({widest_name(n.populations), widest_name(n.projections), heading_width});
  out.add("\n{:<{}} {:>12}  {}\n", "populations", name_width + 2, "neurons", "model");
  for (const population& p : c.populations) {
    const std::string shape = p.shape.size() > 1 ? ", " + locus::text_of(p.shape) : "";
    out.add("  {:<{}} {:>12}  {}{}\n", p.name, name_width, grouped(p.size), p.model->info.name, shape);
  }
  if (!n.projections.empty()) out.add("\n{:<{}} {:>12}  {}\n", "projections", name_width + 2, "connections", "model");
  for (const auto& p : n.projections) {
    out.add("  {:<{}} {:>12}  {}\n", p.name, name_width, grouped(p.connections), kind_of(p));
  }
}

void add_kinds(report_text& out, const census& n) {
  const auto add_kind = [&](const kind_count& k) {
    const std::string digits = std::to_string(k.count);
    out.add("  {:>12}  {}\n", grouped(k.count), k.text().substr(digits.size() + 1));
  };
  out.add("\nentities\n");
  for (const kind_count& k : n.neuron_kinds) add_kind(k);
  for (const kind_count& k : n.synapse_kinds) add_kind(k);
  if (n.links > 0) out.add("  {:>12}  plain link{}\n", grouped(n.links), n.links == 1 ? "" : "s");
  out.add("  {} neurons, {} synapses, {} of which learn\n", grouped(n.neurons), grouped(n.synapses),
          grouped(n.plastic_weights));
  if (!n.exact()) out.add("  numbers of synapses and bytes are expectations: random connections were not drawn\n");
}

void add_plan(report_text& out, const tick_plan& plan) {
  out.add("\na tick\n");
  if (!plan.registered.empty()) add_list(out, "registered", plan.registered);
  for (std::size_t level = 0; level < plan.levels.size(); ++level) {
    std::vector<std::string> items;
    for (const auto& r : plan.levels[level])
      items.push_back(fmt::format("{}: {}", r.population, fmt::join(r.outputs, ", ")));
    add_list(out, fmt::format("level {}", level), items, "; ");
  }
}

// ---- for programs -------------------------------------------------------------------------------------------------

nlohmann::json json_of(const projection_count& p) {
  return {{"name", p.name},     {"model", p.model}, {"shape", name_of(p.shape)},    {"sources", p.before},
          {"targets", p.after}, {"gate", p.gate},   {"connections", p.connections}, {"delay", p.delay},
          {"exact", p.exact},   {"role", p.role},   {"plastic", p.plastic},         {"shared_with", p.shared_with},
          {"wiring", p.wiring}};
}

nlohmann::json json_of(const outside_source& s) {
  nlohmann::json j = {{"population", s.population}, {"neurons", s.size}, {"role", name_of(s.role)}};
  if (s.first_column) j["columns"] = {*s.first_column, *s.first_column + s.size};
  if (s.role == stimulus_role::teacher) j["answer"] = s.answer;
  if (s.role == stimulus_role::imposed) {
    j.update({{"source", s.source}, {"with", name_of(s.with)}, {"sigma", s.sigma}});
  }
  if (s.role == stimulus_role::control) j.update({{"onset", s.onset}, {"ticks", s.ticks}, {"value", s.value}});
  if (s.from_end) j["from_end"] = true;
  return j;
}

nlohmann::json json_of(const kind_count& k) { return {{"role", k.role}, {"title", k.title}, {"count", k.count}}; }

nlohmann::json json_of(const tick_plan::reaction& r) { return {{"population", r.population}, {"outputs", r.outputs}}; }

template <class T>
nlohmann::json list_of(const std::vector<T>& all) {
  nlohmann::json j = nlohmann::json::array();
  for (const T& each : all) j.push_back(json_of(each));
  return j;
}

}  // namespace

std::string description_as_text(const std::string& name, const circuit& c, const census& n) {
  report_text out;
  out.add("{}: {}, {} lane{}\n", name, name_of(c.precision), c.lanes, c.lanes == 1 ? "" : "s");
  add_tables(out, c, n);
  add_kinds(out, n);
  add_plan(out, plan_of(c));
  out.add("\noutside\n");
  for (const auto& s : n.sources) add_list(out, name_of(s.role), {origin_of(s)});
  for (const auto& s : n.controls)
    add_list(out, s.role == stimulus_role::control ? "control" : "imposed", {origin_of(s)});
  if (n.controls.empty()) add_list(out, "control", {"none"});
  out.add("\nat most {} messages a tick over synapses and {} over links, all lanes together\n",
          grouped(n.messages_per_tick), grouped(n.links_per_tick));
  const memory_prediction& m = n.memory;
  out.add("memory {}: weights {}, state {}, ports {}", bytes_text(m.total()), bytes_text(m.weights),
          bytes_text(m.state), bytes_text(m.ports));
  out.add("{}\n", m.delays > 0 ? fmt::format(", messages under way {}", bytes_text(m.delays)) : "");
  if (!n.ranks.empty()) {
    std::uint64_t memory = 0, told = 0;
    for (const rank_prediction& each : n.ranks) {
      memory = std::max(memory, each.memory.total());
      told = std::max(told, each.told);
    }
    out.add(
        "in {} processes: memory at most {} each; in a tick in which everything changes, each tells the others {}\n",
        n.ranks.size(), bytes_text(memory), bytes_text(told));
  }
  return out.take();
}

std::string description_as_json(const std::string& name, const circuit& c, const census& n) {
  const tick_plan plan = plan_of(c);
  const memory_prediction& m = n.memory;
  nlohmann::json j = {{"netlist", name},
                      {"precision", name_of(c.precision)},
                      {"lanes", c.lanes},
                      {"populations", nlohmann::json::array()},
                      {"projections", list_of(n.projections)},
                      {"neurons", n.neurons},
                      {"neuron_kinds", list_of(n.neuron_kinds)},
                      {"synapses", n.synapses},
                      {"synapse_kinds", list_of(n.synapse_kinds)},
                      {"links", n.links},
                      {"plastic_weights", n.plastic_weights},
                      {"exact", n.exact()},
                      {"schedule", {{"registered", plan.registered}, {"levels", nlohmann::json::array()}}},
                      {"sources", list_of(n.sources)},
                      {"controls", list_of(n.controls)},
                      {"messages_per_tick", n.messages_per_tick},
                      {"links_per_tick", n.links_per_tick},
                      {"memory",
                       {{"weights", m.weights},
                        {"state", m.state},
                        {"ports", m.ports},
                        {"delays", m.delays},
                        {"total", m.total()},
                        {"building", m.building}}},
                      {"version", LOCUS_VERSION}};
  for (const population& p : c.populations) {
    const model_info& info = p.model->info;
    j["populations"].push_back(
        {{"name", p.name}, {"model", info.name}, {"title", info.title}, {"neurons", p.size}, {"shape", p.shape}});
  }
  for (const rank_prediction& each : n.ranks)
    j["ranks"].push_back({{"memory", each.memory.total()}, {"told_per_tick", each.told}});
  for (const auto& level : plan.levels) j["schedule"]["levels"].push_back(list_of(level));
  return json_text(j);
}

}  // namespace locus
