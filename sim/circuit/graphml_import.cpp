#include "sim/circuit/graphml_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "sim/circuit/graphml_elements.hpp"
#include "sim/core/whole_number.hpp"

namespace locus {
namespace {

constexpr std::string_view parameter_prefix = "parameter.", initial_prefix = "initial.";

const std::string& text_of(const graphml_element& e, std::string_view name) {
  const std::string* text = e.find(name);
  if (text == nullptr) e.fail(fmt::format("has no \"{}\"", name));
  return *text;
}

std::int64_t whole_of(const graphml_element& e, std::string_view name, const whole_range& valid) {
  const std::string& text = text_of(e, name);
  std::string complaint;
  const auto value = parse_whole(text, valid, complaint);
  if (!value) e.fail(fmt::format("has {} = {}: {}", name, text, valid.expected()));
  return *value;
}

std::uint32_t count_of(const graphml_element& e, std::string_view name) {
  return static_cast<std::uint32_t>(whole_of(e, name, counts_from(0)));
}

double number_of(const graphml_element& e, std::string_view name, const std::string& text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || !std::isfinite(value))
    e.fail(fmt::format("has {} = {}: expected a finite number", name, text));
  return value;
}

bool flag_of(const graphml_element& e, std::string_view name, const std::string& text) {
  if (text == "1" || text == "true") return true;
  if (text != "0" && text != "false") e.fail(fmt::format("has {} = {}: expected true or false", name, text));
  return false;
}

std::vector<parameter_setting> parameters_of(const graphml_element& e) {
  std::vector<parameter_setting> all;
  for (const auto& each : e.data) {
    // The milliseconds of a tick are the circuit's, and stand in its settings.
    if (!each.name.starts_with(parameter_prefix) || each.name == "parameter.dt") continue;
    parameter_setting set{each.name.substr(parameter_prefix.size()), each.text, e.at};
    if (each.type == "boolean") set.value = flag_of(e, each.name, each.text);
    else if (each.type != "string") set.value = number_of(e, each.name, each.text);
    all.push_back(std::move(set));
  }
  return all;
}

bool same(const std::vector<parameter_setting>& a, const std::vector<parameter_setting>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.name == y.name && x.value == y.value; });
}

/// "hidden1.error.eps"
reference reference_of(const graphml_element& e, std::string_view name, const std::string& text) {
  const auto dot = text.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == text.size())
    e.fail(fmt::format("has {} = {}: expected POPULATION.OUTPUT", name, text));
  return {text.substr(0, dot), text.substr(dot + 1), e.at};
}

/// "eps = hidden1.error.eps, mu = hidden1.error.mu", or one without a name.
seen_outputs seen_of(const graphml_element& e, std::string_view name) {
  seen_outputs all;
  const std::string* text = e.find(name);
  for (std::size_t first = 0; text != nullptr && first < text->size();) {
    const std::size_t comma = std::min(text->find(", ", first), text->size());
    const std::string part = text->substr(first, comma - first);
    const std::size_t equals = part.find(" = ");
    if (equals == std::string::npos) all.push_back({"", reference_of(e, name, part)});
    else all.push_back({part.substr(0, equals), reference_of(e, name, part.substr(equals + 3))});
    first = comma + 2;
  }
  return all;
}

/// "4 x 6 x 6"
std::vector<std::uint32_t> shape_of(const graphml_element& e) {
  std::vector<std::uint32_t> shape;
  const std::string* text = e.find("shape");
  for (std::size_t first = 0; text != nullptr && first < text->size();) {
    const std::size_t next = std::min(text->find(" x ", first), text->size());
    std::string complaint;
    const auto size = parse_whole(text->substr(first, next - first), counts_from(1), complaint);
    if (!size) e.fail(fmt::format("has shape = {}: expected sizes, such as 28 x 28", *text));
    shape.push_back(static_cast<std::uint32_t>(*size));
    first = next + 3;
  }
  return shape;
}

/// A connection, and of a synapse what it begins with.
struct connection {
  std::uint32_t post = 0, pre = 0, delay = 0;
  double weight = 0;
  std::vector<double> initial;
  source_position at;
  bool has_source = false, has_target = false;
};

struct found_population {
  population_description d;
  std::vector<std::uint32_t> indices;
};

struct found_projection {
  projection_description d;
  std::int64_t order = 0;
  std::vector<std::string> initial;  ///< fields but theta
  std::vector<connection> connections;
  std::optional<shared_weights> shared;
  std::optional<copied_weights> copied;
};

struct vertex {
  bool is_synapse = false;
  std::size_t group = 0;
  std::uint32_t index = 0;  ///< of a neuron, or of a connection among those found
};

class circuit_collector {
 public:
  void take(const graphml_element& e) {
    if (e.kind == graphml_kind::graph) {
      if (const std::string* text = e.find("settings")) settings_ = *text;
    } else if (e.kind == graphml_kind::node) {
      take_node(e);
    } else {
      take_edge(e);
    }
  }

  graphml_circuit finish(const std::string& file) {
    if (populations_.empty()) throw usage_error(source_position{file, 0, 0}, "the graph has no neurons");
    graphml_circuit out;
    for (found_population& p : populations_) out.populations.push_back(finished(p));
    std::stable_sort(projections_.begin(), projections_.end(),
                     [](const found_projection& a, const found_projection& b) { return a.order < b.order; });
    for (found_projection& p : projections_) arrange(p);
    for (found_projection& p : projections_) check_others(p);
    for (found_projection& p : projections_) {
      connect(p, size_of(out.populations, p.d.from.population), size_of(out.populations, p.d.to.population));
      out.projections.push_back(p.d);
    }
    out.settings = std::move(settings_);
    return out;
  }

 private:
  void take_node(const graphml_element& e) {
    if (e.find("entities") != nullptr && count_of(e, "entities") != 1)
      e.fail("stands for several entities: write the file with --by entity");
    const std::string& kind = text_of(e, "kind");
    vertex v;
    if (kind == "synapse") v = take_synapse(e);
    else if (kind == "neuron" || kind == "modulator") v = take_neuron(e);
    else e.fail(fmt::format("has kind = {}: expected neuron, modulator or synapse", kind));
    if (!vertices_.emplace(e.id, v).second) e.fail("stands there twice");
  }

  vertex take_neuron(const graphml_element& e) {
    const std::string& group = text_of(e, "group");
    const auto [found, is_new] = population_named_.try_emplace(group, populations_.size());
    if (is_new) {
      populations_.emplace_back().d = {group, text_of(e, "model"), 0, parameters_of(e), e.at, shape_of(e)};
    }
    found_population& p = populations_[found->second];
    if (p.d.model != text_of(e, "model") || p.d.shape != shape_of(e) || !same(p.d.params, parameters_of(e)))
      e.fail(fmt::format("has another model, shape or parameters than the first neuron of \"{}\", at {}", group,
                         p.d.at.text()));
    p.indices.push_back(count_of(e, "index"));
    return {false, found->second, p.indices.back()};
  }

  vertex take_synapse(const graphml_element& e) {
    const std::string& group = text_of(e, "group");
    const std::size_t number = projection_number(group, e);
    found_projection& p = projections_[number];
    if (e.find("kernel_weight") != nullptr)
      e.fail(
          "has kernel_weight, a weight of a shared window: synapses one by one cannot say that they share a weight; "
          "begin with the circuit's netlist");
    if (p.connections.empty()) {
      p.d.synapse = text_of(e, "model");
      p.d.params = parameters_of(e);
      p.d.pre = seen_of(e, "sees_pre");
      p.d.post = seen_of(e, "sees_post");
      if (const std::string* gate = e.find("gate")) p.d.gate = reference_of(e, "gate", *gate);
      if (const std::string* at = e.find("gate_at")) {
        const auto end = value_named<gate_end>(*at);
        if (!end) e.fail(fmt::format("has gate_at = {}: expected post, pre or everywhere", *at));
        p.d.gate_at = *end;
      }
      if (const std::string* other = e.find("shared_with"))
        p.shared = {*other, flag_of(e, "shared_transposed", text_of(e, "shared_transposed"))};
      if (const std::string* other = e.find("same_initial_as"))
        p.copied = {*other, flag_of(e, "initial_transposed", text_of(e, "initial_transposed")),
                    number_of(e, "initial_scale", text_of(e, "initial_scale"))};
      for (const auto& each : e.data) {
        if (each.name.starts_with(initial_prefix)) p.initial.push_back(each.name.substr(initial_prefix.size()));
      }
    } else if (p.d.synapse != text_of(e, "model") || !same(p.d.params, parameters_of(e))) {
      e.fail(
          fmt::format("has another model or parameters than the first synapse of \"{}\", at {}", group, p.d.at.text()));
    }
    connection& c = p.connections.emplace_back();
    c.at = e.at;
    c.post = count_of(e, "post");
    c.pre = count_of(e, "pre");
    c.weight = number_of(e, "weight", text_of(e, "weight"));
    for (const std::string& field : p.initial) {
      const std::string name = std::string(initial_prefix) + field;
      c.initial.push_back(number_of(e, name, text_of(e, name)));
    }
    return {true, number, static_cast<std::uint32_t>(p.connections.size() - 1)};
  }

  std::size_t projection_number(const std::string& name, const graphml_element& e) {
    const auto [found, is_new] = projection_named_.try_emplace(name, projections_.size());
    if (is_new) {
      found_projection& added = projections_.emplace_back();
      added.d.name = name;
      added.d.at = e.at;
      added.order = static_cast<std::int64_t>(found->second);
    }
    return found->second;
  }

  const vertex& end_of(const graphml_element& e, const std::string& id) const {
    const auto found = vertices_.find(id);
    if (found == vertices_.end()) e.fail(fmt::format("joins \"{}\", but no node of this id stands before it", id));
    return found->second;
  }

  void take_edge(const graphml_element& e) {
    const std::string& kind = text_of(e, "edge_kind");
    const vertex &from = end_of(e, e.source), &to = end_of(e, e.target);
    if (kind == "gate" || kind == "sees") return;  // the synapse says what it sees and what gates it
    if (kind == "link") take_link(e, from, to);
    else if (kind != "message") e.fail(fmt::format("has edge_kind = {}: expected message, link, gate or sees", kind));
    else if (!from.is_synapse && to.is_synapse) take_source(e, from, to);
    else if (from.is_synapse && !to.is_synapse) take_target(e, from, to);
    else e.fail("is a message between two neurons or two synapses: expected a link, or a synapse at one end");
  }

  void take_link(const graphml_element& e, const vertex& from, const vertex& to) {
    if (from.is_synapse || to.is_synapse) e.fail("is a link, but one of its ends is a synapse");
    found_projection& p = projections_[projection_number(text_of(e, "projection"), e)];
    if (!p.d.synapse.empty()) e.fail(fmt::format("is a link of \"{}\", which has synapses", p.d.name));
    connection& c = p.connections.emplace_back();
    c.at = e.at;
    c.pre = from.index;
    c.post = to.index;
    take_order(e, p);
    take_sender(e, from, p, c);
    take_receiver(e, to, p, c);
  }

  void take_source(const graphml_element& e, const vertex& from, const vertex& to) {
    found_projection& p = projections_[to.group];
    connection& c = p.connections[to.index];
    if (c.pre != from.index)
      e.fail(fmt::format("leads from neuron {}, but its synapse has pre = {}", from.index, c.pre));
    take_order(e, p);
    take_sender(e, from, p, c);
  }

  void take_target(const graphml_element& e, const vertex& from, const vertex& to) {
    found_projection& p = projections_[from.group];
    connection& c = p.connections[from.index];
    if (c.post != to.index) e.fail(fmt::format("leads to neuron {}, but its synapse has post = {}", to.index, c.post));
    take_receiver(e, to, p, c);
  }

  static void take_order(const graphml_element& e, found_projection& p) {
    if (e.find("order") != nullptr) p.order = whole_of(e, "order", counts_from(0));
  }

  void take_sender(const graphml_element& e, const vertex& from, found_projection& p, connection& c) const {
    take_end(e, p.d.from, {populations_[from.group].d.name, text_of(e, "output"), e.at}, p, c.has_source);
    if (e.find("delay") != nullptr) c.delay = count_of(e, "delay");
  }

  void take_receiver(const graphml_element& e, const vertex& to, found_projection& p, connection& c) const {
    take_end(e, p.d.to, {populations_[to.group].d.name, text_of(e, "port"), e.at}, p, c.has_target);
  }

  static void take_end(const graphml_element& e, reference& known, const reference& found, const found_projection& p,
                       bool& is_known) {
    if (known.population.empty()) known = found;
    if (known.population != found.population || known.member != found.member)
      e.fail(fmt::format("leads over {}, other edges of \"{}\" over {}", found.text(), p.d.name, known.text()));
    if (is_known) e.fail("has a twin: the synapse has such an edge already");
    is_known = true;
  }

  static population_description finished(found_population& p) {
    std::sort(p.indices.begin(), p.indices.end());
    for (std::size_t i = 0; i < p.indices.size(); ++i) {
      if (p.indices[i] != i)
        throw usage_error(p.d.at, fmt::format("population \"{}\" has {} neurons, but {} with the index {}", p.d.name,
                                              p.indices.size(), p.indices[i] > i ? "none" : "two",
                                              p.indices[i] > i ? i : p.indices[i]));
    }
    p.d.size = static_cast<std::uint32_t>(p.indices.size());
    std::uint64_t places = 1;
    for (const std::uint32_t n : p.d.shape) places = bounded_product(places, n);
    if (!p.d.shape.empty() && places != p.d.size)
      throw usage_error(
          p.d.at, fmt::format("population \"{}\" has {} neurons, which its shape does not hold", p.d.name, p.d.size));
    return std::move(p.d);
  }

  static std::uint32_t size_of(const std::vector<population_description>& all, const std::string& name) {
    return std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.name == name; })->size;
  }

  /// Sorts the connections, and checks that each has two ends and stands there once.
  static void arrange(found_projection& p) {
    std::vector<connection>& all = p.connections;
    for (const connection& c : all) {
      if (!c.has_source || !c.has_target)
        throw usage_error(c.at, fmt::format("the synapse [{}][{}] of \"{}\" has no edge {}", c.post, c.pre, p.d.name,
                                            c.has_source ? "to a neuron" : "from a neuron"));
    }
    const auto place = [](const connection& c) { return std::pair(c.post, c.pre); };
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
    const auto twice =
        std::adjacent_find(all.begin(), all.end(), [&](const auto& a, const auto& b) { return place(a) == place(b); });
    if (twice != all.end())
      throw usage_error(twice->at, fmt::format("two connections of \"{}\" join [post, pre] = [{}, {}]", p.d.name,
                                               twice->post, twice->pre));
  }

  /// Whether the weights of a projection are those of another, times `scale`.
  [[nodiscard]] bool same_weights(const found_projection& p, const std::string& name, bool transposed,
                                  double scale) const {
    const auto found = std::find_if(projections_.begin(), projections_.end(),
                                    [&](const found_projection& each) { return each.d.name == name; });
    if (found == projections_.end() || found->connections.size() != p.connections.size()) return false;
    std::map<std::pair<std::uint32_t, std::uint32_t>, double> others;
    for (const connection& c : found->connections) others[{c.post, c.pre}] = c.weight;
    return std::all_of(p.connections.begin(), p.connections.end(), [&](const connection& c) {
      const auto other = others.find(transposed ? std::pair(c.pre, c.post) : std::pair(c.post, c.pre));
      return other != others.end() && c.weight == scale * other->second;
    });
  }

  /// Weights that were copied and are no longer equal are weights of their own; shared ones must be equal.
  void check_others(found_projection& p) const {
    if (p.shared && !same_weights(p, p.shared->projection, p.shared->transposed, 1))
      throw usage_error(p.d.at, fmt::format("\"{}\" uses the weights of \"{}\", but has other connections or weights",
                                            p.d.name, p.shared->projection));
    if (p.copied && !same_weights(p, p.copied->projection, p.copied->transposed, p.copied->scale)) p.copied.reset();
  }

  static void connect(found_projection& p, std::uint32_t before, std::uint32_t after) {
    const std::vector<connection>& all = p.connections;
    const bool link = p.d.synapse.empty();
    const bool one = before == after && all.size() == after &&
                     std::all_of(all.begin(), all.end(), [](const connection& c) { return c.post == c.pre; });
    const bool dense = all.size() == std::uint64_t{before} * after;
    if (link && one) p.d.connect = one_to_one{};
    else if (dense) p.d.connect = all_to_all{};
    else if (p.shared) p.d.connect = copied_connections{p.shared->projection, p.shared->transposed};
    else if (p.copied) p.d.connect = copied_connections{p.copied->projection, p.copied->transposed};
    else p.d.connect = pairs_of(all);
    delay(p);
    if (link) return;
    if (p.shared) {
      p.d.weights = *p.shared;
      return;
    }
    const bool whole = dense && !p.d.delays;  // with delays of their own, connections count one by one
    const auto list = [&](const auto& value) {
      listed_weights out{{whole ? after : 1, whole ? before : static_cast<std::uint32_t>(all.size()), {}}};
      for (const connection& c : all) out.values.values.push_back(value(c));
      return out;
    };
    if (p.copied) p.d.weights = *p.copied;
    else p.d.weights = list([](const connection& c) { return c.weight; });
    for (std::size_t n = 0; n < p.initial.size(); ++n)
      p.d.initial.push_back({p.initial[n], list([&](const connection& c) { return c.initial[n]; }), p.d.at});
  }

  static listed_pairs pairs_of(const std::vector<connection>& all) {
    listed_pairs out;
    for (const connection& c : all) out.post_pre.emplace_back(c.post, c.pre);
    return out;
  }

  static void delay(found_projection& p) {
    p.d.delay = p.connections.front().delay;
    if (std::all_of(p.connections.begin(), p.connections.end(),
                    [&](const connection& c) { return c.delay == p.d.delay; }))
      return;
    p.d.delay = 0;
    p.d.delays.emplace();
    for (const connection& c : p.connections) p.d.delays->values.push_back(c.delay);
  }

  std::vector<found_population> populations_;
  std::vector<found_projection> projections_;
  std::map<std::string, std::size_t> population_named_, projection_named_;
  std::unordered_map<std::string, vertex> vertices_;  ///< by id
  std::optional<std::string> settings_;
};

}  // namespace

graphml_circuit read_graphml(std::string_view text, const std::string& file) {
  circuit_collector all;
  read_graphml_elements(text, file, [&](const graphml_element& e) { all.take(e); });
  return all.finish(file);
}

}  // namespace locus
