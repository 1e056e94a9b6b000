#pragma once
/// What a rule computes, as a typed graph. A rule's text is parsed into it once; checks, interpretation, tracing and
/// printing as C++ all read it, so that none of them can mean something else than the others.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace locus::rules {

/// What rules call the length of a tick. A model that reads it has a parameter of this name, which is no one's to set
/// but the circuit's.
inline constexpr std::string_view tick_length = "dt";

/// What a node does with its operands a, b, c.
enum class operation : std::uint8_t {
  // Leaves.
  constant,          ///< the number `value`
  number_parameter,  ///< parameter `index`
  flag_parameter,    ///< parameter `index`, a condition
  always,            ///< a condition that holds
  never,             ///< a condition that does not
  port,              ///< what arrived on port `index`
  field,             ///< field `index`, as it was when the section began
  imposed,           ///< what a stimulus imposes: `value` in a clamp
  pre,               ///< seen output `index` of the presynaptic neuron
  post,              ///< seen output `index` of the postsynaptic neuron
  gate,              ///< what the modulator sends
  argument,          ///< of an activation's text: 0 is x, 1 is y = f(x)
  // Numbers.
  add,
  subtract,
  multiply,
  divide,
  negate,
  fused_multiply_add,  ///< a * b + c, rounded once
  absolute,
  minimum,
  maximum,
  floor,
  square_root,
  exponential,
  logarithm,
  power_of_two,
  sigmoid,
  tanh,
  relu,
  softplus,
  activate,  ///< f(a); f is activation parameter `index`
  slope,     ///< f'(a), given b = f(a)
  choose,    ///< b where condition a holds, else c
  sum,       ///< over the lanes
  // Conditions.
  equal,
  less,
  less_equal,
  greater,
  greater_equal,
  both,
  either,
  opposite,
};

using node_id = std::uint32_t;

/// What a node is: a number or a condition.
enum class value_kind : std::uint8_t { number, condition };

struct node {
  operation op = operation::constant;
  std::uint32_t index = 0;
  node_id a = 0, b = 0, c = 0;
  double value = 0;

  friend bool operator==(const node& x, const node& y) noexcept;
};

[[nodiscard]] constexpr value_kind kind_of(operation op) noexcept {
  switch (op) {
    case operation::flag_parameter:
    case operation::always:
    case operation::never:
    case operation::equal:
    case operation::less:
    case operation::less_equal:
    case operation::greater:
    case operation::greater_equal:
    case operation::both:
    case operation::either:
    case operation::opposite: return value_kind::condition;
    default: return value_kind::number;
  }
}

/// How many of a, b, c are operands.
[[nodiscard]] constexpr std::size_t operands_of(operation op) noexcept {
  switch (op) {
    case operation::constant:
    case operation::number_parameter:
    case operation::flag_parameter:
    case operation::always:
    case operation::never:
    case operation::port:
    case operation::field:
    case operation::imposed:
    case operation::pre:
    case operation::post:
    case operation::gate:
    case operation::argument: return 0;
    case operation::negate:
    case operation::absolute:
    case operation::floor:
    case operation::square_root:
    case operation::exponential:
    case operation::logarithm:
    case operation::power_of_two:
    case operation::sigmoid:
    case operation::tanh:
    case operation::relu:
    case operation::softplus:
    case operation::activate:
    case operation::sum:
    case operation::opposite: return 1;
    case operation::add:
    case operation::subtract:
    case operation::multiply:
    case operation::divide:
    case operation::minimum:
    case operation::maximum:
    case operation::slope:
    case operation::equal:
    case operation::less:
    case operation::less_equal:
    case operation::greater:
    case operation::greater_equal:
    case operation::both:
    case operation::either: return 2;
    case operation::fused_multiply_add:
    case operation::choose: break;
  }
  return 3;
}

/// Nodes in an order in which operands come before what uses them. No two are equal: what a text says twice is
/// computed once, which changes no bit.
class graph {
 private:
  struct hash_of {
    std::size_t operator()(const node& n) const noexcept;
  };

 public:
  /// The node, or the equal one that there is.
  node_id add(const node& n);
  node_id constant(double value) { return add({.op = operation::constant, .value = value}); }

  [[nodiscard]] const node& operator[](node_id id) const { return nodes_[id]; }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  [[nodiscard]] auto begin() const noexcept { return nodes_.begin(); }
  [[nodiscard]] auto end() const noexcept { return nodes_.end(); }

 private:
  std::vector<node> nodes_;
  std::unordered_map<node, node_id, hash_of> ids_;
};

/// Some characters of a text.
struct text_range {
  std::size_t begin = 0, end = 0;
};

/// `field <- expression`
struct assignment {
  std::uint32_t field = 0;
  node_id value = 0;
  std::size_t begin = 0, end = 0;  ///< where it stands in the rule's text
};

/// One section of a rule: step, emit, clamp, a reaction, or learn. All of its expressions read the state as it was when
/// the section began.
struct rule {
  graph nodes;
  std::vector<assignment> writes;
  std::vector<text_range> places = {};  ///< [node] of a rule that was parsed: where it stands first; else empty

  [[nodiscard]] bool writes_field(std::uint32_t field) const noexcept;
};

/// Calls f(operand id) for each operand of n.
template <class F>
void each_operand(const node& n, F&& f) {
  const std::size_t count = operands_of(n.op);
  if (count > 0) f(n.a);
  if (count > 1) f(n.b);
  if (count > 2) f(n.c);
}

/// The node with its operands where they are now: here[operand].
[[nodiscard]] inline node moved(node n, const std::vector<node_id>& here) {
  const std::size_t count = operands_of(n.op);
  if (count > 0) n.a = here[n.a];
  if (count > 1) n.b = here[n.b];
  if (count > 2) n.c = here[n.c];
  return n;
}

/// The ports that a rule reads, ascending.
[[nodiscard]] std::vector<std::uint32_t> ports_of(const rule& r);

/// Which nodes the given ones depend on, themselves included: [node].
[[nodiscard]] std::vector<bool> reached_from(const graph& nodes, const std::vector<node_id>& roots);

}  // namespace locus::rules
