#include "sim/data/data_set.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

namespace test_data_data_set {

namespace {

using Catch::Message;
using locus::data_array;
using locus::data_description;
using locus::data_set;
using locus::load_data;
using locus::usage_error;

/// Rows of equal length.
data_array array(const std::vector<std::vector<double>>& rows) {
  data_array out;
  if (rows.empty()) return {"", {0}, {}};
  out.shape = {static_cast<std::uint32_t>(rows.size()), static_cast<std::uint32_t>(rows[0].size())};
  for (const auto& row : rows) out.numbers.insert(out.numbers.end(), row.begin(), row.end());
  return out;
}

data_description inline_data() {
  data_description description;
  description.source = "arrays";
  description.inputs = array({{0, 1}, {0.5, -1}, {0.25, 3}});
  description.targets = array({{1}, {0}, {-2}});
  description.test_inputs = array({{7, 8}, {9, 10}});
  description.test_targets = array({{4}, {5}});
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
  CHECK(data.train.input_of(1) == std::vector<double>{0.5, -1});
  CHECK(data.train.target_of(2) == std::vector<double>{-2});
  REQUIRE(data.test.count() == 2);
  CHECK(data.test.input_of(1) == std::vector<double>{9, 10});
}

TEST_CASE("inline data without a test set have one of the same widths and no rows", "[data]") {
  data_description description = inline_data();
  description.test_inputs = description.test_targets = {};
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

TEST_CASE("inline data: errors name row, column and place in the netlist", "[data]") {
  data_description d = inline_data();
  const auto check = [&d](const std::string& message) {
    CHECK_THROWS_MATCHES(load_data(d), usage_error, Message("net.toml:3:1: data: " + message));
  };
  SECTION("nan") {
    d.inputs.numbers[5] = nan;
    check("inputs has nan in row 2, column 1: must be finite");
  }
  SECTION("infinite target") {
    d.targets.numbers[0] = -infinity;
    check("targets has -inf in row 0, column 0: must be finite");
  }
  SECTION("infinite test target") {
    d.test_targets.numbers[1] = infinity;
    check("test_targets has inf in row 1, column 0: must be finite");
  }
  SECTION("test rows of another width") {
    d.test_inputs = array({{1}, {2}});
    check("test_inputs has 2 x 1 numbers: must be as inputs, which has 3 x 2 numbers");
  }
  SECTION("unequal counts") {
    d.targets = array({{1}, {0}});
    check("targets has 2 samples and inputs 3: must be as many");
  }
  SECTION("unequal test counts") {
    d.test_inputs = {};
    check("test_targets has 2 samples and test_inputs 0: must be as many");
  }
  SECTION("empty") {
    d.test_inputs = d.test_targets = {};
    d.inputs = d.targets = array({});
    check("inputs has 0 samples: must have at least 1");
  }
  SECTION("empty input rows") {
    d.test_inputs = d.test_targets = {};
    d.inputs.shape = {3, 0};
    d.inputs.numbers.clear();
    check("inputs has 0 numbers in a sample: must have at least 1");
  }
  SECTION("empty target rows") {
    d.test_inputs = d.test_targets = {};
    d.targets.shape = {3, 0};
    d.targets.numbers.clear();
    check("targets has 0 numbers in a sample: must have at least 1");
  }
  SECTION("classes for training, numbers for the test") {
    d.targets = {"", {3}, {0, 1, 1}};
    check("test_targets has 2 x 1 numbers: must be as targets, which has 3 classes");
  }
  SECTION("no frame") {
    d.targets = d.test_inputs = d.test_targets = {};
    d.inputs = {"", {3, 0, 2}, {}};
    check("inputs has 0 frames in a sample: must be 1 to 2^32 - 1");
  }
}

TEST_CASE("inline data: a list of classes becomes one-hot targets", "[data]") {
  data_description d = inline_data();
  d.targets = {"", {3}, {0, 2, 1}};
  d.test_targets = {"", {2}, {3, 0}};
  const data_set data = load_data(d);
  CHECK(data.train.targets() == 4);  // as many as the largest of both parts needs
  CHECK(data.train.target_of(1) == std::vector<double>{0, 0, 1, 0});
  CHECK(data.test.target_of(0) == std::vector<double>{0, 0, 0, 1});
}

TEST_CASE("inline data: there may be no targets", "[data]") {
  data_description d = inline_data();
  d.targets = d.test_targets = {};
  const data_set data = load_data(d);
  CHECK(data.train.count() == 3);
  CHECK(data.test.count() == 2);
  CHECK(data.train.targets() == 0);
  CHECK(data.train.target_of(0).empty());
}

TEST_CASE("inline data: frames are rows, and limits count samples", "[data]") {
  data_description d;
  d.source = "arrays";
  d.inputs = {"", {3, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
  d.targets = {"", {3, 4, 1}, {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23}};
  data_set data = load_data(d);
  CHECK(data.train.count() == 3);
  CHECK(data.train.inputs() == 2);
  CHECK(data.train.input_frames == 2);
  CHECK(data.train.target_frames == 4);
  CHECK(data.train.input_of(1) == std::vector<double>{4, 5, 6, 7});
  CHECK(data.train.target_of(2) == std::vector<double>{20, 21, 22, 23});
  CHECK(data.train.input.at(data.train.input_row(2, 1), 0) == 10);
  CHECK(data.test.count() == 0);
  d.train_limit = 2;
  data = load_data(d);
  CHECK(data.train.count() == 2);
  CHECK(data.train.input.rows() == 4);
  CHECK(data.train.target.rows() == 8);
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
  description.test_inputs = description.test_targets = {};
  CHECK_THROWS_MATCHES(load_data(description), locus::run_error,
                       Message("inline: 0 training samples: must be at least 1"));
}

TEST_CASE("an unknown source is an error that names the known forms", "[data]") {
  data_description description = inline_data();
  description.source = "minst";
  CHECK_THROWS_MATCHES(load_data(description), usage_error,
                       Message("net.toml:3:1: data = \"minst\": must be digits, mnist, fashion-mnist, idx:DIR, "
                               "csv:FILE, arrays or teacher"));
  description.source = "idx:";
  CHECK_THROWS_MATCHES(load_data(description), usage_error,
                       Message("net.toml:3:1: data = \"idx:\": must name a directory after \"idx:\""));
  description.source = "csv:";
  CHECK_THROWS_MATCHES(load_data(description), usage_error,
                       Message("net.toml:3:1: data = \"csv:\": must name a file after \"csv:\""));
}

}  // namespace

}  // namespace test_data_data_set
