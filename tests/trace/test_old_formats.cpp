/// Traces of older formats stay readable.

#include <catch2/catch.hpp>

#include "sim/trace/column_selection.hpp"
#include "sim/trace/value_stream.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/hand_made_trace.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_old_formats {

namespace {

using namespace locus;
using namespace locus::test;

/// The lines that `choose_columns` gives, with a number of each.
std::vector<std::string> described(const std::string& file) {
  std::vector<std::string> all;
  const trace_reader trace(file);
  for (const chosen_columns& c : choose_columns(trace, {})) {
    value_stream values(trace, *c.variable);
    const auto row = values.at(6);
    for (const std::size_t k : c.columns) {
      all.push_back(c.variable->column_name(k) + " " + std::to_string(row[k * c.variable->lanes]));
    }
  }
  return all;
}

}  // namespace

TEST_CASE("a trace of format 2, whose scales stood beside the variables, reads as one of today") {
  const scratch_directory folder;
  const fake_models models;
  const circuit c = fake_circuit(models, "f64", 2, 4, 3);
  trace_description wanted =
      recording(folder.path("t.h5"), {"x[1:3]", "input.value.count[0]", "spike", "forward.theta[1]"});
  wanted.on_change = {"hidden1.value.count", "some.theta"};
  {
    fake_simulator s(c);
    trace_writer writer(c, wanted, provenance, false);
    run_ticks(writer, s, 0, 12);
    writer.close();
  }
  const std::vector<std::string> today = described(wanted.file);
  REQUIRE(today.size() > 10);
  {
    const opened_for_writing out(wanted.file);
    const hid_t id = out.file().id.get();
    const auto move = [id](const std::string& from, const std::string& to) {
      REQUIRE(H5Lmove(id, ("/scales/" + from).c_str(), id, to.c_str(), H5P_DEFAULT, H5P_DEFAULT) >= 0);
    };
    for (const std::string population : {"input.value", "hidden1.value"}) {
      move(population + "/neuron", "/trace/" + population + "/neuron");
      move(population + "/lane", "/trace/" + population + "/lane");
    }
    move("input.value/count.neuron", "/trace/input.value/count_neuron");
    move("hidden1.phi/neuron", "/trace/hidden1.phi/neuron");
    move("hidden1.phi/lane", "/trace/hidden1.phi/lane");
    for (const std::string end : {"source", "target"}) {
      move("hidden1.forward/" + end, "/trace/hidden1.forward/" + end);
      move("hidden1.some/" + end, "/changes/hidden1.some/" + end);
    }
    for (const char* path : {"/scales", "/presentations"}) REQUIRE(H5Ldelete(id, path, H5P_DEFAULT) >= 0);
    H5Adelete(id, "long_form");
    hdf5::set_integer(out.file(), "format_version", 2);
  }
  CHECK(described(wanted.file) == today);
}

}  // namespace test_trace_old_formats
