#include "sim/core/processors.hpp"

#include <sched.h>
#include <catch2/catch.hpp>

#include <filesystem>

#include "tests/data/scratch_directory.hpp"

namespace test_core_processors {

using namespace locus;

namespace {

struct groups {
  test::scratch_directory folder;

  void put(const std::string& group, const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(folder.path(group));
    folder.write(group + "/" + name, text);
  }
  [[nodiscard]] std::size_t granted(const std::string& text) const { return granted_processors(text, folder.path()); }
};

}  // namespace

TEST_CASE_METHOD(groups, "processors: control groups of version 2", "[core]") {
  CHECK(granted("0::/\n") == 0);
  put(".", "cpu.max", "max 100000\n");
  CHECK(granted("0::/\n") == 0);
  put("a/b", "cpu.max", "250000 100000\n");
  CHECK(granted("0::/a/b\n") == 2);
  CHECK(granted("0::/a/b/c\n") == 2);  // a group has no more than those it lies in
  put("a", "cpu.max", "10000 100000\n");
  CHECK(granted("0::/a/b\n") == 1);
  CHECK(granted("0::/elsewhere\n") == 0);  // a path that only the host sees
  put(".", "cpu.max", "300000 100000\n");
  CHECK(granted("0::/elsewhere\n") == 3);
  CHECK(granted("") == 0);
  CHECK(granted("nonsense\n0\n0:") == 0);
  put("a", "cpu.max", "nonsense\n");
  CHECK(granted("0::/a\n") == 3);
}

TEST_CASE_METHOD(groups, "processors: control groups of version 1", "[core]") {
  put("cpu/docker/1", "cpu.cfs_quota_us", "400000\n");
  put("cpu/docker/1", "cpu.cfs_period_us", "100000\n");
  CHECK(granted("4:cpu,cpuacct:/docker/1\n3:cpuset:/\n") == 4);
  CHECK(granted("4:cpuacct,cpu:/docker/1\n0::/\n") == 4);
  CHECK(granted("3:cpuset:/docker/1\n") == 0);
  put("cpu/docker/1", "cpu.cfs_quota_us", "-1\n");  // no limit
  CHECK(granted("4:cpu,cpuacct:/docker/1\n") == 0);
}

TEST_CASE("processors: no more than the process may run on", "[core]") {
  cpu_set_t before, one;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  CPU_ZERO(&one);
  for (int core = 0; CPU_COUNT(&one) == 0; ++core) {
    if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
  }
  CHECK(usable_processors() >= 1);
  CHECK(usable_processors() <= static_cast<std::size_t>(CPU_COUNT(&before)));
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(usable_processors() == 1);
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}

}  // namespace test_core_processors
