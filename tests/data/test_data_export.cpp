#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "sim/data/data_export.hpp"
#include "sim/data/number_array.hpp"
#include "sim/data/order.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_data_export {

using namespace locus;
using test::scratch_directory;

TEST_CASE("data export: what was written is read as the same data, and its order is that of the epochs", "[data]") {
  const scratch_directory directory;
  description d;
  d.data.source = "arrays";
  d.data.inputs = {"", {5, 2, 3}, {}};
  for (int i = 0; i < 30; ++i) d.data.inputs.numbers.push_back(i / 7.0);
  d.data.targets = {"", {5}, {0, 2, 1, 2, 0}};
  d.data.test_inputs = {"", {1, 2, 3}, {1, 2, 3, 4, 5, 6}};
  d.data.test_targets = {"", {1}, {1}};
  d.shuffle = 3;
  d.epochs = 4;
  d.lanes = 2;
  const data_set data = load_data(d.data);
  const std::string file = directory.path("out.h5");
  export_data(file, data, d, {"the netlist", "abc", "9.9"});
  data_description again;
  again.source = "arrays";
  again.inputs.file = "hdf5:" + file + ":/train/inputs";
  again.targets.file = "hdf5:" + file + ":/train/targets";
  again.test_inputs.file = "hdf5:" + file + ":/test/inputs";
  again.test_targets.file = "hdf5:" + file + ":/test/targets";
  const data_set read = load_data(again);
  REQUIRE(read.train.count() == 5);
  CHECK(read.train.input_frames == 2);
  for (std::uint32_t i = 0; i < 5; ++i) {
    CHECK(read.train.input_of(i) == data.train.input_of(i));
    CHECK(read.train.target_of(i) == data.train.target_of(i));
  }
  CHECK(read.test.input_of(0) == data.test.input_of(0));
  CHECK(read.test.target_of(0) == data.test.target_of(0));
  const number_array order = read_hdf5_array(file, "order");
  CHECK(order.shape == std::vector<std::uint64_t>{4, 2, 2});  // epoch, presentation, lane: the fifth sample is left out
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    const std::vector<std::uint32_t> expected = presentation_order(5, d.shuffle, epoch);
    for (std::size_t n = 0; n < 4; ++n) CHECK(order.at(epoch * 4 + n) == expected[n]);
  }
}

}  // namespace test_data_export
