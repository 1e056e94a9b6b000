#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "sim/core/printable.hpp"
#include "sim/netlist/document_state.hpp"
#include "sim/netlist/toml_check.hpp"

namespace locus::detail {

namespace {

constexpr auto not_found = std::string_view::npos;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == not_found) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Something that cannot have been meant as an array, a table or a quoted text.
bool is_bare_word(std::string_view text) {
  return text.find_first_of("\"'[{") != 0 && text.find_first_of("\r\n") == not_found;
}

/// One override on its way into the document. Each step eats the front of `rest`: ".key", "[3]" or, in an array of
/// tables, ".name".
class assignment {
 public:
  explicit assignment(const std::string& text) : at_{"--set " + text, 0, 0} {
    if (!is_utf8(text)) fail("it is no UTF-8, which netlists are written in");
    const std::string_view all = text;
    const auto equals = all.find('=');
    const auto path = trimmed(all.substr(0, equals));
    if (equals == not_found || path.empty()) fail("expected KEY=VALUE, such as circuit.lanes=1");
    rest_ = (path.front() == '[' ? "" : ".") + std::string(path);
    const auto dots = static_cast<std::size_t>(std::count(rest_.begin(), rest_.end(), '.'));
    if (dots > deepest_nesting) fail(fmt::format("a key with more than {} dots", deepest_nesting));
    parsed_ = parse(trimmed(all.substr(equals + 1)));
  }

  void apply(toml::table& root) { into_table(root); }

 private:
  toml::table parse(std::string_view value) const {
    if (value.empty()) fail("expected a value after =");
    const std::string line = fmt::format("v = {}", value);
    std::string complaint;
    if (const auto mistake = toml_mistake(line)) {
      complaint = mistake->message;
    } else {
      try {
        toml::table out = toml::parse(line, std::string_view(at_.file));
        if (out.size() != 1) fail("expected one value");
        return out;
      } catch (const toml::parse_error& error) {
        complaint = error.description();
      }
    }
    if (!is_bare_word(value)) fail(complaint);
    // The text goes in by way of toml++ too, so that the value knows where it comes from.
    toml::table out = toml::parse("v = ''", std::string_view(at_.file));
    *out.get("v")->as_string() = std::string(value);
    return out;
  }

  void into_table(toml::table& table) {
    if (rest_.front() != '.') fail(fmt::format("expected a key, found \"{}\"", rest_));
    const auto end = std::min(rest_.find_first_of(".[", 1), rest_.size());
    const std::string key = rest_.substr(1, end - 1);
    if (key.empty()) fail("a key between two dots is empty");
    take(end);
    if (rest_.empty()) {
      const toml::source_region region = value().source();
      value().visit([&](auto& v) { table.insert_or_assign(toml::key{key, region}, std::move(v)); });
      return;
    }
    if (!table.contains(key)) add_table(table, key);
    into(*table.get(key));
  }

  void add_table(toml::table& table, const std::string& key) const {
    if (rest_.front() == '[') fail(fmt::format("there is no \"{}\"", done_));
    if (done_ == "population" || done_ == "projection" || done_ == "stimulus") {
      fail(
          fmt::format("the netlist has no [[{0}]]: only those of a long form can be changed by name or number, and "
                      "`locus expand NETLIST` prints the long form of a short one",
                      done_));
    }
    toml::table parsed = toml::parse("v = {}", std::string_view(at_.file));
    toml::table& empty = *parsed.get("v")->as_table();
    const toml::source_region region = empty.source();
    table.insert(toml::key{key, region}, std::move(empty));
  }

  void into(toml::node& node) {
    if (auto* table = node.as_table()) return into_table(*table);
    if (auto* array = node.as_array()) return rest_.front() == '[' ? into_element(*array) : into_named(*array);
    fail(fmt::format("\"{}\" is {}, not a table", done_, short_text(node)));
  }

  void into_element(toml::array& array) {
    const auto close = std::min(rest_.find(']'), rest_.size());
    std::size_t index = 0;
    const auto* last = rest_.data() + close;
    const auto [stop, error] = std::from_chars(rest_.data() + 1, last, index);
    if (close == rest_.size() || error != std::errc{} || stop != last)
      fail(fmt::format("expected a whole number in [] after \"{}\"", done_));
    if (index >= array.size()) fail(fmt::format("\"{}\" has {} elements, counted from 0", done_, array.size()));
    take(close + 1);
    if (!rest_.empty()) return into(array[index]);
    const auto where = array.cbegin() + static_cast<std::ptrdiff_t>(index);
    value().visit([&](auto& v) { array.replace(where, std::move(v)); });
  }

  /// projection.NAME.delay: names have dots, so the longest name that fits is meant.
  void into_named(toml::array& array) {
    if (rest_.starts_with(".\"")) unquote();
    const std::string_view wanted = std::string_view(rest_).substr(1);
    std::vector<std::string> names;
    toml::table* found = nullptr;
    std::size_t longest = 0;
    for (toml::node& element : array) {
      toml::table* table = element.as_table();
      const auto name = table ? (*table)[std::string_view("name")].value<std::string>() : std::nullopt;
      if (!name) continue;
      names.push_back(*name);
      if (name->size() < longest || !wanted.starts_with(*name + ".")) continue;
      found = table;
      longest = name->size();
    }
    if (names.empty()) fail(fmt::format("\"{}\" has no named elements", done_));
    if (!found) {
      const auto word = wanted.substr(0, wanted.rfind('.'));
      fail(fmt::format("no {} is named so{}", done_, suggestion(word, names)));
    }
    take(longest + 1);
    into_table(*found);
  }

  /// ."NAME".delay -> .NAME.delay, as TOML writes keys that have dots.
  void unquote() {
    const std::size_t close = rest_.find('"', 2);
    if (close == not_found) fail(fmt::format("a name in quotes is not closed: {}", rest_.substr(1)));
    rest_.erase(close, 1);
    rest_.erase(1, 1);
  }

  void take(std::size_t count) {
    const std::size_t dot = done_.empty() && rest_.front() == '.' ? 1 : 0;
    done_ += rest_.substr(dot, count - dot);
    rest_.erase(0, count);
  }

  [[nodiscard]] toml::node& value() { return *parsed_.get("v"); }
  [[noreturn]] void fail(const std::string& message) const { throw usage_error(at_, message); }

  source_position at_;
  std::string done_;  ///< the part of the path that was followed
  std::string rest_;
  toml::table parsed_;  ///< v = the new value
};

}  // namespace

void apply_override(document_state& state, const std::string& text) { assignment(text).apply(state.root); }

}  // namespace locus::detail
