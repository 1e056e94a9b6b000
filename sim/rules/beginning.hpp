#pragma once
/// What a field of a synapse begins with.

#include <cstdint>
#include <vector>

#include "sim/rules/evaluate.hpp"
#include "sim/rules/specialise.hpp"
#include "sim/rules/text_model.hpp"

namespace locus::rules {

/// The `initial` of a field but theta, with the values of a model's parameters put in.
template <class P>
class beginning {
 public:
  beginning(const text_model& model, std::size_t field, const std::vector<parameter_value>& values)
      : rule_(specialised<P>(*model.fields[field].initial, model, values)), root_(rule_.writes[0].value) {}

  /// Whether it depends on another field.
  [[nodiscard]] bool reads(std::uint32_t field) const {
    for (const node& n : rule_.nodes) {
      if (n.op == operation::field && n.index == field) return true;
    }
    return false;
  }

  /// The number, given those of the fields before it: value(field).
  template <class Value>
  [[nodiscard]] P operator()(const Value& value) const {
    const node& root = rule_.nodes[root_];
    if (root.op == operation::constant) return static_cast<P>(root.value) + P(0);  // no negative zero
    const auto leaf = [&](const node& n) -> P { return value(n.index); };
    return evaluation<P, decltype(leaf)>(rule_.nodes, leaf).number(root_) + P(0);
  }

 private:
  rule rule_;
  node_id root_;
};

}  // namespace locus::rules
