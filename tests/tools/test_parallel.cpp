#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tools/locus/parallel.hpp"

namespace test_tools_parallel {

using locus::tools::for_each_job;

TEST_CASE("parallel: every job runs once, however many at once", "[tools]") {
  for (const unsigned jobs : {1U, 2U, 3U, 100U}) {
    std::vector<int> runs(20);
    for_each_job(runs.size(), jobs, [&](std::size_t i) { ++runs[i]; });
    CHECK(runs == std::vector<int>(20, 1));
  }
  for_each_job(0, 2, [](std::size_t) { FAIL("there is none"); });
}

TEST_CASE("parallel: one job at once runs in the calling thread and in order", "[tools]") {
  std::vector<std::size_t> order;
  const auto caller = std::this_thread::get_id();
  for_each_job(5, 1, [&](std::size_t i) {
    REQUIRE(std::this_thread::get_id() == caller);
    order.push_back(i);
  });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("parallel: two jobs run at the same time", "[tools]") {
  // Each waits for the other: one after the other, the first would wait in vain.
  std::atomic<int> begun{0};
  std::atomic<bool> met{true};
  for_each_job(2, 2, [&](std::size_t) {
    ++begun;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (begun < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    if (begun < 2) met = false;
  });
  CHECK(met);
}

TEST_CASE("parallel: the first job's exception is rethrown, and no further jobs begin", "[tools]") {
  for (const unsigned jobs : {1U, 2U}) {
    std::atomic<std::size_t> begun{0};
    const auto failing = [&](std::size_t i) {
      ++begun;
      if (i >= 3) throw std::runtime_error(std::to_string(i));
    };
    CHECK_THROWS_WITH(for_each_job(1000, jobs, failing), "3");
    CHECK(begun <= 3 + jobs);
  }
}

}  // namespace test_tools_parallel
