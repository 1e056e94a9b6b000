#include <catch2/catch.hpp>

#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "sim/engine/worker_team.hpp"

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
