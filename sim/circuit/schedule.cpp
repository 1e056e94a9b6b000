#include "sim/circuit/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/topological_sort.hpp>
#include <map>

namespace locus {
namespace {

using reaction_vertex = schedule_graph::vertex_descriptor;

/// Whether reaction k of a model reads port p.
bool reads(const model_declaration& model, std::size_t k, std::size_t p) {
  const auto& ports = model.reactions[k].ports;
  return std::find(ports.begin(), ports.end(), p) != ports.end();
}

/// The first output that a reaction writes, for messages.
std::string name_of(const circuit& c, const scheduled_reaction& r) {
  const model_declaration& model = *c.populations[r.population].model;
  for (std::size_t f = 0; f < model.fields.size(); ++f) {
    const field& each = model.fields[f];
    if (static_cast<std::size_t>(each.by) == r.reaction && each.seen == visibility::sent) {
      return c.name_of(output_id{r.population, f});
    }
  }
  return fmt::format("{} (reaction {})", c.populations[r.population].name, r.reaction);
}

/// The output over which `before` holds up `after`, for messages.
std::string name_between(const circuit& c, const scheduled_reaction& before, const scheduled_reaction& after) {
  for (const projection& p : c.projections) {
    const field& source = c.populations[p.from.population].model->fields[p.from.field];
    if (p.delay > 0 || p.from.population != before.population || p.to.population != after.population) continue;
    if (static_cast<std::size_t>(source.by) != before.reaction) continue;
    if (reads(*c.populations[p.to.population].model, after.reaction, p.to.port)) return c.name_of(p.from);
  }
  return name_of(c, before);
}

/// Finds one cycle and throws its path.
struct cycle_reporter : boost::default_dfs_visitor {
  cycle_reporter(const circuit& c, std::vector<reaction_vertex>& path) : circuit_(&c), path_(&path) {}

  void discover_vertex(reaction_vertex v, const schedule_graph&) { path_->push_back(v); }
  void finish_vertex(reaction_vertex, const schedule_graph&) { path_->pop_back(); }
  void back_edge(schedule_graph::edge_descriptor e, const schedule_graph& g) {
    const std::vector<reaction_vertex> loop(std::find(path_->begin(), path_->end(), target(e, g)), path_->end());
    const auto name = [&](std::size_t i) {
      return name_between(*circuit_, g[loop[i]], g[loop[(i + 1) % loop.size()]]);
    };
    std::string text = "algebraic loop: ";
    for (std::size_t i = 0; i < loop.size(); ++i) text += name(i) + " -> ";
    throw usage_error(text + name(0) +
                      " (immediate outputs that wait for each other; put a delay of at least 1 on one connection)");
  }

 private:
  const circuit* circuit_;
  std::vector<reaction_vertex>* path_;
};

}  // namespace

schedule_graph make_schedule_graph(const circuit& c) {
  schedule_graph graph;
  std::map<std::pair<std::size_t, std::size_t>, reaction_vertex> vertices;
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    const std::size_t count = c.populations[p].model->reactions.size();
    for (std::size_t k = 0; k < count; ++k) {
      vertices[{p, k}] = add_vertex(scheduled_reaction{p, k, 0}, graph);
      if (k > 0) add_edge(vertices[{p, k - 1}], vertices[{p, k}], graph);
    }
  }
  for (const projection& p : c.projections) {
    const field& source = c.populations[p.from.population].model->fields[p.from.field];
    if (p.delay > 0 || source.by == writer::step) continue;
    const model_declaration& model = *c.populations[p.to.population].model;
    for (std::size_t k = 0; k < model.reactions.size(); ++k) {
      if (!reads(model, k, p.to.port)) continue;
      add_edge(vertices[{p.from.population, static_cast<std::size_t>(source.by)}], vertices[{p.to.population, k}],
               graph);
    }
  }
  return graph;
}

std::vector<scheduled_reaction> make_schedule(const circuit& c) {
  schedule_graph graph = make_schedule_graph(c);
  std::vector<reaction_vertex> path;
  boost::depth_first_search(graph, boost::visitor(cycle_reporter(c, path)));

  std::vector<reaction_vertex> reversed;
  boost::topological_sort(graph, std::back_inserter(reversed));
  for (auto v = reversed.rbegin(); v != reversed.rend(); ++v) {
    const auto [first, last] = out_edges(*v, graph);
    for (auto e = first; e != last; ++e) {
      scheduled_reaction& next = graph[target(*e, graph)];
      next.level = std::max(next.level, graph[*v].level + 1);
    }
  }
  std::vector<scheduled_reaction> order;
  order.reserve(reversed.size());
  for (const reaction_vertex v : reversed) order.push_back(graph[v]);
  std::sort(order.begin(), order.end(), [](const scheduled_reaction& a, const scheduled_reaction& b) {
    return std::tie(a.level, a.population, a.reaction) < std::tie(b.level, b.population, b.reaction);
  });
  return order;
}

}  // namespace locus
