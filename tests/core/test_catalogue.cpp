#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

#include "sim/core/catalogue.hpp"
#include "tests/project_file.hpp"

namespace test_core_catalogue {

using namespace locus;
using testing::project_file;

namespace {

std::string file_of(const model_declaration& model) { return std::string(model.info.name) + ".toml"; }

/// Those of models/; the tests' catalogue has more.
std::vector<model_declaration> shipped_models() {
  std::vector<model_declaration> all;
  for (const model_declaration& model : all_models()) {
    if (std::filesystem::exists(project_file("models/" + file_of(model)))) all.push_back(model);
  }
  return all;
}

}  // namespace

TEST_CASE("catalogue: every file of models/ is a model of that name, in alphabetical order", "[core]") {
  std::set<std::string> files, models;
  for (const auto& entry : std::filesystem::directory_iterator(project_file("models"))) {
    if (entry.path().extension() == ".toml") files.insert(entry.path().filename().string());
  }
  const std::vector<model_declaration> shipped = shipped_models();
  for (const model_declaration& model : shipped) models.insert(file_of(model));
  CHECK(files == models);
  for (const model_declaration& model : shipped) CHECK(model.text != nullptr);
  CHECK(std::is_sorted(shipped.begin(), shipped.end(),
                       [](const auto& a, const auto& b) { return a.info.name < b.info.name; }));
  for (const model_declaration& model : all_models()) CHECK(all_models().find(model.info.name) == &model);
  CHECK(all_models().find("no-such-model") == nullptr);
}

TEST_CASE("catalogue: an invalid parameter is refused, with what was expected, and leaves the block as it was",
          "[core]") {
  const model_declaration& phi = *all_models().find("phi");
  const parameter_block block = phi.make_parameters();
  for (const parameter_info& p : phi.parameters) {
    const parameter_value before = p.get(block.get());
    if (p.name == "quiet_ticks") {
      CHECK(p.set(block.get(), parameter_value(1.5)) == "a whole number >= 0 and <= 16777216");
      CHECK(p.set(block.get(), parameter_value(-1.0)) == "a whole number >= 0 and <= 16777216");
      CHECK(p.set(block.get(), parameter_value(true)) == "a whole number >= 0 and <= 16777216");
    }
    if (p.name == "tolerance") CHECK(p.set(block.get(), parameter_value(-0.1)) == "a number >= 0");
    if (p.name == "cause_gate") CHECK(p.set(block.get(), parameter_value(1.0)) == "true or false");
    CHECK(p.get(block.get()) == before);
  }
  const model_declaration& value = *all_models().find("point-value");
  const parameter_block other = value.make_parameters();
  for (const parameter_info& p : value.parameters) {
    if (p.name == "gamma") CHECK(p.set(other.get(), parameter_value(0.0)) == "a number > 0");
    if (p.name == "activation") {
      CHECK(p.set(other.get(), parameter_value(std::string("softmax"))) ==
            "sigmoid, tanh, relu, identity, softplus or clip");
      CHECK(p.names == std::vector<std::string>{"sigmoid", "tanh", "relu", "identity", "softplus", "clip"});
    }
  }
}

TEST_CASE("catalogue: values and limits read as they are written in messages", "[core]") {
  CHECK(text_of(parameter_value(0.001)) == "0.001");
  CHECK(text_of(parameter_value(true)) == "true");
  CHECK(text_of(parameter_value(std::string("tanh"))) == "tanh");
  CHECK(text_of(above(0)) == "a number > 0");
  CHECK(text_of(at_least(0)) == "a number >= 0");
  CHECK(text_of(whole_at_least(1)) == "a whole number >= 1");
  CHECK(text_of(any_value()) == "a number");
  CHECK(text_of(limits{.low = 0, .high = 1}) == "a number >= 0 and <= 1");
}

}  // namespace test_core_catalogue
