#include "sim/rules/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

namespace locus::rules {
namespace {

// ---- words ----------------------------------------------------------------------------------------------------------

enum class token_kind { name, number, symbol, end_of_line, end };

struct token {
  token_kind kind = token_kind::end;
  std::string_view text;
  std::size_t begin = 0, end = 0;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Splits a text into words. Ends of lines within brackets are none.
class words {
 public:
  explicit words(const located_text& text) : source_(text), text_(text.text) {
    while (next()) {
    }
  }
  [[nodiscard]] const std::vector<token>& all() const noexcept { return tokens_; }

 private:
  bool next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    if (at_ < text_.size() && text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ == text_.size()) {
      push(token_kind::end_of_line, 0);
      push(token_kind::end, 0);
      return false;
    }
    const char c = text_[at_];
    if (c == '\n') {
      if (brackets_ == 0 && !goes_on()) push(token_kind::end_of_line, 1);
      else ++at_;
    } else if (is_letter(c)) {
      push(token_kind::name, length_while([](char x) { return is_letter(x) || is_digit(x); }));
    } else if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      push(token_kind::number, length_of_number());
    } else {
      symbol(c);
    }
    return true;
  }

  /// Whether the last word wants something after it.
  [[nodiscard]] bool goes_on() const {
    if (tokens_.empty()) return false;
    const token& last = tokens_.back();
    if (last.kind == token_kind::name) return last.text == "and" || last.text == "or" || last.text == "not";
    return last.kind == token_kind::symbol && last.text != ")" && last.text != "'";
  }

  void symbol(char c) {
    static constexpr std::string_view pairs[] = {"<-", "<=", ">=", "==", "!="};
    for (const std::string_view pair : pairs) {
      if (text_.substr(at_).starts_with(pair)) return push(token_kind::symbol, 2);
    }
    if (std::string_view("+-*/<>=(),.'").find(c) != std::string_view::npos) {
      if (c == '(') ++brackets_;
      if (c == ')' && brackets_ > 0) --brackets_;
      return push(token_kind::symbol, 1);
    }
    std::size_t length = 1;  // of a character in UTF-8
    while (at_ + length < text_.size() && (static_cast<unsigned char>(text_[at_ + length]) & 0xc0) == 0x80) ++length;
    const bool printable = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    const std::string shown = printable ? fmt::format("\"{}\"", text_.substr(at_, length)) : "this character";
    std::string hint;
    if (c == '^') hint = ": write x * x, or exp and log";
    if (c == '&' || c == '|') hint = ": write \"and\", \"or\"";
    if (c == '!') hint = ": write \"not\"";
    if (c == '[') hint = ": there are no indices; a rule sees its own neuron or synapse alone";
    if (c == '?') hint = ": write if(condition, a, b)";
    if (c == ';') hint = ": each statement has a line of its own";
    if (c == '%') hint = ": write x - n * floor(x / n)";
    if (c == ':') hint = ": write \"=\" for a local, \"<-\" for a field's new value";
    if (static_cast<unsigned char>(c) >= 0x80) hint = ": rules are written in ASCII characters";
    if (c == '\\') hint = ": a line goes on by itself after an operator, and within brackets";
    source_.fail(at_, at_ + length, fmt::format("{} has no meaning in rules{}", shown, hint));
  }

  template <class F>
  [[nodiscard]] std::size_t length_while(F&& f) const {
    std::size_t end = at_;
    while (end < text_.size() && f(text_[end])) ++end;
    return end - at_;
  }

  [[nodiscard]] std::size_t length_of_number() const {
    std::size_t end = at_;
    const auto digits = [&] {
      while (end < text_.size() && is_digit(text_[end])) ++end;
    };
    digits();
    if (end < text_.size() && text_[end] == '.') ++end;
    digits();
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      const std::size_t mark = end++;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (end == text_.size() || !is_digit(text_[end])) end = mark;
      else digits();
    }
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;  // 2x: an error later
    return end - at_;
  }

  void push(token_kind kind, std::size_t length) {
    tokens_.push_back({kind, text_.substr(at_, length), at_, at_ + length});
    at_ += length;
  }

  const located_text& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t brackets_ = 0;
  std::vector<token> tokens_;
};

// ---- functions ------------------------------------------------------------------------------------------------------

struct function_entry {
  std::string_view name;
  std::string_view arguments;
  std::size_t count;
  operation op;  ///< for those that are one operation
};
constexpr function_entry functions[] = {
    {"abs", "x", 1, operation::absolute},
    {"min", "a, b", 2, operation::minimum},
    {"max", "a, b", 2, operation::maximum},
    {"clip", "x, low, high", 3, operation::constant},
    {"floor", "x", 1, operation::floor},
    {"sign", "x", 1, operation::constant},
    {"sqrt", "x", 1, operation::square_root},
    {"exp", "x", 1, operation::exponential},
    {"log", "x", 1, operation::logarithm},
    {"pow2", "x", 1, operation::power_of_two},
    {"fma", "a, b, c", 3, operation::fused_multiply_add},
    {"sigmoid", "x", 1, operation::sigmoid},
    {"tanh", "x", 1, operation::tanh},
    {"relu", "x", 1, operation::relu},
    {"softplus", "x", 1, operation::softplus},
    {"if", "condition, a, b", 3, operation::choose},
    {"sum", "x", 1, operation::sum},
};
constexpr std::string_view keywords[] = {"and", "or", "not", "true", "false", "pre", "post", tick_length};

const function_entry* function_named(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(functions), std::end(functions), [&](const function_entry& f) { return f.name == name; });
  return found == std::end(functions) ? nullptr : found;
}

std::string form_of(const function_entry& f) { return fmt::format("{}({})", f.name, f.arguments); }

std::string with_article(std::string_view what) {
  const bool vowel = std::string_view("aeiou").find(what[0]) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", what);
}

std::string_view text_of(value_kind kind) { return kind == value_kind::number ? "a number" : "a condition"; }

// ---- grammar --------------------------------------------------------------------------------------------------------

/// Brackets, signs and `not` within each other.
constexpr std::size_t deepest = 100;
/// Of one section: no rule in the literature comes near.
constexpr std::size_t most_nodes = 2000;
/// Of an activation's text, which stands in the place of every call.
constexpr std::size_t most_activation_nodes = 200;

/// An expression, and the place in the text that it was read from.
struct expression {
  node_id id = 0;
  std::size_t begin = 0, end = 0;
};

struct local {
  std::string_view name;
  node_id value = 0;
  std::size_t begin = 0, end = 0;
  bool read = false;
};

class parser {
 public:
  parser(const located_text& text, scope& names, graph& nodes)
      : text_(text), names_(names), nodes_(nodes), words_(text), tokens_(words_.all()) {}

  rule section() {
    rule out;
    out.writes = statements();
    places_.resize(nodes_.size());
    out.places = std::move(places_);
    return out;
  }

  node_id lone_expression() {
    most_nodes_ = most_activation_nodes;
    while (peek().kind == token_kind::end_of_line) ++at_;
    const expression e = number(any());
    while (peek().kind == token_kind::end_of_line) ++at_;
    if (peek().kind != token_kind::end) unexpected("an operator, or the end of the expression");
    return e.id;
  }

 private:
  // ---- statements ----

  std::vector<assignment> statements() {
    while (peek().kind != token_kind::end) {
      if (peek().kind == token_kind::end_of_line) ++at_;
      else statement();
    }
    for (const local& l : locals_) {
      if (!l.read) fail(l.begin, l.end, fmt::format("nothing reads the local \"{}\"", l.name));
    }
    if (writes_.empty()) fail(0, 0, "this section assigns nothing; write field <- expression, or leave it out");
    return std::move(writes_);
  }

  void statement() {
    const token name = peek();
    if (is_one_of("+-*/") && at_ > 0)
      fail(name,
           fmt::format("a line goes on after an operator: write \"{}\" at the end of the line before", name.text));
    if (name.kind != token_kind::name) unexpected("the name of a local or of a field");
    if (name.text == "if")
      fail(name,
           "there are no if-statements: write field <- if(condition, a, b), and the field itself for a or b "
           "where it stays as it is");
    ++at_;
    if (is("=")) {
      ++at_;
      define(name);
    } else if (is("<-")) {
      ++at_;
      assign(name);
    } else if (is(".")) {
      fail(name.begin, peek(1).end,
           names_.sums ? "what the neurons send cannot be assigned: a synapse writes its own state alone"
                       : "a neuron can assign the fields of its model.state alone, by their names");
    } else if (is_one_of("+-*/") && peek(1).text == "=") {
      fail(peek().begin, peek(1).end, fmt::format("write {0} <- {0} {1} ...", name.text, peek().text));
    } else if ((is("/") && peek(1).text.starts_with("d")) || is("'")) {
      fail(name.begin, peek(is("'") ? 0 : 1).end,
           "rules have no derivatives with respect to time: they say what a field is after a tick, as in "
           "x <- x + rate * (target - x)");
    } else {
      unexpected(fmt::format("\"=\" (a local) or \"<-\" (a field's new value) after \"{}\"", name.text));
    }
    if (peek().kind != token_kind::end_of_line) unexpected("an operator, or the end of the line");
    ++at_;
  }

  void define(const token& name) {
    if (is_reserved(name.text)) fail(name, fmt::format("\"{}\" has a meaning of its own in rules", name.text));
    for (const local& l : locals_) {
      if (l.name == name.text) fail(name, fmt::format("\"{}\" is defined twice in this section", name.text));
    }
    if (const readable* taken = find(name.text)) {
      const bool writes = std::any_of(names_.writables.begin(), names_.writables.end(),
                                      [&](const writable& w) { return w.name == name.text; });
      fail(name, fmt::format("\"{}\" is {}{}", name.text, with_article(taken->what),
                             writes ? ": write \"<-\" to assign it" : "; a local needs another name"));
    }
    if (std::any_of(names_.callables.begin(), names_.callables.end(),
                    [&](const callable& f) { return f.name == name.text; }))
      fail(name, fmt::format("\"{}\" is a parameter; a local needs another name", name.text));
    const expression e = any();
    locals_.push_back({name.text, e.id, name.begin, name.end});
  }

  void assign(const token& name) {
    const auto field = std::find_if(names_.writables.begin(), names_.writables.end(),
                                    [&](const writable& w) { return w.name == name.text; });
    if (field == names_.writables.end()) {
      const bool is_local =
          std::any_of(locals_.begin(), locals_.end(), [&](const local& l) { return l.name == name.text; });
      if (const readable* other = find(name.text); other != nullptr || is_local)
        fail(name, fmt::format("\"{}\" is {}: only fields of model.state can be assigned", name.text,
                               is_local ? "a local" : with_article(other->what)));
      std::vector<std::string> fields;
      for (const writable& w : names_.writables) fields.push_back(w.name);
      fail(name, fmt::format("no field of model.state is called \"{}\"{}", name.text, suggestion(name.text, fields)));
    }
    const expression e = number(any());
    for (const assignment& w : writes_) {
      if (w.field == field->index) fail(name, fmt::format("\"{}\" is assigned twice in this section", name.text));
    }
    writes_.push_back({field->index, e.id, name.begin, e.end});
  }

  // ---- expressions, by precedence ----

  expression any() { return chain(&parser::conjunction, {{"or", operation::either}}, value_kind::condition); }
  expression conjunction() { return chain(&parser::negation, {{"and", operation::both}}, value_kind::condition); }

  expression negation() {
    if (!is("not")) return comparison();
    const std::size_t begin = peek().begin;
    ++at_;
    const nesting deeper(*this);
    const expression e = condition(negation());
    return placed(make({.op = operation::opposite, .a = e.id}), begin, e.end);
  }

  expression comparison() {
    const expression left = terms();
    static constexpr std::pair<std::string_view, operation> all[] = {
        {"<", operation::less},           {"<=", operation::less_equal}, {">", operation::greater},
        {">=", operation::greater_equal}, {"==", operation::equal},      {"!=", operation::opposite}};
    if (is("<-") || is("=")) check_line_before();
    if (is("<-"))
      fail(peek(), "\"<-\" assigns, at the beginning of a line; write \"< -\" to compare with a negative number");
    if (is("=")) fail(peek(), "\"=\" defines a local, at the beginning of a line; write \"==\" to compare");
    for (const auto& [symbol, op] : all) {
      if (!is(symbol)) continue;
      ++at_;
      const expression right = number(terms());
      for (const auto& [second, unused] : all) {
        if (is(second)) fail(peek(), "comparisons do not chain: write a < b and b < c");
      }
      const bool unequal = op == operation::opposite;
      node_id id = make({.op = unequal ? operation::equal : op, .a = number(left).id, .b = right.id});
      if (unequal) id = make({.op = operation::opposite, .a = id});
      return placed(id, left.begin, right.end);
    }
    return left;
  }

  expression terms() {
    return chain(&parser::factors, {{"+", operation::add}, {"-", operation::subtract}}, value_kind::number);
  }
  expression factors() {
    return chain(&parser::signed_primary, {{"*", operation::multiply}, {"/", operation::divide}}, value_kind::number);
  }

  /// operand { operator operand }, from left to right.
  expression chain(expression (parser::*operand)(), std::initializer_list<std::pair<std::string_view, operation>> all,
                   value_kind kind) {
    expression left = (this->*operand)();
    while (true) {
      const auto* found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return is(each.first); });
      if (found == all.end()) return left;
      ++at_;
      const expression right = of_kind((this->*operand)(), kind);
      left = placed(make({.op = found->second, .a = of_kind(left, kind).id, .b = right.id}), left.begin, right.end);
    }
  }

  expression signed_primary() {
    if (!is("-")) return primary();
    const std::size_t begin = peek().begin;
    ++at_;
    const nesting deeper(*this);
    const expression e = number(signed_primary());
    // A number's sign is exact: -1 is one number.
    const node_id id = nodes_[e.id].op == operation::constant ? nodes_.constant(-nodes_[e.id].value)
                                                              : make({.op = operation::negate, .a = e.id});
    return placed(id, begin, e.end);
  }

  expression primary() {
    const token t = peek();
    if (t.kind == token_kind::number) return literal(t);
    if (is("(")) {
      ++at_;
      const nesting deeper(*this);
      open_.push_back(t);
      const expression e = any();
      return {e.id, t.begin, close("an operator or \")\"")};
    }
    if (is("*") && at_ > 0 && tokens_[at_ - 1].text == "*" && tokens_[at_ - 1].end == t.begin)
      fail(tokens_[at_ - 1].begin, t.end, "there is no power: write x * x, or exp and log");
    if (t.kind != token_kind::name) unexpected("an expression");
    ++at_;
    if (t.text == "true") return placed(make({.op = operation::always}), t.begin, t.end);
    if (t.text == "false") return placed(make({.op = operation::never}), t.begin, t.end);
    if (t.text == "and" || t.text == "or") fail(t, fmt::format("expected an expression before \"{}\"", t.text));
    const auto activation = std::find_if(names_.callables.begin(), names_.callables.end(),
                                         [&](const callable& f) { return f.name == t.text; });
    if (activation != names_.callables.end()) return activated(t, *activation);
    if (const function_entry* f = function_named(t.text); f != nullptr && (f->op != operation::sum || names_.sums))
      return called(t, *f);
    return read(t);
  }

  expression literal(const token& t) {
    ++at_;
    char* end = nullptr;
    const std::string digits(t.text);
    const double value = std::strtod(digits.c_str(), &end);
    const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
    if (hexadecimal || end != digits.c_str() + digits.size()) {
      const std::size_t letters = std::min(digits.find_first_not_of(".0123456789"), digits.size() - 1);
      const bool product = !hexadecimal && digits[letters] != 'e' && digits[letters] != 'E';
      fail(t, fmt::format("\"{}\" is no number{}", digits,
                          product ? fmt::format("; write {} * {} for a product", digits.substr(0, letters),
                                                digits.substr(letters))
                                  : ""));
    }
    if (!std::isfinite(value)) fail(t, fmt::format("{} is too large for a number", t.text));
    if (value == 0 && digits.find_first_of("123456789") < digits.find_first_of("eE"))
      fail(t, fmt::format("{} is too small for a number: it would be 0", t.text));
    return placed(nodes_.constant(value), t.begin, t.end);
  }

  /// A local, or what the model has: a parameter, port, field, pre.rate.
  expression read(const token& t) {
    std::string name(t.text);
    std::size_t end = t.end;
    if (is(".")) {
      ++at_;
      if (peek().kind != token_kind::name) unexpected("the name of an output");
      name += "." + std::string(peek().text);
      end = peek().end;
      ++at_;
    }
    for (local& l : locals_) {
      if (l.name != name) continue;
      if (is("(")) fail(t.begin, end, fmt::format("\"{}\" is a local, not a function", name));
      l.read = true;
      return {l.value, t.begin, end};
    }
    readable* found = find(name);
    if (found == nullptr) unknown(name, t.begin, end);
    if (!found->refusal.empty())
      fail(t.begin, end, fmt::format("the {} \"{}\" cannot be read here: {}", found->what, name, found->refusal));
    if (is("(")) fail(t.begin, end, fmt::format("\"{}\" is {}, not a function", name, with_article(found->what)));
    found->read = true;
    return placed(make(found->leaf), t.begin, end);
  }

  [[noreturn]] void unknown(const std::string& name, std::size_t begin, std::size_t end) {
    if (name == "sum")
      fail(begin, end,
           "there is no sum(...) here: only synapses sum over lanes, and what arrives on a port is a sum "
           "already");
    if (is("(") || is("'")) {
      std::vector<std::string> known;
      for (const function_entry& f : functions) {
        if (f.op != operation::sum || names_.sums) known.emplace_back(f.name);
      }
      for (const callable& f : names_.callables) known.push_back(f.name);
      fail(begin, end, fmt::format("there is no function \"{}\"{}", name, suggestion(name, known)));
    }
    std::vector<std::string> known;
    for (const local& l : locals_) known.emplace_back(l.name);
    for (const readable& r : names_.readables) {
      if (r.refusal.empty()) known.push_back(r.name);
    }
    const bool global = name == "t" || name == "tick" || name == "time" || name == "i" || name == "index";
    const bool partner =
        !names_.sums && (name == "pre" || name == "post" || name.starts_with("pre.") || name.starts_with("post."));
    std::string hint = suggestion(name, known);
    if (global) hint = ": a rule knows no tick and no index, only its own state, parameters and messages";
    for (std::size_t later = at_; later + 1 < tokens_.size(); ++later) {
      if (tokens_[later].text == name && tokens_[later + 1].text == "=" && begins_line(tokens_[later]))
        hint = " yet: the local is defined below, and locals are read in order";
    }
    if (partner) hint = ": only synapses see their two ends; a neuron sees what arrives on its ports";
    if (name == "value" && !names_.sums) hint = ": what a stimulus imposes is seen in clamp alone";
    fail(begin, end, fmt::format("\"{}\" is not known here{}", name, hint));
  }

  std::vector<expression> arguments() {
    open_.push_back(expect("("));
    const nesting deeper(*this);
    std::vector<expression> all;
    if (!is(")")) all.push_back(any());
    while (is(",")) {
      ++at_;
      all.push_back(any());
    }
    return all;
  }

  expression activated(const token& name, callable& f) {
    const bool derivative = is("'");
    if (derivative) ++at_;
    if (!is("("))
      fail(name, fmt::format("\"{0}\" is an activation: write {0}(x), or {0}'(x) for its derivative", name.text));
    const std::vector<expression> given = arguments();
    const std::size_t end = close("an operator, \",\" or \")\"");
    if (given.empty() || given.size() > (derivative ? 2u : 1u))
      fail(name.begin, end,
           fmt::format("expected {0}(x), {0}'(x), or {0}'(x, y) where y = {0}(x) is known already", name.text));
    f.called = true;
    const node_id x = number(given[0]).id;
    if (!derivative) return placed(make({.op = operation::activate, .index = f.index, .a = x}), name.begin, end);
    const node_id y =
        given.size() == 2 ? number(given[1]).id : make({.op = operation::activate, .index = f.index, .a = x});
    return placed(make({.op = operation::slope, .index = f.index, .a = x, .b = y}), name.begin, end);
  }

  expression called(const token& name, const function_entry& f) {
    if (!is("(")) fail(name, fmt::format("\"{}\" is a function: {}", name.text, form_of(f)));
    const bool in_sum = f.op == operation::sum;
    if (in_sum && inside_sum_) fail(name, "a sum within a sum");
    inside_sum_ = inside_sum_ || in_sum;
    const std::vector<expression> given = arguments();
    if (in_sum) inside_sum_ = false;
    const std::size_t end = close("an operator, \",\" or \")\"");
    if (given.size() != f.count) {
      fail(name.begin, end,
           fmt::format("expected {}, found {} argument{}", form_of(f), given.size(), given.size() == 1 ? "" : "s"));
    }
    std::vector<node_id> ids;
    for (std::size_t i = 0; i < given.size(); ++i)
      ids.push_back(
          of_kind(given[i], f.op == operation::choose && i == 0 ? value_kind::condition : value_kind::number).id);
    return placed(build(f, ids), name.begin, end);
  }

  node_id build(const function_entry& f, const std::vector<node_id>& x) {
    if (f.name == "clip") {
      const node_id raised = make({.op = operation::maximum, .a = x[0], .b = x[1]});
      return make({.op = operation::minimum, .a = raised, .b = x[2]});
    }
    if (f.name == "sign") {
      const node_id zero = nodes_.constant(0);
      const node_id negative = make({.op = operation::less, .a = x[0], .b = zero});
      const node_id neither = make({.op = operation::add, .a = x[0], .b = zero});  // +0, or no number
      const node_id rest = make({.op = operation::choose, .a = negative, .b = nodes_.constant(-1), .c = neither});
      const node_id positive = make({.op = operation::greater, .a = x[0], .b = zero});
      return make({.op = operation::choose, .a = positive, .b = nodes_.constant(1), .c = rest});
    }
    node n{.op = f.op};
    if (f.count > 0) n.a = x[0];
    if (f.count > 1) n.b = x[1];
    if (f.count > 2) n.c = x[2];
    return make(n);
  }

  // ---- help ----

  struct nesting {
    explicit nesting(parser& p) : p_(p) {
      if (++p_.depth_ > deepest)
        p_.fail(p_.peek(), fmt::format("more than {} brackets, signs and \"not\" within each other", deepest));
    }
    ~nesting() { --p_.depth_; }
    nesting(const nesting&) = delete;
    nesting& operator=(const nesting&) = delete;
    parser& p_;
  };

  node_id make(const node& n) {
    const node_id id = nodes_.add(n);
    if (nodes_.size() > most_nodes_) fail(peek(), fmt::format("more than {} operations", most_nodes_));
    return id;
  }

  readable* find(std::string_view name) {
    const auto found = std::find_if(names_.readables.begin(), names_.readables.end(),
                                    [&](const readable& r) { return r.name == name; });
    return found == names_.readables.end() ? nullptr : &*found;
  }

  /// The expression, whose node stands here if it stands nowhere before.
  expression placed(node_id id, std::size_t begin, std::size_t end) {
    if (places_.size() <= id) places_.resize(nodes_.size());
    if (places_[id].end == 0) places_[id] = {begin, end};
    return {id, begin, end};
  }

  expression of_kind(const expression& e, value_kind wanted) {
    const value_kind found = kind_of(nodes_[e.id].op);
    if (found != wanted) {
      fail(e.begin, e.end,
           fmt::format("expected {}, found {}{}", text_of(wanted), text_of(found),
                       wanted == value_kind::number ? "; if(condition, 1, 0) makes a number of it"
                                                    : "; a comparison, as x > 0, makes a condition of it"));
    }
    return e;
  }
  expression number(const expression& e) { return of_kind(e, value_kind::number); }
  expression condition(const expression& e) { return of_kind(e, value_kind::condition); }

  [[nodiscard]] const token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] bool is(std::string_view text) const {
    const token& t = peek();
    return (t.kind == token_kind::symbol || t.kind == token_kind::name) && t.text == text;
  }
  [[nodiscard]] bool is_one_of(std::string_view symbols) const {
    const token& t = peek();
    return t.kind == token_kind::symbol && t.text.size() == 1 && symbols.find(t.text[0]) != std::string_view::npos;
  }

  /// The end of the bracket that was opened last.
  std::size_t close(std::string_view wanted) {
    if (!is(")")) unexpected(wanted);
    open_.pop_back();
    return tokens_[at_++].end;
  }

  [[nodiscard]] bool begins_line(const token& t) const {
    const std::size_t last = text_.text.find_last_not_of(" \t\r", t.begin == 0 ? 0 : t.begin - 1);
    return t.begin == 0 || last == std::string::npos || text_.text[last] == '\n';
  }

  /// At the beginning of a statement, or after its first word: what is wrong is the line before, which goes on.
  void check_line_before() {
    const bool after_name = (is("=") || is("<-")) && at_ > 1;
    const bool at_name = peek().kind == token_kind::name && (peek(1).text == "=" || peek(1).text == "<-") && at_ > 0;
    if (!after_name && !at_name) return;
    const std::size_t name = after_name ? at_ - 1 : at_;
    if (!begins_line(tokens_[name])) return;
    if (!open_.empty()) fail(open_.back(), "this bracket is not closed");
    const token& last = tokens_[name - 1];
    fail(last, fmt::format("expected an expression after \"{}\", found a new statement", last.text));
  }
  const token& expect(std::string_view text) {
    if (!is(text)) unexpected(fmt::format("\"{}\"", text));
    return tokens_[at_++];
  }

  [[noreturn]] void unexpected(std::string_view wanted) {
    check_line_before();
    const token& t = peek();
    const bool at_end = t.kind == token_kind::end || t.kind == token_kind::end_of_line;
    if (!at_end) fail(t, fmt::format("expected {}, found \"{}\"", wanted, t.text));
    if (!open_.empty()) fail(open_.back(), "this bracket is not closed");
    // After the last word, not where blank lines and comments end.
    const std::size_t end = at_ > 0 ? tokens_[at_ - 1].end : t.begin;
    fail(end, end, fmt::format("expected {}, found the end of the line", wanted));
  }
  [[noreturn]] void fail(const token& t, const std::string& message) const { fail(t.begin, t.end, message); }
  [[noreturn]] void fail(std::size_t begin, std::size_t end, const std::string& message) const {
    text_.fail(begin, end, message);
  }

  const located_text& text_;
  scope& names_;
  graph& nodes_;
  words words_;
  const std::vector<token>& tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t most_nodes_ = most_nodes;
  bool inside_sum_ = false;
  std::vector<token> open_;         ///< brackets that are not closed yet
  std::vector<text_range> places_;  ///< [node]
  std::vector<local> locals_;
  std::vector<assignment> writes_;
};

}  // namespace

rule parse_section(const located_text& text, scope& names) {
  graph nodes;
  rule out = parser(text, names, nodes).section();
  out.nodes = std::move(nodes);
  return out;
}

node_id parse_expression(const located_text& text, scope& names, graph& into) {
  return parser(text, names, into).lone_expression();
}

bool is_reserved(std::string_view word) {
  return function_named(word) != nullptr ||
         std::find(std::begin(keywords), std::end(keywords), word) != std::end(keywords);
}

std::vector<std::string> function_forms() {
  std::vector<std::string> all;
  for (const function_entry& f : functions) all.push_back(form_of(f));
  return all;
}

}  // namespace locus::rules
