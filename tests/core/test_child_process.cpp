#include "sim/core/child_process.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <ctime>
#include <new>
#include <thread>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"

namespace test_core_child_process {

using namespace locus;
using Catch::Contains;
using std::chrono::milliseconds;

namespace {

/// Takes so much processor time, and not longer than it takes to be killed.
void compute(milliseconds time) {
  const auto until = std::clock() + time.count() * CLOCKS_PER_SEC / 1000;
  while (std::clock() < until) continue;
}

child_death death_by(int signal) {
  return run_in_child([&] { return ::raise(signal); }).death;
}

}  // namespace

TEST_CASE("child process: what the work returns, and how it died", "[core]") {
  CHECK(run_in_child([] { return 7; }).code == 7);
  const child_end crashed = run_in_child([] { return ::raise(SIGSEGV); });
  CHECK(!crashed.code);
  CHECK(crashed.death.reason == "segmentation fault");
  CHECK(!crashed.death.killed);
  CHECK(death_by(SIGKILL).reason == "killed: out of memory?");
  CHECK(death_by(SIGKILL).killed);
  CHECK(death_by(SIGTERM).reason == "killed: terminated");
  CHECK(death_by(SIGTERM).killed);
}

TEST_CASE("child process: signals have their usual effect there", "[core]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto before = std::signal(signal, [](int) {});
    CHECK(death_by(signal).killed);
    std::signal(signal, before);
  }
}

TEST_CASE("child process: only reading is limited", "[core]") {
  const auto endless = [] {
    const bounded_reading limit;
    compute(milliseconds(20'000));
    return 0;
  };
  CHECK(run_in_child(endless, milliseconds(50)).death.reason == "no result after 0.05 s of processor time");
  const auto working = [] {
    for (int i = 0; i < 4; ++i) {
      { const bounded_reading limit; }
      compute(milliseconds(100));
    }
    return 0;
  };
  CHECK(run_in_child(working, milliseconds(50)).code == 0);
  const auto nested = [] {
    const bounded_reading outer;
    { const bounded_reading inner; }
    compute(milliseconds(20'000));
    return 0;
  };
  CHECK(!run_in_child(nested, milliseconds(50)).code);
  const auto large = [] {
    const bounded_reading limit(std::uint64_t{1} << 40u);
    compute(milliseconds(200));
    return 0;
  };
  CHECK(run_in_child(large, milliseconds(50)).code == 0);
}

TEST_CASE("child process: questions, answers, errors", "[core]") {
  int asked = 0;
  child_process child([&](std::string_view question) -> std::string {
    if (question == "usage") throw usage_error("of use");
    if (question == "run") throw run_error("of a run");
    if (question == "memory") throw std::bad_alloc();
    if (question == "bug") throw std::logic_error("of a bug");
    if (question == "die") (void)::raise(SIGABRT);
    return std::string(question) + std::to_string(++asked);
  });
  CHECK(child.ask("a") == "a1");
  CHECK(child.ask(std::string(3'000'000, 'x'))->size() == 3'000'001);
  CHECK_THROWS_AS(child.ask("usage"), usage_error);
  CHECK_THROWS_WITH(child.ask("run"), "of a run");
  CHECK_THROWS_AS(child.ask("memory"), std::bad_alloc);
  CHECK_THROWS_AS(child.ask("bug"), internal_error);
  CHECK(child.ask("b") == "b3");
  CHECK(asked == 0);  // here
  CHECK(!child.ask("die"));
  CHECK(child.death().reason == "aborted");
  CHECK(!child.ask("c"));  // never by this process
}

TEST_CASE("child process: a process with other threads is not copied", "[core]") {
  std::atomic<bool> enough{false};
  std::thread other([&] { enough.wait(false); });
  bool here = false;
  child_process child([&](std::string_view) {
    here = true;
    return std::string();
  });
  CHECK(child.ask({}) == "");
  CHECK(here);
  enough = true;
  enough.notify_all();
  other.join();
}

TEST_CASE("isolated reader: a death of the library is an error that says so", "[core]") {
  const auto error = [](int signal) {
    hdf5::isolated_reader reader("f.h5", [=](std::string_view) {
      (void)::raise(signal);
      return std::string();
    });
    try {
      (void)reader.ask();
    } catch (const run_error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(error(SIGSEGV) ==
        "cannot read \"f.h5\": the file is damaged; the HDF5 library fails on it (segmentation fault)");
  CHECK(error(SIGKILL) ==
        "cannot read \"f.h5\": the process that read it was ended from outside (killed: out of memory?)");
}

}  // namespace test_core_child_process
