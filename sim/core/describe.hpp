#pragma once
/// Reads a model's compile-time declaration into a model_declaration.

#include <array>
#include <cmath>
#include <concepts>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "sim/core/activation.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/core/model.hpp"
#include "sim/core/well_declared.hpp"

namespace locus {
namespace detail {

/// Reading and writing one member of a params struct, by type.
template <class V>
struct parameter_access;

template <>
struct parameter_access<double> {
  static std::string set(double& member, const parameter_value& value, const limits& valid) {
    const double* number = std::get_if<double>(&value);
    if (number == nullptr) return text_of(valid);
    const std::string expected = misses(*number, valid);
    if (expected.empty()) member = *number;
    return expected;
  }
  static parameter_value get(double member) { return member; }
  static std::vector<std::string> names() { return {}; }
};

template <>
struct parameter_access<bool> {
  static std::string set(bool& member, const parameter_value& value, const limits&) {
    const bool* flag = std::get_if<bool>(&value);
    if (flag == nullptr) return "true or false";
    member = *flag;
    return {};
  }
  static parameter_value get(bool member) { return member; }
  static std::vector<std::string> names() { return {"true", "false"}; }
};

template <>
struct parameter_access<activation> {
  static std::string set(activation& member, const parameter_value& value, const limits&) {
    const std::string* text = std::get_if<std::string>(&value);
    const auto named = text != nullptr ? value_named<activation>(*text) : std::nullopt;
    if (!named) return one_of(all_names<activation>());
    member = *named;
    return {};
  }
  static parameter_value get(activation member) { return std::string(name_of(member)); }
  static std::vector<std::string> names() { return all_names<activation>(); }
};

template <class P, class V>
parameter_info describe_parameter(const parameter<P, V>& declared) {
  parameter_info info{std::string(declared.name),
                      std::string(declared.unit),
                      std::string(declared.meaning),
                      declared.valid,
                      parameter_access<V>::names(),
                      {},
                      {}};
  const auto member = declared.member;
  const limits valid = declared.valid;
  info.set = [member, valid](void* params, const parameter_value& value) {
    return parameter_access<V>::set(static_cast<P*>(params)->*member, value, valid);
  };
  info.get = [member](const void* params) { return parameter_access<V>::get(static_cast<const P*>(params)->*member); };
  return info;
}

/// Members of a constexpr struct template over a documentation type, as a vector.
template <template <class> class S, class Doc>
std::vector<Doc> listed(const S<Doc>& docs) {
  std::vector<Doc> all;
  std::apply([&](const auto&... each) { (all.push_back(each), ...); }, members<member_count<S>>(docs));
  return all;
}

template <class Phase>
phase_info describe_phase(std::vector<port>& ports) {
  phase_info phase;
  for (const port& p : listed<Phase::template in>(Phase::ports)) {
    std::size_t index = 0;
    while (index < ports.size() && ports[index] != p) ++index;
    if (index == ports.size()) ports.push_back(p);
    phase.ports.push_back(index);
  }
  return phase;
}

template <class M>
void describe(model_declaration& model) {
  model.info = M::info;
  std::apply([&](const auto&... each) { (model.parameters.push_back(describe_parameter(each)), ...); }, M::parameters);
  model.make_parameters = [] { return std::make_shared<typename M::params>(); };
  if constexpr (declares_state<M>) {
    model.kind = model_kind::neuron;
    model.fields = listed<M::template state>(M::fields);
    if constexpr (declares_step<M>) model.step = describe_phase<typename M::step>(model.ports);
    if constexpr (declares_reactions<M>) {
      [&]<class... Phase>(std::tuple<Phase...>*) {
        (model.reactions.push_back(describe_phase<Phase>(model.ports)), ...);
      }(static_cast<typename M::reactions*>(nullptr));
    }
    model.has_clamp = takes_clamp<M, double>;
    if constexpr (requires { M::clamp_is_total; }) model.clamp_is_total = M::clamp_is_total;
  } else {
    model.kind = model_kind::synapse;
    model.state = {{"theta", "1", "weight", false, {}}};
    model.plastic = declares_learning<M>;
    if constexpr (declares_learning<M>) {
      model.pre = model.post = {""};
      model.gated = reads_gate<M> || modulates<M>;
      model.idle = M::idle;
    }
  }
}

}  // namespace detail

template <class M>
[[nodiscard]] model_declaration describe_model() {
  model_declaration model;
  if constexpr (well_declared<M>()) detail::describe<M>(model);
  return model;
}

}  // namespace locus
