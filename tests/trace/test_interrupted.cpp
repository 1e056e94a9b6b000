/// Runs that end early: aborted, thrown away, killed, or on a full disk.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

#include "sim/core/hdf5.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_interrupted {

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
  // Of a block: the next power of two at which a frame's 2 x 40 + 2 x 10 + 201 numbers and its tick make 2 MiB.
  static constexpr tick_t block_frames = 1024;

  /// Every frame and event in the file is right; returns the number of frames.
  std::size_t check_content() const {
    const stored h(file);
    const auto ticks = h.integers("/trace/tick");
    const auto x = h.numbers("/trace/input.value/x");
    const auto theta = h.numbers("/trace/hidden1.forward/theta");
    // What a killed run has written of its last block comes before the ticks.
    REQUIRE(x.size() >= ticks.size() * 40);
    REQUIRE(theta.size() >= ticks.size() * 200);
    for (std::size_t t = 0; t < ticks.size(); ++t) {
      const auto tick = static_cast<tick_t>(t);
      if (ticks[t] != tick) FAIL("tick " << t);
      for (std::size_t i = 0; i < 40; ++i) {
        if (x[t * 40 + i] != fake_simulator::field_number({0, 0}, i, tick)) FAIL("frame " << t << ", number " << i);
      }
      if (theta[t * 200 + 9] != fake_simulator::weight_number(0, 9, tick)) FAIL("weights of frame " << t);
    }
    const auto lowest = h.numbers("/overview/input.value/x/min");
    REQUIRE(lowest.size() / 2 >= ticks.size() / 16);  // 20 neurons: two blocks
    for (std::size_t b = 0; b < ticks.size() / 16; ++b) {
      double least = x[b * 640];
      for (std::size_t f = 0; f < 16; ++f) {
        for (std::size_t i = 0; i < 32; ++i) least = std::min(least, x[(b * 16 + f) * 40 + i]);
      }
      if (lowest[2 * b] != least) FAIL("overview of block " << b);
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
  trace.abort("non-finite number: hidden1.value.x[3], lane 0, tick 199: inf", 199);
  trace.abort("again", 0);
  trace.close();  // no effect any more
  const stored h(file);
  REQUIRE(h.text("/", "ended") == "non-finite number: hidden1.value.x[3], lane 0, tick 199: inf");
  REQUIRE(h.integer("/", "ended_tick") == 199);
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
  constexpr tick_t ticks = block_frames * 6;
  const int status = status_of_child([&] {
    fake_simulator s(c);
    trace_writer trace(c, recording(file, record), provenance, false);
    run_ticks(trace, s, 0, ticks);
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
  const std::size_t frames = check_content();
  // At most two blocks wait, and one is being written.
  REQUIRE(frames >= static_cast<std::size_t>(ticks - 3 * block_frames));
  REQUIRE(frames % block_frames == 0);
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
    const rlimit limit = {5'000'000, 5'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    fake_simulator s(c);
    try {
      trace_writer trace(c, recording(file, record), provenance, false);
      try {
        run_ticks(trace, s, 0, 1'000'000);
      } catch (const run_error& e) {
        std::ofstream(report) << e.what();
        trace.abort(e.what(), s.change);
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
  REQUIRE(frames >= block_frames);
  REQUIRE(frames % block_frames == 0);
  const stored h(file);
  REQUIRE(h.integer("/", "complete") == 0);
  REQUIRE_THAT(h.text("/", "ended"), Contains("File too large"));
  REQUIRE(h.integer("/", "ended_tick") >= static_cast<std::int64_t>(frames));
}

namespace {

/// Kills runs at random moments after their first block was written; each must leave a file that opens and whose frames
/// are right. (However slow the machine is: four blocks are done, of which two may wait and one be under way.)
void kill_runs(const interrupted& rig, int runs, int most_milliseconds) {
  std::mt19937 random(7);
  for (int run = 0; run < runs; ++run) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      fake_simulator s(rig.c);
      trace_writer trace(rig.c, recording(rig.file, rig.record), provenance, true);
      run_ticks(trace, s, 0, 4 * interrupted::block_frames);
      ::close(::open((rig.file + ".ready").c_str(), O_CREAT | O_WRONLY, 0600));
      run_ticks(trace, s, 4 * interrupted::block_frames, 100'000'000);
      ::_exit(0);
    }
    while (::access((rig.file + ".ready").c_str(), F_OK) != 0) std::this_thread::yield();
    std::this_thread::sleep_for(
        std::chrono::microseconds(random() % (1000u * static_cast<unsigned>(most_milliseconds))));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::unlink((rig.file + ".ready").c_str());
    REQUIRE(rig.check_content() >= interrupted::block_frames);
    REQUIRE(stored(rig.file).text("/", "ended") == "(none)");
  }
}

}  // namespace

TEST_CASE_METHOD(interrupted, "runs that are killed at random moments keep every flushed frame") {
  kill_runs(*this, 10, 200);
}

TEST_CASE_METHOD(interrupted, "many runs that are killed at random moments keep every flushed frame", "[validation]") {
  kill_runs(*this, 50, 1500);
}

}  // namespace test_trace_interrupted
