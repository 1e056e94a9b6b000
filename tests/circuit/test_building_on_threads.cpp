/// Circuits that several threads build are those that one builds.

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/circuit/connectivity.hpp"
#include "sim/engine/simulator.hpp"
#include "tests/circuit/circuit_testing.hpp"

namespace test_circuit_building_on_threads {

using namespace locus;
using locus::testing::description_of;

namespace {

constexpr std::size_t crews[] = {3, 7};

population grid(std::vector<std::uint32_t> shape) {
  population p;
  p.size = 1;
  for (const std::uint32_t axis : shape) p.size *= axis;
  p.shape = std::move(shape);
  return p;
}

/// The first thing in which they differ, or "".
std::string difference(const sparse_connections& a, const sparse_connections& b) {
  if (a.targets() != b.targets()) return "targets";
  for (std::size_t target = 0; target <= a.targets(); ++target)
    if (a.first(target) != b.first(target)) return fmt::format("first connection onto {}", target);
  if (a.slice_start() != b.slice_start()) return "slices";
  if (a.entries_before() != b.entries_before() || a.entries_of_all() != b.entries_of_all()) return "entries";
  if (a.memory() != b.memory() || a.slice_source().memory() != b.slice_source().memory()) return "memory";
  for (std::size_t target = 0; target < a.targets(); ++target)
    if (a.keeps(target) != b.keeps(target)) return fmt::format("whether {} is kept", target);
  for (std::size_t at = 0; at < a.slice_source().size(); ++at)
    if (a.slice_source()[at] != b.slice_source()[at]) return fmt::format("source at {}", at);
  return "";
}

}  // namespace

TEST_CASE("built on threads: connections are those of one thread, whatever is kept") {
  struct kind {
    connectivity connect;
    population before, after;
  };
  // Each is worth seven threads or more, but the last two.
  const kind kinds[] = {{fixed_indegree{100, 3}, grid({2000}), grid({10007})},
                        {fixed_indegree{100, 3}, grid({70000}), grid({10007})},  // sources of four bytes
                        {connection_probability{0.05, 3}, grid({1900}), grid({2003})},
                        {distance_kernel{6.0, 2.0, 0.9, true, 3}, grid({40, 40}), grid({41, 40})},
                        {spatial_window{{9, 9}, {1, 1}, {1, 1}, true}, grid({300, 301}), grid({300, 301})},
                        {all_to_all{}, grid({2500}), grid({3001})},
                        {fixed_indegree{3, 3}, grid({20}), grid({5})},
                        {listed_pairs{{{4, 1}, {0, 2}, {2, 0}, {0, 1}}}, grid({3}), grid({5})}};
  for (const kind& k : kinds) {
    projection_description d;
    d.name = "p";
    d.connect = k.connect;
    const std::size_t panels = panels_for(k.after.size);
    for (const panel_range kept :
         {sparse_connections::every_panel, panel_range{panels / 3, panels / 2}, panel_range{panels, panels}}) {
      const sparse_connections one = connect_sparse(d, k.before, k.after, kept, 1);
      INFO(text_of(k.connect) << ", panels " << kept.first << " to " << kept.last);
      CHECK(difference(one, connect_sparse(d, k.before, k.after).keeping(kept)) == "");
      for (const std::size_t threads : crews) {
        INFO(threads << " threads");
        CHECK(difference(connect_sparse(d, k.before, k.after, kept, threads), one) == "");
      }
    }
  }
}

TEST_CASE("built on threads: one wide index among the parts makes all wide") {
  const auto part = [](std::uint32_t source) {
    sparse_connections c;
    const std::uint32_t sources[] = {1, source};
    for (int target = 0; target < 16; ++target) c.add_target(sources);
    return c;
  };
  for (const std::uint32_t last : {5u, 70000u}) {
    for (const std::uint32_t first : {5u, 70000u}) {
      std::vector<sparse_connections> parts;
      for (const std::uint32_t source : {first, 6u, last}) parts.push_back(part(source));
      const sparse_connections all = sparse_connections::joined(std::move(parts), sparse_connections::every_panel);
      CHECK(all.size() == 96);
      CHECK((all.slice_source().view().narrow == nullptr) == (std::max(first, last) > 65535));
      CHECK(all.source(0, 1) == first);
      CHECK(all.source(16, 1) == 6);
      CHECK(all.source(47, 1) == last);
      CHECK(all.find(last, 47) == 95);
    }
  }
}

TEST_CASE("built on threads: an in-degree that is too large is an error there too") {
  projection_description d;
  d.name = "p";
  d.connect = fixed_indegree{4, 1};
  CHECK_THROWS_AS(connect_sparse(d, grid({3}), grid({100000}), sparse_connections::every_panel, 4), usage_error);
}

// Enough of them that each step of building is worth several threads.
TEST_CASE("built on threads: weights, and what follows from them, are those of one thread") {
  for (const char* precision : {"f32", "f64"}) {
    for (const auto& [connect, size] :
         {std::pair("\"all-to-all\"", 1609), std::pair("{ fixed_indegree = 800, seed = 2 }", 3209)}) {
      for (const char* weights : {"init = \"uniform\", scale = 0.1", "init = \"normal\", scale = 0.1"}) {
        const description d = description_of(fmt::format(R"(
[circuit]
precision = "{}"
lanes     = 1
[[population]]
name  = "neurons"
model = "two-compartment-value"
size  = {}
[[projection]]
name    = "p"
from    = "neurons.rate"
to      = "neurons.prediction"
connect = {}
synapse = "fixed"
weights = {{ {}, seed = 5 }}
)",
                                                         precision, size, connect, weights));
        const auto made = [&](std::size_t threads) {
          const circuit net = build_circuit(d, all_models(), {}, threads);
          simulator_options options;
          options.threads = threads;
          const auto sim = make_simulator(net, options);
          sim->clamp(0, std::vector<double>(net.populations[0].size, 0.5));
          sim->advance(1);
          sim->release(0);
          sim->advance(4);
          std::vector<double> values;
          for (std::size_t neuron = 0; neuron < net.populations[0].size; ++neuron)
            values.push_back(sim->value({0, 0}, neuron, 0));
          return std::tuple(sim->weights(0), values, sim->counters());
        };
        const auto one = made(1);
        for (const std::size_t threads : crews) {
          INFO(precision << ", " << connect << ", " << weights << ", " << threads << " threads");
          CHECK((made(threads) == one));
        }
      }
    }
  }
}

}  // namespace test_circuit_building_on_threads
