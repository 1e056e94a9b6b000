#include "sim/circuit/schedule.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/circuit/circuit_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuit_schedule {

using namespace locus;
using testing::circuit_of;
using testing::project_file;

namespace {

/// Levels by "population.output", of the first output that a reaction writes.
std::vector<std::set<std::string>> levels_of(const circuit& c) {
  std::vector<std::set<std::string>> levels;
  for (const scheduled_reaction& r : make_schedule(c)) {
    levels.resize(std::max(levels.size(), r.level + 1));
    const population& p = c.populations[r.population];
    for (const field& f : p.model->fields) {
      if (static_cast<int>(f.by) == static_cast<int>(r.reaction) && f.seen == visibility::sent) {
        levels[r.level].insert(fmt::format("{}.{}", p.name, f.name));
      }
    }
  }
  return levels;
}

std::string errors(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += fmt::format("[[population]]\nname = \"e{}\"\nmodel = \"error\"\nsize = 2\n", i);
  return text;
}

std::string joined(const std::string& from, const std::string& to, int delay = 0) {
  return fmt::format(
      "[[projection]]\nname = \"{0}->{1}\"\nfrom = \"{0}\"\nto = \"{1}\"\nconnect = \"one-to-one\"\ndelay = {2}\n",
      from, to, delay);
}

std::string loop_message(const std::string& text) {
  const circuit c = circuit_of(text);
  try {
    (void)make_schedule(c);
  } catch (const usage_error& error) {
    return error.what();
  }
  return "(no usage_error)";
}

}  // namespace

TEST_CASE("schedule: an error neuron reacts before its phi neuron, which reacts before the burst") {
  const auto from_file = document::from_file(project_file("netlists/digits.toml"));
  const circuit c = build_circuit(read_netlist(from_file, all_templates()));
  const auto levels = levels_of(c);
  REQUIRE(levels.size() == 3);
  CHECK(levels[0] ==
        std::set<std::string>{"hidden1.error.mu", "hidden1.error.eps", "output.error.mu", "output.error.eps"});
  CHECK(levels[1] == std::set<std::string>{"hidden1.phi.spike", "output.phi.spike"});
  CHECK(levels[2] == std::set<std::string>{"hidden1.error.burst", "output.error.burst"});
}

TEST_CASE("schedule: each reaction stands once, after all that it waits for") {
  const circuit c = circuit_of(testing::short_form_of("[3, 4, 5, 2]"));
  const schedule_graph graph = make_schedule_graph(c);
  const auto order = make_schedule(c);
  REQUIRE(order.size() == num_vertices(graph));
  const auto place = [&](schedule_graph::vertex_descriptor v) {
    return std::find_if(order.begin(), order.end(), [&](const scheduled_reaction& r) {
      return r.population == graph[v].population && r.reaction == graph[v].reaction;
    });
  };
  for (std::size_t v = 0; v < num_vertices(graph); ++v) {
    const auto [first, last] = out_edges(v, graph);
    for (auto e = first; e != last; ++e) {
      CHECK(place(v) < place(target(*e, graph)));
      CHECK(place(v)->level < place(target(*e, graph))->level);
    }
  }
}

TEST_CASE("schedule: immediate outputs that wait for each other are an error that names the path") {
  const std::string two = errors(2) + joined("e0.eps", "e1.value") + joined("e1.mu", "e0.prediction");
  CHECK_THAT(loop_message(two), Catch::StartsWith("algebraic loop: e0.eps -> e1.mu -> e0.eps ("));

  const std::string three =
      errors(3) + joined("e0.eps", "e1.value") + joined("e1.eps", "e2.apical") + joined("e2.eps", "e0.prediction");
  CHECK_THAT(loop_message(three), Catch::StartsWith("algebraic loop: e0.eps -> e1.eps -> e2.eps -> e0.eps ("));

  const std::string itself = errors(1) + joined("e0.eps", "e0.apical");
  CHECK_THAT(loop_message(itself), Catch::StartsWith("algebraic loop: e0.eps -> e0.eps ("));
}

TEST_CASE("schedule: a loop through the order of reactions within a neuron is found too") {
  // e0.burst waits for e0.eps, which waits for e1.eps, which waits for e0.burst.
  const std::string text = errors(2) + joined("e0.burst", "e1.value") + joined("e1.eps", "e0.value");
  CHECK_THAT(loop_message(text), Catch::StartsWith("algebraic loop: e0.mu -> e0.burst -> e1.eps -> e0.mu ("));
}

TEST_CASE("schedule: a delay or a register breaks a loop") {
  const std::string two = errors(2) + joined("e0.eps", "e1.value") + joined("e1.mu", "e0.prediction", 1);
  CHECK(levels_of(circuit_of(two)).size() == 3);  // e0, then e1 and e0's burst, then e1's burst
  const std::string value = "[[population]]\nname = \"v\"\nmodel = \"point-value\"\nsize = 2\n";
  CHECK(levels_of(circuit_of(errors(1) + value + joined("e0.eps", "v.error") + joined("v.x", "e0.value"))).size() == 2);
}

}  // namespace test_circuit_schedule
