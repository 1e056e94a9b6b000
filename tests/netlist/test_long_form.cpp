#include <catch2/catch.hpp>

#include "sim/netlist/netlist.hpp"
#include "tests/netlist/netlist_testing.hpp"

namespace test_netlist_long_form {

using locus::testing::read;
using locus::testing::read_message;
using locus::testing::rich_netlist;

namespace {

// Lines 1 and 2: populations "a" (2 neurons) and "b.value" (3), so that what a test adds begins on line 3.
constexpr auto two_populations =
    "population = [{ name = \"a\", model = \"m\", size = 2 }, { name = \"b.value\", model = \"m\", size = 3 },\n]\n";

std::string message_after(const std::string& text) { return read_message(two_populations + text); }

/// `keys` begin on line 6, in [[projection]] "p".
std::string projection_text(const std::string& keys) {
  return std::string(two_populations) +
         "[[projection]]\nname = \"p\"\nfrom = \"a.rate\"\nto = \"b.value.prediction\"\n" + keys;
}
locus::projection_description projection(const std::string& keys) {
  return read(projection_text(keys)).projections.at(0);
}
std::string projection_message(const std::string& keys) { return read_message(projection_text(keys)); }

std::string synapse_message(const std::string& keys) { return projection_message("synapse = \"s\"\n" + keys); }

/// `keys` begin on line 5, in a [[stimulus]] for "a".
std::string stimulus_text(const std::string& keys) {
  return std::string(two_populations) + "[[stimulus]]\npopulation = \"a\"\n" + keys;
}
locus::stimulus_description stimulus(const std::string& keys) { return read(stimulus_text(keys)).stimuli.at(0); }
std::string stimulus_message(const std::string& keys) { return read_message(stimulus_text(keys)); }

}  // namespace

TEST_CASE("long form: populations") {
  const auto d = read(rich_netlist);
  REQUIRE(d.populations.size() == 3);
  const auto& hidden = d.populations[1];
  CHECK(hidden.name == "hidden1.value");
  CHECK(hidden.model == "two-compartment-value");
  CHECK(hidden.size == 3);
  CHECK(hidden.at.line > 0);
  REQUIRE(hidden.params.size() == 4);
  CHECK(hidden.params[1].value == locus::parameter_value("tanh"));
  CHECK(hidden.params[2].value == locus::parameter_value(false));
  CHECK(hidden.params[3].value == locus::parameter_value(2.0));
}

TEST_CASE("long form: mistakes in populations") {
  CHECK(read_message("[[population]]\nname = \"a\"\nmodel = \"m\"\n") ==
        "n.toml:1:1: population[0].size is missing: expected a whole number >= 1");
  CHECK(read_message("[[population]]\nname = \"a\"\nmodel = \"m\"\nsize = 0\n") ==
        "n.toml:4:8: population[0].size = 0: expected a whole number >= 1");
  CHECK(read_message("[[population]]\nname = \"a b\"\n") ==
        "n.toml:2:8: population[0].name = \"a b\": expected a name of letters, digits and _ . > -");
  CHECK(read_message("[[population]]\nname = \"\"\n") ==
        "n.toml:2:8: population[0].name = \"\": expected a name of letters, digits and _ . > -");
  CHECK(message_after("") == "(no usage_error)");
  CHECK(read_message("[[population]]\nname = 'a'\nmodel = 'm'\nsize = 1\n[[population]]\nname = \"a\"\n") ==
        "n.toml:6:8: population[1].name = \"a\": a population of this name stands at n.toml:2:8");
  CHECK(read_message("[[population]]\nname = \"a\"\nmodle = \"m\"\n") ==
        "n.toml:1:1: population[0].model is missing (there is \"modle\"): expected a text");
  CHECK(read_message("[[population]]\nname = \"a\"\nmodel = \"m\"\nsize = 1\nparam = {}\n") ==
        "n.toml:5:1: unknown key \"population[0].param\" (did you mean \"params\"?)");
  CHECK(read_message("[population]\nname = \"a\"\n") ==
        "n.toml:1:1: population = { name = \"a\" }: expected an array of tables: [[population]]");
  CHECK(read_message("[[population]]\nname = \"a\"\nmodel = \"m\"\nsize = 1\nparams = { x = [1] }\n") ==
        "n.toml:5:16: population[0].params.x = [1]: expected true or false, a number or a text");
}

TEST_CASE("long form: [weights] and [learning] belong to the short form") {
  CHECK_THAT(message_after("[weights]\nseed = 1\n"), Catch::StartsWith("n.toml:3:1: unknown key \"weights\""));
  CHECK_THAT(message_after("[learning]\nalpha = 1\n"), Catch::StartsWith("n.toml:3:1: unknown key \"learning\""));
}

TEST_CASE("long form: a plain link") {
  const auto p = projection("delay = 2\n");
  CHECK(p.name == "p");
  CHECK(p.from.text() == "a.rate");
  CHECK(p.to.population == "b.value");
  CHECK(p.to.member == "prediction");
  CHECK(p.to.at.text() == "n.toml:6:6");
  CHECK(std::holds_alternative<locus::all_to_all>(p.connect));
  CHECK(p.synapse.empty());
  CHECK(p.delay == 2);
}

TEST_CASE("long form: keys of a synapse are unknown on a plain link") {
  CHECK(projection_message("gate = \"a.rate\"\n") ==
        "n.toml:7:8: projection[0].gate = \"a.rate\": unknown key here: a projection without \"synapse\" is a plain "
        "link");
  for (const std::string key : {"weights", "pre", "post", "gate", "gate_at", "params"})
    CHECK_THAT(projection_message(key + " = {}\n"),
               Catch::Contains("projection[0]." + key + " = {}: unknown key here: a projection without"));
}

TEST_CASE("long form: a synapse sees what it is wired to") {
  const auto d = read(rich_netlist);
  REQUIRE(d.projections.size() == 6);
  const auto& forward = d.projections[0];
  CHECK(forward.synapse == "gated-hebbian");
  CHECK(forward.pre.empty());  // what `from` says, if the rule reads it
  CHECK(forward.post.at(0).output.text() == "hidden1.value.error");
  CHECK(forward.gate.value().text() == "hidden1.phi.spike");
  CHECK(forward.gate_at == locus::gate_end::post);
  CHECK(d.projections[1].pre.at(0).output.text() == "hidden1.value.rate");
  CHECK(d.projections[1].post.empty());
  CHECK(d.projections[1].gate_at == locus::gate_end::pre);
  CHECK(d.projections[3].gate_at == locus::gate_end::everywhere);
}

TEST_CASE("long form: references") {
  CHECK(message_after("[[projection]]\nname = \"p\"\nfrom = \"rate\"\n") ==
        "n.toml:5:8: projection[0].from = \"rate\": expected POPULATION.MEMBER, such as \"hidden1.value.rate\"");
  CHECK_THAT(message_after("[[projection]]\nname = \"p\"\nfrom = \".rate\"\n"), Catch::Contains("expected POPULATION"));
  CHECK_THAT(message_after("[[projection]]\nname = \"p\"\nfrom = \"a.\"\n"), Catch::Contains("expected POPULATION"));
  CHECK(message_after("[[projection]]\nname = \"p\"\nfrom = \"a.rate\"\nto = \"b.valu.x\"\n") ==
        "n.toml:6:6: projection[0].to = \"b.valu.x\": no population is named \"b.valu\" (did you mean \"b.value\"?)");
  for (const std::string key : {"pre", "post", "gate"})
    CHECK_THAT(synapse_message(key + " = \"zzzzzzzzz.x\"\n"),
               Catch::Contains("projection[0]." + key) && Catch::Contains("no population is named \"zzzzzzzzz\""));
}

TEST_CASE("long form: mistakes in projections") {
  CHECK(message_after("[[projection]]\n") == "n.toml:3:1: projection[0].name is missing: expected a text");
  CHECK(message_after("[[projection]]\nname = \"p\"\n") ==
        "n.toml:3:1: projection[0].from is missing: expected a text");
  CHECK(projection_message("[[projection]]\nname = \"p\"\n") ==
        "n.toml:8:8: projection[1].name = \"p\": a projection of this name stands at n.toml:4:8");
  CHECK(projection_message("delay = -1\n") == "n.toml:7:9: projection[0].delay = -1: expected a whole number >= 0");
  CHECK(projection_message("dealy = 1\n") ==
        "n.toml:7:1: unknown key \"projection[0].dealy\" (did you mean \"delay\"?)");
  CHECK(synapse_message("gate_at = \"pre\"\n") ==
        "n.toml:8:11: projection[0].gate_at = \"pre\": unknown key here: without \"gate\" there is nothing to place");
  CHECK(synapse_message("gate = \"a.x\"\ngate_at = \"middle\"\n") ==
        "n.toml:9:11: projection[0].gate_at = \"middle\": expected \"post\" or \"pre\" or \"everywhere\"");
}

TEST_CASE("long form: connectivity") {
  CHECK(std::holds_alternative<locus::one_to_one>(projection("connect = \"one-to-one\"\n").connect));
  CHECK(std::holds_alternative<locus::all_to_all>(projection("connect = \"all-to-all\"\n").connect));
  const auto indegree = std::get<locus::fixed_indegree>(projection("connect = { fixed_indegree = 4 }\n").connect);
  CHECK(indegree.degree == 4);
  CHECK(indegree.seed == 1);
  const auto random =
      std::get<locus::connection_probability>(projection("connect = { probability = 0.1, seed = 8 }\n").connect);
  CHECK(random.probability == 0.1);
  CHECK(random.seed == 8);
  const auto pairs = std::get<locus::listed_pairs>(projection("connect = { post_pre = [[1, 0], [2, 1]] }\n").connect);
  CHECK(pairs.post_pre == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 0}, {2, 1}});
}

TEST_CASE("long form: mistakes in connectivity") {
  const std::string forms =
      "expected \"all-to-all\", \"one-to-one\", { window = [5, 5] }, { distance = 2.5 }, { gaussian = 2 }, "
      "{ fixed_indegree = 100 }, { probability = 0.1 }, { transposed = \"PROJECTION\" }, { same_as = \"PROJECTION\" }, "
      "{ post_pre = [[1, 0], ...] } or { file = \"edges.csv\" }";
  CHECK(projection_message("connect = \"all-to-al\"\n") ==
        "n.toml:7:11: projection[0].connect = \"all-to-al\": " + forms + " (did you mean \"all-to-all\"?)");
  CHECK(projection_message("connect = 3\n") == "n.toml:7:11: projection[0].connect = 3: " + forms);
  CHECK(projection_message("connect = { seed = 1 }\n") ==
        "n.toml:7:11: projection[0].connect = { seed = 1 }: " + forms);
  CHECK(projection_message("connect = { probability = 0.1, fixed_indegree = 1 }\n") ==
        "n.toml:7:11: projection[0].connect = { fixed_indegree = 1, probability = 0.1 }: "
        "\"fixed_indegree\" and \"probability\" exclude each other");
  CHECK(projection_message("connect = { probability = 1.5 }\n") ==
        "n.toml:7:27: projection[0].connect.probability = 1.5: expected a number from 0 to 1");
  CHECK(projection_message("connect = { fixed_indegree = 0 }\n") ==
        "n.toml:7:30: projection[0].connect.fixed_indegree = 0: expected a whole number >= 1");
  CHECK(projection_message("connect = { post_pre = [[0, 1, 2]] }\n") ==
        "n.toml:7:24: projection[0].connect.post_pre = [[0, 1, 2]]: expected pairs [post, pre], found 3 numbers");
  CHECK(projection_message("connect = { post_pre = [[0, 4294967296]] }\n") ==
        "n.toml:7:24: projection[0].connect.post_pre = [[0, 4294967296]]: 4294967296 is too large for the number of "
        "a neuron");
  CHECK(projection_message("connect = { pairs = [[0, 1]] }\n") ==
        "n.toml:7:21: projection[0].connect.pairs = [[0, 1]]: it was a list of [pre, post]: write post_pre = [[1, 0], "
        "...], with each pair turned round");
  CHECK_THAT(projection_message("connect = { post_pre = [[0, 1]], seed = 3 }\n"),
             Catch::StartsWith("n.toml:7:34: unknown key \"projection[0].connect.seed\""));
}

TEST_CASE("long form: weights") {
  const auto weights = [](const std::string& text) { return projection("synapse = \"s\"\n" + text).weights; };
  const auto random = std::get<locus::random_weights>(weights(""));
  CHECK(random.method == "glorot-uniform");
  CHECK(random.scale == 1);
  CHECK(random.seed == 1);
  CHECK(random.stream.empty());
  CHECK(std::get<locus::random_weights>(weights("weights = { seed = 4 }\n")).seed == 4);
  const auto given = std::get<locus::random_weights>(
      weights("weights = { init = \"constant\", scale = 0.5, seed = 2, stream = \"t\" }\n"));
  CHECK(given.method == "constant");
  CHECK(given.scale == 0.5);
  CHECK(given.stream == "t");
  const auto listed = std::get<locus::listed_weights>(weights("weights = { values = [[1, 2], [3, 4], [5, 6]] }\n"));
  CHECK(listed.values.rows == 3);
  CHECK(listed.values.columns == 2);
  CHECK(listed.values.values == std::vector<double>{1, 2, 3, 4, 5, 6});
  const auto stored = std::get<locus::stored_weights>(weights("weights = { file = \"w.h5\", dataset = \"d\" }\n"));
  CHECK(stored.file == "w.h5");
  CHECK(stored.dataset == "d");
}

TEST_CASE("long form: weights of another projection, wherever it stands") {
  const auto d =
      read(projection_text("synapse = \"s\"\nweights = { same_initial_as = \"q\", transposed = true }\n"
                           "[[projection]]\nname = \"q\"\nfrom = \"a.x\"\nto = \"b.value.y\"\nsynapse = \"s\"\n"
                           "weights = { shared = \"p\" }\n"));
  const auto copied = std::get<locus::copied_weights>(d.projections[0].weights);
  CHECK(copied.projection == "q");
  CHECK(copied.transposed);
  const auto shared = std::get<locus::shared_weights>(d.projections[1].weights);
  CHECK(shared.projection == "p");
  CHECK_FALSE(shared.transposed);
}

TEST_CASE("long form: mistakes in weights") {
  CHECK(synapse_message("weights = { same_initial_as = \"pp\" }\n") ==
        "n.toml:8:31: projection[0].weights.same_initial_as = \"pp\": no projection is named \"pp\" (did you mean "
        "\"p\"?)");
  CHECK(synapse_message("weights = { shared = \"p\" }\n") ==
        "n.toml:8:22: projection[0].weights.shared = \"p\": a projection cannot take its weights from itself");
  CHECK(synapse_message("weights = { values = [[1]], init = \"uniform\" }\n") ==
        "n.toml:8:11: projection[0].weights = { init = \"uniform\", values = [[1]] }: \"init\" and \"values\" exclude "
        "each other");
  CHECK(synapse_message("weights = { init = \"glorot\" }\n") ==
        "n.toml:8:20: projection[0].weights.init = \"glorot\": expected \"glorot-uniform\" or "
        "\"kaiming-uniform\" or \"orthogonal\" or \"normal\" or \"uniform\" or \"constant\"");
  CHECK_THAT(synapse_message("weights = { values = [[1]], seed = 3 }\n"),
             Catch::StartsWith("n.toml:8:29: unknown key \"projection[0].weights.seed\""));
  CHECK(synapse_message("weights = 1\n") == "n.toml:8:11: projection[0].weights = 1: expected a table");
  CHECK(synapse_message("weights = { values = [[1, inf]] }\n") ==
        "n.toml:8:27: projection[0].weights.values[0][1] = inf: expected a finite number");
}

TEST_CASE("long form: stimuli") {
  const auto input = stimulus("role = \"input\"\n");
  CHECK(input.target.text() == "a.clamp");
  CHECK(input.role == locus::stimulus_role::input);
  CHECK(input.ticks == 1);
  const auto teacher = stimulus("role = \"teacher\"\nport = \"hold\"\nanswer = \"b.value.x\"\n");
  CHECK(teacher.target.member == "hold");
  CHECK(teacher.answer.value().text() == "b.value.x");
  CHECK_FALSE(teacher.columns.has_value());
  CHECK(stimulus("role = \"teacher\"\ncolumns = [3, 5]\n").columns == locus::window{3, 5});
  CHECK(stimulus("role = \"input\"\ncolumns = [0, 4294967295]\n").columns == locus::window{0, 4294967295});
  const auto control = stimulus("role = \"control\"\nonset = -2\nticks = 0\nvalue = 0.5\n");
  CHECK(control.onset == -2);
  CHECK(control.ticks == 0);
  CHECK(control.value == 0.5);
  const auto imposed = stimulus("role = \"imposed\"\nsource = \"b.value.prediction\"\n");
  CHECK(imposed.source.value().member == "prediction");
  CHECK_FALSE(imposed.answer.has_value());
  CHECK(imposed.with == locus::imposed_with::input);
  CHECK(imposed.sigma == 0);
  const auto noisy = stimulus("role = \"imposed\"\nsource = \"b.value.prediction\"\nwith = \"teacher\"\nsigma = 0.5\n");
  CHECK(noisy.with == locus::imposed_with::teacher);
  CHECK(noisy.sigma == 0.5);
}

TEST_CASE("long form: mistakes in stimuli") {
  CHECK(message_after("[[stimulus]]\npopulation = \"c\"\n") ==
        "n.toml:4:14: stimulus[0].population = \"c\": no population is named \"c\" (known: a, b.value)");
  CHECK(stimulus_message("") ==
        "n.toml:3:1: stimulus[0].role is missing: expected \"input\" or \"teacher\" or \"control\" or \"imposed\"");
  CHECK(stimulus_message("role = \"teach\"\n") ==
        "n.toml:5:8: stimulus[0].role = \"teach\": expected \"input\" or \"teacher\" or \"control\" or \"imposed\""
        " (did you mean \"teacher\"?)");
  CHECK(stimulus_message("role = \"input\"\nanswer = \"a.x\"\n") ==
        "n.toml:6:10: stimulus[0].answer = \"a.x\": unknown key here: only a stimulus with role \"teacher\" has it");
  CHECK(stimulus_message("role = \"input\"\nloss = \"squares\"\n") ==
        "n.toml:6:8: stimulus[0].loss = \"squares\": unknown key here: only a stimulus with role \"teacher\" has it");
  CHECK(stimulus_message("role = \"teacher\"\nloss = \"cross\"\n") ==
        "n.toml:6:8: stimulus[0].loss = \"cross\": expected \"squares\" or \"cross-entropy\"");
  CHECK(stimulus_message("role = \"control\"\ncolumns = [0, 1]\n") ==
        "n.toml:6:11: stimulus[0].columns = [0, 1]: unknown key here: only a stimulus with role \"input\" or "
        "\"teacher\" has it");
  for (const std::string columns : {"[2, 2]", "[3, 2]", "[0]", "[0, 1, 2]", "[]"}) {
    CHECK(stimulus_message("role = \"input\"\ncolumns = " + columns + "\n") ==
          "n.toml:6:11: stimulus[0].columns = " + columns + ": expected [first, last] with 0 <= first < last");
  }
  CHECK(stimulus_message("role = \"input\"\ncolumns = [-1, 2]\n") ==
        "n.toml:6:12: stimulus[0].columns[0] = -1: expected a whole number >= 0");
  CHECK(stimulus_message("role = \"input\"\ncolumns = [0, 4294967296]\n") ==
        "n.toml:6:15: stimulus[0].columns[1] = 4294967296: expected a whole number <= 4294967295");
  CHECK(stimulus_message("role = \"input\"\nvalue = 2\n") ==
        "n.toml:6:9: stimulus[0].value = 2: unknown key here: only a stimulus with role \"control\" has it");
  CHECK(stimulus_message("role = \"input\"\nsource = \"a.x\"\n") ==
        "n.toml:6:10: stimulus[0].source = \"a.x\": unknown key here: only a stimulus with role \"imposed\" has it");
  CHECK(stimulus_message("role = \"input\"\nsigma = 2\n") ==
        "n.toml:6:9: stimulus[0].sigma = 2: unknown key here: only a stimulus with role \"imposed\" has it");
  CHECK(stimulus_message("role = \"imposed\"\nsource = \"b.value.prediction\"\nsigma = -1\n") ==
        "n.toml:7:9: stimulus[0].sigma = -1: expected a number >= 0");
  CHECK(stimulus_message("role = \"imposed\"\n") == "n.toml:3:1: stimulus[0].source is missing: expected a text");
  CHECK(stimulus_message("role = \"control\"\nticks = -1\n") ==
        "n.toml:6:9: stimulus[0].ticks = -1: expected a whole number >= 0");
  CHECK(stimulus_message("role = \"control\"\nonset = 0.5\n") ==
        "n.toml:6:9: stimulus[0].onset = 0.5: expected a whole number >= -1099511627776");
  CHECK(stimulus_message("role = \"control\"\nonsett = 1\n") ==
        "n.toml:6:1: unknown key \"stimulus[0].onsett\" (did you mean \"onset\"?)");
}

}  // namespace test_netlist_long_form
