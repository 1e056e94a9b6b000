#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <string>

#include "tests/rules/rules_testing.hpp"

namespace test_rules_specialise {

using namespace locus;
using locus::testing::model_of;
using locus::testing::numbers;
using rules::graph;
using rules::node;
using rules::node_id;
using rules::operation;
using rules::rule;
using rules::text_model;

namespace {

/// Evaluates a section as it was parsed, node by node on demand: parameters are looked up, nothing is prepared.
template <class P>
class direct {
 public:
  direct(const text_model& model, const std::vector<parameter_value>& values, const std::vector<P>& ports,
         const std::vector<P>& fields)
      : model_(model), values_(values), ports_(ports), fields_(fields) {}

  P number(const graph& g, node_id id, P x = 0, P y = 0) const {
    const node& n = g[id];
    const auto at = [&](node_id operand) { return number(g, operand, x, y); };
    const std::size_t count = rules::operands_of(n.op);
    switch (n.op) {
      case operation::constant: return static_cast<P>(n.value);
      case operation::number_parameter: return static_cast<P>(std::get<double>(values_[n.index]));
      case operation::port: return ports_[n.index];
      case operation::field: return fields_[n.index];
      case operation::argument: return n.index == 0 ? x : y;
      case operation::choose: return holds(g, n.a, x, y) ? at(n.b) : at(n.c);
      case operation::activate: return activated(n, at(n.a));
      case operation::slope: return sloped(n, at(n.a), at(n.b));
      default: break;
    }
    P out = 0;
    const P a = at(n.a), b = count > 1 ? at(n.b) : a, c = count > 2 ? at(n.c) : a;
    REQUIRE(rules::with_number_operation(n.op, [&](auto op) { out = rules::apply<op(), P>(a, b, c); }));
    return out;
  }

 private:
  bool holds(const graph& g, node_id id, P x, P y) const {
    const node& n = g[id];
    switch (n.op) {
      case operation::always: return true;
      case operation::never: return false;
      case operation::flag_parameter: return std::get<bool>(values_[n.index]);
      case operation::both: return holds(g, n.a, x, y) && holds(g, n.b, x, y);
      case operation::either: return holds(g, n.a, x, y) || holds(g, n.b, x, y);
      case operation::opposite: return !holds(g, n.a, x, y);
      default: break;
    }
    bool out = false;
    const P a = number(g, n.a, x, y), b = number(g, n.b, x, y);
    REQUIRE(rules::with_comparison(n.op, [&](auto op) { out = rules::apply<op(), P>(a, b, b); }));
    return out;
  }
  const rules::text_activation* own(const node& n) const {
    for (const auto& each : model_.activations)
      if (each->name == std::get<std::string>(values_[n.index])) return each.get();
    return nullptr;
  }
  activation ours(const node& n) const { return *value_named<activation>(std::get<std::string>(values_[n.index])); }
  P activated(const node& n, P x) const {
    const rules::text_activation* text = own(n);
    return text != nullptr ? number(text->function, text->function_root, x, x) : activate(ours(n), x);
  }
  P sloped(const node& n, P x, P y) const {
    const rules::text_activation* text = own(n);
    return text != nullptr ? number(text->derivative, text->derivative_root, x, y) : slope(ours(n), x, y);
  }

  const text_model& model_;
  const std::vector<parameter_value>& values_;
  const std::vector<P>& ports_;
  const std::vector<P>& fields_;
};

template <class P>
bool same_bits(P a, P b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof(P)) == 0;
}

const char* const text = R"toml(
[[activation]]
name = "softsign"
f = "x / (1 + abs(x))"
derivative = "(1 - abs(y)) * (1 - abs(y))"

[[activation]]
name = "square"
f = "x * x"
derivative = "2 * x"

[[model]]
name = "much"
kind = "neuron"
[model.parameters]
gain  = 0.3
bias  = -1.7
leaky = true
clips = false
f     = "softsign"
g     = "tanh"
[model.ports]
i = "in"
j = "in too"
[model.state]
x = "one"
y = "another"
[model.rules]
step = '''
drive = fma(gain, i, bias) + gain * bias + exp(gain) - log(abs(bias) + 1) / 3
bound = if(clips and (leaky or gain > 0), clip(drive, -1, 1), drive)
x <- if(leaky, x * (1 - gain), x) + bound + if(not leaky or gain > 1, sqrt(abs(j)), floor(j)) + f'(bias)
y <- f(x) + g(y) * f'(x + i) - g'(y, f(x)) + f(gain) + sign(j) * min(i, max(j, gain)) + g(gain * bias)
'''
)toml";

template <class P>
void check_specialised() {
  const text_model model = model_of(text);
  numbers draw(21);
  for (const bool leaky : {false, true}) {
    for (const bool clips : {false, true}) {
      for (const char* f : {"softsign", "square", "sigmoid", "relu", "identity", "clip"}) {
        for (const char* g : {"tanh", "softplus", "square"}) {
          const std::vector<parameter_value> values = {draw() / 64, draw(),         leaky,
                                                       clips,       std::string(f), std::string(g)};
          const rule made = rules::specialised<P>(*model.step, model, values);
          for (const node& n : made.nodes) {
            CHECK(n.op != operation::number_parameter);
            CHECK(n.op != operation::flag_parameter);
            CHECK(n.op != operation::argument);
          }
          for (int k = 0; k < 20; ++k) {
            const std::vector<P> ports = {static_cast<P>(draw()), static_cast<P>(draw())};
            const std::vector<P> fields = {static_cast<P>(draw()), static_cast<P>(draw())};
            const auto leaf = [&](const node& n) { return n.op == operation::port ? ports[n.index] : fields[n.index]; };
            const rules::evaluation<P, decltype(leaf)> done(made.nodes, leaf);
            const direct<P> plain(model, values, ports, fields);
            REQUIRE(made.writes.size() == model.step->writes.size());
            for (std::size_t w = 0; w < made.writes.size(); ++w) {
              INFO(f << " " << g << " " << leaky << clips << " field " << w);
              CHECK(made.writes[w].field == model.step->writes[w].field);
              CHECK(same_bits(done.number(made.writes[w].value),
                              plain.number(model.step->nodes, model.step->writes[w].value)));
            }
          }
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("specialise: with the parameters put in, a section gives the bits that it gives without, f64") {
  check_specialised<double>();
}
TEST_CASE("specialise: with the parameters put in, a section gives the bits that it gives without, f32") {
  check_specialised<float>();
}

TEST_CASE("specialise: what flags decide is decided, and what depends on parameters alone is one number") {
  const text_model model = model_of(
      "[[model]]\nname = \"n\"\nkind = \"neuron\"\n[model.parameters]\na = 2\nb = 3\nfast = true\n[model.ports]\n"
      "i = \"in\"\n[model.state]\nx = \"a\"\n[model.rules]\nstep = 'x <- if(fast and a < b, i * (a * b + 1), "
      "exp(i))'\n");
  const rule fast = rules::specialised<double>(*model.step, model, {2.0, 3.0, true});
  REQUIRE(fast.nodes.size() == 3);  // i, 7, their product
  CHECK(fast.nodes[fast.writes[0].value].op == operation::multiply);
  const rule slow = rules::specialised<double>(*model.step, model, {2.0, 3.0, false});
  CHECK(slow.nodes[slow.writes[0].value].op == operation::exponential);
}

TEST_CASE("specialise: an own activation is its text, put in place of every call") {
  const text_model model = model_of(
      "[[activation]]\nname = \"own\"\nf = \"x * x + 1\"\nderivative = \"x + y\"\n[[model]]\nname = \"n\"\nkind = "
      "\"neuron\"\n[model.parameters]\nf = \"own\"\n[model.ports]\ni = \"in\"\n[model.state]\nx = \"a\"\ny = \"b\"\n"
      "[model.rules]\nstep = '''\nx <- f(f(i))\ny <- f'(i) + f'(i, 5)\n'''\n");
  const rule made = rules::specialised<double>(*model.step, model, {std::string("own")});
  const auto leaf = [](const node&) { return 3.0; };
  const rules::evaluation<double, decltype(leaf)> done(made.nodes, leaf);
  CHECK(done.number(made.writes[0].value) == 101);           // 3 -> 10 -> 101
  CHECK(done.number(made.writes[1].value) == (3 + 10) + 8);  // x + f(x), then x + 5
}

TEST_CASE("joined sections: each reads what those before it assigned") {
  const text_model model = model_of(
      "[[model]]\nname = \"n\"\nkind = \"neuron\"\n[model.ports]\ni = \"in\"\n[model.state]\nx = \"a\"\ny = \"b\"\n"
      "[model.rules]\nstep = '''\nx <- x + i\ny <- x\n'''\nemit = 'y <- x * 2'\n");
  const rule r = rules::joined({&*model.step, &*model.emit});
  const auto leaf = [](const node& n) { return n.op == operation::port ? 5.0 : 1.0; };
  const rules::evaluation<double, decltype(leaf)> done(r.nodes, leaf);
  REQUIRE(r.writes.size() == 2);
  CHECK(done.number(r.writes[0].value) == 6);
  CHECK(done.number(r.writes[1].value) == 12);
}

TEST_CASE("sums of products: factors by end, the modulator's with the end that it sits at") {
  const struct {
    const char* learn;
    double (*at_post)(double pre, double post, double gate, double alpha);
    double (*at_pre)(double pre, double post, double gate, double alpha);
  } all[] = {
      {"theta <- sum(pre * alpha * gate * post)",
       [](double pre, double post, double gate, double alpha) { return std::fma(alpha * gate * post, pre, 0.0); },
       [](double pre, double post, double gate, double alpha) { return std::fma(alpha * post, pre * gate, 0.0); }},
      {"theta <- sum(gate * (post * pre))",
       [](double pre, double post, double gate, double) { return std::fma(gate * post, pre, 0.0); },
       [](double pre, double post, double gate, double) { return std::fma(post, gate * pre, 0.0); }},
      {"theta <- sum(gate * post * (pre - post))",  // a factor of both ends: as written
       [](double pre, double post, double gate, double) { return std::fma(gate * post, pre - post, 0.0); },
       [](double pre, double post, double gate, double) { return std::fma(gate * post, pre - post, 0.0); }},
      {"theta <- sum(post * (pre * pre) * tanh(post))",
       [](double pre, double post, double, double) { return std::fma(post * locus::tanh(post), pre * pre, 0.0); },
       [](double pre, double post, double, double) { return std::fma(post * locus::tanh(post), pre * pre, 0.0); }},
      {"theta <- sum(alpha * pre)",  // one end alone
       [](double pre, double, double, double alpha) { return std::fma(alpha, pre, 0.0); },
       [](double pre, double, double, double alpha) { return std::fma(alpha, pre, 0.0); }},
  };
  numbers draw(2);
  for (const auto& e : all) {
    INFO(e.learn);
    const bool has_alpha = std::string(e.learn).find("alpha") != std::string::npos;
    const text_model model = locus::testing::synapse_of(e.learn, has_alpha ? "alpha = 0.3" : "");
    for (const bool at_pre : {false, true}) {
      const rule r = rules::specialised<double>(rules::with_products_by_end(*model.learn, at_pre), model,
                                                locus::testing::defaults_of(model));
      for (int k = 0; k < 50; ++k) {
        const double pre = draw(), post = draw(), gate = draw();
        const auto leaf = [&](const node& n) {
          return n.op == operation::pre ? pre : n.op == operation::post ? post : gate;
        };
        const rules::evaluation<double, decltype(leaf)> done(r.nodes, leaf);
        CHECK(same_bits(done.number(r.writes.at(0).value), (at_pre ? e.at_pre : e.at_post)(pre, post, gate, 0.3)));
      }
    }
  }
}

TEST_CASE("sums of products: an endless product stays as it is written") {
  std::string learn = "p0 = pre * post\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "p" + std::to_string(i - 1);
    learn += "p" + std::to_string(i) + " = " + before + " * " + before + "\n";
  }
  const text_model model = locus::testing::synapse_of(learn + "theta <- theta + sum(p59)");
  const rule r = rules::with_products_by_end(*model.learn, false);
  CHECK(r.nodes.size() == model.learn->nodes.size());
}

}  // namespace test_rules_specialise
