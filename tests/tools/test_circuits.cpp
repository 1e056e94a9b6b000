#include <catch2/catch.hpp>

#include "tools/reproduce/circuits/measured_circuit.hpp"
#include "tools/reproduce/circuits/weight_symmetry.hpp"

namespace test_tools_circuits {

using namespace locus::tools;

TEST_CASE("circuits: training is cut to what is affordable, in whole epochs or in one", "[tools]") {
  const double all = affordable_messages;
  CHECK(affordable_length(all / 100, {10, 10}) == training_length{10, 10});
  CHECK(affordable_length(all / 99, {10, 10}) == training_length{9, 10});
  CHECK(affordable_length(all / 19, {10, 10}) == training_length{1, 10});
  CHECK(affordable_length(all / 9, {10, 10}) == training_length{1, 9});
  CHECK(affordable_length(all / 9, {1, 10}) == training_length{1, 9});
  CHECK(affordable_length(all * 5, {3, 10}) == training_length{1, 1});
  CHECK(affordable_length(0, {3, 10}) == training_length{3, 10});
  CHECK(affordable_length(all, {0, 10}) == training_length{0, 10});
  CHECK(affordable_length(all, {3, 0}) == training_length{3, 0});
}

measured_circuit mirror(double angle_of_weights, double angle_of_updates, double test) {
  measured_circuit c;
  c.name = "digits-weight-mirror";
  c.has_twin = c.scored = true;
  c.transport = "none";
  c.layers = "hidden1.forward\noutput.forward";
  c.pairs = {{"output.forward", "hidden1.feedback", "apart", true, true}};
  trained_run run;
  run.test = {50, test};
  run.twin_test = 95;
  run.angles = {90, 90, angle_of_updates, 0};
  run.angle = {angle_of_weights};
  c.runs = {run};
  return c;
}

TEST_CASE("circuits: the marks of Li and Benna's table follow from what was measured", "[tools]") {
  const auto row = [](const measured_circuit& c) { return weight_symmetry_table({c}).at(1); };
  CHECK(row(mirror(5, 9, 94.5)) == std::vector<std::string>{"WM", "digits-weight-mirror", "✔ (paper ✔)", "✔ (paper ✔)",
                                                            "✘ (paper ✘)", "✘ 5° (paper ✘)", "✔ 9° (paper ✔)",
                                                            "✔ -0.5 (paper ✔)", "6 of 6"});
  CHECK(row(mirror(40, 20, 93)) == std::vector<std::string>{"WM", "digits-weight-mirror", "✔ (paper ✔)", "✔ (paper ✔)",
                                                            "✘ (paper ✘)", "partly 40° (paper ✘)", "✘ 20° (paper ✔)",
                                                            "✘ -2.0 (paper ✔)", "3 of 6"});
  measured_circuit diverged = mirror(5, 9, 94);
  diverged.runs.front().ended = "diverged";
  CHECK(weight_symmetry_table({diverged}).size() == 1);
  measured_circuit untrained = mirror(5, 9, 94);
  untrained.runs.front().test.clear();
  CHECK(weight_symmetry_table({untrained}).size() == 1);
  CHECK(weight_symmetry_table({}).size() == 1);
}

}  // namespace test_tools_circuits
