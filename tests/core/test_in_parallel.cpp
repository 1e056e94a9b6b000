#include "sim/core/in_parallel.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "sim/core/processors.hpp"

namespace test_core_in_parallel {

using namespace locus;

TEST_CASE("parallel work: each part is done once, on a thread of its own") {
  for (const std::size_t parts : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    std::vector<int> times(parts);
    std::vector<std::thread::id> threads(parts);
    in_parallel(parts, [&](std::size_t part) {
      ++times[part];
      threads[part] = std::this_thread::get_id();
    });
    CHECK(times == std::vector<int>(parts, 1));
    if (parts > 0) CHECK(threads[0] == std::this_thread::get_id());
    if (parts > 1) CHECK(threads[1] != threads[0]);
  }
}

TEST_CASE("parallel work: what a part throws is thrown when all have ended") {
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
    std::atomic<int> ended = 0;
    const auto work = [&](std::size_t part) {
      if (part == wrong) throw std::runtime_error("part " + std::to_string(part));
      ++ended;
    };
    CHECK_THROWS_WITH(in_parallel(5, work), "part " + std::to_string(wrong));
    CHECK(ended == 4);
  }
}

TEST_CASE("parallel work: a part is worth a thread from a millisecond on") {
  CHECK(worthwhile_parts(0, 8, 100) == 1);
  CHECK(worthwhile_parts(1.9e6, 8, 100) == 1);
  CHECK(worthwhile_parts(2e6, 8, 100) == 2);
  CHECK(worthwhile_parts(1e12, 8, 100) == 8);
  CHECK(worthwhile_parts(1e12, 8, 3) == 3);
  CHECK(worthwhile_parts(1e12, 8, 0) == 1);
  CHECK(worthwhile_parts(1e12, 0, 1000000) == usable_processors());
}

}  // namespace test_core_in_parallel
