#include "sim/netlist/toml_check.hpp"

#include <fmt/format.h>

#include <string>

namespace locus::detail {

namespace {

/// Walks over a text as TOML's grammar does, as far as it takes to tell what is quoted. Of malformed texts it may read
/// on where toml++ stops: never the other way round.
class walker {
 public:
  explicit walker(std::string_view text) : text_(text) {}

  std::optional<toml_problem> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // byte order mark
    while (at_ < text_.size() && !found_) {
      switch (const char c = text_[at_]) {
        case '#': skip_comment(); break;
        case '"':
        case '\'':
          if (within_value()) note("a quote stands within a value: a text begins and ends with quotes");
          skip_quoted(c);
          break;
        default: look_at(c); step();
      }
    }
    return found_;
  }

 private:
  void look_at(char c) {
    if (static_cast<unsigned char>(c) >= 0x80)
      note("a character that is not ASCII stands outside of quotes: keys and texts with such characters need them");
    follow(c);
    if (open_.size() > deepest_nesting) note(fmt::format("more than {} brackets within each other", deepest_nesting));
    // All that can stand between two parts of one key is space, quotes and the dot; a number has one dot.
    if (c == '.') ++dots_;
    else if (std::string_view("=,[]{}\n").find(c) != std::string_view::npos) dots_ = 0;
    if (dots_ > deepest_nesting) note(fmt::format("a key with more than {} dots", deepest_nesting));
  }

  /// Notes which brackets are open, and whether a value may come next: after =, and in an array.
  void follow(char c) {
    switch (c) {
      case '=': value_ = true; break;
      case '[': open_ += value_ ? '[' : header; break;
      case '{':
        open_ += c;
        value_ = false;
        break;
      case ']':
      case '}':
        if (!open_.empty()) open_.pop_back();
        value_ = false;
        break;
      case ',': value_ = open_.ends_with('['); break;
      case '\n': value_ = value_ && open_.ends_with('['); break;
      default: break;
    }
  }

  /// Whether a quote here follows directly on what began without one. toml++ goes on reading it as a number, say.
  [[nodiscard]] bool within_value() const {
    return value_ && at_ > 0 && std::string_view(" \t\r\n=[,").find(text_[at_ - 1]) == std::string_view::npos;
  }

  void skip_comment() {
    while (at_ < text_.size() && text_[at_] != '\n') step();
  }

  /// A text in one or three quotes. One that is not closed ends with its line, or with the file.
  void skip_quoted(char quote) {
    const std::string three(3, quote);
    const bool long_text = text_.substr(at_).starts_with(three);
    step(long_text ? 3 : 1);
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && quote == '"') {
        step(2);
      } else if (long_text && text_.substr(at_).starts_with(three)) {
        step(3);
        for (int more = 0; more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) step();  // part of the text
        return;
      } else if (!long_text && (text_[at_] == quote || text_[at_] == '\n')) {
        if (text_[at_] == quote) step();
        return;
      } else {
        step();
      }
    }
  }

  void step(std::size_t count = 1) {
    for (; count > 0 && at_ < text_.size(); --count, ++at_) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '\n') ++line_, column_ = 1;
      else if ((byte & 0xc0) != 0x80) ++column_;  // of a character of several bytes, the first counts
    }
  }

  void note(const std::string& message) { found_ = toml_problem{message, line_, column_}; }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
  static constexpr char header = 'h';  ///< [ of a table's name, in open_
  std::string open_;                   ///< brackets that are not closed
  bool value_ = false;
  std::size_t dots_ = 0;
  std::optional<toml_problem> found_;
};

}  // namespace

std::optional<toml_problem> toml_mistake(std::string_view text) { return walker(text).run(); }

}  // namespace locus::detail
