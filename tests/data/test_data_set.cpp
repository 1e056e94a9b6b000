#include "sim/data/data_set.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

namespace test_data_data_set {

namespace {

using Catch::Message;
using locus::data_description;
using locus::data_set;
using locus::load_data;
using locus::usage_error;

data_description inline_data() {
  data_description description;
  description.source = "inline";
  description.inputs = {{0, 1}, {0.5, -1}, {0.25, 3}};
  description.targets = {{1}, {0}, {-2}};
  description.test_inputs = {{7, 8}, {9, 10}};
  description.test_targets = {{4}, {5}};
  description.at = {"net.toml", 3, 1};
  return description;
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST_CASE("number_table: doubles and bytes read alike", "[data]") {
  const locus::number_table doubles(2, {1, 2, 3, 4});
  const locus::number_table bytes(2, {0, 16, 32, 255}, 16);
  CHECK(doubles.rows() == 2);
  CHECK(doubles.at(1, 0) == 3);
  CHECK(bytes.rows() == 2);
  CHECK(bytes.at(1, 1) == 255.0 / 16);
  std::vector<double> row(2);
  bytes.copy_row(1, row);
  CHECK(row == std::vector<double>{2, 255.0 / 16});
}

TEST_CASE("number_table: wrong sizes are internal errors", "[data]") {
  locus::number_table table(2, {1, 2, 3, 4});
  std::vector<double> narrow(1), row(2);
  CHECK_THROWS_AS(table.copy_row(0, narrow), locus::internal_error);
  CHECK_THROWS_AS(table.copy_row(2, row), locus::internal_error);
  CHECK_THROWS_AS(locus::number_table(2, {1, 2, 3}), locus::internal_error);
  table.keep_first(1);
  CHECK(table.rows() == 1);
  CHECK_THROWS_AS(table.copy_row(1, row), locus::internal_error);
  table.keep_first(5);
  CHECK(table.rows() == 1);
}

TEST_CASE("inline data are passed on as they are", "[data]") {
  const data_set data = load_data(inline_data());
  CHECK(data.name == "inline");
  REQUIRE(data.train.count() == 3);
  REQUIRE(data.train.inputs() == 2);
  REQUIRE(data.train.targets() == 1);
  std::vector<double> input(2), target(1);
  data.train.input_row(1, input);
  data.train.target_row(2, target);
  CHECK(input == std::vector<double>{0.5, -1});
  CHECK(target == std::vector<double>{-2});
  REQUIRE(data.test.count() == 2);
  data.test.input_row(1, input);
  CHECK(input == std::vector<double>{9, 10});
}

TEST_CASE("inline data without a test set have one of the same widths and no rows", "[data]") {
  data_description description = inline_data();
  description.test_inputs.clear();
  description.test_targets.clear();
  const data_set data = load_data(description);
  CHECK(data.test.count() == 0);
  CHECK(data.test.inputs() == 2);
  CHECK(data.test.targets() == 1);
}

TEST_CASE("limits keep the first samples", "[data]") {
  data_description description = inline_data();
  description.train_limit = 2;
  description.test_limit = 1;
  const data_set limited = load_data(description);
  CHECK(limited.train.count() == 2);
  CHECK(limited.train.target.rows() == 2);
  CHECK(limited.train.input.at(1, 0) == 0.5);
  CHECK(limited.test.count() == 1);
  CHECK(limited.test.target.at(0, 0) == 4);
  description.train_limit = 100;
  CHECK(load_data(description).train.count() == 3);
}

TEST_CASE("inline data: errors name sample, column and place in the netlist", "[data]") {
  data_description d = inline_data();
  const auto check = [&d](const std::string& message) {
    CHECK_THROWS_MATCHES(load_data(d), usage_error, Message("net.toml:3:1: inline data: " + message));
  };
  SECTION("nan") {
    d.inputs[2][1] = nan;
    check("inputs[2][1] is nan: must be finite");
  }
  SECTION("infinite target") {
    d.targets[0][0] = -infinity;
    check("targets[0][0] is -inf: must be finite");
  }
  SECTION("infinite test target") {
    d.test_targets[1][0] = infinity;
    check("test_targets[1][0] is inf: must be finite");
  }
  SECTION("unequal rows") {
    d.inputs[1] = {1, 2, 3};
    check("inputs[1] has 3 numbers: must have 2, as inputs[0]");
  }
  SECTION("test rows of another width") {
    d.test_inputs[0] = {1};
    check("test_inputs[0] has 1 numbers: must have 2, as inputs[0]");
  }
  SECTION("unequal counts") {
    d.targets.pop_back();
    check("inputs has 3 rows and targets 2: must be as many");
  }
  SECTION("unequal test counts") {
    d.test_inputs.clear();
    check("test_inputs has 0 rows and test_targets 2: must be as many");
  }
  SECTION("empty") {
    d.inputs.clear();
    d.targets.clear();
    check("inputs has 0 rows: must have at least 1");
  }
  SECTION("empty input row") {
    d.inputs[0].clear();
    check("inputs[0] has 0 numbers: must have at least 1");
  }
  SECTION("empty target row") {
    d.targets[0].clear();
    check("targets[0] has 0 numbers: must have at least 1");
  }
}

TEST_CASE("train_on = test exchanges the parts before the limits", "[data]") {
  data_description description = inline_data();
  description.train_on = "test";
  description.test_limit = 2;
  const data_set data = load_data(description);
  CHECK(data.train.count() == 2);
  CHECK(data.train.input.at(0, 0) == 7);
  CHECK(data.test.count() == 2);
  CHECK(data.test.input.at(1, 1) == -1);
  description.test_inputs.clear(), description.test_targets.clear();
  CHECK_THROWS_MATCHES(load_data(description), locus::run_error,
                       Message("inline: 0 training samples: must be at least 1"));
}

TEST_CASE("an unknown source is an error that names the known forms", "[data]") {
  data_description description = inline_data();
  description.source = "minst";
  CHECK_THROWS_MATCHES(load_data(description), usage_error,
                       Message("net.toml:3:1: data = \"minst\": must be digits, mnist, fashion-mnist, idx:DIR, "
                               "csv:FILE, inline or teacher"));
  description.source = "idx:";
  CHECK_THROWS_MATCHES(load_data(description), usage_error,
                       Message("net.toml:3:1: data = \"idx:\": must name a directory after \"idx:\""));
  description.source = "csv:";
  CHECK_THROWS_MATCHES(load_data(description), usage_error,
                       Message("net.toml:3:1: data = \"csv:\": must name a file after \"csv:\""));
}

}  // namespace

}  // namespace test_data_data_set
