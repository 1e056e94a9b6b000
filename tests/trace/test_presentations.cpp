/// /presentations: which sample was shown when.

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "sim/core/errors.hpp"
#include "sim/data/labels.hpp"
#include "sim/data/order.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/trace/trace_reader.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_presentations {

namespace {

using namespace locus;
using namespace locus::test;
using locus::testing::drawn_data;
using locus::testing::short_form;

/// One-hot targets: sample i is of class i % width.
samples classified(data_set data) {
  std::vector<double> targets;
  for (std::uint32_t i = 0; i < data.train.count(); ++i) {
    for (std::uint32_t k = 0; k < data.train.targets(); ++k) targets.push_back(i % data.train.targets() == k ? 1 : 0);
  }
  data.train.target = number_table(data.train.targets(), targets);
  return data.train;
}

struct presented_run {
  scratch_directory folder;
  short_form form;
  data_set data = drawn_data(3, 2, 7, 1);
  trace_description wanted = recording(folder.path("t.h5"), {"value.x"});

  presented_run() {
    form.layers = {3, 2, 2};
    form.lanes = 2;
    form.predict = "[5, 9]";
    form.teach = "4";
    form.rest = "[0, 2]";
    form.epochs = 2;
    data.train = classified(data);
  }

  /// Runs it, and returns the rows.
  std::vector<traced_presentation> run(std::optional<std::uint64_t> shuffle = {}) {
    description netlist = form.read();
    netlist.shuffle = shuffle;
    experiment x(netlist, data);
    trace_writer writer(x.net(), wanted, provenance, true, netlist.timeline);
    x.sim().observe(&writer);
    x.on_presentation([&](const begun_presentation& p) { writer.begin(p); });
    (void)x.run();
    writer.close();
    const trace_reader trace(wanted.file);
    return trace.read_presentations(0, trace.presentations());
  }
};

}  // namespace

TEST_CASE_METHOD(presented_run, "presentations: number, epoch, sample and label of each lane, when they come") {
  const auto shuffle = GENERATE(std::optional<std::uint64_t>{}, std::optional<std::uint64_t>{5});
  const std::vector<traced_presentation> rows = run(shuffle);
  const timeline_description timeline = form.read().timeline;
  REQUIRE(rows.size() == 2 * 3 * 2);  // epochs, batches of 2 of the 7 samples, lanes
  tick_t tick = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const traced_presentation& p = rows[i];
    const std::uint64_t number = i / 2;
    const presentation_times times = draw_times(timeline, number);
    const auto order = presentation_order(7, shuffle, static_cast<std::uint32_t>(number / 3));
    CHECK(p.number == static_cast<std::int64_t>(number));
    CHECK(p.epoch == static_cast<std::int64_t>(number / 3 + 1));
    CHECK(p.lane == i % 2);
    CHECK(p.sample == order[number % 3 * 2 + i % 2]);
    CHECK(p.label == p.sample % 2);
    CHECK(p.first == tick);
    CHECK(p.teacher == tick + times.predict);
    CHECK(p.end == p.teacher + times.teach + times.rest);
    if (i % 2 == 1) tick = p.end;
  }
  CHECK(stored(wanted.file).text("/presentations", "set") == "train");
}

TEST_CASE_METHOD(presented_run, "presentations: those of which a tick is recorded, and no others") {
  form.predict = "8";
  form.rest = "0";
  wanted.presentations = {{1, 2}, {4, 5}};
  std::vector<std::int64_t> numbers;
  for (const traced_presentation& p : run()) numbers.push_back(p.number);
  CHECK(numbers == std::vector<std::int64_t>{1, 1, 4, 4});
  wanted.presentations.clear();
  wanted.from = 23;  // the last tick of presentation 1
  wanted.until = 25;
  numbers.clear();
  for (const traced_presentation& p : run()) numbers.push_back(p.number);
  CHECK(numbers == std::vector<std::int64_t>{1, 1, 2, 2});
}

TEST_CASE_METHOD(presented_run, "presentations: numbers as targets have no labels, and who is not told lists nothing") {
  data = drawn_data(3, 2, 7, 1);
  for (const traced_presentation& p : run()) CHECK_FALSE(p.label);
  const description netlist = form.read();
  experiment x(netlist, data);
  {
    trace_writer writer(x.net(), wanted, provenance, true, netlist.timeline);
    x.sim().observe(&writer);
    (void)x.run();
    writer.close();
  }
  CHECK(trace_reader(wanted.file).presentations() == 0);
}

TEST_CASE("labels: the place of the 1, or 0 and 1 of one column; numbers have none", "[data]") {
  const auto labels = [](std::uint32_t columns, std::vector<double> targets) {
    samples s;
    s.input = number_table(1, std::vector<double>(targets.size() / columns));
    s.target = number_table(columns, std::move(targets));
    return labels_of(s);
  };
  using list = std::vector<std::int32_t>;
  CHECK(labels(3, {0, 1, 0, 1, 0, 0}) == list{1, 0});
  CHECK(labels(2, {-1, 1, 1, -1}) == list{1, 0});
  CHECK(labels(1, {0, 1, 1, 0}) == list{0, 1, 1, 0});
  CHECK(labels(1, {-1, 1}) == list{0, 1});
  CHECK(labels(1, {-1, 1, 0}).empty());
  CHECK(labels(2, {0, 1, 0, 0}).empty());
  CHECK(labels(2, {0, 1, 1, 1}).empty());
  CHECK(labels(2, {0, 1, -1, 1}).empty());
  CHECK(labels(2, {0.5, 1, 0, 1}).empty());
}

}  // namespace test_trace_presentations
