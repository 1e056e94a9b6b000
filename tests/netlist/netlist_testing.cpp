#include "tests/netlist/netlist_testing.hpp"

#include <fmt/format.h>

namespace locus::testing {

namespace {

// Written without the parser's or the writer's helpers: an error in those must not hide itself.
class speller {
 public:
  std::string out;

  void say(std::string_view what, const std::string& value) { out += fmt::format("{}: \"{}\"\n", what, value); }
  void say(std::string_view what, double value) { out += fmt::format("{}: {:a}\n", what, value); }
  void say(std::string_view what, std::int64_t value) { out += fmt::format("{}: {}\n", what, value); }
  void say(std::string_view what, std::uint64_t value) { out += fmt::format("{}: {}\n", what, value); }
  void say(std::string_view what, std::uint32_t value) { out += fmt::format("{}: {}\n", what, value); }
  void say(std::string_view what, bool value) { out += fmt::format("{}: flag {}\n", what, value); }
  void say(std::string_view what, const reference& value) {
    out += fmt::format("{}: ({})({})\n", what, value.population, value.member);
  }
  void say(std::string_view what, const std::optional<reference>& value) {
    if (value) say(what, *value);
  }
  void say(std::string_view what, const tick_range& value) {
    out += fmt::format("{}: {}..{}\n", what, value.low, value.high);
  }
  void say(std::string_view what, const data_array& array) {
    say(what, array.file);
    for (const std::uint32_t n : array.shape) say("size", n);
    for (const double value : array.numbers) say("-", value);
  }
  void say(const std::vector<parameter_setting>& params) {
    for (const auto& setting : params)
      std::visit([&](const auto& value) { say("param " + setting.name, value); }, setting.value);
  }

  void say(const all_to_all&) { out += "all to all\n"; }
  void say(const one_to_one&) { out += "one to one\n"; }
  void say(const fixed_indegree& c) { say("degree", c.degree), say("seed", c.seed); }
  void say(const connection_probability& c) { say("probability", c.probability), say("seed", c.seed); }
  void say(const listed_pairs& c) {
    for (const auto& [post, pre] : c.post_pre) say("post", post), say("pre", pre);
  }
  void say(std::string_view what, const std::vector<std::uint32_t>& counts) {
    for (const std::uint32_t n : counts) say(what, n);
  }
  void say(const spatial_window& w) {
    say("window", w.size), say("stride", w.stride), say("dilation", w.dilation);
    say("same padding", w.same_padding), say("each channel", w.each_channel), say("one kernel", w.one_kernel);
    say("place", w.place);
  }
  void say(const distance_kernel& k) {
    say("within", k.within.value_or(-1)), say("sigma", k.sigma.value_or(-1)), say("probability", k.probability);
    say("wrap", k.wrap), say("seed", k.seed);
  }
  void say(const stored_connections& c) { say("connections in", c.file), say("dataset", c.dataset); }
  void say(const copied_connections& c) { say("connected as", c.projection), say("transposed", c.transposed); }
  void say(const random_weights& w) {
    say("method", w.method), say("scale", w.scale), say("seed", w.seed), say("stream", w.stream);
  }
  void say(const listed_weights& w) {
    say("rows", w.values.rows), say("columns", w.values.columns);
    for (const double value : w.values.values) say("-", value);
  }
  void say(const stored_weights& w) { say("file", w.file), say("dataset", w.dataset); }
  void say(const copied_weights& w) {
    say("copied", w.projection), say("transposed", w.transposed), say("scale", w.scale);
  }
  void say(const shared_weights& w) { say("shared", w.projection), say("transposed", w.transposed); }

  void say(const population_description& p) {
    say("population", p.name), say("model", p.model), say("size", p.size), say("shape", p.shape), say(p.params);
  }
  void say(const projection_description& p) {
    say("projection", p.name), say("from", p.from), say("to", p.to);
    std::visit([&](const auto& connect) { say(connect); }, p.connect);
    say("synapse", p.synapse);
    std::visit([&](const auto& weights) { say(weights); }, p.weights);
    for (const seen_output& seen : p.pre) say("pre", seen.name), say("of", seen.output);
    for (const seen_output& seen : p.post) say("post", seen.name), say("of", seen.output);
    say("gate", p.gate);
    say("gate at", static_cast<std::int64_t>(p.gate_at));
    say(p.params), say("delay", p.delay);
    if (!p.delays) return;
    say("delays", p.delays->values), say("low", p.delays->low), say("high", p.delays->high);
    say("delay seed", p.delays->seed);
  }
  void say(const stimulus_description& s) {
    say("stimulus", s.target), say("role", static_cast<std::int64_t>(s.role)), say("answer", s.answer);
    if (s.columns) say("first column", s.columns->first), say("last column", s.columns->last);
    say("onset", s.onset), say("from end", s.from_end), say("ticks", s.ticks), say("value", s.value);
    say("source", s.source);
  }
  void say(const timeline_description& t) {
    say("predict", t.predict), say("teach", t.teach), say("rest", t.rest), say("hold", t.hold_teacher);
    say("jitter", t.jitter_seed), say("frame ticks", t.frame_ticks);
  }
  void say(const data_description& d) {
    say("data", d.source), say("inputs", d.inputs), say("targets", d.targets);
    if (d.teacher) {
      for (const std::uint32_t size : d.teacher->layers) say("layer", size);
      say("f", d.teacher->activation), say("scale", d.teacher->scale), say("teacher seed", d.teacher->seed);
      say("samples", d.teacher->samples), say("test samples", d.teacher->test_samples);
    }
    say("test inputs", d.test_inputs), say("test targets", d.test_targets);
    say("split", d.split), say("split seed", d.split_seed);
    say("train on", d.train_on), say("train limit", d.train_limit), say("test limit", d.test_limit);
  }
};

}  // namespace

std::string spelled_out(const description& netlist) {
  speller s;
  s.say("precision", std::string(name_of(netlist.precision))), s.say("lanes", netlist.lanes),
      s.say("record", netlist.record_nonfinite);
  s.say("noise seed", netlist.noise_seed), s.say("epochs", netlist.epochs);
  if (netlist.dt) s.say("dt", *netlist.dt);
  for (const auto& report : netlist.reports) {
    s.say("report", report.of), s.say("function", static_cast<std::int64_t>(report.function));
    s.say("squared", report.squared);
  }
  if (netlist.shuffle) s.say("shuffle", *netlist.shuffle);
  for (const auto& population : netlist.populations) s.say(population);
  for (const auto& projection : netlist.projections) s.say(projection);
  for (const auto& stimulus : netlist.stimuli) s.say(stimulus);
  s.say(netlist.timeline), s.say(netlist.data);
  s.say("trace", netlist.trace.file), s.say("every", netlist.trace.every);
  s.say("from", netlist.trace.from), s.say("until", netlist.trace.until);
  for (const auto& name : netlist.trace.record) s.say("recorded", name);
  for (const auto& name : netlist.trace.on_change) s.say("on change", name);
  for (const auto& w : netlist.trace.presentations) s.say("first", w.first), s.say("last", w.last);
  s.say("precision", netlist.trace.precision), s.say("messages", netlist.trace.messages);
  s.say("limit", netlist.trace.messages_limit);
  return std::move(s.out);
}

const char* const rich_netlist = R"toml([circuit]
precision = "f32"
lanes = 3
on_nonfinite = "record"
dt = 0.1

[stimuli]
data = { inputs = [[[0, 1], [1, 0.5]], [[2, 3], [4, 5]]], targets = [1, 0], test_inputs = "hdf5:a b.h5:/x", test_targets = "npy:t.npy" }
frame_ticks = 3
report = ["mean(out.eps^2)", "max(out.x)"]
split = "file-order"
split_seed = 9
train_on = "test"
train_limit = 100
test_limit = 20
predict = [8, 16]
teach = 5
rest = [0, 2]
teacher_off = false
jitter_seed = 4
epochs = 7
shuffle = 11

[trace]
file = "out.h5"
record = ["hidden1.value.x", "hidden1.error.eps"]
every = 2
from = 10
until = 90

[[population]]
name = "input.value"
model = "constant"
size = 2

[[population]]
name = "hidden1.value"
model = "two-compartment-value"
size = 3
params = { gamma = 0.1, activation = "tanh", clamped = false, order = 2 }

[[population]]
name = "hidden1.phi"
model = "phi"
size = 3

[[projection]]
name = "input.value->hidden1.value"
from = "input.value.rate"
to = "hidden1.value.prediction"
connect = "all-to-all"
synapse = "gated-hebbian"
weights = { init = "uniform", scale = 0.1, seed = 5, stream = "theta" }
post = "hidden1.value.error"
gate = "hidden1.phi.spike"
params = { alpha = 0.001 }

[[projection]]
name = "back"
from = "hidden1.value.x"
to = "input.value.feedback"
synapse = "gated-hebbian"
weights = { same_initial_as = "input.value->hidden1.value", transposed = true }
pre = "hidden1.value.rate"
gate = "hidden1.phi.spike"
gate_at = "pre"
delay = 2

[[projection]]
name = "link"
from = "hidden1.value.x"
to = "hidden1.phi.error"
connect = "one-to-one"

[[projection]]
name = "indegree"
from = "hidden1.value.x"
to = "hidden1.value.other"
connect = { fixed_indegree = 2, seed = 3 }
synapse = "fixed"
weights = { shared = "back" }
gate = "hidden1.phi.spike"
gate_at = "everywhere"

[[projection]]
name = "probable"
from = "hidden1.value.x"
to = "hidden1.value.other"
connect = { probability = 0.3 }
synapse = "fixed"
weights = { file = "w.h5", dataset = "/theta" }

[[projection]]
name = "listed"
from = "input.value.rate"
to = "hidden1.value.other"
connect = { post_pre = [[1, 0], [2, 1]] }
synapse = "fixed"
weights = { values = [[0.1, -2]] }

[[stimulus]]
population = "input.value"
role = "input"

[[stimulus]]
population = "hidden1.value"
port = "hold"
role = "teacher"
answer = "hidden1.value.x"

[[stimulus]]
population = "hidden1.phi"
role = "control"
onset = -2
ticks = 0
value = 0.5

[[stimulus]]
population = "hidden1.phi"
role = "control"
onset = "end - 2"

[[stimulus]]
population = "hidden1.value"
role = "imposed"
source = "hidden1.value.prediction"
)toml";

}  // namespace locus::testing
