#include "models/templates/common/shared_weights.hpp"

#include <algorithm>
#include <set>

namespace locus::templates {
namespace {

/// What a neuron population sends while a node's errors are there, in a population of relays.
void add_relays_of(description& out, const std::string& name, std::uint32_t size, const std::string& heard,
                   const std::string& now) {
  add_population(out, name, "gated-relay", size);
  add_link(out, heard, name + ".heard");
  add_link(out, now, name + ".gate", all_to_all{});
}

void add_synapses_of(description& out, const network& n, synapses s, const std::string& end, bool learns) {
  s.model = "summing-hebbian";
  s.params = n.params;
  s.gate = end;
  s.gate_at = gate_end::everywhere;
  add_synapses(out, n, s, learns);
}

}  // namespace

std::string shared_forward(const std::string& edge) { return edge + ".weights"; }
std::string shared_feedback(const std::string& edge) { return edge + ".feedback.weights"; }

bool shares_weights(const network& n) {
  return std::any_of(n.edges.begin(), n.edges.end(), [](const network_edge& e) { return !e.group.empty(); });
}

void add_shared_weights(description& out, const network& n, const sharing_parts& parts) {
  std::set<std::string> groups;
  std::set<std::size_t> targets;
  for (const network_edge& e : n.edges) {
    if (e.group.empty()) continue;
    const std::string source = e.group + ".source", target = e.group + ".target";
    const std::string error = n.name(e.to) + ".now", rate = n.name(e.from) + ".to." + n.name(e.to);
    if (groups.insert(e.group).second) {
      add_population(out, source, "shared-end", n.nodes[e.from].heard().size);
      add_population(out, target, "shared-end", n.size(e.to));
    }
    if (n.rule == "none") continue;
    const std::string now = parts.now(e.to);
    if (targets.insert(e.to).second) add_relays_of(out, error, n.size(e.to), n.name(e.to) + parts.errors, now);
    add_relays_of(out, rate + ".now", n.nodes[e.from].heard().size, n.sent(e.from), now);
    add_link(out, rate + ".now.sent", source + ".heard");
    add_link(out, error + ".sent", target + ".heard");
  }
  const std::vector<network_edge> back = n.feedback_edges();
  for (const std::string& group : groups) {
    const auto first =
        std::find_if(n.edges.begin(), n.edges.end(), [&](const network_edge& e) { return e.group == group; });
    synapses s;
    s.name = shared_forward(group);
    s.from = group + ".source.sent";
    s.to = group + ".target.messages";
    s.post = group + ".target.sent";
    s.weights = first->group_weights;
    add_synapses_of(out, n, s, parts.end, true);
    const bool goes_back =
        std::any_of(back.begin(), back.end(), [&](const network_edge& e) { return e.group == group; });
    if (!goes_back || n.feedback_weights == "tied") continue;
    s.name = shared_feedback(group);
    s.from = group + ".target.sent";
    s.to = group + ".source.messages";
    s.post = group + ".source.sent";
    s.weights = copied_weights{shared_forward(group), true};
    if (n.feedback_weights == "fixed-random") s.weights = random_weights{"glorot-uniform", 1.0, n.seed, s.name};
    add_synapses_of(out, n, s, parts.end, n.feedback_weights == "learned");
  }
}

}  // namespace locus::templates
