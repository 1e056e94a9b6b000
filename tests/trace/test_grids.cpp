/// Populations on grids in traces: what is recorded and read of them, and what their neurons are called.

#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/trace/column_selection.hpp"
#include "sim/trace/recorded_circuit.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/hand_made_trace.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_grids {

using Catch::Contains;
using namespace locus;
using namespace locus::test;
using numbers = std::vector<std::uint32_t>;
using names = std::vector<std::string>;

namespace {

/// Inputs on a grid of 2 x 3 x 4, hidden neurons on one of 2 x 2.
struct gridded {
  fake_models models;
  circuit c = fake_circuit(models, "f64", 1, 24, 4);
  scratch_directory folder;
  std::string file = folder.path("t.h5");
  gridded() {
    c.populations[0].shape = {2, 3, 4};
    c.populations[1].shape = {2, 2};
  }

  numbers chosen(const std::string& pattern) { return select_recorded(c, recording("x.h5", {pattern})).at(0).indices; }
  std::string refusal(const std::string& pattern) {
    return message_of<usage_error>([&] { chosen(pattern); });
  }

  void record(const names& patterns) {
    fake_simulator s(c);
    trace_writer trace(c, recording(file, patterns), provenance, true);
    run_ticks(trace, s, 0, 4);
    trace.close();
  }
  names read(const std::string& pattern) {
    const trace_reader trace(file);
    names all;
    for (const chosen_columns& of : choose_columns(trace, {pattern})) {
      for (const std::size_t k : of.columns) all.push_back(of.variable->column_name(k));
    }
    return all;
  }
  std::string refusal_of_reading(const std::string& pattern) {
    return message_of<usage_error>([&] { read(pattern); });
  }
};

}  // namespace

TEST_CASE_METHOD(gridded, "grids: brackets have a number or a range for each axis", "[trace]") {
  CHECK(chosen("input.value.x[1, 2, 3]") == numbers{23});
  CHECK(chosen("input.value.x[0,1,0]") == numbers{4});
  CHECK(chosen("input.value.x[1, :, 3]") == numbers{15, 19, 23});
  CHECK(chosen("input.value.x[:, 0:2, 1]") == numbers{1, 5, 13, 17});
  CHECK(chosen("input.value.x[0, 2, ::3]") == numbers{8, 11});
  CHECK(chosen("input.value.x[:, :, :]").size() == 24);
  CHECK(chosen("input.value.x[0, 2:100, 1:]") == numbers{9, 10, 11});
  CHECK(chosen("hidden1.value.x[1, 0]") == numbers{2});
  // A row keeps its lists.
  CHECK(chosen("hidden1.phi.spike[0, 3]") == numbers{0, 3});
}

TEST_CASE_METHOD(gridded, "grids: weights go by the places of both ends", "[trace]") {
  CHECK(chosen("hidden1.forward.theta[0, 1][1, 0, 2]") == numbers{24 + 14});
  CHECK(chosen("hidden1.forward.theta[:, 1][0, 0, 0]") == numbers{24, 72});
  CHECK(chosen("hidden1.forward.theta[1, 1]").size() == 24);
}

TEST_CASE_METHOD(gridded, "grids: entries that do not suit the grid are refused with its shape", "[trace]") {
  CHECK_THAT(
      refusal("input.value.x[3]"),
      Contains("\"input.value.x[3]\" of input.value.x: the neurons lie on a grid of 2 x 3 x 4: expected 3 entries, "
               "a number or a range for each axis, such as [0, 0:3, 0:4]; found 1"));
  CHECK_THAT(refusal("input.value.x[0, 1]"), Contains("on a grid of 2 x 3 x 4: expected 3 entries"));
  CHECK_THAT(refusal("hidden1.value.x[0, 1, 1]"), Contains("on a grid of 2 x 2: expected 2 entries"));
  CHECK_THAT(refusal("input.value.x[0, 3, 1]"),
             Contains("there is no neuron at 3 along axis 2 of a grid of 2 x 3 x 4: places count from 0"));
  CHECK_THAT(refusal("input.value.x[2, 0, 0]"), Contains("at 2 along axis 1"));
  CHECK_THAT(refusal("input.value.x[0, 3:, 1]"), Contains("chooses no neuron"));
  CHECK_THAT(refusal("hidden1.forward.theta[1]"), Contains("the postsynaptic neurons lie on a grid of 2 x 2"));
  CHECK_THAT(refusal("hidden1.forward.theta[1, 1][4]"), Contains("the presynaptic neurons lie on a grid of 2 x 3 x 4"));
  CHECK_THAT(refusal("hidden1.forward.theta[1, 2]"), Contains("no postsynaptic neuron at 2 along axis 2"));
  // Of several populations that a pattern means, each says what it needs.
  CHECK_THAT(refusal("value.x[0]"), Contains("of input.value.x: the neurons lie on a grid"));
}

TEST_CASE_METHOD(gridded, "grids: a trace tells the shape, and names its neurons by their places", "[trace]") {
  record({"input.value.x[:, 2, 1:3]", "phi", "forward"});
  const trace_reader trace(file);
  CHECK(trace.populations().at(0).shape == grid_shape{2, 3, 4});
  CHECK(trace.populations().at(1).shape == grid_shape{2, 2});
  CHECK(trace.populations().at(2).shape.empty());
  CHECK(trace.shape_of("hidden1.value") == grid_shape{2, 2});
  CHECK(trace.shape_of("nobody").empty());
  {
    const hdf5::session exclusive;
    const hdf5::object group = hdf5::open_existing_group(trace.file(), "/circuit/populations/input.value");
    CHECK(hdf5::integers(group, "shape") == std::vector<std::int64_t>{2, 3, 4});
    CHECK_FALSE(
        hdf5::has_attribute(hdf5::open_existing_group(trace.file(), "/circuit/populations/hidden1.phi"), "shape"));
  }
  CHECK(read("input.value.x") ==
        names{"input.value.x[0,2,1]", "input.value.x[0,2,2]", "input.value.x[1,2,1]", "input.value.x[1,2,2]"});
  CHECK(read("x[1, :, 2]") == names{"input.value.x[1,2,2]"});
  CHECK(read("x[:, 2, 1]") == names{"input.value.x[0,2,1]", "input.value.x[1,2,1]"});
  CHECK(read("phi.spike[0, 3]") == names{"hidden1.phi.spike[0]", "hidden1.phi.spike[3]"});
  CHECK(read("forward.theta[1, 0][0, 1, 3]") == names{"hidden1.forward.theta[1,0][0,1,3]"});
  CHECK(read("forward.theta[1, 0]").size() == 24);
}

TEST_CASE_METHOD(gridded, "grids: what was not recorded is refused with the shape", "[trace]") {
  record({"input.value.x", "forward"});
  CHECK_THAT(
      refusal_of_reading("x[3]"),
      Contains("selection \"x[3]\" of input.value.x: the neurons lie on a grid of 2 x 3 x 4: expected 3 entries"));
  CHECK_THAT(
      refusal_of_reading("x[0, 0, 4]"),
      Contains("no such index was recorded (there are: input.value.x[0,0,0] ... input.value.x[1,2,3] of a grid of "
               "2 x 3 x 4)"));
  CHECK_THAT(refusal_of_reading("forward.theta[1]"), Contains("the postsynaptic neurons lie on a grid of 2 x 2"));
  CHECK_THAT(refusal_of_reading("forward.theta[1, 1][0, 1]"), Contains("the presynaptic neurons lie on a grid"));
}

TEST_CASE_METHOD(gridded, "grids: a trace whose shape does not suit its size is damaged", "[trace]") {
  record({"input.value.x"});
  const std::vector<std::vector<std::int64_t>> shapes = {
      {2, 3, 5}, {0, 24, 1}, {-2, -3, 4}, {4, std::int64_t{1} << 40}};
  for (const std::vector<std::int64_t>& shape : shapes) {
    {
      const opened_for_writing out(file);
      const hdf5::object group = hdf5::open_existing_group(out.file(), "/circuit/populations/input.value");
      H5Adelete(group.id.get(), "shape");
      hdf5::set_array(group, "shape", H5T_STD_I64LE, {shape.size()}, shape.data());
    }
    CHECK_THAT(message_of<run_error>([&] { trace_reader{file}; }),
               Contains("must have as many places as there are neurons, 24"));
  }
}

TEST_CASE("grids: the circuit that is read back from a trace has them", "[trace]") {
  const std::string text =
      "[[population]]\nname = 'a'\nmodel = 'point-value'\nshape = [2, 3, 4]\n"
      "[[population]]\nname = 'b'\nmodel = 'point-value'\nsize = 5\n"
      "[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'b.error'\nsynapse = 'fixed'\n";
  const description netlist = read_netlist(document::from_text(text, "n.toml"), all_templates());
  const circuit net = build_circuit(netlist);
  const scratch_directory folder;
  const std::string file = folder.path("t.h5");
  trace_writer(net, recording(file, {"x"}), {text, "abc", 1, "9.9", text}, true).close();
  const recorded_circuit back(trace_reader(file), all_templates());
  CHECK(back.net().populations.at(0).shape == grid_shape{2, 3, 4});
  CHECK(back.net().populations.at(1).shape == grid_shape{5});
}

}  // namespace test_trace_grids
