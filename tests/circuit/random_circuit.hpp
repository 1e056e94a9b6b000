#pragma once
/// Small random circuits with everything that a circuit can have.

#include <fmt/format.h>

#include <cstdint>
#include <random>

#include "sim/netlist/description.hpp"

namespace locus::testing {

class random_circuit {
 public:
  explicit random_circuit(std::uint64_t seed) : random_(seed) {}

  description make() {
    description d;
    d.source = "random";
    d.precision = below(2) == 0 ? precision::f64 : precision::f32;
    d.lanes = 1 + below(3);
    const std::uint32_t populations = 2 + below(4);
    for (std::uint32_t i = 0; i < populations; ++i) {
      d.populations.push_back({fmt::format("n{}", i), "point-value", 1 + below(20), {}, {}});
    }
    d.populations.push_back({"one", "controller", 1, {}, {}});
    const std::uint32_t projections = 1 + below(9);
    for (std::uint32_t i = 0; i < projections; ++i) d.projections.push_back(projection_of(d, populations, i));
    return d;
  }

 private:
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  projection_description projection_of(const description& d, std::uint32_t populations, std::uint32_t number) {
    const population_description& before = d.populations[below(populations)];
    const population_description& after = d.populations[below(populations)];
    projection_description p;
    p.name = fmt::format("p{}", number);
    p.from = {before.name, below(2) == 0 ? "rate" : "x", {}};
    p.to = {after.name, below(2) == 0 ? "feedback" : "error", {}};
    p.connect = connectivity_of(before.size, after.size);
    p.delay = below(3) == 0 ? 1 + below(3) : 0;
    if (below(4) == 0) return p;
    p.synapse = below(4) == 0 ? "fixed" : "gated-hebbian";
    if (p.synapse == "fixed") return p;
    p.post = reference{equally_large(d, after), "x", {}};
    const std::uint32_t gate = below(4);
    if (gate == 0) return p;
    p.gate_at = gate == 1 ? gate_end::pre : gate == 2 ? gate_end::post : gate_end::everywhere;
    if (p.gate_at == gate_end::everywhere) p.gate = reference{"one", "signal", {}};
    else p.gate = reference{equally_large(d, p.gate_at == gate_end::pre ? before : after), "rate", {}};
    return p;
  }

  connectivity connectivity_of(std::uint32_t before, std::uint32_t after) {
    switch (below(5)) {
      case 0: return all_to_all{};
      case 1: return fixed_indegree{1 + below(before), random_()};
      case 2: return connection_probability{0.1 * below(8), random_()};
      case 3: {
        listed_pairs some;
        for (std::uint32_t i = 0; i < before; ++i) {
          if (below(2) == 0) some.post_pre.emplace_back(below(after), i);
        }
        return some;
      }
      default: break;
    }
    return before == after ? connectivity(one_to_one{}) : connectivity(all_to_all{});
  }

  /// Some population of the same size, perhaps itself.
  std::string equally_large(const description& d, const population_description& as) {
    std::vector<std::string> names;
    for (const population_description& p : d.populations) {
      if (p.size == as.size && p.model == as.model) names.push_back(p.name);
    }
    return names[below(static_cast<std::uint32_t>(names.size()))];
  }

  std::mt19937_64 random_;
};

inline description random_description(std::uint64_t seed) { return random_circuit(seed).make(); }

}  // namespace locus::testing
