/// What is reported beside scores.

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "sim/experiment/experiment.hpp"
#include "tests/experiment/relays.hpp"

namespace test_experiment_reports {

using namespace locus;
using namespace locus::testing;
using numbers = std::vector<double>;

namespace {

const std::string wide =
    "[circuit]\nlanes = 2\n[stimuli]\n"
    "data = { inputs = [[1, -2], [3, 5], [7, 1]], test_inputs = [[1, -2], [3, 5], [7, 1]] }\n"
    "predict = 2\nteach = 0\n"
    "report = ['mean(in.signal)', ' sum( in.signal^2 )', 'max(in.signal)', 'rms(in.signal)', 'max(in.signal^2)']\n"
    "[[population]]\nname = 'in'\nmodel = 'controller'\nsize = 2\n"
    "[[stimulus]]\npopulation = 'in'\nrole = 'input'\n";

numbers values_of(const answer_score& score) {
  numbers all;
  for (const report_sum& sum : score.reports) all.push_back(sum.value().value());
  return all;
}

}  // namespace

TEST_CASE("report: mean, sum, largest and root mean square of a field or its square", "[experiment]") {
  played p(wide);
  CHECK(p.r.net.reports[1].text == "sum(in.signal^2)");
  answer_score score = p.r.world.teach(std::vector<std::uint32_t>{0, 1}, {2, 0, 0});
  CHECK(score.samples == 0);
  CHECK(values_of(score) == numbers{7 / 4.0, (5 + 34) / 2.0, 5, std::sqrt(39 / 4.0), 25});
  score += p.r.world.teach(std::vector<std::uint32_t>{2, 2}, {2, 0, 0});
  CHECK(values_of(score) == numbers{23 / 8.0, (5 + 34 + 50 + 50) / 4.0, 7, std::sqrt(139 / 8.0), 49});
}

TEST_CASE("report: a run has it for each epoch, and of the test set each sample once", "[experiment]") {
  const description d = netlist_of(wide);
  const data_set data = load_data(d.data);
  experiment x(d, data);
  const run_result result = x.run();
  REQUIRE(result.epochs.size() == 1);
  CHECK(values_of(result.epochs[0].train)[0] == 7 / 4.0);  // the third sample fills no batch
  CHECK(values_of(*result.epochs[0].test) == numbers{15 / 6.0, (5 + 34 + 50) / 3.0, 7, std::sqrt(89 / 6.0), 49});
}

TEST_CASE("report: of inputs with frames it is read at the end of each", "[experiment]") {
  played p(
      "[stimuli]\ndata = { inputs = [[[1], [2], [4]]] }\nframe_ticks = 3\npredict = 10\nteach = 0\n"
      "report = ['sum(in.signal)']\n"
      "[[population]]\nname = 'in'\nmodel = 'controller'\nsize = 1\n"
      "[[stimulus]]\npopulation = 'in'\nrole = 'input'\n");
  CHECK(values_of(p.r.world.teach(std::vector<std::uint32_t>{0}, {10, 0, 0})) == numbers{7 / 3.0});
}

TEST_CASE("report: without ticks of input nothing is read", "[experiment]") {
  played p(wide);
  const answer_score score = p.r.world.teach(std::vector<std::uint32_t>{0, 1}, {0, 0, 3});
  CHECK(score.reports.empty());
}

TEST_CASE("report: what cannot be reported is an error", "[experiment]") {
  const auto with = [](const std::string& report) {
    std::string text = wide;
    const auto begin = text.find("report = "), end = text.find("[[population]]");
    text.replace(begin, end - begin, "report = " + report + "\n");
    return message_of_run(text);
  };
  const std::string form = "expected a text such as mean(output.error.eps^2)";
  for (const char* wrong : {"['in.signal']", "['median(in.signal)']", "['mean(in.signal']", "['mean(signal)']",
                            "['mean(in.signal^3)']", "['mean(in.)']", "['mean((in.signal))']", "['']"}) {
    INFO(wrong);
    CHECK(with(wrong).find(form) != std::string::npos);
  }
  CHECK(with("['mean(on.signal)']").find("no population is called \"on\" (did you mean \"in\"?)") != std::string::npos);
  CHECK(with("['mean(in.sign)']").find("has no field \"sign\" (did you mean \"signal\"?)") != std::string::npos);
  CHECK(with("['mean(in.signal)', 'mean( in.signal )']").find("\"mean(in.signal)\" is there twice") !=
        std::string::npos);
  CHECK(with("'mean(in.signal)'").find("expected a list of texts") != std::string::npos);
}

}  // namespace test_experiment_reports
