#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "tests/project_file.hpp"

namespace test_netlist_corpus {

using locus::testing::project_file;

namespace {

std::vector<std::filesystem::path> corpus() {
  const auto folder = std::filesystem::path(project_file("tests/netlist/corpus"));
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".toml") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

/// Reads one key of every kind, so that the corpus reaches a template's getters too.
void greedy_template(const locus::section& root, locus::description& out) {
  const auto circuit = root.table("circuit");
  (void)circuit.wholes("layers", 1);
  (void)circuit.flag("bias", false);
  const auto weights = root.table("weights");
  if (weights.has("theta")) (void)weights.matrices("theta");
  if (weights.has("bias_theta")) (void)weights.lists("bias_theta");
  const auto learning = root.table("learning");
  (void)learning.number("alpha", 1);
  if (!learning.is_text("update_at")) (void)learning.ticks("update_at", 0);
  (void)learning.table("phi").whole("quiet_ticks", 0, 1);
  out.populations.emplace_back();
}

}  // namespace

TEST_CASE("corpus: each malformed netlist is a usage error with a message") {
  const auto files = corpus();
  REQUIRE(files.size() > 20);
  const locus::template_catalogue templates{{"predictive-coding", greedy_template}};
  for (const auto& file : files) {
    INFO(file.string());
    try {
      (void)locus::read_netlist(locus::document::from_file(file.string()), templates);
      FAIL_CHECK("was accepted");
    } catch (const locus::usage_error& error) {
      CHECK_THAT(error.what(), Catch::StartsWith(file.string()));
    }
  }
}

}  // namespace test_netlist_corpus
