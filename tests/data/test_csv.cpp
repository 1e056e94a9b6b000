#include <catch2/catch.hpp>

#include <vector>

#include "sim/data/data_set.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_data_csv {

namespace {

using Catch::Message;
using locus::data_set;
using locus::run_error;
using locus::test::scratch_directory;

data_set load(const std::string& file) {
  locus::data_description description;
  description.source = "csv:" + file;
  return locus::load_data(description);
}

TEST_CASE("csv: comments, columns in any order, and a test set", "[data]") {
  const scratch_directory directory;
  const std::string file = directory.write("a.csv",
                                           "# made by hand\n"
                                           "x1, y0, set, x0\n"
                                           "1,2,train,3\n"
                                           "\n"
                                           "# between\n"
                                           " 1e-3 ,-0.5,test,\t0.1\r\n"
                                           "4,5,train,6");
  const data_set data = load(file);
  CHECK(data.name == "csv:" + file);
  REQUIRE(data.train.count() == 2);
  REQUIRE(data.test.count() == 1);
  CHECK(data.train.inputs() == 2);
  CHECK(data.train.targets() == 1);
  CHECK(data.train.input_of(0) == std::vector<double>{3, 1});
  CHECK(data.train.input_of(1) == std::vector<double>{6, 4});
  CHECK(data.train.target_of(1) == std::vector<double>{5});
  CHECK(data.test.input_of(0) == std::vector<double>{0.1, 1e-3});
  CHECK(data.test.target_of(0) == std::vector<double>{-0.5});
}

TEST_CASE("csv: without the column `set` all samples are for training", "[data]") {
  const scratch_directory directory;
  const data_set data = load(directory.write("a.csv", "\xEF\xBB\xBFx0,y0,y1\r\n1,2,3\r\n"));
  CHECK(data.train.count() == 1);
  CHECK(data.train.targets() == 2);
  CHECK(data.test.count() == 0);
  CHECK(data.test.inputs() == 1);
  CHECK(data.test.targets() == 2);
}

TEST_CASE("csv: errors name file, line and column", "[data]") {
  struct mistake {
    const char* content;
    const char* message;
  };
  const auto [content, message] = GENERATE(values<mistake>({
      {"x0,y0\n1,two\n", ":2:3: \"two\": must be a number"},
      {"x0,y0\n1, 2x\n", ":2:4: \"2x\": must be a number"},
      {"x0,y0\n1,\n", ":2:3: \"\": must be a number"},
      {"x0,y0\n\"1\",2\n", ":2:1: \"\"1\"\": must be a number"},
      {"# a\nx0,y0\nnan,1\n", ":3:1: nan: must be finite"},
      {"x0,y0\n1,-inf\n", ":2:3: -inf: must be finite"},
      {"x0,y0\n1,1e999\n", ":2:3: \"1e999\": must be within the range of a double"},
      {"x0,y0\n1\n", ":2:2: 1 fields: must be 2, as in the header"},
      {"x0,y0\n1,2,3\n", ":2:5: 3 fields: must be 2, as in the header"},
      {"x0,y0,set\n1,2,tset\n", ":2:5: set \"tset\": must be train or test"},
      {"1,2\n", ":1:1: column \"1\": must be x0, x1, ..., y0, y1, ... or set"},
      {"x0,yes\n", ":1:4: column \"yes\": must be x0, x1, ..., y0, y1, ... or set"},
      {"x,y0\n", ":1:1: column \"x\": must be x0, x1, ..., y0, y1, ... or set"},
      {"x0,x2,y0\n", ":1:4: column \"x2\" of 2: must count from 0 without a gap"},
      {"x0,x0,y0\n", ":1:4: column \"x0\": must be named once"},
      {"x0,y0,set,set\n", ":1:11: column \"set\": must be named once"},
      {"x0,set\n", ":1:1: 0 columns of targets: must name y0, ... in the header"},
      {"y0\n", ":1:1: 0 columns of inputs: must name x0, ... in the header"},
      {"# nothing\n", ": no header line: must name the columns x0, ..., y0, ..."},
  }));
  const scratch_directory directory;
  const std::string file = directory.write("a.csv", content);
  CHECK_THROWS_MATCHES(load(file), run_error, Message(file + message));
}

TEST_CASE("csv: a file without training samples is an error", "[data]") {
  const scratch_directory directory;
  for (const char* content : {"x0,y0\n", "x0,y0,set\n1,2,test\n"}) {
    const std::string file = directory.write("a.csv", content);
    CHECK_THROWS_MATCHES(load(file), run_error, Message("csv:" + file + ": 0 training samples: must be at least 1"));
  }
}

TEST_CASE("csv: a file that cannot be read is an error", "[data]") {
  const scratch_directory directory;
  CHECK_THROWS_MATCHES(load(directory.path("none.csv")), run_error,
                       Message(directory.path("none.csv") + ": cannot be read as a file"));
  CHECK_THROWS_MATCHES(load(directory.path()), run_error, Message(directory.path() + ": cannot be read as a file"));
}

}  // namespace

}  // namespace test_data_csv
