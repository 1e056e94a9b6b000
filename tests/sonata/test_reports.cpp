/// Values of neurons and weights in frames: section 1 of the rules, and 5 for other readers.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include "tests/sonata/exported.hpp"
#include "tests/sonata/sonata_reading.hpp"

namespace test_sonata_reports {

using namespace locus;
using namespace locus::test;

namespace {

/// What holds for every population of every report.
void check_population(const sonata_file& f, const std::string& population) {
  const std::string group = "/report/" + population, mapping = group + "/mapping/";
  INFO(group);
  CHECK(f.has_type(group + "/data", H5T_IEEE_F32LE));
  CHECK(f.has_type(mapping + "node_ids", H5T_STD_U64LE));
  CHECK(f.has_type(mapping + "index_pointers", H5T_STD_U64LE));
  CHECK(f.has_type(mapping + "element_ids", H5T_STD_U32LE));
  CHECK(f.has_type(mapping + "element_pos", H5T_IEEE_F32LE));
  CHECK(f.has_type(mapping + "time", H5T_IEEE_F64LE));
  CHECK(f.same(mapping + "index_pointers", mapping + "index_pointer"));
  CHECK(f.text(mapping + "time", "units") == "ms");
  CHECK(sonata_units.count(f.text(group + "/data", "units")) == 1);

  const auto size = f.size(group + "/data");
  const auto ids = f.integers(mapping + "node_ids"), pointers = f.integers(mapping + "index_pointers");
  REQUIRE(size.size() == 2);
  REQUIRE(pointers.size() == ids.size() + 1);
  CHECK(pointers.front() == 0);
  CHECK(pointers.back() == static_cast<std::int64_t>(size[1]));
  CHECK(std::is_sorted(pointers.begin(), pointers.end()));
  CHECK(f.size(mapping + "element_ids").at(0) == size[1]);
  CHECK(f.numbers(mapping + "element_pos") == std::vector<double>(size[1], 0.0));
  CHECK(f.integer(mapping + "node_ids", "sorted") == 1);
  CHECK(std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end());

  const auto time = f.numbers(mapping + "time");
  REQUIRE(time.size() == 3);
  CHECK(time[0] >= 0);
  CHECK(time[2] == std::round(time[2]));  // sums of it are exact
  CHECK(size[0] > 0);
  // As libsonata counts: steps are added up while there is time left.
  std::uint64_t frames = 0;
  for (double t = time[0]; t < time[1] - 1e-6; t += time[2]) ++frames;
  CHECK(frames == size[0]);
}

/// The numbers of the trace, rounded as SONATA wants them.
std::vector<double> rounded(std::vector<double> values) {
  for (double& v : values) v = static_cast<double>(static_cast<float>(v));
  return values;
}

}  // namespace

TEST_CASE("sonata: every report has the form that readers look for", "[sonata]") {
  for (const std::string& netlist : {xor_netlist(), sparse_netlist()}) {
    const exported_run run(netlist);
    std::size_t checked = 0;
    for (const std::string& path : hdf5_files(run.path("output"))) {
      const sonata_file f(path);
      if (!f.has("/report")) continue;
      INFO(path);
      for (const std::string& population : f.children("/report")) check_population(f, population), ++checked;
    }
    CHECK(checked >= 10);
  }
}

TEST_CASE("sonata: a report of neurons has the trace's values, one column a neuron, element 0", "[sonata]") {
  const exported_run run(xor_netlist());
  const stored trace(run.scratch.path("run.h5"));
  const sonata_file f(run.path("output/reports/x.h5"));
  CHECK(f.children("/report") == std::vector<std::string>{"hidden1.value", "input.value", "output.value"});
  for (const std::string& population : f.children("/report")) {
    const std::string group = "/report/" + population;
    CHECK(f.numbers(group + "/data") == rounded(trace.numbers("/trace/" + population + "/x")));
    const std::size_t neurons = f.size(group + "/data").at(1);
    for (std::size_t i = 0; i < neurons; ++i) {
      CHECK(f.integers(group + "/mapping/node_ids")[i] == static_cast<std::int64_t>(i));
      CHECK(f.integers(group + "/mapping/index_pointers")[i] == static_cast<std::int64_t>(i));
      CHECK(f.integers(group + "/mapping/element_ids")[i] == 0);
    }
  }
  // 3 presentations of 4 + 2 + 2 ticks
  CHECK(f.numbers("/report/hidden1.value/mapping/time") == std::vector<double>{0, 24, 1});
}

TEST_CASE("sonata: each lane has a report of its own, with the neurons and ticks that were recorded", "[sonata]") {
  const exported_run run(sparse_netlist());
  const stored trace(run.scratch.path("run.h5"));
  const auto all = trace.numbers("/trace/hidden1.value/x");  // [frame, neuron, lane]
  REQUIRE(trace.size("/trace/hidden1.value/x") == std::vector<hsize_t>{12, 2, 3});
  for (std::size_t lane = 0; lane < 3; ++lane) {
    const sonata_file f(run.path("output/lane" + std::to_string(lane) + "/reports/x.h5"));
    std::vector<double> expected;
    for (std::size_t k = 0; k < 24; ++k) expected.push_back(all[3 * k + lane]);
    CHECK(f.numbers("/report/hidden1.value/data") == rounded(expected));
    CHECK(f.integers("/report/hidden1.value/mapping/node_ids") == std::vector<std::int64_t>{1, 3});
    CHECK(f.numbers("/report/hidden1.value/mapping/time") == std::vector<double>{0, 24, 2});
    CHECK(f.integers("/report/output.value/mapping/node_ids") == std::vector<std::int64_t>{0, 1});
    const sonata_file b(run.path("output/lane" + std::to_string(lane) + "/reports/b.h5"));
    CHECK(b.integers("/report/hidden1.value/mapping/node_ids") == std::vector<std::int64_t>{2});
    CHECK(f.integer("/meta", "lane") == static_cast<std::int64_t>(lane));
  }
}

TEST_CASE("sonata: weights stand with their postsynaptic node, their element is the edge", "[sonata]") {
  const exported_run run(sparse_netlist());
  const stored trace(run.scratch.path("run.h5"));
  const sonata_file f(run.path("output/reports/hidden1.forward.theta.h5"));
  const std::string group = "/report/hidden1.error/", mapping = group + "mapping/";
  CHECK(f.children("/report") == std::vector<std::string>{"hidden1.error"});
  CHECK(f.text("/meta", "projection") == "hidden1.forward");
  CHECK(f.numbers(group + "data") == rounded(trace.numbers("/trace/hidden1.forward/theta")));
  const auto nodes = f.integers(mapping + "node_ids"), pointers = f.integers(mapping + "index_pointers");
  const auto elements = f.integers(mapping + "element_ids");
  const sonata_file edges(run.path("network/edges.h5"));
  const std::string population = "/edges/input.value__hidden1.error__hidden1.forward/";
  const auto sources = edges.integers(population + "source_node_id"),
             targets = edges.integers(population + "target_node_id");
  REQUIRE(!elements.empty());
  CHECK(elements.size() == static_cast<std::size_t>(std::count(sources.begin(), sources.end(), 2)));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (auto k = pointers[i]; k < pointers[i + 1]; ++k) {
      const auto edge = static_cast<std::size_t>(elements[static_cast<std::size_t>(k)]);
      CHECK(targets.at(edge) == nodes[i]);
      CHECK(sources.at(edge) == 2);
    }
  }
}

TEST_CASE("sonata: what was recorded on change is written in every tick", "[sonata]") {
  const exported_run run(sparse_netlist());
  const trace_variable* eps = run.trace->find("hidden1.error.eps");
  REQUIRE(eps != nullptr);
  REQUIRE(eps->storage == trace_storage::changes);
  const stored trace(run.scratch.path("run.h5"));
  const std::string path = "/changes/hidden1.error/eps/";
  const auto ticks = trace.integers(path + "tick"), neurons = trace.integers(path + "neuron");
  const auto lanes = trace.integers(path + "lane");
  const auto values = trace.numbers(path + "value");
  for (std::int64_t lane = 0; lane < 3; ++lane) {
    const sonata_file f(run.path("output/lane" + std::to_string(lane) + "/reports/eps_changes.h5"));
    const auto data = f.numbers("/report/hidden1.error/data");
    REQUIRE(f.size("/report/hidden1.error/data") == std::vector<hsize_t>{24, 4});
    std::vector<double> expected(24 * 4, 0);
    for (std::size_t c = 0; c < ticks.size(); ++c) {
      if (lanes[c] != lane) continue;
      for (auto t = ticks[c]; t < 24; ++t) expected[static_cast<std::size_t>(t * 4 + neurons[c])] = values[c];
    }
    CHECK(data == rounded(expected));
  }
}

}  // namespace test_sonata_reports
