/// Files written under the ordered driver, looked at after every single write: what a process leaves that is killed
/// there.

#include "sim/core/ordered_driver.hpp"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/stored.hpp"

namespace test_core_ordered_driver {

namespace {

using namespace locus;
using namespace locus::test;

constexpr std::size_t rows_of_block = 4;

/// Appends blocks of numbers, a chunk each, to `data`, and then tells of them in `count`. Chunks are so many that the
/// trees that find them are split, and once more.
void write_blocks(const std::string& path, int blocks) {
  const hdf5::session exclusive;
  atomic_file place(path);
  hdf5::object file = hdf5::create_file(place);
  const hdf5::dataset_layout layout{.size = {0}, .chunk = {rows_of_block}, .extendible = true};
  {
    const hdf5::object data = hdf5::create_dataset(file, "/data", H5T_STD_I64LE, layout);
    const hdf5::object count = hdf5::create_dataset(file, "/count", H5T_STD_I64LE, layout);
    hdf5::flush(file);
    place.commit();
    std::int64_t next = 0;
    for (int b = 0; b < blocks; ++b) {
      std::vector<std::int64_t> numbers(rows_of_block);
      std::iota(numbers.begin(), numbers.end(), next);
      next += static_cast<std::int64_t>(numbers.size());
      hdf5::append(data, numbers.size(), H5T_NATIVE_INT64, numbers.data());
      hdf5::flush(file);
      hdf5::append(count, 1, H5T_NATIVE_INT64, &next);
      hdf5::flush(file);
    }
  }
  hdf5::close(file);
}

/// Runs `work` in a process of its own and calls `look` after each of its writes to a file. False if processes cannot
/// be traced here.
bool after_each_write(const std::function<void()>& work, const std::function<void()>& look) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(77);
    ::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return false;
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  bool writing = false;
  while (::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) == 0 && ::waitpid(child, &status, 0) == child) {
    if (!WIFSTOPPED(status)) break;
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) writing = info.entry.nr == SYS_pwrite64 || info.entry.nr == SYS_ftruncate;
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && writing) look();
  }
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return true;
}

/// How many rows `count` tells of; checks that all of them are there.
std::int64_t counted_rows(const std::string& path) {
  const stored h(path);
  const auto counts = h.integers("/count");
  if (counts.empty()) return 0;
  const auto data = h.integers("/data");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != static_cast<std::int64_t>((i + 1) * rows_of_block)) FAIL("count " << i);
  }
  if (static_cast<std::int64_t>(data.size()) < counts.back()) FAIL("rows are missing");
  for (std::size_t i = 0; i < static_cast<std::size_t>(counts.back()); ++i) {
    if (data[i] != static_cast<std::int64_t>(i)) FAIL("row " << i << " of " << counts.back());
  }
  return counts.back();
}

void look_at_every(int stride, int blocks) {
  scratch_directory folder;
  const std::string file = folder.path("a.h5"), copy = folder.path("copy.h5");
  int writes = 0, looks = 0;
  std::int64_t rows = 0;
  const auto look = [&] {
    if (!std::filesystem::exists(file) || ++writes % stride != 0) return;
    std::filesystem::copy_file(file, copy, std::filesystem::copy_options::overwrite_existing);
    ++looks;
    const std::int64_t now = counted_rows(copy);
    if (now < rows) FAIL("rows got lost");
    rows = now;
  };
  const bool traced = after_each_write([&] { write_blocks(file, blocks); }, look);
  if (!traced) {
    WARN("processes cannot be traced here: not tested");
    return;
  }
  REQUIRE(looks == writes / stride);
  REQUIRE(looks > blocks);
  REQUIRE(counted_rows(file) == static_cast<std::int64_t>(rows_of_block) * blocks);
}

}  // namespace

TEST_CASE("ordered driver: whichever write is the last, all flushed rows are there") { look_at_every(5, 200); }

TEST_CASE("ordered driver: a file that failed once keeps failing, and is what the last flush made of it") {
  // A limit on the size of files stands for a full disk, and is lifted after the first failure: the disk has room
  // again.
  const scratch_directory folder;
  const std::string path = folder.path("a.h5");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const hdf5::session exclusive;
    atomic_file place(path);
    hdf5::object file = hdf5::create_file(place);
    const hdf5::dataset_layout layout{.size = {0}, .chunk = {rows_of_block}, .extendible = true};
    hdf5::object data = hdf5::create_dataset(file, "/data", H5T_STD_I64LE, layout);
    const std::vector<std::int64_t> numbers(rows_of_block, 7);
    hdf5::append(data, rows_of_block, H5T_NATIVE_INT64, numbers.data());
    hdf5::flush(file);
    place.commit();
    const auto limit_to = [](rlim_t bytes) {
      rlimit limit{};
      ::getrlimit(RLIMIT_FSIZE, &limit);
      limit.rlim_cur = std::min(bytes, limit.rlim_max);
      ::setrlimit(RLIMIT_FSIZE, &limit);
    };
    const std::string refusal = "cannot write \"" + path + "\": File too large";
    limit_to(std::filesystem::file_size(path));
    hdf5::append(data, rows_of_block, H5T_NATIVE_INT64, numbers.data());
    if (message_of<run_error>([&] { hdf5::flush(file); }) != refusal) ::_exit(1);
    limit_to(RLIM_INFINITY);
    hdf5::append(data, rows_of_block, H5T_NATIVE_INT64, numbers.data());
    if (message_of<run_error>([&] { hdf5::flush(file); }) != refusal) ::_exit(2);
    if (!data.id.close()) ::_exit(3);  // the library has nothing to stumble over
    if (message_of<run_error>([&] { hdf5::close(file); }) != refusal) ::_exit(4);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  REQUIRE(stored(path).integers("/data") == std::vector<std::int64_t>(rows_of_block, 7));
}

TEST_CASE("ordered driver: whichever write of a longer run is the last", "[validation]") { look_at_every(1, 600); }

}  // namespace test_core_ordered_driver
