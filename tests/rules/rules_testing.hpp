#pragma once
/// What the tests of sim/rules share.

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "sim/rules/evaluate.hpp"
#include "sim/rules/parser.hpp"
#include "sim/rules/specialise.hpp"

namespace locus::testing {

/// One expression over x, y and z (arguments 0, 1, 2).
struct lone_expression {
  rules::graph nodes;
  rules::node_id root = 0;

  explicit lone_expression(const std::string& text) {
    rules::scope names;
    for (std::uint32_t i = 0; i < 3; ++i)
      names.readables.push_back({std::string(1, static_cast<char>('x' + i)),
                                 "argument",
                                 {.op = rules::operation::argument, .index = i},
                                 "",
                                 false});
    root = rules::parse_expression({text, "expression", {}}, names, nodes);
  }

  template <class T>
  [[nodiscard]] T operator()(T x, T y = T(0), T z = T(0)) const {
    const auto leaf = [&](const rules::node& n) { return n.index == 0 ? x : n.index == 1 ? y : z; };
    return rules::evaluation<T, decltype(leaf)>(nodes, leaf).number(root);
  }
};

/// The one model of a text.
inline rules::text_model model_of(const std::string& text) {
  return *read_model_texts(document::from_text(text, "m.toml")).models.at(0);
}

/// A synapse with that rule, and with the parameters that are given as lines of TOML.
inline rules::text_model synapse_of(const std::string& learn, const std::string& parameters = "") {
  return model_of(fmt::format(
      "[[model]]\nname = \"s\"\nkind = \"synapse\"\n[model.parameters]\n{}\n[model.rules]\nlearn = '''\n{}\n'''\n",
      parameters, learn));
}

/// The numbers that a model's parameters have by default.
inline std::vector<parameter_value> defaults_of(const rules::text_model& model) {
  std::vector<parameter_value> out;
  for (const rules::text_parameter& p : model.parameters) out.push_back(p.standard);
  return out;
}

/// Draws: numbers of all sizes that rules meet, both signs, sometimes 0.
class numbers {
 public:
  explicit numbers(std::uint64_t seed) : draws_(seed) {}

  double operator()() {
    const double size = std::ldexp(1.0 + uniform(), static_cast<int>(uniform() * 24) - 12);
    return uniform() < 0.1 ? 0 : uniform() < 0.5 ? size : -size;
  }
  double uniform() { return std::uniform_real_distribution<double>(0, 1)(draws_); }

 private:
  std::mt19937_64 draws_;
};

}  // namespace locus::testing
