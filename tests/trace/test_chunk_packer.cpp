#include "sim/trace/chunk_packer.hpp"

#include <alloca.h>
#include <pthread.h>
#include <zlib.h>
#include <catch2/catch.hpp>

#include <array>
#include <cstring>
#include <functional>
#include <random>
#include <set>

#include "sim/trace/byte_shuffle.hpp"

namespace test_trace_chunk_packer {

namespace {

using namespace locus;

using bytes = std::vector<std::byte>;

/// Doubles of few different values, so that there is much to be found again.
bytes some_numbers(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<double> values(count);
  for (double& v : values) v = static_cast<double>(random() % 7) / 7;
  bytes all(count * sizeof(double));
  std::memcpy(all.data(), values.data(), all.size());
  return all;
}

bytes packed(chunk_packer& packer, const bytes& numbers, std::uint32_t* skipped = nullptr) {
  bytes result;
  const std::size_t count = numbers.size() / sizeof(double);
  packer.pack(count, sizeof(double), {}, {count}, numbers.data(), [&](const packed_chunk& c) {
    result.assign(c.bytes.begin(), c.bytes.end());
    if (skipped != nullptr) *skipped = c.skipped;
  });
  return result;
}

/// Fills the stack below the caller with `garbage`.
[[gnu::noinline]] void leave_on_stack(std::uint16_t garbage) {
  std::array<std::uint16_t, 100'000> used;
  used.fill(garbage);
  asm volatile("" : : "r"(used.data()) : "memory");
}

/// packed() on a stack that is deeper by so many times 64 KiB.
[[gnu::noinline]] bytes packed_deeper(chunk_packer& packer, const bytes& numbers, std::size_t depth) {
  void* const room = alloca(depth << 16u);
  asm volatile("" : : "r"(room) : "memory");
  return packed(packer, numbers);
}

/// Calls `work` on a stack of that many bytes.
void on_stack_of(std::size_t size, std::function<void()> work) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, size) == 0);
  pthread_t thread{};
  const auto call = [](void* f) -> void* { return (*static_cast<std::function<void()>*>(f))(), nullptr; };
  REQUIRE(pthread_create(&thread, &attributes, call, &work) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
}

}  // namespace

TEST_CASE("chunk packer: what comes out unpacks to what went in") {
  chunk_packer packer;
  for (const std::size_t count : std::vector<std::size_t>{1, 2, 3, 8, 100, 4096, 50'000}) {
    const bytes numbers = some_numbers(1, count);
    std::uint32_t skipped = 0;
    const bytes chunk = packed(packer, numbers, &skipped);
    bytes shuffled(numbers.size());
    shuffle_bytes(numbers, sizeof(double), shuffled.data());
    if (skipped != 0) {
      CHECK(count < 100);
      CHECK((chunk == shuffled));
      continue;
    }
    bytes plain(numbers.size() + 1);
    uLongf size = plain.size();
    REQUIRE(uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, reinterpret_cast<const Bytef*>(chunk.data()),
                       chunk.size()) == Z_OK);
    plain.resize(size);
    CHECK((plain == shuffled));
    if (count > 1000) CHECK(chunk.size() < numbers.size() / 3);
  }
}

TEST_CASE("chunk packer: numbers that do not get smaller are kept as they are") {
  std::mt19937_64 random(1);
  bytes numbers(8000);
  for (std::byte& b : numbers) b = static_cast<std::byte>(random());
  chunk_packer packer;
  std::uint32_t skipped = 0;
  CHECK(packed(packer, numbers, &skipped).size() == numbers.size());
  CHECK(skipped == 2);
}

// Equal runs are to write equal traces, whichever thread packs a chunk.

TEST_CASE("chunk packer: what was packed before, and what lies on the stack, makes no difference") {
  chunk_packer packer;
  std::set<bytes> results;
  const bytes numbers = some_numbers(2, 8000);
  for (unsigned round = 0; round < 100; ++round) {
    (void)packed(packer, some_numbers(round, 1 + round * 97));
    leave_on_stack(static_cast<std::uint16_t>(round % 20));
    results.insert(packed(packer, numbers));
  }
  CHECK(results.size() == 1);
}

TEST_CASE("chunk packer: where the stack is makes no difference") {
  // Few numbers that begin to repeat at once: the smaller a compressor's table is, the sooner a wrong entry is one that
  // would have been used.
  bytes numbers(320);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::byte>(i % 8 == 0 ? i / 8 % 5 + 1 : 0);
  std::set<bytes> results;
  constexpr std::size_t depths = 2000;
  on_stack_of((depths + 16) << 16u, [&] {
    chunk_packer packer;
    for (std::size_t depth = 0; depth < depths; ++depth) results.insert(packed_deeper(packer, numbers, depth));
  });
  CHECK(results.size() == 1);
}

}  // namespace test_trace_chunk_packer
