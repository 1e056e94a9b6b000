#include "sim/core/memory.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "sim/core/errors.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_core_memory {

using namespace locus;

namespace {

constexpr std::uint64_t megabyte = 1 << 20;

/// A /proc and /sys to look at. 1000 MB are available in the system.
class machine {
 public:
  machine() { write("proc/meminfo", "MemTotal: 4096000 kB\nMemAvailable: 1024000 kB\n"); }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_.path(file)).parent_path());
    std::ofstream(root_.path(file)) << text;
  }
  void write(const std::string& file, std::uint64_t megabytes) const {
    write(file, std::to_string(megabytes * megabyte) + "\n");
  }
  [[nodiscard]] std::uint64_t available() const { return available_memory(root_.path()) / megabyte; }

 private:
  test::scratch_directory root_;
};

}  // namespace

TEST_CASE("memory: what the system has available", "[core]") {
  const machine m;
  CHECK(m.available() == 1000);
}

TEST_CASE("memory: a control group's limit less what is in use, cached files aside", "[core]") {
  const machine m;
  m.write("proc/self/cgroup", "0::/user/job\n");
  m.write("sys/fs/cgroup/user/job/memory.max", "max\n");
  CHECK(m.available() == 1000);
  m.write("sys/fs/cgroup/user/job/memory.max", 500);
  CHECK(m.available() == 500);
  m.write("sys/fs/cgroup/user/job/memory.current", 300);
  CHECK(m.available() == 200);
  m.write("sys/fs/cgroup/user/job/memory.stat", "anon 5\ninactive_file " + std::to_string(100 * megabyte) + "\n");
  CHECK(m.available() == 300);
  // The groups that it lies in have limits too.
  m.write("sys/fs/cgroup/user/memory.max", 50);
  CHECK(m.available() == 50);
}

TEST_CASE("memory: version 1 of control groups, also where a container sees only its own folder", "[core]") {
  const machine m;
  m.write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/docker/abc\n0::/\n");
  m.write("sys/fs/cgroup/memory/memory.limit_in_bytes", 400);
  CHECK(m.available() == 400);
  m.write("sys/fs/cgroup/memory/memory.usage_in_bytes", 450);
  CHECK(m.available() == 0);
  m.write("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file " + std::to_string(60 * megabyte));
  CHECK(m.available() == 10);
  m.write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", 7);
  CHECK(m.available() == 7);
}

TEST_CASE("memory: where nothing is known, nothing is refused", "[core]") {
  const test::scratch_directory empty;
  CHECK(available_memory(empty.path()) > std::uint64_t{1} << 50);
  CHECK_NOTHROW(require_memory(1000, "it"));
  CHECK_THROWS_AS(require_memory(std::uint64_t{1} << 62, "it"), run_error);
}

TEST_CASE("memory: bytes for people", "[core]") {
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(1000) == "1 kB");
  CHECK(bytes_text(15'240'000'000) == "15.2 GB");
  CHECK(bytes_text(~std::uint64_t{0}) == "18.4 EB");
}

}  // namespace test_core_memory
