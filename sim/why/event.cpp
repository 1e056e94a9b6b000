#include "sim/why/event.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/audit/feedback_measures.hpp"
#include "sim/audit/wiring.hpp"
#include "sim/circuit/connections.hpp"
#include "sim/circuit/entity_names.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/find_by_name.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/trace/pattern.hpp"

namespace locus {
namespace {

std::string outline_of(const grid_shape& shape) {
  return shape.size() > 1 ? fmt::format("a grid of {}", text_of(shape)) : fmt::format("0 to {}", shape[0] - 1);
}

/// The one neuron that brackets name.
std::size_t only_one(const std::string& text, const index_list& list, const population& p) {
  std::vector<bool> chosen;
  try {
    list.check_axes(p.shape, "neuron");
    chosen = list.chosen(p.shape, "neuron");
  } catch (const run_error& e) {
    throw usage_error(fmt::format("{}: {} (\"{}\" has {})", text, e.what(), p.name, outline_of(p.shape)));
  }
  if (std::count(chosen.begin(), chosen.end(), true) != 1)
    throw usage_error(fmt::format("{}: name one neuron of \"{}\" ({})", text, p.name, outline_of(p.shape)));
  return static_cast<std::size_t>(std::find(chosen.begin(), chosen.end(), true) - chosen.begin());
}

std::vector<std::string> all_names(const circuit& c) {
  std::vector<std::string> names;
  for (const population& p : c.populations) {
    names.push_back(p.name);
    for (const field& f : p.model->fields) names.push_back(fmt::format("{}.{}", p.name, f.name));
  }
  for (const projection& p : c.projections) {
    if (p.synapse == nullptr) continue;
    names.push_back(p.name);
    for (const synapse_field& f : p.synapse->state) names.push_back(fmt::format("{}.{}", p.name, f.name));
  }
  return names;
}

/// What stands before the brackets.
asked_event named_event(const circuit& c, const std::string& text, const std::string& name) {
  asked_event e;
  if (const auto population = c.find_population(name)) {
    e.group = *population;
    return e;
  }
  if (const auto projection = c.find_projection(name); projection && c.projections[*projection].synapse != nullptr) {
    e.synapse = true;
    e.group = *projection;
    e.field = 0;
    return e;
  }
  const std::size_t dot = name.rfind('.');
  const std::string group = name.substr(0, dot), field = dot == std::string::npos ? "" : name.substr(dot + 1);
  if (const auto population = c.find_population(group)) {
    e.group = *population;
    e.field = c.populations[e.group].model->find_field(field);
    if (e.field) return e;
  }
  if (const auto projection = c.find_projection(group); projection && c.projections[*projection].synapse != nullptr) {
    e.synapse = true;
    e.group = *projection;
    e.field = find_by_name(c.projections[e.group].synapse->state, field);
    if (e.field) return e;
  }
  if (const auto link = c.find_projection(name))
    throw usage_error(fmt::format("{}: \"{}\" is a plain link: it has no weights that could change", text, name));
  throw usage_error(
      fmt::format("{}: no population, projection or variable \"{}\"{}", text, name, suggestion(name, all_names(c))));
}

std::size_t synapse_asked(const circuit& c, const std::string& text, const asked_event& e,
                          const std::vector<index_list>& brackets) {
  const projection& p = c.projections[e.group];
  if (brackets.size() != 2) {
    throw usage_error(fmt::format("{}: a synapse is named by its two neurons, {}[POST][PRE], such as {}", text, p.name,
                                  p.name + index_text(c, p, 0, 0)));
  }
  const std::size_t post = only_one(text, brackets[0], c.populations[p.to.population]);
  const std::size_t pre = only_one(text, brackets[1], c.populations[p.from.population]);
  if (const auto k = connection_between(c, p, pre, post)) return *k;
  std::optional<std::size_t> near;
  each_source(c, p, post, [&](std::size_t source, std::size_t) {
    const auto apart = [&](std::size_t s) { return s > pre ? s - pre : pre - s; };
    if (!near || apart(source) < apart(*near)) near = source;
  });
  throw usage_error(fmt::format("{}: \"{}\" has no synapse {}{}", text, p.name, index_text(c, p, post, pre),
                                near
                                    ? fmt::format("; the nearest onto that neuron is {}", index_text(c, p, post, *near))
                                    : "; that neuron has none"));
}

}  // namespace

asked_event read_event(const circuit& c, const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos) throw usage_error(fmt::format("{}: say in which tick, as in \"{}@5\"", text, text));
  std::string complaint;
  const auto tick = parse_whole(text.substr(at + 1), ticks_from(0), complaint);
  if (!tick) throw usage_error(fmt::format("{}: the tick \"{}\": {}", text, text.substr(at + 1), complaint));
  variable_pattern pattern;
  try {
    pattern = read_pattern(text.substr(0, at));
  } catch (const run_error& e) {
    throw usage_error(fmt::format("{}: {}", text, e.what()));
  }
  asked_event e = named_event(c, text, pattern.name);
  e.tick = *tick;
  if (e.synapse) {
    e.index = synapse_asked(c, text, e, pattern.brackets);
    if (const projection& p = c.projections[e.group]; p.shared_with) {
      e.index = owner_connection(c, p, e.index);
      e.group = *p.shared_with;
    }
    return e;
  }
  const population& p = c.populations[e.group];
  if (pattern.brackets.empty() && p.size == 1) return e;
  if (pattern.brackets.size() != 1) {
    throw usage_error(fmt::format("{}: which neuron? {}, such as {}", text, outline_of(p.shape),
                                  pattern.name + index_text(c, e.group, 0)));
  }
  e.index = only_one(text, pattern.brackets[0], p);
  return e;
}

std::string name_of_field(const circuit& c, output_id field, std::size_t neuron) {
  const population& p = c.populations[field.population];
  return fmt::format("{}{}.{}", p.name, index_text(c, field.population, neuron), p.model->fields[field.field].name);
}

std::string name_of_synapse(const circuit& c, std::size_t index, std::size_t field, std::size_t k) {
  const projection& p = c.projections[index];
  const connection_ends at = ends_of(c, p, k);
  return fmt::format("{}{}.{}", p.name, index_text(c, p, at.post, at.pre), p.synapse->state[field].name);
}

}  // namespace locus
