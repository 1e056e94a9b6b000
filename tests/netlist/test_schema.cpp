#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "sim/netlist/netlist.hpp"
#include "tests/netlist/netlist_testing.hpp"
#include "tests/project_file.hpp"

namespace test_netlist_schema {

// netlists/schema.json and the parser must know the same keys. What the parser knows, it tells itself: an unknown
// key far from all others is answered with the list.

using locus::testing::project_file;

namespace {

using names = std::set<std::string>;

const nlohmann::json& definitions() {
  static const auto schema = nlohmann::json::parse(std::ifstream(project_file("netlists/schema.json")));
  return schema.at("$defs");
}

void add_keys(const nlohmann::json& table, names& out) {
  for (const auto& [key, unused] : table.at("properties").items()) out.insert(key);
}

/// The keys of a table, or of all tables among the forms that a value may have.
names schema_keys(const std::string& definition) {
  const auto& found = definitions().at(definition);
  names out;
  if (!found.contains("anyOf")) add_keys(found, out);
  for (const auto& form : found.value("anyOf", nlohmann::json::array())) {
    const std::string elsewhere = form.value("$ref", "");
    const auto& described = elsewhere.empty() ? form : definitions().at(elsewhere.substr(elsewhere.rfind('/') + 1));
    if (described.contains("properties")) add_keys(described, out);
  }
  return out;
}

constexpr auto stray = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

/// The list in the message about the key `stray`, which `text` must have once.
names known_keys(const std::string& text) {
  const auto message = locus::testing::read_message(text);
  INFO(message);
  const auto begin = message.find(" (known: ");
  REQUIRE(begin != std::string::npos);
  std::istringstream list(message.substr(begin + 9, message.size() - begin - 10));
  names out;
  for (std::string name; std::getline(list, name, ',');) out.insert(name.substr(name.find_first_not_of(' ')));
  return out;
}

const std::string stray_line = std::string(stray) + " = 1\n";
const std::string population = "[[population]]\nname = 'a'\nmodel = 'm'\nsize = 1\n";
const std::string projection = population + "[[projection]]\nname = 'p'\nfrom = 'a.x'\nto = 'a.y'\n";
const std::string synapse = projection + "synapse = 's'\ngate = 'a.x'\n";

names known_in_forms(const std::string& before, const std::vector<std::string>& forms) {
  names out;
  for (const auto& form : forms) out.merge(known_keys(before + " = { " + form + ", " + stray + " = 1 }\n"));
  return out;
}

}  // namespace

TEST_CASE("schema: the tables of the long form") {
  CHECK(known_keys(stray_line + population) == schema_keys("long_form"));
}

TEST_CASE("schema: [circuit], [stimuli] and [trace] of the long form") {
  auto circuit = schema_keys("long_circuit");
  circuit.insert("template");  // the parser asks which form it is; the schema has decided that before
  CHECK(known_keys("[circuit]\n" + stray_line + population) == circuit);
  CHECK(known_keys("[stimuli]\n" + stray_line + population) == schema_keys("long_stimuli"));
  CHECK(known_keys("[trace]\n" + stray_line + population) == schema_keys("trace"));
}

TEST_CASE("schema: data in the netlist") {
  auto inline_data = schema_keys("inline_data");
  inline_data.insert("teacher");  // asked for, to tell the two forms apart
  CHECK(known_in_forms(population + "[stimuli]\ndata",
                       {"inputs = [], targets = [], test_inputs = [], test_targets = []"}) == inline_data);
  CHECK(known_in_forms(population + "[stimuli]\ndata", {"teacher = [2, 1]"}) == schema_keys("teacher_data"));
}

TEST_CASE("schema: populations, projections and stimuli") {
  CHECK(known_keys(population + stray_line) == schema_keys("population"));
  CHECK(known_keys(synapse + stray_line) == schema_keys("projection"));
  CHECK(known_keys(population + "[[stimulus]]\npopulation = 'a'\nrole = 'input'\n" + stray_line) ==
        schema_keys("stimulus"));
}

TEST_CASE("schema: the forms of connect and of weights") {
  CHECK(known_in_forms(projection + "connect", {"fixed_indegree = 1", "probability = 0.5", "post_pre = []",
                                                "window = [1]", "distance = 1", "file = 'f'"}) ==
        schema_keys("connect"));
  const auto other = "[[projection]]\nname = 'q'\nfrom = 'a.x'\nto = 'a.y'\n";
  CHECK(known_in_forms(population + other + synapse.substr(population.size()) + "weights",
                       {"init = 'uniform'", "values = []", "file = 'f'", "same_initial_as = 'q'", "shared = 'q'"}) ==
        schema_keys("weights"));
  CHECK(known_in_forms(synapse + "initial.u", {"init = 'uniform'", "values = []", "file = 'f', dataset = 'd'"}) ==
        schema_keys("initial_field"));
}

TEST_CASE("schema: the short form has the common keys too") {
  const auto includes = [](const names& all, const names& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
  };
  CHECK(includes(schema_keys("short_circuit"), schema_keys("long_circuit")));
  CHECK(includes(schema_keys("short_stimuli"), schema_keys("long_stimuli")));
}

}  // namespace test_netlist_schema
