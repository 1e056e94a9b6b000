#include "tools/reproduce/table3/grid.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace locus::tools {
namespace {

/// Learning rate, and the epochs after which phi is looked at.
struct stages {
  double alpha;
  std::vector<std::uint32_t> epochs;
};

struct beginning {
  std::string_view start;
  std::int64_t predict;
};

/// What the paper's circuit is measured with: all combinations.
struct axes {
  std::vector<std::uint32_t> hidden;
  std::vector<stages> training;
  std::vector<beginning> starts;
  std::vector<double> tolerances;
};

/// 24 ticks are enough for t_d = 16 where the prediction is there at once. A circuit that settles by itself needs
/// more than a hundred: with 32 the teacher comes too early.
axes axes_of(extent size) {
  if (size == extent::quick) {
    return {{1, 2}, {{0.006, {0, 2}}}, {{"forward", 24}, {"settle", 128}}, {0, 0.02}};
  }
  if (size == extent::normal) {
    return {{1, 2, 3}, {{0.001, {0, 1}}, {0.02, {2}}}, {{"forward", 24}, {"settle", 128}}, {0, 1e-6, 0.02}};
  }
  return {{1, 2, 3},
          {{0.001, {0, 1, 8}}, {0.02, {2, 8}}},
          {{"forward", 24}, {"settle", 32}, {"settle", 128}},
          {0, 1e-12, 1e-6, 1e-3, 0.01, 0.02, 0.05}};
}

constexpr std::string_view both_precisions[] = {"f64", "f32"};

/// One stage at each depth and precision, the last that `a` has.
std::vector<phi_setting> contrast(const axes& a, const phi_setting& like) {
  std::vector<phi_setting> all;
  for (const std::uint32_t hidden : a.hidden) {
    for (const std::string_view precision : both_precisions) {
      phi_setting& s = all.emplace_back(like);
      s.hidden = hidden;
      s.precision = precision;
      s.alpha = a.training.front().alpha;
      s.epochs = a.training.front().epochs.back();
    }
  }
  return all;
}

std::vector<phi_setting> papers_circuit(const axes& a) {
  std::vector<phi_setting> all;
  for (const std::uint32_t hidden : a.hidden) {
    for (const std::string_view precision : both_precisions) {
      for (const stages& t : a.training) {
        for (const std::uint32_t epochs : t.epochs) {
          for (const beginning& b : a.starts) {
            for (const double tolerance : a.tolerances) {
              for (const bool gate : {true, false}) {
                all.push_back({.hidden = hidden,
                               .precision = precision,
                               .start = b.start,
                               .predict = b.predict,
                               .alpha = t.alpha,
                               .epochs = epochs,
                               .tolerance = tolerance,
                               .cause_gate = gate});
              }
            }
          }
        }
      }
    }
  }
  return all;
}

bool imposed(const phi_setting& s) { return s.papers() && s.start == "forward"; }
bool settled(const phi_setting& s) { return s.papers() && s.start == "settle" && s.predict >= 128; }

}  // namespace

std::vector<std::string> phi_setting::network(bool quick, std::uint64_t seed) const {
  std::vector<std::uint32_t> layers = {quick ? 64U : 784U};
  layers.insert(layers.end(), hidden, 32);
  layers.push_back(10);
  std::vector<std::string> all = {fmt::format("circuit.layers={}", layers),
                                  fmt::format("circuit.precision={}", precision),
                                  fmt::format("circuit.activation={}", activation),
                                  "circuit.on_nonfinite=record",
                                  "circuit.bias=false",
                                  "stimuli.encode=value",
                                  fmt::format("learning.alpha={}", alpha),
                                  fmt::format("weights.seed={}", seed),
                                  fmt::format("stimuli.shuffle={}", seed)};
  if (!quick) all.emplace_back("stimuli.data=mnist");
  return all;
}

std::vector<std::string> phi_setting::circuit(std::int64_t t_d) const {
  return {
      fmt::format("circuit.neuron={}", feedback == "burst" ? "two-compartment" : "point"),
      fmt::format("learning.feedback={}", feedback),
      fmt::format("learning.phi={{ quiet_ticks = {}, tolerance = {}, cause_gate = {} }}", t_d, tolerance, cause_gate),
      fmt::format("stimuli.start={}", start),
      fmt::format("stimuli.predict={}", predict),
      fmt::format("stimuli.teach={}", teaching_ticks)};
}

const std::vector<phi_group>& phi_groups() {
  static const std::vector<phi_group> all = {
      {"imposed, exact zeros, gate",
       [](const phi_setting& s) { return imposed(s) && s.tolerance == 0 && s.cause_gate; }},
      {"imposed, exact zeros", [](const phi_setting& s) { return imposed(s) && s.tolerance == 0 && !s.cause_gate; }},
      {"imposed, tolerance, gate", [](const phi_setting& s) { return imposed(s) && s.tolerance > 0 && s.cause_gate; }},
      {"imposed, tolerance", [](const phi_setting& s) { return imposed(s) && s.tolerance > 0 && !s.cause_gate; }},
      {"settled, exact zeros, gate",
       [](const phi_setting& s) { return settled(s) && s.tolerance == 0 && s.cause_gate; }},
      {"settled, exact zeros", [](const phi_setting& s) { return settled(s) && s.tolerance == 0 && !s.cause_gate; }},
      {"settled, tolerance, gate", [](const phi_setting& s) { return settled(s) && s.tolerance > 0 && s.cause_gate; }},
      {"settled, tolerance", [](const phi_setting& s) { return settled(s) && s.tolerance > 0 && !s.cause_gate; }},
      {"settling for 32 ticks only", [](const phi_setting& s) { return s.papers() && s.predict == 32; }},
      {"relu, imposed, exact zeros, gate", [](const phi_setting& s) { return s.activation == "relu" && s.cause_gate; }},
      {"relu, imposed, exact zeros", [](const phi_setting& s) { return s.activation == "relu" && !s.cause_gate; }},
      {"bursts, settled, exact zeros, gate", [](const phi_setting& s) { return s.feedback == "burst"; }},
  };
  return all;
}

std::vector<phi_setting> phi_settings(const reproduce_settings& settings) {
  const axes a = axes_of(settings.size);
  std::vector<phi_setting> all = papers_circuit(a);
  for (const phi_setting& like :
       {phi_setting{.activation = "relu"}, phi_setting{.activation = "relu", .cause_gate = false},
        phi_setting{.feedback = "burst", .start = "settle"}}) {
    const std::vector<phi_setting> more = contrast(a, like);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace locus::tools
