#include <bit>
#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "sim/rules/algebra.hpp"
#include "tests/rules/rules_testing.hpp"

namespace test_rules_algebra {

using namespace locus;
using locus::testing::model_of;
using locus::testing::numbers;
using locus::testing::synapse_of;
using rules::node;
using rules::operation;
using rules::rule;
using rules::text_model;

namespace {

struct end_values {
  double pre, post, gate, theta;
};

double learnt(const rule& learn, const end_values& at) {
  const auto leaf = [&](const node& n) {
    switch (n.op) {
      case operation::pre: return at.pre;
      case operation::post: return at.post;
      case operation::gate: return at.gate;
      default: return at.theta;
    }
  };
  return rules::evaluation<double, decltype(leaf)>(learn.nodes, leaf).number(learn.writes.at(0).value);
}

/// Where the model says that nothing changes, nothing does: not a bit, for many numbers. Returns how many it tried.
int check_claims(const text_model& model, std::uint64_t seed) {
  numbers draw(seed);
  int tried = 0;
  for (int i = 0; i < 60; ++i) {
    std::vector<parameter_value> values = locus::testing::defaults_of(model);
    const rule learn = rules::specialised<double>(*model.learn, model, values);
    const end_values any{draw(), draw(), draw(), draw()};
    const auto unchanged = [&](const end_values& at) {
      INFO(at.pre << " " << at.post << " " << at.gate << " " << at.theta);
      CHECK(std::bit_cast<std::uint64_t>(learnt(learn, at)) == std::bit_cast<std::uint64_t>(at.theta));
      ++tried;
    };
    if (model.idle.when_gate_is_zero) unchanged({any.pre, any.post, 0, any.theta});
    if (model.idle.when_pre_is_zero) unchanged({0, any.post, any.gate, any.theta});
  }
  return tried;
}

struct example {
  const char* learn;
  bool gate, pre;  ///< whether it is idle when that is 0
};

/// Only those of the parameters that the rule reads.
std::string parameters_of(const std::string& learn) {
  std::string out;
  for (const std::string line : {"alpha = 0.1", "tau = { default = 20, above = 0 }", "rest = 0.5", "f = \"tanh\""}) {
    const std::string name = line.substr(0, line.find(' '));
    const std::size_t found = learn.find(name == "f" ? "f(" : name);
    const bool part_of_if = name == "f" && found != std::string::npos && learn[found - 1] == 'i';
    if (found != std::string::npos && !part_of_if) out += line + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("algebra: when a learning rule is idle is found from its text, and is so") {
  const example all[] = {
      // The literature's rules.
      {"theta <- theta + alpha * sum(gate * post * pre)", true, true},
      {"theta <- fma(alpha, sum(gate * post * pre), theta)", true, true},
      {"theta <- theta + alpha * sum(post * pre)", false, true},
      {"theta <- theta + alpha * sum(post * (pre - theta * post))", false, false},  // Oja
      {"theta <- theta + alpha * sum(gate * post * (pre - theta * post))", true, false},
      {"theta <- theta + alpha * sum(pre * post * (post - rest))", false, true},  // BCM, a fixed threshold
      {"theta <- theta - alpha * theta + sum(pre * post)", false, false},
      {"theta <- theta * (1 - alpha) + sum(gate * pre * post)", false, false},
      // Decay while the gate is open.
      {"theta <- theta * (1 - alpha * sum(gate))", true, false},
      {"theta <- theta - alpha * theta * sum(abs(gate))", true, false},
      {"g = sum(gate)\ntheta <- theta + g * (rest - theta)", true, false},
      // Conditions.
      {"theta <- theta + sum(if(gate > 0, post * pre, 0))", true, true},
      {"theta <- theta + sum(if(gate >= 0, post * pre, 0))", false, true},
      {"theta <- theta + sum(if(gate > 0 and post > 0, pre, 0))", true, true},
      {"theta <- theta + sum(if(gate > 0 or post > 0, pre, 0))", false, true},
      {"theta <- theta + sum(if(not gate == 0, post, 0))", true, false},
      {"theta <- if(sum(gate) != 0, theta * 0.5, theta)", true, false},
      {"theta <- if(sum(gate) == 0, theta * 0.5, theta)", false, false},
      {"theta <- if(sum(post) > 1, theta + sum(pre), theta + sum(gate * pre))", false, true},
      {"theta <- if(sum(post) > 1, theta, theta + sum(gate * pre))", true, true},
      // Functions with f(0) = 0, and others.
      {"theta <- theta + sum(tanh(gate) * pre)", true, true},
      {"theta <- theta + sum(relu(gate) + sqrt(gate) + floor(gate) + abs(gate))", true, false},
      {"theta <- theta + sum(clip(gate, 0, 1) * post)", false, false},
      {"theta <- theta + sum(sigmoid(gate) * post)", false, false},
      {"theta <- theta + sum(sign(gate) * post)", true, false},
      {"theta <- theta + sum(gate * f(post) * pre)", true, true},
      {"theta <- theta + sum(f(gate) * post)", false, false},  // f may be a sigmoid
      // 0 x is 0 for finite x alone.
      {"theta <- theta + sum(gate * post / pre)", false, false},
      {"theta <- theta + sum(gate * (post / pre))", false, false},
      {"theta <- theta + sum(gate * post / tau * pre)", true, true},
      {"theta <- theta + sum(gate * post / rest * pre)", false, false},  // rest could be 0
      {"theta <- theta + sum(gate * log(pre))", false, false},
      {"theta <- theta + sum(gate * sqrt(post) * pre)", false, false},
      {"theta <- theta + sum(gate * exp(post))", false, false},
      {"theta <- theta + sum(fma(gate, 1 / post, 0))", false, false},
      // The weight itself must stay.
      {"theta <- alpha * sum(gate * pre)", false, false},
      {"theta <- sum(gate * pre)", false, false},
      {"theta <- -theta + sum(gate * pre)", false, false},
      {"theta <- max(theta, sum(gate * pre))", false, false},
      {"theta <- max(theta, theta + sum(gate * pre))", true, true},
      {"theta <- clip(theta + sum(gate * pre), -1, 1)", false, false},
      {"theta <- theta + sum(gate + pre)", false, false},
      {"theta <- theta + sum(gate * 0 + pre)", false, true},
  };
  for (const example& e : all) {
    INFO(e.learn);
    const text_model model = synapse_of(e.learn, parameters_of(e.learn));
    CHECK(model.idle.when_gate_is_zero == e.gate);
    CHECK(model.idle.when_pre_is_zero == e.pre);
    check_claims(model, 11);
  }
}

TEST_CASE("algebra: which learning rules are the same with their ends exchanged is found from their text, and is so") {
  const std::pair<const char*, bool> all[] = {
      {"theta <- fma(alpha, sum(gate * post * pre), theta)", true},
      {"theta <- theta + alpha * sum(pre * post * gate)", true},
      {"theta <- theta * (1 - alpha) + sum(gate * pre * post)", true},
      {"theta <- theta + sum(tanh(pre) * tanh(post))", true},
      {"theta <- theta + sum(post + pre)", true},
      {"theta <- theta + alpha * sum(post * (pre - theta * post))", false},  // Oja
      {"theta <- theta + sum(tanh(pre) * post)", false},
      {"theta <- theta + sum(pre - post)", false},
      {"theta <- theta + sum(pre * pre)", false},
      {"theta <- theta + sum(gate * post)", false},
      {"theta <- theta + sum(if(pre > post, 1, 0))", false},
      {"theta <- theta + sum(pre * post * post)", false},
      {"theta <- fma(sum(pre), sum(post), theta)", true},
      {"theta <- max(sum(pre), sum(post))", false},  // of 0 and -0 the order decides
  };
  numbers draw(5);
  for (const auto& [learn, same] : all) {
    INFO(learn);
    const text_model model = synapse_of(learn, parameters_of(learn));
    CHECK(rules::same_with_ends_exchanged(model) == same);
    const rule values = rules::specialised<double>(*model.learn, model, locus::testing::defaults_of(model));
    const rule at_pre = rules::with_products_by_end(values, true), at_post = rules::with_products_by_end(values, false);
    bool all_same = true;
    for (int i = 0; i < 60; ++i) {
      const end_values any{draw(), draw(), draw(), draw()};
      const end_values exchanged{any.post, any.pre, any.gate, any.theta};
      all_same = all_same && std::bit_cast<std::uint64_t>(learnt(at_pre, any)) ==
                                 std::bit_cast<std::uint64_t>(learnt(at_post, exchanged));
    }
    if (same) CHECK(all_same);
  }
}

TEST_CASE("algebra: an own activation in which something can be infinite gives no claim") {
  const auto with = [](const std::string& f) {
    return model_of("[[activation]]\nname = \"own\"\nf = \"" + f +
                    "\"\nderivative = \"1\"\n[[model]]\nname = \"s\"\nkind = \"synapse\"\n[model.parameters]\n"
                    "f = \"own\"\n[model.rules]\nlearn = \"theta <- theta + sum(gate * f(post))\"\n");
  };
  CHECK(with("x / (1 + abs(x))").idle.when_gate_is_zero == false);  // its divisor is not 0, but that takes more algebra
  CHECK(with("x * x").idle.when_gate_is_zero);
  CHECK(with("1 / x").idle.when_gate_is_zero == false);
}

namespace {

/// Rules of all kinds, most of them nonsense.
class rule_writer {
 public:
  explicit rule_writer(std::uint64_t seed) : draw_(seed) {}

  std::string learn() { return "theta <- " + (one_of(3) == 0 ? expression(4) : "theta + " + expression(4)); }

 private:
  std::size_t one_of(std::size_t count) {
    return static_cast<std::size_t>(draw_.uniform() * static_cast<double>(count));
  }

  std::string leaf() {
    static const char* const inside[] = {"pre", "post", "gate", "gate", "theta", "alpha", "tau", "0", "1", "2"};
    static const char* const outside[] = {"theta", "theta", "alpha", "tau", "0", "1", "2"};
    return in_sum_ ? inside[one_of(std::size(inside))] : outside[one_of(std::size(outside))];
  }
  std::string condition(int depth) {
    static const char* const comparisons[] = {" < ", " <= ", " > ", " >= ", " == ", " != "};
    switch (depth <= 0 ? 4 : one_of(5)) {
      case 0: return "not " + condition(depth - 1);
      case 1: return "(" + condition(depth - 1) + " and " + condition(depth - 1) + ")";
      case 2: return "(" + condition(depth - 1) + " or " + condition(depth - 1) + ")";
      default: return "(" + expression(depth - 1) + comparisons[one_of(6)] + expression(depth - 1) + ")";
    }
  }
  std::string expression(int depth) {
    if (depth <= 0) return leaf();
    const auto next = [&] { return expression(depth - 1); };
    switch (one_of(in_sum_ ? 13 : 18)) {
      case 0: return leaf();
      case 1: return "(" + next() + " + " + next() + ")";
      case 2: return "(" + next() + " - " + next() + ")";
      case 3:
      case 4: return next() + " * " + next();
      case 5: return next() + " / " + leaf();
      case 6: return "fma(" + next() + ", " + next() + ", " + next() + ")";
      case 7: return "if(" + condition(2) + ", " + next() + ", " + next() + ")";
      case 8: return "min(" + next() + ", " + next() + ")";
      case 9: return "max(" + next() + ", " + next() + ")";
      case 10: return "-" + next();
      case 11: return "tanh(" + next() + ")";
      case 12: {
        static const char* const functions[] = {"abs",  "floor", "sqrt", "exp",      "log",
                                                "pow2", "relu",  "sign", "softplus", "sigmoid"};
        return functions[one_of(std::size(functions))] + ("(" + next() + ")");
      }
      default: break;
    }
    in_sum_ = true;
    const std::string inner = expression(3);
    in_sum_ = false;
    return "sum(" + inner + ")";
  }

  numbers draw_;
  bool in_sum_ = false;
};

}  // namespace

TEST_CASE("algebra: no claim about a random rule is false") {
  rule_writer writer(5);
  int claims = 0, read = 0;
  for (int i = 0; i < 6000; ++i) {
    const std::string learn = writer.learn();
    INFO(learn);
    try {
      const text_model model = synapse_of(learn, parameters_of(learn));
      ++read;
      if (check_claims(model, static_cast<std::uint64_t>(i)) > 0) ++claims;
    } catch (const usage_error&) {  // a sum over what no lane differs in
    }
  }
  CHECK(read > 1000);
  CHECK(claims > 100);
}

namespace {

text_model neuron_of(const std::string& rules, const std::string& fields = "x = \"a\"\ny = \"b\"") {
  return model_of("[[model]]\nname = \"n\"\nkind = \"neuron\"\n[model.ports]\ni = \"in\"\n[model.state]\n" + fields +
                  "\n[model.rules]\n" + rules);
}

/// The step's fields after [step,] clamp and emit, from a state and a message.
std::vector<double> clamped(const text_model& model, bool with_step, double value, const std::vector<double>& state,
                            double message) {
  std::vector<const rule*> all;
  if (with_step && model.step) all.push_back(&*model.step);
  all.push_back(&*model.clamp);
  if (model.emit) all.push_back(&*model.emit);
  const rule r = rules::joined(all);
  const auto leaf = [&](const node& n) {
    return n.op == operation::field ? state[n.index] : n.op == operation::imposed ? value : message;
  };
  const rules::evaluation<double, decltype(leaf)> done(r.nodes, leaf);
  std::vector<double> after = state;
  for (const rules::assignment& w : r.writes) after[w.field] = done.number(w.value);
  std::vector<double> out;
  for (std::size_t f = 0; f < model.fields.size(); ++f)
    if (model.fields[f].by == writer::step) out.push_back(after[f]);
  return out;
}

}  // namespace

TEST_CASE("algebra: whether a clamp leaves nothing to the state before it is found from the text, and is so") {
  const struct {
    const char* rules;
    bool total;
  } all[] = {
      {"step = 'x <- x + i'\nclamp = 'x <- value'\nreact = 'y <- i'\n", true},
      {"step = 'x <- x + i'\nclamp = 'x <- value'\nemit = 'y <- tanh(x)'\n", true},
      {"step = '''\nx <- x + i\ny <- i\n'''\nclamp = '''\nx <- value\ny <- value * 2\n'''\n", true},
      {"step = '''\nx <- x + i\ny <- i\n'''\nclamp = 'x <- value'\n", false},       // y goes on
      {"step = 'x <- x + i'\nclamp = 'x <- value + x'\nemit = 'y <- x'\n", false},  // x is kept in part
      {"step = 'x <- x + i'\nclamp = 'x <- value'\nemit = 'y <- x + y'\n", false},  // y has a memory of its own
      {"step = 'x <- x + i'\nclamp = 'x <- value + 0 * y'\nreact = 'y <- i'\n", false},
      {"step = '''\nx <- x + i\ny <- x\n'''\nclamp = '''\nx <- value\ny <- x\n'''\n", false},  // x as it was
  };
  numbers draw(9);
  for (const auto& e : all) {
    INFO(e.rules);
    const text_model model = neuron_of(e.rules);
    CHECK(model.clamp_is_total == e.total);
    for (int k = 0; k < 50 && model.clamp_is_total; ++k) {
      const double value = draw();
      const auto one = clamped(model, true, value, {draw(), draw()}, draw());
      CHECK(one == clamped(model, false, value, {draw(), draw()}, draw()));
    }
  }
}

}  // namespace test_rules_algebra
