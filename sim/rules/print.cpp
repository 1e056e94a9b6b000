#include "sim/rules/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/rules/specialise.hpp"

namespace locus::rules {
namespace {

std::string identifier(std::string_view name) {
  static constexpr std::string_view words_of_cpp[] = {
      "alignas",  "and",       "asm",       "auto",       "bool",      "break", "case",     "catch",    "char",
      "class",    "const",     "continue",  "default",    "delete",    "do",    "double",   "else",     "enum",
      "explicit", "export",    "extern",    "false",      "float",     "for",   "friend",   "goto",     "if",
      "inline",   "int",       "long",      "mutable",    "namespace", "new",   "not",      "operator", "or",
      "private",  "protected", "public",    "register",   "return",    "short", "signed",   "sizeof",   "static",
      "struct",   "switch",    "template",  "this",       "throw",     "true",  "try",      "typedef",  "typeid",
      "typename", "union",     "unsigned",  "using",      "virtual",   "void",  "volatile", "while",    "xor",
      "concept",  "requires",  "constexpr", "activation", "T",         "in",    "state",    "params",   "s",
      "p"};
  std::string out(name);
  std::replace(out.begin(), out.end(), '-', '_');
  if (std::find(std::begin(words_of_cpp), std::end(words_of_cpp), out) != std::end(words_of_cpp)) out += "_";
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') out += "\\n";
    else if (c == '"' || c == '\\') out += std::string("\\") + c;
    else out += c;
  }
  return out + "\"";
}

/// A double that reads back as the same; a whole number as such.
std::string number_text(double value) {
  const std::string text = fmt::format("{}", value);
  return text.find_first_not_of("-0123456789") == std::string::npos && text.size() > 9 ? text + ".0" : text;
}

/// The body of a rule: locals for what is used more than once, then the assignments.
class body {
 public:
  /// `leaf`: what ports, fields and ends are called; `state`: how a field is assigned.
  body(const text_model& model, const rule& r, std::function<std::string(const node&)> leaf)
      : model_(model), rule_(r), leaf_(std::move(leaf)), uses_(r.nodes.size(), 0) {
    // A node is the same in both precisions or not there at all, so that one text serves both.
    std::vector<node_id> roots;
    for (const assignment& w : r.writes) roots.push_back(w.value);
    const std::vector<bool> reached = reached_from(r.nodes, roots);
    for (const node& n : r.nodes) fixed_.push_back(is_fixed(n));
    for (node_id id = 0; id < r.nodes.size(); ++id) {
      if (reached[id]) each_operand(r.nodes[id], [&](node_id operand) { ++uses_[operand]; });
    }
    for (const node_id root : roots) ++uses_[root];
    for (node_id id = 0; id < r.nodes.size(); ++id) {
      if (reached[id] && uses_[id] > 1 && operands_of(r.nodes[id].op) > 0) define(id);
    }
  }

  /// `TARGET = expression;` for each assignment, target(field) its left side. All are computed before any is made.
  std::string assignments(const std::function<std::string(std::size_t)>& target) {
    std::string out;
    if (rule_.writes.size() == 1)
      return lines_ + fmt::format("{} = {};\n", target(rule_.writes[0].field), vector_text(rule_.writes[0].value));
    std::size_t n = 0;
    for (const assignment& w : rule_.writes) {
      lines_ += fmt::format("const T next{} = {};\n", n, vector_text(w.value));
      out += fmt::format("{} = next{};\n", target(w.field), n++);
    }
    return lines_ + out;
  }

  [[nodiscard]] std::string locals() const { return lines_; }
  std::string vector_text(node_id id) const {
    if (!fixed_[id] || at(id).op == operation::constant || at(id).op == operation::number_parameter) return text(id);
    return fmt::format("T({})", text(id));
  }

 private:
  [[nodiscard]] const node& at(node_id id) const { return rule_.nodes[id]; }

  /// Whether it depends on parameters alone: then it is a plain number or a bool.
  [[nodiscard]] bool is_fixed(const node& n) const {
    if (operands_of(n.op) == 0)
      return n.op == operation::constant || n.op == operation::number_parameter || n.op == operation::flag_parameter ||
             n.op == operation::always || n.op == operation::never;
    bool all = n.op != operation::sum;
    each_operand(n, [&](node_id operand) { all = all && fixed_[operand]; });
    return all;
  }

  void define(node_id id) {
    const std::string name = fmt::format("v{}", ++defined_);
    const bool condition = kind_of(at(id).op) == value_kind::condition;
    const std::string_view type = fixed_[id] ? (condition ? "bool" : "scalar_of<T>") : condition ? "auto" : "T";
    lines_ += fmt::format("const {} {} = {};\n", type, name, text(id));
    names_[id] = name;
  }

  /// A fixed number where a plain one is wanted.
  std::string plain(node_id id) const {
    if (names_.contains(id)) return names_.at(id);
    const node& n = at(id);
    if (n.op == operation::constant) return fmt::format("scalar_of<T>({})", number_text(n.value));
    if (n.op == operation::number_parameter)
      return fmt::format("static_cast<scalar_of<T>>(p.{})", identifier(model_.parameters[n.index].name));
    return text(id);
  }

  /// A condition where a mask is wanted.
  std::string mask(node_id id) const {
    return fixed_[id] ? fmt::format("({} ? T(0) == T(0) : T(0) > T(0))", text(id)) : text(id);
  }

  std::string text(node_id id) const {
    if (const auto found = names_.find(id); found != names_.end()) return found->second;
    const node& n = at(id);
    const bool fixed = fixed_[id];
    const auto operand = [&](node_id o) { return fixed ? plain(o) : vector_text(o); };
    const auto binary = [&](std::string_view op) { return fmt::format("({} {} {})", operand(n.a), op, operand(n.b)); };
    const auto call = [&](std::string_view f) { return fmt::format("{}({})", f, operand(n.a)); };
    const auto call2 = [&](std::string_view f) { return fmt::format("{}({}, {})", f, operand(n.a), operand(n.b)); };
    const auto f = [&] { return "p." + identifier(model_.parameters[n.index].name); };
    switch (n.op) {
      case operation::constant: return fmt::format("T({})", number_text(n.value));
      case operation::number_parameter: return fmt::format("T(p.{})", identifier(model_.parameters[n.index].name));
      case operation::flag_parameter: return f();
      case operation::always: return "true";
      case operation::never: return "false";
      case operation::add: return binary("+");
      case operation::subtract: return binary("-");
      case operation::multiply: return binary("*");
      case operation::divide: return binary("/");
      case operation::equal: return binary("==");
      case operation::less: return binary("<");
      case operation::less_equal: return binary("<=");
      case operation::greater: return binary(">");
      case operation::greater_equal: return binary(">=");
      case operation::negate: return fmt::format("(-{})", operand(n.a));
      case operation::fused_multiply_add:
        return fmt::format("fma({}, {}, {})", operand(n.a), operand(n.b), operand(n.c));
      case operation::absolute: return call("abs");
      case operation::minimum: return call2("min");
      case operation::maximum: return call2("max");
      case operation::floor: return call("floor");
      case operation::square_root: return call("sqrt");
      case operation::exponential: return call("locus::exp");
      case operation::logarithm: return call("locus::log");
      case operation::power_of_two: return call("locus::pow2");
      case operation::sigmoid: return call("locus::sigmoid");
      case operation::tanh: return call("locus::tanh");
      case operation::relu: return call("locus::relu");
      case operation::softplus: return call("locus::softplus");
      case operation::activate: return fmt::format("activate({}, {})", f(), operand(n.a));
      case operation::slope: return fmt::format("slope({}, {}, {})", f(), operand(n.a), operand(n.b));
      case operation::choose:
        if (fixed_[n.a]) return fmt::format("({} ? {} : {})", text(n.a), operand(n.b), operand(n.c));
        return fmt::format("select({}, {}, {})", text(n.a), operand(n.b), operand(n.c));
      case operation::both:
        if (fixed) return fmt::format("({} && {})", text(n.a), text(n.b));
        if (fixed_[n.a]) return fmt::format("({} ? {} : T(0) > T(0))", text(n.a), text(n.b));
        return fmt::format("({} & {})", text(n.a), mask(n.b));
      case operation::either:
        if (fixed) return fmt::format("({} || {})", text(n.a), text(n.b));
        if (fixed_[n.a]) return fmt::format("({} ? T(0) == T(0) : {})", text(n.a), text(n.b));
        return fmt::format("({} | {})", text(n.a), mask(n.b));
      case operation::opposite: return fmt::format("!{}", text(n.a));
      default: return leaf_(n);
    }
  }

  const text_model& model_;
  const rule& rule_;
  std::function<std::string(const node&)> leaf_;
  std::vector<std::size_t> uses_;
  std::vector<bool> fixed_;
  std::map<node_id, std::string> names_;
  std::size_t defined_ = 0;
  std::string lines_;
};

std::string indented(const std::string& lines, std::size_t by) {
  std::string out;
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    out += std::string(by, ' ') + lines.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return out;
}

class printer {
 public:
  explicit printer(const text_model& model) : model_(model) {}

  std::string run() {
    out_ = fmt::format("#pragma once\n// Printed from the text of the model \"{}\".\n\n", model_.name);
    out_ +=
        "#include \"sim/core/activation.hpp\"\n#include \"sim/core/functions.hpp\"\n#include "
        "\"sim/core/model.hpp\"\n\n";
    out_ += fmt::format("namespace locus::models {{\n\nstruct {} {{\n", identifier(model_.name));
    print_info();
    print_parameters();
    if (model_.kind == model_kind::neuron) print_neuron();
    else if (model_.learn) print_synapse();
    return out_ + "};\n\n}  // namespace locus::models\n";
  }

 private:
  void say(const std::string& line) { out_ += line + "\n"; }

  void print_info() {
    say(fmt::format(
        "  static constexpr model_info info = {{\n      .name = {},\n      .title = {},\n      .equation = {},\n"
        "      .source = {},\n      .notes = {},\n  }};\n",
        quoted(model_.name), quoted(model_.title), quoted(model_.equation), quoted(model_.source),
        quoted(model_.notes)));
  }

  static std::string standard_text(const text_parameter& p) {
    if (const bool* flag = std::get_if<bool>(&p.standard)) return *flag ? "true" : "false";
    if (const double* number = std::get_if<double>(&p.standard)) return number_text(*number);
    return "activation::" + std::get<std::string>(p.standard);
  }

  static std::string limits_text(const limits& valid) {
    std::string out;
    const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
    if (std::isfinite(valid.low)) add(".low = " + number_text(valid.low));
    if (std::isfinite(valid.high)) add(".high = " + number_text(valid.high));
    if (valid.low_open) add(".low_open = true");
    if (valid.whole) add(".whole = true");
    return out.empty() ? "any_value()" : "limits{" + out + "}";
  }

  void print_parameters() {
    say("  struct params {");
    for (const text_parameter& p : model_.parameters) {
      const std::string_view type = p.is_flag() ? "bool" : p.is_activation() ? "activation" : "double";
      say(fmt::format("    {} {} = {};", type, identifier(p.name), standard_text(p)));
    }
    say("  };");
    if (model_.parameters.empty()) return say("  static constexpr std::tuple<> parameters = {};\n");
    say("  static constexpr std::tuple parameters = {");
    for (const text_parameter& p : model_.parameters) {
      const bool number = std::holds_alternative<double>(p.standard);
      say(fmt::format("      parameter{{{}, &params::{}, {}, {}{}}},", quoted(p.name), identifier(p.name),
                      quoted(p.unit), quoted(p.meaning), number ? ", " + limits_text(p.valid) : ""));
    }
    say("  };\n");
  }

  template <class Named>
  static std::string members_of(const std::vector<Named>& all) {
    std::string out;
    for (const auto& each : all) out += (out.empty() ? "" : ", ") + identifier(each.name);
    return out;
  }

  void print_neuron() {
    say(fmt::format("  template <class T>\n  struct state {{\n    T {};\n  }};", members_of(model_.fields)));
    say("  static constexpr state<field> fields = {");
    static constexpr std::string_view writers[] = {"step", "first_reaction", "second_reaction", "third_reaction"};
    for (const text_field& f : model_.fields) {
      say(fmt::format("      .{} = {{{}, {}, {}, writer::{}, visibility::{}, {}}},", identifier(f.name), quoted(f.name),
                      quoted(f.unit), quoted(f.meaning), writers[static_cast<std::size_t>(static_cast<int>(f.by) + 1)],
                      f.hidden ? "hidden" : "sent", f.event));
    }
    say("  };\n");
    if (model_.step) print_phase("step", *model_.step);
    if (model_.clamp_is_total) say("  static constexpr bool clamp_is_total = true;");
    if (model_.clamp)
      print_function("static void clamp(const params& p, const T& value, state<T>& s)", *model_.clamp, "  ");
    if (model_.emit) print_function("static void emit(const params& p, state<T>& s)", *model_.emit, "  ");
    std::string reactions;
    for (std::size_t k = 0; k < model_.reactions.size(); ++k) {
      const std::string name = fmt::format("reaction{}", k + 1);
      print_phase(name, model_.reactions[k]);
      reactions += (reactions.empty() ? "" : ", ") + name;
    }
    if (!reactions.empty()) say(fmt::format("  using reactions = std::tuple<{}>;", reactions));
  }

  void print_phase(const std::string& name, const rule& r) {
    const std::vector<std::uint32_t> ports = ports_of(r);
    say(fmt::format("  struct {} {{\n    template <class T>\n    struct in {{", name));
    std::string members, docs;
    for (const std::uint32_t q : ports) {
      const text_port& port = model_.ports[q];
      members += (members.empty() ? "" : ", ") + identifier(port.name);
      docs += fmt::format("        .{} = {{{}, {}, {}, port_source::{}}},\n", identifier(port.name), quoted(port.name),
                          quoted(port.unit), quoted(port.meaning), name_of(port.from));
    }
    if (!members.empty()) say(fmt::format("      T {};", members));
    say(fmt::format("    }};\n    static constexpr in<port> ports = {{{}}};",
                    docs.empty() ? "" : "\n" + docs + "    "));
    print_function("static void rule(const params& p, const in<T>& in, state<T>& s)", r, "    ");
    say("  };\n");
  }

  void print_function(const std::string& head, const rule& r, const std::string& margin) {
    body b(model_, r, [&](const node& n) {
      if (n.op == operation::imposed) return std::string("value");
      if (n.op == operation::port) return "in." + identifier(model_.ports[n.index].name);
      return "s." + identifier(model_.fields[n.index].name);
    });
    const std::string text = b.assignments([&](std::size_t f) { return "s." + identifier(model_.fields[f].name); });
    std::string declared = head;
    const auto unused = [&](std::string_view name, std::string_view parameter) {
      if (text.find(name) != std::string::npos) return;
      const std::size_t at = declared.find(parameter);
      if (at != std::string::npos) declared.insert(at, "[[maybe_unused]] ");
    };
    unused("p.", "const params& p");
    unused("in.", "const in<T>& in");
    unused("value", "const T& value");
    say(fmt::format("{0}template <class T>\n{0}{1} {{\n{2}{0}}}", margin, declared, indented(text, margin.size() + 2)));
  }

  // ---- synapses ----

  [[noreturn]] void cannot(const std::string& why) const {
    throw usage_error(fmt::format("the synapse model \"{}\" cannot be printed as C++: {}", model_.name, why));
  }

  void print_synapse() {
    if (model_.fields.size() > 1) cannot("it keeps more than theta");
    if (model_.pre != std::vector<std::string>{""} || model_.post != std::vector<std::string>{""})
      cannot("it does not see one output of each end, without a name");
    const rule learn = with_products_by_end(*model_.learn, false);
    std::vector<node_id> sums;
    for (node_id id = 0; id < learn.nodes.size(); ++id) {
      if (learn.nodes[id].op == operation::sum) sums.push_back(id);
    }
    bool gate_alone = false, product_gated = false;
    const auto leaf = [&](node_id id, operation op) { return learn.nodes[id].op == op; };
    std::string adds;
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const node& inner = learn.nodes[learn.nodes[sums[k]].a];
      const std::string sum = sums.size() == 1 ? "sum" : fmt::format("sum.sum{}", k + 1);
      if (inner.op == operation::multiply && leaf(inner.b, operation::pre)) {
        const node& after = learn.nodes[inner.a];
        const bool gated =
            after.op == operation::multiply && leaf(after.a, operation::gate) && leaf(after.b, operation::post);
        if (!gated && after.op != operation::post)
          cannot("a sum of another product than gate * post * pre or post * pre");
        if (!gated && model_.gated && product_gated) cannot("products with the gate and without");
        product_gated = product_gated || gated;
        adds += fmt::format("{0} = fma(e.post, e.pre, {0});\n", sum);
      } else {
        const std::vector<bool> inside = reached_from(learn.nodes, {learn.nodes[sums[k]].a});
        for (node_id id = 0; id < learn.nodes.size(); ++id) {
          if (inside[id] && (leaf(id, operation::pre) || leaf(id, operation::post) || leaf(id, operation::field)))
            cannot("a sum of more than a product of its ends or something of the gate");
        }
        gate_alone = true;
        rule one;
        one.nodes = learn.nodes;
        one.writes.push_back({0, learn.nodes[sums[k]].a, 0, 0});
        body b(model_, one, [](const node&) { return std::string("e.gate"); });
        const std::string value = b.vector_text(learn.nodes[sums[k]].a);
        adds += b.locals() + fmt::format("{0} = {0} + {1};\n", sum, value);
      }
    }
    say(fmt::format("  template <class T>\n  struct ends {{\n    T pre, post{};\n  }};", gate_alone ? ", gate" : ""));
    const bool several = sums.size() > 1;
    if (several) {
      std::string names;
      for (std::size_t k = 0; k < sums.size(); ++k) names += fmt::format("{}sum{}", k == 0 ? "" : ", ", k + 1);
      say(fmt::format("  template <class T>\n  struct sums {{\n    T {};\n  }};", names));
    }
    const std::string type = several ? "sums<T>" : "T";
    if (product_gated)
      say("  template <class T>\n  static T modulate(const params&, const T& gate, const T& end) {\n    return gate * "
          "end;\n  }");
    const std::string_view p = adds.find("p.") == std::string::npos ? "" : " p";
    say(fmt::format(
        "  template <class T>\n  static void accumulate(const params&{}, const ends<T>& e, {}& sum) {{\n{}  }}", p,
        type, indented(adds, 4)));
    body b(model_, learn, [&](const node& n) {
      if (n.op == operation::field) return std::string("theta");
      const auto k = std::find_if(sums.begin(), sums.end(), [&](node_id id) { return learn.nodes[id] == n; });
      return several ? fmt::format("sum.sum{}", k - sums.begin() + 1) : std::string("sum");
    });
    const std::string text = b.assignments([](std::size_t) { return std::string("theta"); });
    say(fmt::format("  template <class T>\n  static void apply(const params& p, const {}& sum, T& theta) {{\n{}  }}",
                    type, indented(text, 4)));
    say(fmt::format("  static constexpr idle_rule idle = {{.when_gate_is_zero = {}, .when_pre_is_zero = {}}};",
                    model_.idle.when_gate_is_zero, model_.idle.when_pre_is_zero));
  }

  const text_model& model_;
  std::string out_;
};

}  // namespace

std::string printed_as_cpp(const text_model& model) { return printer(model).run(); }

}  // namespace locus::rules
