#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "tests/rules/rules_testing.hpp"

namespace test_rules_parser {

using namespace locus;
using locus::testing::lone_expression;

namespace {

/// What the text computes, and what C++ does, from the same numbers.
struct comparison {
  const char* text;
  double (*here)(double x, double y, double z);
};

void check_all(std::initializer_list<comparison> all) {
  testing::numbers draw(7);
  for (const comparison& c : all) {
    INFO(c.text);
    const lone_expression parsed(c.text);
    for (int i = 0; i < 200; ++i) {
      const double x = draw(), y = draw(), z = draw();
      INFO(x << " " << y << " " << z);
      CHECK(std::bit_cast<std::uint64_t>(parsed(x, y, z)) == std::bit_cast<std::uint64_t>(c.here(x, y, z)));
    }
  }
}

double one_if(bool holds) { return holds ? 1 : 0; }

/// The new values of fields a and b after a section over them, of a model with the activation parameter f.
std::pair<double, double> after(const std::string& section, double a, double b, activation f = activation::identity) {
  rules::scope names;
  for (std::uint32_t i = 0; i < 2; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    names.readables.push_back({name, "field", {.op = rules::operation::field, .index = i}, "", false});
    names.writables.push_back({name, i});
  }
  names.callables.push_back({"f", static_cast<std::uint32_t>(f), false});
  const rules::rule parsed = rules::parse_section({section, "section", {}}, names);
  const auto leaf = [&](const rules::node& n) { return n.index == 0 ? a : b; };
  const rules::evaluation<double, decltype(leaf)> done(parsed.nodes, leaf);
  std::pair<double, double> out{a, b};
  for (const rules::assignment& w : parsed.writes) (w.field == 0 ? out.first : out.second) = done.number(w.value);
  return out;
}

}  // namespace

TEST_CASE("rules: products come before sums, operators of one rank from left to right") {
  check_all({
      {"x + y * z", [](double x, double y, double z) { return x + y * z; }},
      {"x * y + z", [](double x, double y, double z) { return x * y + z; }},
      {"(x + y) * z", [](double x, double y, double z) { return (x + y) * z; }},
      {"x - y - z", [](double x, double y, double z) { return (x - y) - z; }},
      {"x - (y - z)", [](double x, double y, double z) { return x - (y - z); }},
      {"x - y + z", [](double x, double y, double z) { return (x - y) + z; }},
      {"x / (y * y + 1) / 3", [](double x, double y, double) { return (x / (y * y + 1)) / 3; }},
      {"x / 3 * y", [](double x, double y, double) { return (x / 3) * y; }},
      {"x * y / 3", [](double x, double y, double) { return (x * y) / 3; }},
      {"x + y + z + 1", [](double x, double y, double z) { return ((x + y) + z) + 1; }},
      {"x * y * z", [](double x, double y, double z) { return (x * y) * z; }},
  });
}

TEST_CASE("rules: a sign binds more tightly than a product") {
  check_all({
      {"-x * y", [](double x, double y, double) { return (-x) * y; }},
      {"x * -y", [](double x, double y, double) { return x * -y; }},
      {"x - -y", [](double x, double y, double) { return x - -y; }},
      {"--x", [](double x, double, double) { return x; }},
      {"-(x + y)", [](double x, double y, double) { return -(x + y); }},
      {"-2 * x", [](double x, double, double) { return -2 * x; }},
      {"-abs(x)", [](double x, double, double) { return -std::fabs(x); }},
      {"x -1", [](double x, double, double) { return x - 1; }},
  });
}

TEST_CASE("rules: numbers are written as usual") {
  const auto is = [](const char* text, double value) {
    INFO(text);
    CHECK(std::bit_cast<std::uint64_t>(lone_expression(text)(0.0)) == std::bit_cast<std::uint64_t>(value));
  };
  is("1", 1), is("1.", 1), is(".5", 0.5), is("1e3", 1000), is("1E+3", 1000), is("2.5e-3", 2.5e-3), is("0.1", 0.1);
  is("-0", -0.0), is("0e5", 0), is("5e-324", 5e-324), is("1.7976931348623157e308", 1.7976931348623157e308);
}

TEST_CASE("rules: comparisons, and, or, not") {
  check_all({
      {"if(x < y, 1, 0)", [](double x, double y, double) { return one_if(x < y); }},
      {"if(x <= y, 1, 0)", [](double x, double y, double) { return one_if(x <= y); }},
      {"if(x > y, 1, 0)", [](double x, double y, double) { return one_if(x > y); }},
      {"if(x >= y, 1, 0)", [](double x, double y, double) { return one_if(x >= y); }},
      {"if(x == 0, 1, 0)", [](double x, double, double) { return one_if(x == 0); }},
      {"if(x != 0, 1, 0)", [](double x, double, double) { return one_if(x != 0); }},
      {"if(x + 1 < y * 2, y, z)", [](double x, double y, double z) { return x + 1 < y * 2 ? y : z; }},
      {"if(not x > 0, 1, 0)", [](double x, double, double) { return one_if(!(x > 0)); }},
      {"if(not x > 0 and y > 0, 1, 0)", [](double x, double y, double) { return one_if(!(x > 0) && y > 0); }},
      {"if(x > 0 or y > 0 and z > 0, 1, 0)",
       [](double x, double y, double z) { return one_if(x > 0 || (y > 0 && z > 0)); }},
      {"if((x > 0 or y > 0) and z > 0, 1, 0)",
       [](double x, double y, double z) { return one_if((x > 0 || y > 0) && z > 0); }},
      {"if(not not x > 0, 1, 0)", [](double x, double, double) { return one_if(x > 0); }},
      {"if(true, x, y) + if(false, x, y)", [](double x, double y, double) { return x + y; }},
      {"if(x < -1, 1, 0)", [](double x, double, double) { return one_if(x < -1); }},
      {"if(x < - 1, 1, 0)", [](double x, double, double) { return one_if(x < -1); }},
  });
  const double nan = std::nan("");
  CHECK(lone_expression("if(x == x, 1, 0)")(nan) == 0);
  CHECK(lone_expression("if(x != x, 1, 0)")(nan) == 1);
  CHECK(lone_expression("if(not x > 0, 1, 0)")(nan) == 1);
}

TEST_CASE("rules: functions are those of the core, and fma rounds once") {
  check_all({
      {"abs(x)", [](double x, double, double) { return abs(x); }},
      {"min(x, y)", [](double x, double y, double) { return min(x, y); }},
      {"max(x, y)", [](double x, double y, double) { return max(x, y); }},
      {"clip(x, -y, z)", [](double x, double y, double z) { return clip(x, -y, z); }},
      {"floor(x)", [](double x, double, double) { return std::floor(x); }},
      {"sqrt(x * x)", [](double x, double, double) { return std::sqrt(x * x); }},
      {"exp(x / 10)", [](double x, double, double) { return locus::exp(x / 10); }},
      {"log(abs(x) + 1)", [](double x, double, double) { return locus::log(std::fabs(x) + 1); }},
      {"pow2(x / 10)", [](double x, double, double) { return locus::pow2(x / 10); }},
      {"fma(x, y, z)", [](double x, double y, double z) { return std::fma(x, y, z); }},
      {"sigmoid(x)", [](double x, double, double) { return locus::sigmoid(x); }},
      {"tanh(x)", [](double x, double, double) { return locus::tanh(x); }},
      {"relu(x)", [](double x, double, double) { return locus::relu(x); }},
      {"softplus(x)", [](double x, double, double) { return locus::softplus(x); }},
      {"min(max(x, y), max(y, z)) * (1 - abs(x))",
       [](double x, double y, double z) { return min(max(x, y), max(y, z)) * (1 - abs(x)); }},
  });
  const lone_expression sign("sign(x)");
  CHECK(sign(2.5) == 1);
  CHECK(sign(-2.5) == -1);
  CHECK(std::bit_cast<std::uint64_t>(sign(-0.0)) == 0);
  CHECK(sign(INFINITY) == 1);
  CHECK(std::isnan(sign(std::nan(""))));
}

TEST_CASE("rules: a line goes on after an operator and within brackets; comments and blank lines are nothing") {
  const auto [a, b] = after(
      "# a comment first\n"
      "\n"
      "twice = a +  # to be continued\n"
      "        a\n"
      "\t a <- max(\n"
      "  twice,\n"
      "  b   # the other\n"
      ") - 1\n"
      "b <-\n"
      "  b * 2  # the last\n"
      "# and a comment",
      3, 4);
  CHECK(a == 5);
  CHECK(b == 8);
  CHECK(after("a <- a -\r\n  1\r\nb <- a\r\n", 3, 4) == std::pair(2.0, 3.0));
}

TEST_CASE("rules: locals are read in order, fields as they were when the section began") {
  const auto [a, b] = after("a <- b\nb <- a\n", 1, 2);
  CHECK(a == 2);
  CHECK(b == 1);
  const auto [c, d] = after("s = a + b\nt = s * s\na <- t\nb <- s + a\n", 1, 2);
  CHECK(c == 9);
  CHECK(d == 4);
  CHECK_THROWS_WITH(after("a <- s\ns = b\n", 1, 2), Catch::Contains("defined below"));
}

TEST_CASE("rules: f(x) is the activation, f'(x) its derivative, f'(x, y) that from y = f(x)") {
  for (const auto& [name, f] : enum_names<activation>::all) {
    INFO(name);
    testing::numbers draw(3);
    for (int i = 0; i < 50; ++i) {
      const double x = draw() / 100, y = activate(f, x);
      const auto [a, b] = after("a <- f(a)\nb <- f'(a)", x, 0, f);
      CHECK(a == y);
      CHECK(b == slope(f, x, y));
      CHECK(after("a <- f'(a, b)", x, 0.25, f).first == slope(f, x, 0.25));
    }
  }
}

TEST_CASE("rules: what a text says twice is one node") {
  const lone_expression parsed("(x + y) * (x + y) + (x + y)");
  CHECK(parsed.nodes.size() == 5);
}

TEST_CASE("rules: every function has a form that messages show, and its name is reserved") {
  for (const std::string& form : rules::function_forms()) {
    INFO(form);
    CHECK(rules::is_reserved(form.substr(0, form.find('('))));
  }
  CHECK(rules::is_reserved("and"));
  CHECK(!rules::is_reserved("x"));
}

}  // namespace test_rules_parser
