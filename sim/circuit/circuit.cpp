#include "sim/circuit/circuit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "sim/circuit/census.hpp"
#include "sim/circuit/connectivity.hpp"
#include "sim/core/find_by_name.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/panels.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/rules/algebra.hpp"
#include "sim/rules/declaration.hpp"

namespace locus {

namespace {

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Named& each : all) names.push_back(each.name);
  return names;
}

using own_models = std::vector<std::shared_ptr<const model_declaration>>;

/// The netlist's own models. What ours may be told of its activations are models of its own too.
own_models models_of(const description& netlist, const catalogue& models) {
  own_models all;
  for (const auto& text : netlist.own.models) {
    if (models.find(text->name) != nullptr)
      throw usage_error({netlist.source, 0, 0},
                        fmt::format("[[model]] \"{0}\": Locus has a model of this name (`locus models "
                                    "{0}` shows it); give yours another",
                                    text->name));
    all.push_back(std::make_shared<const model_declaration>(rules::declaration_of(text)));
  }
  if (netlist.own.activations.empty()) return all;
  for (const model_declaration& ours : models) {
    if (ours.text == nullptr) continue;
    all.push_back(std::make_shared<const model_declaration>(
        rules::declaration_of(rules::with_activations(*ours.text, netlist.own.activations))));
  }
  return all;
}

const model_declaration& model_named(const own_models& own, const catalogue& models, const std::string& name,
                                     model_kind kind, const source_position& at) {
  std::vector<std::string> names;
  for (const auto& each : own) {
    if (each->kind != kind) continue;
    if (each->info.name == name) return *each;
    names.emplace_back(each->info.name);
  }
  for (const model_declaration& each : models) {
    if (each.kind != kind) continue;
    if (each.info.name == name) return each;
    names.emplace_back(each.info.name);
  }
  throw usage_error(at, fmt::format("no {} model is called \"{}\"{}", kind == model_kind::neuron ? "neuron" : "synapse",
                                    name, suggestion(name, names)));
}

/// What the netlist says of a model's parameters. `dt`, in rules as text, is what it says of time.
parameter_block make_params(const model_declaration& model, const std::vector<parameter_setting>& settings,
                            const std::optional<double>& dt, const source_position& at) {
  parameter_block block = model.make_parameters();
  const std::optional<std::size_t> tick = find_by_name(model.parameters, rules::tick_length);
  const bool reads_dt = model.text != nullptr && tick;
  if (reads_dt && !dt)
    throw usage_error(
        at, fmt::format("the rules of \"{}\" read dt: set circuit.dt, the milliseconds of a tick", model.info.name));
  if (reads_dt) (void)model.parameters[*tick].set(block.get(), *dt);
  for (const parameter_setting& setting : settings) {
    const auto info = find_by_name(model.parameters, setting.name);
    if (reads_dt && setting.name == rules::tick_length)
      throw usage_error(setting.at, "dt is the same for all: set circuit.dt, the milliseconds of a tick");
    if (!info) {
      throw usage_error(setting.at, fmt::format("model \"{}\" has no parameter \"{}\"{}", model.info.name, setting.name,
                                                suggestion(setting.name, names_of(model.parameters))));
    }
    const std::string expected = model.parameters[*info].set(block.get(), setting.value);
    if (!expected.empty()) {
      throw usage_error(setting.at,
                        fmt::format("{} = {}: expected {}", setting.name, text_of(setting.value), expected));
    }
  }
  return block;
}

/// Builds one circuit from one description.
class builder {
 public:
  builder(const description& netlist, const catalogue& models, const partition& keeps = {}, std::size_t threads = 1)
      : in_(netlist), models_(models), keeps_(keeps), threads_(threads) {}

  circuit outline() {
    out_.precision = in_.precision;
    out_.lanes = in_.lanes;
    out_.record_nonfinite = in_.record_nonfinite;
    out_.noise_seed = in_.noise_seed;
    out_.dt = in_.dt;
    out_.own_models = models_of(in_, models_);
    if (in_.populations.empty()) throw usage_error({in_.source, 0, 0}, "the netlist has no population");
    for (const auto& p : in_.populations) add_population(p);
    for (const auto& p : in_.projections) add_projection(p);
    for (std::size_t i = 0; i < in_.projections.size(); ++i) connect_as_other(i);
    for (std::size_t i = 0; i < in_.projections.size(); ++i) check_synapse(in_.projections[i], out_.projections[i]);
    for (std::size_t i = 0; i < in_.projections.size(); ++i) link_weights(i);
    for (const auto& s : in_.stimuli) add_stimulus(s);
    order_stimuli();
    for (const auto& r : in_.reports) add_report(r);
    return std::move(out_);
  }

  circuit build() {
    circuit c = outline();
    for (std::size_t i = 0; i < c.populations.size(); ++i) check_numbers(c, c.populations[i], in_.populations[i].at);
    for (const projection& p : c.projections) check_numbers(c, p);
    const memory_prediction memory = predict_memory(c, keeps_);
    require_memory(bounded_sum(memory.total(), memory.building),
                   fmt::format("{}: the circuit (`locus describe`: {}; while it is built, {} more)", in_.source,
                               bytes_text(memory.total()), bytes_text(memory.building)));
    for (std::size_t i = 0; i < c.projections.size(); ++i) draw(c, i);
    return c;
  }

 private:
  void add_population(const population_description& d) {
    population p;
    p.name = d.name;
    p.size = d.size;
    p.shape = d.shape.empty() ? std::vector<std::uint32_t>{d.size} : d.shape;
    p.model = &model_named(out_.own_models, models_, d.model, model_kind::neuron, d.at);
    p.params = make_params(*p.model, d.params, in_.dt, d.at);
    out_.populations.push_back(std::move(p));
  }

  std::size_t population_named(const reference& r) const {
    const auto found = out_.find_population(r.population);
    if (!found) {
      throw usage_error(r.at, fmt::format("no population is called \"{}\"{}", r.population,
                                          suggestion(r.population, names_of(out_.populations))));
    }
    return *found;
  }

  output_id output(const reference& r) const {
    const std::size_t p = population_named(r);
    const model_declaration& model = *out_.populations[p].model;
    const auto f = model.find_field(r.member);
    if (!f || model.fields[*f].seen != visibility::sent) {
      throw usage_error(r.at, fmt::format("population \"{}\" (model \"{}\") sends no \"{}\"{}", r.population,
                                          model.info.name, r.member, suggestion(r.member, model.sent_names())));
    }
    return {p, *f};
  }

  port_id input(const reference& r) const {
    const std::size_t p = population_named(r);
    const model_declaration& model = *out_.populations[p].model;
    const auto found = model.find_port(r.member);
    if (!found) {
      throw usage_error(r.at, fmt::format("population \"{}\" (model \"{}\") has no port \"{}\"{}", r.population,
                                          model.info.name, r.member, suggestion(r.member, model.port_names())));
    }
    if (is_noise(model.ports[*found].from)) {
      throw usage_error(r.at, fmt::format("port \"{}\" of population \"{}\" (model \"{}\") is the neuron's own noise: "
                                          "nothing can be connected to it",
                                          r.member, r.population, model.info.name));
    }
    return {p, *found};
  }

  void add_projection(const projection_description& d) {
    projection p;
    p.name = d.name;
    p.from = output(d.from);
    p.to = input(d.to);
    set_delays(d, p);
    p.at = d.at;
    connect(d, p);
    if (!d.synapse.empty()) attach_synapse(d, p);
    out_.projections.push_back(std::move(p));
  }

  /// Those of single connections are drawn, or read, when these are.
  void set_delays(const projection_description& d, projection& p) const {
    p.delay = d.delay;
    if (!d.delays) return;
    if (!d.delays->file.empty()) {
      std::tie(p.delay, p.delay_up_to) =
          read_delay_range(delay_file(d, out_.size_after(p), out_.size_before(p)), in_.dt.value_or(1));
      return;
    }
    const auto& values = d.delays->values;
    p.delay = values.empty() ? d.delays->low : *std::min_element(values.begin(), values.end());
    p.delay_up_to = values.empty() ? d.delays->high : *std::max_element(values.begin(), values.end());
  }

  void connect(const projection_description& d, projection& p) const {
    const population& from = out_.populations[p.from.population];
    const population& to = out_.populations[p.to.population];
    if (std::holds_alternative<copied_connections>(d.connect)) return;  // when all others are known
    if (std::holds_alternative<all_to_all>(d.connect) && !d.delays) {
      p.shape = projection_shape::dense;
      return;
    }
    if (std::holds_alternative<one_to_one>(d.connect)) {
      if (from.size != to.size) {
        throw usage_error(d.at, fmt::format("projection \"{}\" is one-to-one, but \"{}\" has {} neurons and \"{}\" {}",
                                            d.name, from.name, from.size, to.name, to.size));
      }
      if (d.synapse.empty() && !d.delays) {
        p.shape = projection_shape::one_to_one;
        return;
      }
    }
    const auto* windows = std::get_if<spatial_window>(&d.connect);
    if (windows != nullptr && windows->one_kernel) {
      p.shape = projection_shape::shared_window;
      p.window = shared_window{windows_between(d, from.shape, to.shape), false};
      p.wiring = text_of(d.connect);
      check_kernel(d, p);
      return;
    }
    p.shape = projection_shape::sparse;
    p.wiring = text_of(d.connect);
    if (const auto size = predict_sparse(d, from, to)) {
      p.size = *size;
    } else {
      p.connections = connect_sparse(d, from, to, sparse_connections::every_panel, threads_);
      p.size = p.connections.counts();
    }
  }

  [[noreturn]] static void kernel_error(const projection_description& d, const std::string& what) {
    throw usage_error(d.at,
                      fmt::format("projection \"{}\" has one kernel for all places of its window: {}", d.name, what));
  }

  /// Every weight of a kernel must serve somewhere, and all places alike.
  void check_kernel(const projection_description& d, const projection& p) const {
    const auto fail = [&](const std::string& what) { kernel_error(d, what); };
    if (p.window->grid.each_channel)
      fail("channels = \"each\" is not possible with that; connect one channel after the other, or leave out shared");
    if (d.delays) fail("its connections cannot be differently late; give one delay");
    const auto* windows = std::get_if<spatial_window>(&d.connect);
    if (windows != nullptr && !windows->place.empty())
      fail("place names one place of the window, and a kernel has a weight for each; leave out one of the two");
    if (to_largest(p)) fail("a port that takes the largest message does not take messages over it");
    for (std::uint64_t place = 0; place < p.window->block(); ++place) {
      if (p.window->uses(place) == 0)
        fail("some of its weights would serve nowhere, since the window is larger than the grid; take a smaller one");
    }
  }

  [[nodiscard]] bool to_largest(const projection& p) const {
    return out_.populations[p.to.population].model->ports[p.to.port].from == port_source::largest;
  }

  /// Connections that are those of another projection, in the outline.
  void connect_as_other(std::size_t i) {
    const projection_description& d = in_.projections[i];
    const auto* other = std::get_if<copied_connections>(&d.connect);
    if (other == nullptr) return;
    projection& p = out_.projections[i];
    const std::size_t index = projection_named(other->projection, d);
    const projection& o = out_.projections[index];
    if (std::holds_alternative<copied_connections>(in_.projections[index].connect))
      throw usage_error(d.at, fmt::format("projection \"{}\" takes the connections of \"{}\", which takes them from "
                                          "another projection: name that one",
                                          d.name, o.name));
    const std::uint32_t sources = other->transposed ? out_.size_after(o) : out_.size_before(o);
    const std::uint32_t targets = other->transposed ? out_.size_before(o) : out_.size_after(o);
    if (sources != out_.size_before(p) || targets != out_.size_after(p)) {
      throw usage_error(d.at,
                        fmt::format("projection \"{}\" takes the connections of \"{}\"{}, which lead from {} to {} "
                                    "neurons; here are {} and {}",
                                    d.name, o.name, other->transposed ? ", transposed" : "", sources, targets,
                                    out_.size_before(p), out_.size_after(p)));
    }
    p.connected_as = index;
    p.shape = o.shape;
    if (o.window) {
      p.window = shared_window{o.window->grid, other->transposed};
      if (d.synapse.empty())
        throw usage_error(d.at, fmt::format("projection \"{}\" takes the connections of \"{}\", whose places share a "
                                            "kernel: that needs a synapse",
                                            d.name, o.name));
      check_kernel(d, p);
    }
    if (o.shape == projection_shape::sparse || o.window) p.wiring = text_of(d.connect);
    if (o.shape == projection_shape::one_to_one && p.synapse != nullptr) {
      p.shape = projection_shape::sparse;
      p.size = one_to_one_size(targets);
    } else if (o.shape == projection_shape::sparse) {
      p.size = other->transposed ? predict_transposed(o.size, sources, targets) : o.size;
      if (o.connections.targets() == 0) return;
      p.connections = connections_of_other(out_, i);
      p.size = p.connections.counts();
    }
  }

  /// Kernels number a population's values in all lanes by 31 bits.
  static void check_numbers(const circuit& c, const population& p, const source_position& at) {
    constexpr std::uint64_t most = std::uint64_t{1} << 31;
    if (panels_for(p.size) * panel_width * c.lanes < most) return;
    throw usage_error(at,
                      fmt::format("population \"{}\": {} neurons in {} lanes are too many: neurons x lanes must stay "
                                  "below 2^31; divide it into several populations or take fewer lanes",
                                  p.name, p.size, c.lanes));
  }

  /// A projection's connections are numbered by 32 bits.
  static void check_numbers(const circuit& c, const projection& p) {
    constexpr std::uint64_t most = std::uint64_t{1} << 32;
    if (c.connections(p) < most) return;
    throw usage_error(p.at, fmt::format("projection \"{}\" has {}{} connections: a projection must have fewer than "
                                        "2^32; divide its targets among several populations",
                                        p.name, p.shape == projection_shape::sparse && !p.size.exact ? "about " : "",
                                        c.connections(p)));
  }

  /// The connections of which the outline tells only the numbers.
  void draw(circuit& c, std::size_t i) const {
    projection& p = c.projections[i];
    if (p.shape != projection_shape::sparse) return;
    const panel_range mine = keeps_.mine(panels_for(c.size_after(p)));
    const bool in_part = !keeps_.alone() && c.kept_in_part(i);
    if (p.connections.targets() == 0) {
      p.connections = p.connected_as ? connections_of_other(c, i)
                                     : connect_sparse(in_.projections[i], c.populations[p.from.population],
                                                      c.populations[p.to.population],
                                                      in_part ? mine : sparse_connections::every_panel, threads_);
      p.size = p.connections.counts();
      check_numbers(c, p);
    } else if (in_part) {
      p.connections = p.connections.keeping(mine);
    }
    if (in_.projections[i].delays && p.delays.empty())
      p.delays = draw_delays(in_.projections[i], p.connections, c.size_before(p), in_.dt.value_or(1));
  }

  sparse_connections connections_of_other(circuit& c, std::size_t i) const {
    const projection& other = c.projections[*c.projections[i].connected_as];
    if (other.shape != projection_shape::sparse) return sparse_connections::one_to_one(c.size_after(other));
    draw(c, *c.projections[i].connected_as);
    const bool turned = std::get<copied_connections>(in_.projections[i].connect).transposed;
    return turned ? transposed(other.connections, c.size_before(other)) : other.connections;
  }

  void attach_synapse(const projection_description& d, projection& p) const {
    p.synapse = &model_named(out_.own_models, models_, d.synapse, model_kind::synapse, d.at);
    p.params = make_params(*p.synapse, d.params, in_.dt, d.at);
    p.weights = d.weights;
    take_initial(d, p);
    if (p.synapse->plastic) attach_rule(d, p);
    else attach_nothing(d, p);
    if (!d.gate) return;
    if (!p.synapse->gated) {
      throw usage_error(d.gate->at, fmt::format("projection \"{}\": its synapses (\"{}\") have no modulator, so that "
                                                "`gate` would do nothing; take it out, or use another model",
                                                d.name, d.synapse));
    }
    p.gate = output(*d.gate);
    p.gate_at = d.gate_at;
    check_gate(d, p);
  }

  /// Synapses without a rule see nothing.
  void attach_nothing(const projection_description& d, projection& p) const {
    p.pre = {p.from};
    if (!d.pre.empty()) p.pre = seen(d, "pre", d.pre, p.synapse->pre);
    if (!d.post.empty()) p.post = seen(d, "post", d.post, p.synapse->post);
  }

  void attach_rule(const projection_description& d, projection& p) const {
    if (p.synapse->state[p.synapse->weight].per_lane && out_.lanes != 1)
      throw usage_error(d.at,
                        fmt::format("projection \"{}\": the weight of its synapses (\"{}\") is \"{}\", which differs "
                                    "from lane to lane: set circuit.lanes = 1",
                                    d.name, d.synapse, p.synapse->state[p.synapse->weight].name));
    p.pre = seen(d, "pre", d.pre.empty() && !p.synapse->pre.empty() ? seen_outputs(d.from) : d.pre, p.synapse->pre);
    p.post = seen(d, "post", d.post, p.synapse->post);
    for (std::size_t i = 0; i < p.pre.size(); ++i) {
      if (p.pre[i].population != p.from.population) end_error(d, d.pre[i].output, "pre", d.from.population);
    }
    // The postsynaptic end may be another entity of the same column (a value neuron's synapse sees its error neuron
    // only through the target), so only the size must agree with the target's.
    for (std::size_t i = 0; i < p.post.size(); ++i) {
      if (out_.populations[p.post[i].population].size != out_.size_after(p))
        end_error(d, d.post[i].output, "post", d.to.population);
    }
  }

  /// Whether a synapse fits the connections that it has, its own or another projection's.
  static void check_synapse(const projection_description& d, const projection& p) {
    if (p.synapse == nullptr) return;
    const auto need_matrix = [&](const weight_source& numbers, const source_position& at) {
      const auto* random = std::get_if<random_weights>(&numbers);
      if (p.shape == projection_shape::dense || random == nullptr || random->method != "orthogonal") return;
      throw usage_error(at, fmt::format("projection \"{}\": orthogonal weights are a whole matrix: connect "
                                        "all-to-all, or take another init",
                                        d.name));
    };
    need_matrix(d.weights, d.at);
    for (const field_initial& each : d.initial) need_matrix(each.values, each.at);
    if (p.window) check_kernel_rule(d, p);
  }

  /// What a kernel's rule adds up over all places at which a weight serves must be 0 where it serves not: the engine
  /// adds up over all places of the targets' grid. Connections turned round always reach over the edge: there, places
  /// without a source count as if it were silent.
  static void check_kernel_rule(const projection_description& d, const projection& p) {
    const auto fail = [&](const std::string& what) { kernel_error(d, what); };
    for (const synapse_field& each : p.synapse->state) {
      if (each.per_lane)
        fail(fmt::format("its synapses (\"{}\") keep \"{}\" for each lane, which a kernel's cannot", d.synapse,
                         each.name));
    }
    const std::uint64_t places = p.window->places(), all = places * p.window->weights();
    if (p.window->grid.connections() == all || !p.synapse->plastic || p.connected_as) return;
    const rules::text_model* text = p.synapse->text.get();
    const bool gate_at_pre = p.gate && p.gate_at == gate_end::pre;
    const bool vanish = text != nullptr && text->learn ? rules::sums_vanish_without_pre(*text, gate_at_pre)
                                                       : p.synapse->idle.when_pre_is_zero;
    if (!vanish)
      fail(
          fmt::format("the rule of its synapses (\"{}\") adds up numbers that are not 0 where the presynaptic end is "
                      "silent, so that windows must not reach over the edge; take padding = \"valid\" or another rule",
                      d.synapse));
  }

  /// What fields of the synapses begin with, where the netlist says it.
  static void take_initial(const projection_description& d, projection& p) {
    const std::vector<synapse_field>& state = p.synapse->state;
    p.initial.resize(state.size());
    for (const field_initial& each : d.initial) {
      if (each.field == "theta")
        throw usage_error(each.at,
                          fmt::format("projection \"{}\": theta begins as `weights` of the projection say", d.name));
      if (state.size() <= 1)
        throw usage_error(each.at,
                          fmt::format("projection \"{}\": its synapses (\"{}\") keep nothing but theta, so that "
                                      "`initial` would do nothing; take it out, or use another model",
                                      d.name, d.synapse));
      if (std::holds_alternative<shared_weights>(d.weights))
        throw usage_error(each.at,
                          fmt::format("projection \"{}\": its synapses are those of \"{}\": say there what they "
                                      "begin with",
                                      d.name, std::get<shared_weights>(d.weights).projection));
      const auto found = find_by_name(state, each.field);
      if (!found) {
        std::vector<std::string> names = names_of(state);
        names.erase(names.begin());  // theta
        throw usage_error(each.at, fmt::format("projection \"{}\": its synapses (\"{}\") keep no \"{}\"{}", d.name,
                                               d.synapse, each.field, suggestion(each.field, names)));
      }
      p.initial[*found] = each.values;
    }
  }

  [[noreturn]] static void end_error(const projection_description& d, const reference& end, std::string_view which,
                                     const std::string& expected) {
    throw usage_error(end.at, fmt::format("projection \"{}\": {} = \"{}\" is not an output of \"{}\", the neuron at "
                                          "that end",
                                          d.name, which, end.text(), expected));
  }

  /// The outputs of one end, in the order of the model's `names`.
  [[nodiscard]] std::vector<output_id> seen(const projection_description& d, std::string_view end,
                                            const seen_outputs& given, const std::vector<std::string>& names) const {
    if (names.empty() && given.empty()) return {};
    if (names.empty()) {
      throw usage_error(given[0].output.at,
                        fmt::format("projection \"{0}\": the rule of its synapses (\"{1}\") does not read {2}, so that "
                                    "`{2}` would do nothing; take it out, or use another model",
                                    d.name, d.synapse, end));
    }
    if (names.size() == 1 && given.size() == 1 && (given[0].name.empty() || given[0].name == names[0]))
      return {output(given[0].output)};
    const std::string wanted = names == std::vector<std::string>{""}
                                   ? fmt::format("{} = \"POPULATION.OUTPUT\"", end)
                                   : fmt::format("{} = {{ {} }}", end, fmt::join(names, " = ..., "));
    if (given.empty()) {
      throw usage_error(
          d.at, fmt::format("projection \"{}\" learns (\"{}\") and needs `{}`, what it sees of \"{}\": {}", d.name,
                            d.synapse, end, end == "pre" ? d.from.population : d.to.population, wanted));
    }
    for (const seen_output& each : given) {
      if (std::find(names.begin(), names.end(), each.name) == names.end())
        throw usage_error(
            each.output.at,
            fmt::format("projection \"{}\": its synapses (\"{}\") see no {}{}; expected {}", d.name, d.synapse,
                        each.name.empty() ? fmt::format("lone {}", end) : fmt::format("{}.{}", end, each.name),
                        suggestion(each.name, names), wanted));
    }
    std::vector<output_id> all;
    for (const std::string& name : names) {
      const auto found =
          std::find_if(given.begin(), given.end(), [&](const seen_output& each) { return each.name == name; });
      if (found == given.end())
        throw usage_error(d.at, fmt::format("projection \"{}\": its synapses (\"{}\") see {}.{} too; expected {}",
                                            d.name, d.synapse, end, name, wanted));
      all.push_back(output(found->output));
    }
    return all;
  }

  void check_gate(const projection_description& d, const projection& p) const {
    const std::uint32_t size = out_.populations[p.gate->population].size;
    const std::uint32_t expected = p.gate_at == gate_end::pre    ? out_.size_before(p)
                                   : p.gate_at == gate_end::post ? out_.size_after(p)
                                                                 : 1;
    if (size == expected) return;
    throw usage_error(d.gate->at, fmt::format("projection \"{}\": the gate \"{}\" has {} neurons, but gate_at asks "
                                              "for {}",
                                              d.name, d.gate->text(), size, expected));
  }

  std::size_t projection_named(const std::string& name, const projection_description& d) const {
    const auto found = out_.find_projection(name);
    if (!found) {
      throw usage_error(d.at, fmt::format("projection \"{}\": no projection is called \"{}\"{}", d.name, name,
                                          suggestion(name, names_of(out_.projections))));
    }
    return *found;
  }

  void link_weights(std::size_t i) {
    projection& p = out_.projections[i];
    const projection_description& d = in_.projections[i];
    if (p.synapse == nullptr) return;
    if (const auto* copied = std::get_if<copied_weights>(&p.weights)) {
      p.copied_from = projection_named(copied->projection, d);
      p.transposed = copied->transposed;
      check_same_shape(d, p, *p.copied_from);
    } else if (const auto* shared = std::get_if<shared_weights>(&p.weights)) {
      p.shared_with = projection_named(shared->projection, d);
      p.transposed = shared->transposed;
      if (p.synapse->plastic)
        throw usage_error(d.at,
                          fmt::format("projection \"{}\" uses the weights of \"{}\", so that its synapses (\"{}\") "
                                      "cannot learn: a weight learns where it stands, from one pair of neurons. "
                                      "Write synapse = \"fixed\" here; weights that learn from several uses take "
                                      "turns, as in netlists/rnn-unrolled.toml, or are the kernel of a window",
                                      d.name, shared->projection, d.synapse));
      check_same_shape(d, p, *p.shared_with);
    }
  }

  void check_same_shape(const projection_description& d, const projection& p, std::size_t other) const {
    const projection& o = out_.projections[other];
    const weight_source& source = in_.projections[other].weights;
    // A copy is a weight of its own, which others can share.
    if ((std::holds_alternative<copied_weights>(source) && !p.shared_with) ||
        std::holds_alternative<shared_weights>(source)) {
      throw usage_error(d.at,
                        fmt::format("projection \"{}\" takes the weights of \"{}\", which takes them from another "
                                    "projection: name that one",
                                    d.name, o.name));
    }
    if (p.shape == projection_shape::sparse || o.shape == projection_shape::sparse || p.window || o.window) {
      // Connections are compared by where they come from.
      const auto* as = std::get_if<copied_connections>(&d.connect);
      if (o.synapse != nullptr && p.connected_as == other && as->transposed == p.transposed) return;
      throw usage_error(d.at, fmt::format("projection \"{0}\" takes the weights of \"{1}\": say that it has its "
                                          "connections too, connect = {{ {2} = \"{1}\" }}{3}",
                                          d.name, o.name, p.transposed ? "transposed" : "same_as",
                                          o.synapse == nullptr ? "; and \"" + o.name + "\" needs a synapse" : ""));
    }
    const bool dense = p.shape == projection_shape::dense && o.shape == projection_shape::dense;
    const std::uint32_t rows = p.transposed ? out_.size_before(p) : out_.size_after(p);
    const std::uint32_t columns = p.transposed ? out_.size_after(p) : out_.size_before(p);
    if (dense && o.synapse != nullptr && rows == out_.size_after(o) && columns == out_.size_before(o)) return;
    throw usage_error(d.at, fmt::format("projection \"{}\" takes the weights of \"{}\": both must be all-to-all and of "
                                        "the same shape ({} x {}; found {} x {})",
                                        d.name, o.name, rows, columns, out_.size_after(o), out_.size_before(o)));
  }

  void add_stimulus(const stimulus_description& d) {
    stimulus s;
    s.population = population_named(d.target);
    const population& p = out_.populations[s.population];
    if (d.target.member != "clamp" || !p.model->has_clamp) {
      throw usage_error(d.at,
                        fmt::format("population \"{}\" (model \"{}\") has no port \"{}\" for a stimulus{}", p.name,
                                    p.model->info.name, d.target.member, p.model->has_clamp ? " (known: clamp)" : ""));
    }
    s.role = d.role;
    if (d.columns) s.first_column = first_column(d, p);
    s.onset = d.onset;
    s.from_end = d.from_end;
    s.ticks = d.ticks;
    s.value = d.value;
    s.loss = d.loss;
    if (d.role == stimulus_role::teacher) {
      s.answer = output(d.answer ? *d.answer : reference{p.name, "x", d.at});
      if (out_.populations[s.answer.population].size != p.size) {
        throw usage_error(d.at, fmt::format("the answer \"{}\" must have as many neurons as the teacher's population "
                                            "\"{}\" ({})",
                                            out_.name_of(s.answer), p.name, p.size));
      }
    }
    if (d.role == stimulus_role::imposed) s.source = imposed_source(d, p);
    s.with = d.with;
    s.sigma = d.sigma;
    for (const stimulus& other : out_.stimuli) {
      const bool at_once = s.role == stimulus_role::control   ? s.onset == other.onset && s.from_end == other.from_end
                           : s.role == stimulus_role::imposed ? s.with == other.with
                                                              : true;
      if (other.population != s.population || other.role != s.role || !at_once) continue;
      throw usage_error(d.at,
                        fmt::format("population \"{}\" has two {} stimuli that come on at the same time: only one "
                                    "of them could act",
                                    p.name, name_of(s.role)));
    }
    out_.stimuli.push_back(s);
  }

  /// The order of the file must not matter where one stimulus comes before the other: teachers are scored by name, and
  /// what is imposed at once is imposed from below to above, each population after those whose messages it is told.
  /// Where these form a loop, it begins with the first name.
  void order_stimuli() {
    const auto name = [&](const stimulus& s) { return std::tuple(out_.populations[s.population].name, s.with); };
    const auto by_name = [&](const stimulus& a, const stimulus& b) { return name(a) < name(b); };
    for (const stimulus_role role : {stimulus_role::teacher, stimulus_role::imposed}) {
      std::vector<stimulus> left;
      for (const stimulus& s : out_.stimuli) {
        if (s.role == role) left.push_back(s);
      }
      std::sort(left.begin(), left.end(), by_name);
      for (stimulus& s : out_.stimuli) {
        if (s.role != role) continue;
        auto next = std::find_if(left.begin(), left.end(), [&](const stimulus& each) {
          return std::none_of(left.begin(), left.end(), [&](const stimulus& other) { return tells(other, each); });
        });
        if (next == left.end()) next = left.begin();
        s = *next;
        left.erase(next);
      }
    }
  }

  /// Whether `before` decides what `after` imposes in the same tick.
  bool tells(const stimulus& before, const stimulus& after) const {
    if (!after.source || before.population == after.population) return false;
    return std::any_of(out_.projections.begin(), out_.projections.end(), [&](const projection& p) {
      return p.to == *after.source && p.from.population == before.population && p.delay == 0;
    });
  }

  static std::uint32_t first_column(const stimulus_description& d, const population& p) {
    const auto [first, last] = *d.columns;
    if (first >= 0 && last - first == p.size) return static_cast<std::uint32_t>(first);
    throw usage_error(d.at, fmt::format("\"{}\" has {} neurons, but its stimulus has columns = [{}, {}]: expected one "
                                        "column a neuron, such as [{}, {}]",
                                        p.name, p.size, first, last, first, first + p.size));
  }

  void add_report(const report_description& d) {
    const std::size_t at = population_named(d.of);
    const population& p = out_.populations[at];
    const auto f = p.model->find_field(d.of.member);
    if (!f) {
      std::vector<std::string> names;
      for (const field& each : p.model->fields) names.emplace_back(each.name);
      throw usage_error(d.of.at,
                        fmt::format("report \"{}\": population \"{}\" (model \"{}\") has no field \"{}\"{}", d.text(),
                                    p.name, p.model->info.name, d.of.member, suggestion(d.of.member, names)));
    }
    out_.reports.push_back({d.text(), d.function, {at, *f}, d.squared});
  }

  port_id imposed_source(const stimulus_description& d, const population& p) const {
    const port_id source = input(*d.source);
    if (out_.populations[source.population].size == p.size) return source;
    throw usage_error(d.at, fmt::format("the imposed port \"{}\" must have as many neurons as \"{}\" ({})",
                                        out_.name_of(source), p.name, p.size));
  }

  const description& in_;
  const catalogue& models_;
  partition keeps_;
  std::size_t threads_;
  circuit out_;
};

}  // namespace

bool circuit::kept_in_part(std::size_t index) const {
  const projection& p = projections[index];
  const auto uses = [&](const projection& other) {
    return other.connected_as == index || other.shared_with == index || other.copied_from == index;
  };
  const bool given = std::ranges::any_of(p.initial, [](const auto& field) { return field.has_value(); });
  return p.shape == projection_shape::sparse && !p.connected_as && p.delay_up_to == 0 && !given &&
         std::holds_alternative<random_weights>(p.weights) && std::ranges::none_of(projections, uses);
}

circuit build_circuit(const description& netlist, const catalogue& models, const partition& keeps,
                      std::size_t threads) {
  return builder(netlist, models, keeps, threads).build();
}

circuit outline_circuit(const description& netlist, const catalogue& models) {
  return builder(netlist, models).outline();
}

}  // namespace locus
