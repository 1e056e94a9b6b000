/// Events: section 2 of the rules, and 5 for other readers.

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/sonata/exported.hpp"
#include "tests/sonata/sonata_reading.hpp"

namespace test_sonata_spikes {

using namespace locus;
using namespace locus::test;

namespace {

/// {none = 0, by_id = 1, by_time = 2}, set to by_time.
void check_sorting(const sonata_file& f, const std::string& group) {
  const hdf5::handle type = f.attribute_type(group, "sorting");
  REQUIRE(H5Tget_class(type.get()) == H5T_ENUM);
  const hdf5::handle base(H5Tget_super(type.get()));
  CHECK(H5Tequal(base.get(), H5T_STD_U8LE) > 0);
  REQUIRE(H5Tget_nmembers(type.get()) == 3);
  for (const auto& [name, expected] : {std::pair{"none", 0}, std::pair{"by_id", 1}, std::pair{"by_time", 2}}) {
    std::uint8_t value = 77;
    CHECK(H5Tenum_valueof(type.get(), name, &value) >= 0);
    CHECK(value == expected);
  }
  CHECK(f.number<std::uint8_t>(group, "sorting", type.get()) == 2);
}

}  // namespace

TEST_CASE("sonata: events have times in ms, nodes, and their order told to both kinds of readers", "[sonata]") {
  for (const std::string& netlist : {xor_netlist(), sparse_netlist()}) {
    const exported_run run(netlist);
    const stored trace(run.scratch.path("run.h5"));
    const std::uint32_t lanes = run.net.lanes;
    std::uint64_t total = 0;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const sonata_file f(
          run.path(lanes > 1 ? "output/lane" + std::to_string(lane) + "/spikes.h5" : "output/spikes.h5"));
      CHECK(f.children("/spikes") == std::vector<std::string>{"hidden1.phi", "output.phi"});
      for (const std::string& population : f.children("/spikes")) {
        const std::string group = "/spikes/" + population;
        INFO(group);
        check_sorting(f, group);
        CHECK(f.text(group + "/node_ids", "sorting") == "by_time");
        CHECK(f.text(group + "/timestamps", "units") == "ms");
        CHECK(f.has_type(group + "/timestamps", H5T_IEEE_F64LE));
        CHECK(f.has_type(group + "/node_ids", H5T_STD_U64LE));
        const auto times = f.numbers(group + "/timestamps");
        const auto nodes = f.integers(group + "/node_ids");
        CHECK(times.size() == nodes.size());
        CHECK(std::is_sorted(times.begin(), times.end()));
        CHECK((times.empty() || times.front() >= 0));
        // Those of the trace that are in this lane, in its order; a tick is 1 ms.
        std::vector<double> expected_times;
        std::vector<std::int64_t> expected_nodes;
        const auto all_times = trace.numbers(group + "/timestamps");
        const auto all_nodes = trace.integers(group + "/node_ids"), all_lanes = trace.integers(group + "/lanes");
        for (std::size_t k = 0; k < all_times.size(); ++k) {
          if (all_lanes[k] != lane) continue;
          expected_times.push_back(all_times[k]);
          expected_nodes.push_back(all_nodes[k]);
        }
        CHECK(times == expected_times);
        CHECK(nodes == expected_nodes);
        total += times.size();
      }
    }
    CHECK(total > 0);
    CHECK(total == run.summary.spikes);
  }
}

TEST_CASE("sonata: a population without events is there all the same", "[sonata]") {
  std::string netlist = xor_netlist();
  netlist += "until = 1\n";  // nothing has happened yet
  const exported_run run(netlist);
  const sonata_file f(run.path("output/spikes.h5"));
  CHECK(f.size("/spikes/output.phi/timestamps") == std::vector<hsize_t>{0});
  CHECK(f.size("/spikes/output.phi/node_ids") == std::vector<hsize_t>{0});
  check_sorting(f, "/spikes/output.phi");
}

}  // namespace test_sonata_spikes
