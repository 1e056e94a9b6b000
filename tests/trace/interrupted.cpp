/// Runs that end early: aborted, thrown away, killed, or on a full disk.

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "sim/core/hdf5.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace {

using namespace locus;
using namespace locus::test;
using Catch::Contains;

struct interrupted {
  fake_models models;
  circuit c = fake_circuit(models, "f64", 2, 20, 10);
  scratch_directory folder;
  std::string file = folder.path("trace.h5");
  std::vector<std::string> record = {"value.x", "phi.spike", "theta"};

  /// Every frame and event in the file is right; returns the number of frames.
  std::size_t check_content() const {
    const stored h(file);
    const auto ticks = h.integers("/trace/tick");
    const auto x = h.numbers("/trace/input.value/x");
    const auto theta = h.numbers("/trace/hidden1.forward/theta");
    REQUIRE(x.size() == ticks.size() * 40);
    REQUIRE(theta.size() == ticks.size() * 200);
    for (std::size_t t = 0; t < ticks.size(); ++t) {
      const auto tick = static_cast<tick_t>(t);
      if (ticks[t] != tick || x[t * 40 + 7] != fake_simulator::field_number({0, 0}, 7, tick) ||
          theta[t * 200 + 9] != fake_simulator::weight_number(0, 9, tick)) {
        FAIL("frame " << t);
      }
    }
    const auto times = h.numbers("/spikes/hidden1.phi/timestamps");
    REQUIRE(times.size() == h.integers("/spikes/hidden1.phi/node_ids").size());
    REQUIRE(std::is_sorted(times.begin(), times.end()));
    return ticks.size();
  }
};

/// The status with which a child process ends that does `work` and then exits with what it returns.
template <class F>
int status_of_child(F&& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE_METHOD(interrupted, "an aborted run says why and keeps what it has") {
  fake_simulator s(c);
  trace_writer trace(c, recording(file, record), provenance, false);
  run_ticks(trace, s, 0, 200);
  trace.abort("hidden1.value.x[3], lane 0, tick 199: inf");
  trace.abort("again");
  trace.close();  // no effect any more
  const stored h(file);
  REQUIRE(h.text("/", "ended") == "hidden1.value.x[3], lane 0, tick 199: inf");
  REQUIRE(h.integer("/", "complete") == 0);
  REQUIRE(check_content() == 200);
}

TEST_CASE_METHOD(interrupted, "a writer that is destroyed leaves a valid, incomplete file") {
  {
    fake_simulator s(c);
    trace_writer trace(c, recording(file, record), provenance, false);
    run_ticks(trace, s, 0, 150);
  }
  const stored h(file);
  REQUIRE(h.integer("/", "complete") == 0);
  REQUIRE(h.text("/", "ended") == "(none)");
  REQUIRE(check_content() == 150);
}

TEST_CASE_METHOD(interrupted, "a killed run can be read up to its last blocks") {
  constexpr tick_t ticks = 128 * 12;
  const int status = status_of_child([&] {
    fake_simulator s(c);
    trace_writer trace(c, recording(file, record), provenance, false);
    run_ticks(trace, s, 0, ticks);
    // At most two blocks wait, and one is being written: that one shall be through.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
  const std::size_t frames = check_content();
  REQUIRE(frames >= static_cast<std::size_t>(ticks - 3 * 128));
  REQUIRE(frames % 128 == 0);
  REQUIRE(stored(file).integer("/", "complete") == 0);
}

TEST_CASE_METHOD(interrupted, "a run that is killed before its first block leaves a file that opens") {
  const int status = status_of_child([&] {
    fake_simulator s(c);
    trace_writer trace(c, recording(file, record), provenance, false);
    run_ticks(trace, s, 0, 5);
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(check_content() == 0);
  REQUIRE(stored(file).text("/circuit/populations/input.value", "model") == "cell");
}

TEST_CASE_METHOD(interrupted, "a full disk is reported to the simulating thread") {
  // A limit on the size of files stands for the disk; what the system says of it differs.
  const std::string report = folder.path("report");
  const int status = status_of_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {500'000, 500'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    fake_simulator s(c);
    try {
      trace_writer trace(c, recording(file, record), provenance, false);
      try {
        run_ticks(trace, s, 0, 1'000'000);
      } catch (const run_error& e) {
        std::ofstream(report) << e.what();
        trace.abort(e.what());
        return 3;
      }
    } catch (...) {
      return 4;
    }
    return 5;
  });
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 3);
  REQUIRE_THAT(bytes_of(report), Contains("cannot write \"" + file + "\"") && Contains(": File too large"));
  const std::size_t frames = check_content();  // what was written before is not lost
  REQUIRE(frames >= 128);
  REQUIRE(frames % 128 == 0);
  REQUIRE(stored(file).integer("/", "complete") == 0);
}
