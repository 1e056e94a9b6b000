#include "sim/sweep/jobs.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <map>
#include <new>
#include <set>
#include <thread>

#include "sim/core/errors.hpp"

namespace test_sweep_jobs {

using namespace locus;
using namespace locus::sweep;
using Catch::Contains;

namespace {

struct product {
  std::uint64_t factor = 0;
  std::vector<double> multiples;
  std::string text;
};

void serialize(archive& a, product& p) {
  a.value("factor", p.factor);
  a.list("multiples", p.multiples);
  a.value("text", p.text);
}

std::vector<std::size_t> first(std::size_t count) { return sweep::detail::numbers_below(count); }

}  // namespace

TEST_CASE("jobs: values go to another process and back", "[sweep]") {
  const product p = unpacked<product>(packed(product{3, {3, 6, -0.0}, "a \0 b"}));
  CHECK(p.factor == 3);
  CHECK(p.multiples == std::vector<double>{3, 6, 0});
  CHECK(std::signbit(p.multiples[2]));
  CHECK_THROWS_AS(unpacked<product>("x"), internal_error);
}

TEST_CASE("jobs: each has a process of its own, and every end is heard of", "[sweep]") {
  for (const std::size_t at_once : {1u, 3u, 20u}) {
    std::map<std::size_t, std::string> ended;
    CHECK(run_jobs(
        first(7), at_once, [](std::size_t n) { return std::to_string(n) + " in " + std::to_string(::getpid()); },
        [&](const job_end& end) { ended[end.job] = end.answer.value(); }));
    std::set<std::string> processes;
    REQUIRE(ended.size() == 7);
    for (const auto& [job, text] : ended) {
      CHECK(text.starts_with(std::to_string(job) + " in "));
      processes.insert(text.substr(text.find(" in ")));
    }
    CHECK(processes.size() == 7);
    CHECK(!processes.contains(" in " + std::to_string(::getpid())));
  }
}

TEST_CASE("jobs: those that fail are told apart from those that die", "[sweep]") {
  std::map<std::size_t, job_end> ended;
  CHECK(run_jobs(
      first(7), 2,
      [](std::size_t n) -> std::string {
        if (n == 1) throw run_error("no data");
        if (n == 2) throw usage_error("no such key");
        if (n == 3) ::raise(SIGSEGV);
        if (n == 4) ::raise(SIGKILL);
        if (n == 5) throw std::bad_alloc();
        if (n == 6) throw std::out_of_range("at()");
        return "fine";
      },
      [&](const job_end& end) { ended[end.job] = end; }));
  REQUIRE(ended.size() == 7);
  CHECK(ended[0].answer == "fine");
  for (const std::size_t n : {1u, 2u, 6u}) {
    CHECK(ended[n].error != nullptr);
    CHECK(ended[n].death.empty());
  }
  CHECK(ended[1].message() == "no data");
  CHECK(ended[2].message() == "no such key");
  CHECK_THAT(ended[6].message(), Contains("internal error") && Contains("at()"));
  for (const std::size_t n : {3u, 4u, 5u}) CHECK(ended[n].error == nullptr);
  CHECK(ended[3].message() == "segmentation fault");
  CHECK_THAT(ended[4].message(), Contains("killed"));
  CHECK(ended[5].message() == "out of memory");
}

TEST_CASE("jobs: all that run are killed when they are stopped, or when nobody wants to hear of them", "[sweep]") {
  const auto start = std::chrono::steady_clock::now();
  const auto sleep = [](std::size_t n) {
    if (n > 0) std::this_thread::sleep_for(std::chrono::minutes(5));
    return std::string();
  };
  std::size_t heard = 0;
  CHECK(!run_jobs(
      first(3), 3, sleep, [&](const job_end&) { ++heard; }, [&] { return heard == 1; }));
  CHECK(heard == 1);
  CHECK_THROWS_AS(run_jobs(first(3), 3, sleep, [](const job_end&) { throw run_error("the disk is full"); }), run_error);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(1));
}

TEST_CASE("jobs: results of a function; its first failure ends all", "[sweep]") {
  std::vector<product> all(4);
  compute_each<product>(
      4, 2,
      [](std::size_t n) {
        return product{n, std::vector<double>(n, 1.5), "x"};
      },
      [&](std::size_t n, product p) { all[n] = std::move(p); });
  for (std::size_t n = 0; n < 4; ++n) {
    CHECK(all[n].factor == n);
    CHECK(all[n].multiples == std::vector<double>(n, 1.5));
  }
  const auto ignore = [](std::size_t, product) {};
  CHECK_THROWS_AS(compute_each<product>(
                      3, 2, [](std::size_t) -> product { throw usage_error("no"); }, ignore),
                  usage_error);
  CHECK_THROWS_WITH(compute_each<product>(
                        1, 1,
                        [](std::size_t) {
                          ::raise(SIGSEGV);
                          return product();
                        },
                        ignore),
                    Contains("segmentation fault"));
}

TEST_CASE("jobs: a process with other threads does them itself", "[sweep]") {
  std::atomic<bool> over{false};
  std::jthread other([&] {
    while (!over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  std::vector<std::string> pids;
  CHECK(run_jobs(
      first(2), 2, [](std::size_t) { return std::to_string(::getpid()); },
      [&](const job_end& end) { pids.push_back(end.answer.value()); }));
  over = true;
  CHECK(pids == std::vector<std::string>(2, std::to_string(::getpid())));
}

}  // namespace test_sweep_jobs
