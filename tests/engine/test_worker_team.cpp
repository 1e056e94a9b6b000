#include <pthread.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "sim/core/child_process.hpp"
#include "sim/core/errors.hpp"
#include "sim/engine/worker_team.hpp"

namespace test_engine_worker_team {

using namespace locus;

TEST_CASE("worker team: every part is done once before run returns", "[engine][threads]") {
  for (const std::size_t size : {1u, 2u, 3u, 5u}) {
    worker_team team(size);
    REQUIRE(team.size() == size);
    std::vector<int> done(size);  // not atomic: run() orders the parts' writes before its return
    for (int round = 1; round <= 2000; ++round) {
      team.run([&](std::size_t part) { done[part] += 1; });
      REQUIRE(std::accumulate(done.begin(), done.end(), 0) == round * static_cast<int>(size));
    }
  }
}

TEST_CASE("worker team: a split covers the range once, in order of the parts", "[engine][threads]") {
  worker_team team(3);
  for (const std::size_t count : {0u, 1u, 2u, 3u, 7u, 100u}) {
    std::vector<int> covered(count);
    const std::size_t parts = team.split(count, 1e9, [&](std::size_t, std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) covered[i] += 1;
    });
    CHECK(covered == std::vector<int>(count, 1));
    CHECK(parts == (count < 2 ? 1 : 3));
  }
}

TEST_CASE("worker team: little work stays with the caller", "[engine][threads]") {
  worker_team team(3);
  std::thread::id who;
  CHECK(team.split(100, 1, [&](std::size_t, std::size_t, std::size_t) { who = std::this_thread::get_id(); }) == 1);
  CHECK(who == std::this_thread::get_id());
}

TEST_CASE("worker team: wakes from sleep", "[engine][threads]") {
  worker_team team(3);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // longer than workers spin
    int parts[3] = {};
    team.run([&](std::size_t part) { parts[part] = 1; });
    CHECK(parts[0] + parts[1] + parts[2] == 3);
  }
}

TEST_CASE("worker team: threads start with the first work", "[engine][threads]") {
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
  };
  std::thread([] {}).join();  // with the first one, a thread sanitizer starts one of its own
  const auto before = threads();
  {
    worker_team team(3);
    CHECK(threads() == before);
    team.run([](std::size_t) {});
    CHECK(threads() == before + 2);
  }
}

TEST_CASE("worker team: threads that cannot start are an error", "[engine][threads]") {
  // In a process of its own, where a thread's stack takes more than there is.
  const child_end end = run_in_child([] {
    pthread_attr_t huge;
    if (pthread_attr_init(&huge) != 0 || pthread_attr_setstacksize(&huge, std::size_t{1} << 46u) != 0 ||
        pthread_setattr_default_np(&huge) != 0)
      return 1;
    worker_team team(50);
    for (int attempt = 0; attempt < 2; ++attempt) {
      bool worked = false;
      try {
        team.run([&](std::size_t) { worked = true; });
        return 2;
      } catch (const run_error& e) {
        if (std::string(e.what()).find("cannot compute on 50 threads") == std::string::npos || worked) return 3;
      }
    }
    return 0;
  });
  CHECK(end.code == 0);
}

}  // namespace test_engine_worker_team
