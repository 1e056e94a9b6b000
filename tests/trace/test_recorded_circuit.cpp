#include "sim/trace/recorded_circuit.hpp"

#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/project_file.hpp"
#include "tests/trace/hand_made_trace.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_recorded_circuit {

namespace {

using Catch::Contains;
using namespace locus;
using namespace locus::test;
using locus::testing::short_form;

/// A trace of a small circuit; `net` is what ran.
struct traced_run {
  scratch_directory folder;
  std::string file = folder.path("t.h5");
  std::string text = short_form().text();
  description netlist = read_netlist(document::from_text(text, "n.toml"), all_templates());
  circuit net = build_circuit(netlist);

  /// Written by a program whose netlists and circuit are told so.
  void write(const std::string& told, const std::string& long_form_told) {
    trace_writer writer(net, recording(file, {"phi", "hidden1.forward"}), {told, "abc", 1, "9.9", long_form_told},
                        true);
    writer.close();
  }

  [[nodiscard]] std::string refusal() const {
    return message_of<run_error>([&] { recorded_circuit(trace_reader(file), all_templates()); });
  }
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// Entities, connections, weights and parameters are those of the circuit that ran.
void check_same(const circuit& a, const circuit& b) {
  REQUIRE(a.populations.size() == b.populations.size());
  for (std::size_t i = 0; i < a.populations.size(); ++i) {
    const population &p = a.populations[i], &q = b.populations[i];
    CHECK(p.name == q.name);
    CHECK(p.size == q.size);
    CHECK(p.model->info.title == q.model->info.title);
    CHECK(p.model->info.equation == q.model->info.equation);
    for (const parameter_info& info : q.model->parameters) {
      const auto known = std::find_if(p.model->parameters.begin(), p.model->parameters.end(),
                                      [&](const auto& other) { return other.name == info.name; });
      if (known == p.model->parameters.end()) continue;
      CHECK(known->get(p.params.get()) == info.get(q.params.get()));
    }
  }
  REQUIRE(a.projections.size() == b.projections.size());
  for (std::size_t i = 0; i < a.projections.size(); ++i) {
    const projection &p = a.projections[i], &q = b.projections[i];
    CHECK(a.name_of(p.from) == b.name_of(q.from));
    CHECK(a.name_of(p.to) == b.name_of(q.to));
    CHECK(p.learns() == q.learns());
    CHECK(p.delay == q.delay);
    CHECK(initial_weights(a, i) == initial_weights(b, i));
  }
  CHECK(a.stimuli.size() == b.stimuli.size());
}

std::vector<std::string> names_of(const circuit& c, const std::vector<output_id>& outputs) {
  std::vector<std::string> all;
  for (const output_id& each : outputs) all.push_back(c.name_of(each));
  return all;
}

}  // namespace

TEST_CASE_METHOD(traced_run, "recorded circuit: what ran, with all parameters of its models") {
  write(text, long_form(netlist));
  const trace_reader trace(file);
  const recorded_circuit recorded(trace, {});
  check_same(recorded.net(), net);
  for (const population& p : recorded.net().populations) {
    CHECK(p.model->parameters.size() == net.populations[*net.find_population(p.name)].model->parameters.size());
  }
}

TEST_CASE_METHOD(traced_run, "recorded circuit: models and templates that are gone, and lost or gained parameters") {
  const std::string vanished = replaced(replaced(long_form(netlist), "model = \"phi\"", "model = \"psi\""),
                                        "quiet_ticks = ", "lost = true, quiet_ticks = ");
  CHECK(vanished != long_form(netlist));
  write(replaced(text, "predictive-coding", "vanished"), vanished);
  {
    const opened_for_writing out(file);
    for (const std::string population : {"hidden1.phi", "output.phi"}) {
      const hdf5::object group = hdf5::open_group(out.file(), "/circuit/populations/" + population);
      hdf5::set_flag(group, "lost", true);
      hdf5::set_text(group, "model", "psi");
      H5Adelete(group.id.get(), "tolerance");  // a parameter that the model did not have then
    }
  }
  const trace_reader trace(file);
  const recorded_circuit recorded(trace, {});
  check_same(recorded.net(), net);
  const population& phi = recorded.net().populations[*net.find_population("hidden1.phi")];
  CHECK(phi.model->info.name == "psi");
  std::map<std::string, parameter_value> parameters;
  for (const parameter_info& info : phi.model->parameters) parameters[info.name] = info.get(phi.params.get());
  CHECK(parameters.at("lost") == parameter_value(true));
  CHECK(std::get<double>(parameters.at("quiet_ticks")) == 1);
}

TEST_CASE_METHOD(traced_run, "recorded circuit: without the long form, the templates of the program have to do") {
  write(text, "");
  check_same(recorded_circuit(trace_reader(file), all_templates()).net(), net);
  write("", "");
  CHECK_THAT(refusal(), Contains("cannot tell the circuit of \"" + file + "\": it does not have the netlist"));
  write(replaced(text, "predictive-coding", "vanished"), "");
  CHECK_THAT(refusal(), Contains("no template has this name"));
}

TEST_CASE_METHOD(traced_run, "recorded circuit: what does not fit together is refused", "[hostile]") {
  write(text, "population = 3");
  CHECK_THAT(refusal(), Contains("cannot tell the circuit of \"" + file + "\": long_form"));
  write(text, replaced(long_form(netlist), "hidden1.value", "hidden7.value"));
  CHECK_THAT(refusal(), Contains("/circuit does not tell of the population \"hidden7.value\""));
  write(text, replaced(long_form(netlist), "size = 3", "size = 5"));
  CHECK_THAT(refusal(), Contains("has 3 neurons in /circuit, 5 in the netlist"));
}

TEST_CASE("recorded circuit: synapses that keep more than a weight, or do not see one of their ends") {
  for (const char* name : {"eligibility", "short-term-plasticity"}) {
    const scratch_directory folder;
    const std::string file = folder.path("t.h5");
    const std::string netlist = locus::testing::project_file("netlists/" + std::string(name) + ".toml");
    const description d = read_netlist(document::from_file(netlist), all_templates());
    const circuit net = build_circuit(d);
    trace_writer(net, recording(file, {"signal"}), {"", "abc", 1, "9.9", long_form(d)}, true).close();
    const trace_reader trace(file);
    const recorded_circuit recorded(trace, {});
    check_same(recorded.net(), net);
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      CHECK(recorded.net().projections[i].pre == net.projections[i].pre);
      CHECK(recorded.net().projections[i].post == net.projections[i].post);
    }
  }
}

TEST_CASE("recorded circuit: shared windows that reach over the edge") {
  const std::string text =
      "[[population]]\nname = 'a'\nmodel = 'point-value'\nshape = [4, 3]\n"
      "[[population]]\nname = 'b'\nmodel = 'error'\nshape = [4, 3]\n"
      "[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'b.prediction'\nsynapse = 'gated-hebbian'\npost = 'b.eps'\n"
      "connect = { window = [3, 3], padding = 'same' }\nweights = { shared = 'window', seed = 3 }\n";
  const scratch_directory folder;
  const std::string file = folder.path("t.h5");
  const description d = read_netlist(document::from_text(text, "n.toml"), all_templates());
  const circuit net = build_circuit(d);
  trace_writer(net, recording(file, {"eps"}), {"", "abc", 1, "9.9", long_form(d)}, true).close();
  const trace_reader trace(file);
  check_same(recorded_circuit(trace, {}).net(), net);
}

TEST_CASE("recorded circuit: a rule that sees one output of an end need not be told its name by every projection") {
  const std::string entities =
      "[[model]]\nname = 'named'\nkind = 'synapse'\ntitle = 'named'\nequation = 'none'\nsource = 'test'\n"
      "[model.sees]\npre = ['rate']\npost = ['eps']\n"
      "[model.rules]\nlearn = 'theta <- theta + sum(pre.rate * post.eps)'\n"
      "[[population]]\nname = 'a'\nmodel = 'point-value'\nsize = 2\n"
      "[[population]]\nname = 'b'\nmodel = 'error'\nsize = 3\n";
  const auto projection = [](const std::string& name, const std::string& seen) {
    return "[[projection]]\nname = '" + name + "'\nfrom = 'a.rate'\nto = 'b.prediction'\nsynapse = 'named'\n" + seen;
  };
  const std::string without = projection("without", "post = 'b.eps'\n");
  const std::string lone = projection("lone", "pre = 'a.x'\npost = 'b.mu'\n");
  const std::string with = projection("with", "pre = { rate = 'a.x' }\npost = { eps = 'b.eps' }\n");
  for (const std::string& text : {without + lone + with, with + lone + without, lone + with + without}) {
    const scratch_directory folder;
    const std::string file = folder.path("t.h5");
    const description d = read_netlist(document::from_text(entities + text, "n.toml"), all_templates());
    const circuit net = build_circuit(d);
    trace_writer(net, recording(file, {"eps"}), {"", "abc", 1, "9.9", long_form(d)}, true).close();
    const trace_reader trace(file);
    const recorded_circuit recorded(trace, {});
    check_same(recorded.net(), net);
    for (std::size_t i = 0; i < net.projections.size(); ++i) {
      CHECK(names_of(recorded.net(), recorded.net().projections[i].pre) == names_of(net, net.projections[i].pre));
      CHECK(names_of(recorded.net(), recorded.net().projections[i].post) == names_of(net, net.projections[i].post));
    }
  }
}

}  // namespace test_trace_recorded_circuit
