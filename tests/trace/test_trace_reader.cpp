#include "sim/trace/trace_reader.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "sim/core/bits.hpp"
#include "sim/core/errors.hpp"
#include "sim/trace/column_selection.hpp"
#include "sim/trace/message_log.hpp"
#include "sim/trace/sampled_values.hpp"
#include "sim/trace/trace_difference.hpp"
#include "sim/trace/value_stream.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/hand_made_trace.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_trace_reader {

namespace {

using Catch::Contains;
using Catch::Equals;
using namespace locus;
using namespace locus::test;

struct rich {
  scratch_directory folder;
  std::string file = folder.path("rich.h5");
  rich() { write_rich_trace(file); }
};

std::vector<double> copy(std::span<const double> numbers) { return {numbers.begin(), numbers.end()}; }

/// The names of all columns that the patterns choose.
std::vector<std::string> chosen(const trace_reader& trace, const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const chosen_columns& c : choose_columns(trace, patterns)) {
    for (const std::size_t k : c.columns) names.push_back(c.variable->column_name(k));
  }
  return names;
}

}  // namespace

TEST_CASE_METHOD(rich, "trace reader: what was recorded, in the order of the netlist") {
  const trace_reader trace(file);
  CHECK(trace.facts().complete);
  CHECK(trace.facts().netlist == provenance.netlist);
  CHECK(trace.facts().seed == "18446744073709551615");
  CHECK(trace.frames().size() == 20);
  CHECK(trace.extent() == std::pair<tick_t, tick_t>{0, 20});
  std::vector<std::string> names;
  for (const trace_variable& v : trace.variables()) names.push_back(v.full_name());
  CHECK(names == std::vector<std::string>{"input.value.x", "hidden1.value.x", "hidden1.value.b", "hidden1.phi.spike",
                                          "hidden1.forward.theta", "hidden1.some.theta"});
  CHECK(trace.find("hidden1.value.x")->units == "mV");
  CHECK(trace.find("hidden1.forward.theta")->column_name(4) == "hidden1.forward.theta[1][1]");
  CHECK(trace.populations().at(0).model == "cell");
  CHECK(trace.stimuli(1).size() == 1);
  CHECK(trace.stimuli(9).at(1).off == 18);
}

TEST_CASE("trace reader: frames have the numbers that were written, changes hold on", "[trace]") {
  const scratch_directory folder;
  for (const char* precision : {"f32", "f64"}) {
    const std::uint32_t lanes = 3;
    const std::string file = folder.path(precision);
    write_rich_trace(file, precision, lanes);
    const trace_reader trace(file);
    value_stream x(trace, *trace.find("hidden1.value.x"));
    for (tick_t t = 0; t < 20; ++t) {
      const std::span<const double> row = x.at(t);
      REQUIRE(row.size() == 2 * lanes);
      for (std::size_t i = 0; i < row.size(); ++i) CHECK(row[i] == fake_simulator::field_number({1, 0}, i, t));
    }
  }
  write_rich_trace(folder.path("one.h5"));
  const trace_reader trace(folder.path("one.h5"));
  const trace_variable& b = *trace.find("hidden1.value.b");
  CHECK(recorded_ticks(trace, b, 0, 100, 100) == std::vector<tick_t>{0, 3, 7});
  CHECK(recorded_ticks(trace, b, 1, 7, 100) == std::vector<tick_t>{3});
  value_stream values(trace, b);
  CHECK(copy(values.at(2)) == std::vector<double>{0, 0.5});
  CHECK(copy(values.at(3)) == std::vector<double>{1, -1});
  CHECK(copy(values.at(50)) == std::vector<double>{1, 2.5});
  value_stream second(trace, b, 1, 1);
  CHECK(std::isnan(second.at(-1)[0]));
  CHECK(copy(second.at(4)) == std::vector<double>{-1});
}

TEST_CASE_METHOD(rich, "trace reader: events and messages of an interval") {
  const trace_reader trace(file);
  std::vector<spike_event> expected;
  for (tick_t t = 4; t < 9; ++t) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (fake_simulator::field_number({2, 0}, i, t) == 1.0) expected.push_back({t, i, 0});
    }
  }
  REQUIRE(!expected.empty());
  CHECK(read_spikes(trace, "hidden1.phi", 4, 9, 100) == expected);
  CHECK(read_spikes(trace, "hidden1.phi", 4, 9, 1).size() == 1);
  const message_log log(trace);
  CHECK(log.dropped() == 17);
  CHECK(log.extent() == std::pair<tick_t, tick_t>{2, 6});
  CHECK(log.count(2, 3) == 3);
  const std::vector<logged_message> messages = log.read(2, 3, 100);
  REQUIRE(messages.size() == 3);
  CHECK(messages[0].source == 2);  // level 1, as stored
  CHECK(messages[1].value == -0.5);
  CHECK(messages[2].level == 0);  // for the next step: last
  CHECK(log.connections().at(messages[2].connection).to == "hidden1.phi.error");
}

TEST_CASE_METHOD(rich, "trace reader: selections by name, kind and index") {
  const trace_reader trace(file);
  using names = std::vector<std::string>;
  CHECK(chosen(trace, {"hidden1.value[1]"}) == names{"hidden1.value.x[1]", "hidden1.value.b[1]"});
  CHECK(chosen(trace, {"value.x[0:2]"}) ==
        names{"input.value.x[0]", "input.value.x[1]", "hidden1.value.x[0]", "hidden1.value.x[1]"});
  CHECK(chosen(trace, {"input*[0,2:]"}) == names{"input.value.x[0]", "input.value.x[2]"});
  CHECK(chosen(trace, {"kind:weights[1][2]", "b[0]"}) == names{"hidden1.value.b[0]", "hidden1.forward.theta[1][2]"});
  CHECK(chosen(trace, {"kind:detector"}) == names{"hidden1.phi.spike[0]", "hidden1.phi.spike[1]"});
  CHECK(chosen(trace, {"input.value.x[ ::2 ]"}) == names{"input.value.x[0]", "input.value.x[2]"});
  CHECK(chosen(trace, {}).size() == 3 + 2 + 2 + 2 + 6 + 1);
  const auto error = [&](const std::string& pattern) {
    return message_of<usage_error>([&] { static_cast<void>(choose_columns(trace, {pattern})); });
  };
  CHECK_THAT(error("hidden1.valeu.x"), Contains("did you mean \"hidden1.value.x\"? (known: value.x, "));
  CHECK_THAT(error("input.value.x[3]"),
             Contains("no such index was recorded (there are: input.value.x[0] ... input.value.x[2])"));
  CHECK_THAT(error("x[a]"), Contains("expected numbers and ranges, such as [0, 3, 8:12]"));
  CHECK_THAT(error("x[2:2]"), Contains("the range \"2:2\" holds nothing"));
  CHECK_THAT(error("x[1"), Contains("expected numbers and ranges"));
  CHECK_THAT(error("x[]"), Contains("expected numbers and ranges"));
  CHECK_THAT(error("kind:detectr"), Contains("did you mean \"detector\""));
  CHECK(parse_interval("7", "--ticks") == std::pair<std::int64_t, std::int64_t>{7, 8});
  CHECK(parse_interval(":40", "--ticks").second == 40);
}

TEST_CASE_METHOD(rich, "trace difference: equal traces, whichever way they are stored") {
  const trace_reader a(file), b(file);
  CHECK(compare_traces(a, b, {}).equal());
  const std::string other = folder.path("other.h5");
  write_rich_trace(other);
  {
    // b as frames, with the values that the changes hold.
    const opened_for_writing out(other);
    H5Ldelete(out.file().id.get(), "/changes", H5P_DEFAULT);
    const hdf5::object b_frames =
        hdf5::create_dataset(out.file(), "/trace/hidden1.value/b", H5T_IEEE_F64LE, {.size = {20, 2}, .chunk = {}});
    out.integers("/scales/hidden1.value/b.neuron", {0, 1}, H5T_STD_U32LE);
    std::vector<double> values;
    for (tick_t t = 0; t < 20; ++t) {
      values.push_back(t < 3 ? 0 : 1);
      values.push_back(t < 3 ? 0.5 : t < 7 ? -1 : 2.5);
    }
    hdf5::write(b_frames, H5T_NATIVE_DOUBLE, values.data());
  }
  const trace_comparison c = compare_traces(a, trace_reader(other), {"b"});
  CHECK(c.equal());
  CHECK(c.variables.at(0).values == 40);
}

TEST_CASE_METHOD(rich, "trace difference: the first one in time is named, and what else differs") {
  const std::string other = folder.path("other.h5");
  write_rich_trace(other);
  {
    const opened_for_writing out(other);
    const auto poke = [&](const std::string& path, hsize_t tick, hsize_t column, double value) {
      const hdf5::object dataset = hdf5::open_dataset(out.file(), path);
      const std::array<hsize_t, 2> start = {tick, column}, count = {1, 1};
      const hdf5::handle space(H5Dget_space(dataset.id.get()));
      H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
      const hdf5::handle one(H5Screate_simple(2, count.data(), nullptr));
      H5Dwrite(dataset.id.get(), H5T_NATIVE_DOUBLE, one.get(), space.get(), H5P_DEFAULT, &value);
    };
    const double there = fake_simulator::weight_number(0, 5, 11);
    poke("/trace/input.value/x", 12, 1, 99);
    poke("/trace/hidden1.forward/theta", 11, 5, std::nextafter(there, 10.0));
    H5Ldelete(out.file().id.get(), "/changes/hidden1.value/b", H5P_DEFAULT);
    hdf5::set_text(out.file(), "netlist", "[circuit]\nlanes = 7\n");
  }
  const trace_reader a(file), b(other);
  const trace_comparison c = compare_traces(a, b, {});
  REQUIRE(c.first() != nullptr);
  CHECK(c.first()->tick == 11);
  CHECK(c.first()->entity == "hidden1.forward.theta[1][2]");
  CHECK(c.first()->ulps == 1);
  CHECK(c.different == std::vector<std::string>{"only A recorded hidden1.value.b"});
  CHECK(c.notes == std::vector<std::string>{"netlist, only B: lanes = 7"});
  CHECK(c.variables.at(0).differing == 1);
  CHECK(compare_traces(a, b, {"hidden1.value.x"}).equal());
}

TEST_CASE("trace difference: distances in ulp", "[trace]") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(ulp_distance(1.0, 1.0, false) == 0);
  CHECK(ulp_distance(1.0, std::nextafter(1.0, 2.0), false) == 1);
  CHECK(ulp_distance(1.0, std::nextafter(1.0f, 2.0f), true) == 1);
  CHECK(ulp_distance(1.0, std::nextafter(1.0f, 2.0f), false) == std::uint64_t{1} << 29u);  // 52 - 23 more bits
  CHECK(ulp_distance(-0.0, 0.0, false) == 0);
  CHECK(ulp_distance(-std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::denorm_min(), false) ==
        2);
  CHECK(ulp_distance(-inf, inf, false) == 2 * std::uint64_t{0x7ff0000000000000});
  CHECK(ulp_distance(nan, 1, false) == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE_METHOD(rich, "sampled values: extremes of each sample, and of each group of columns") {
  const trace_reader trace(file);
  const chosen_columns x = choose_columns(trace, {"input.value.x"}).at(0);
  const sampled_values all = sample_values(trace, x, {.from = 0, .until = 20});
  CHECK(all.width == 1);
  CHECK(all.samples == 20);
  CHECK(all.strongest(2, 7) == fake_simulator::field_number({0, 0}, 2, 7));
  const sampled_values few = sample_values(trace, x, {.from = 4, .until = 14, .most_samples = 2, .most_rows = 2});
  CHECK(few.width == 5);
  CHECK(few.columns_of_row == 2);
  double low = 10, high = -10;
  for (tick_t t = 9; t < 14; ++t) {
    for (std::size_t i = 0; i < 2; ++i) {
      low = std::min(low, fake_simulator::field_number({0, 0}, i, t));
      high = std::max(high, fake_simulator::field_number({0, 0}, i, t));
    }
  }
  CHECK(few.low[1] == low);
  CHECK(few.high[1] == high);
  CHECK(few.tick(1) == 11);
  const chosen_columns b = choose_columns(trace, {"b[1]"}).at(0);
  const sampled_values held = sample_values(trace, b, {.from = 4, .until = 12, .most_samples = 4});
  CHECK(held.low == std::vector<double>{-1, -1, 2.5, 2.5});
  CHECK(held.high == std::vector<double>{-1, 2.5, 2.5, 2.5});
}

TEST_CASE_METHOD(rich, "sampled values: the overview stands in for many numbers") {
  {
    const opened_for_writing out(file);
    const auto write = [&](const char* name, const std::vector<double>& values) {
      const std::string path = std::string("/overview/input.value/x/") + name;
      H5Ldelete(out.file().id.get(), path.c_str(), H5P_DEFAULT);  // what the writer wrote
      const hdf5::object dataset =
          hdf5::create_dataset(out.file(), path, H5T_IEEE_F64LE, {.size = {2, 1}, .chunk = {}});
      hdf5::write(dataset, H5T_NATIVE_DOUBLE, values.data());
    };
    write("min", {-5, -7});
    write("max", {3, 11});
  }
  const trace_reader trace(file);
  const chosen_columns x = choose_columns(trace, {"input.value.x"}).at(0);
  const sampled_values s = sample_values(trace, x, {.from = 0, .until = 20, .most_samples = 5, .overview_above = 50});
  CHECK(s.width == 4);
  CHECK(s.low[0] == -5);
  CHECK(s.high[3] == 3);   // ticks 12 to 15: the first block of 16 frames
  CHECK(s.high[4] == 11);  // ticks 16 to 19
  CHECK(s.strongest(2, 4) == 11);
  const sampled_values exact =
      sample_values(trace, x, {.from = 0, .until = 20, .most_samples = 5, .overview_above = 60});
  CHECK(exact.high[4] < 1);
}

}  // namespace test_trace_trace_reader
