#include <algorithm>
#include <utility>

#include "sim/netlist/document_state.hpp"

namespace locus::detail {

namespace {

bool goes_on_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Walks through what is quoted in a file and, beside it, through what TOML reads from it.
class quoted_walker {
 public:
  quoted_walker(std::string_view quoted, std::string_view text, source_position at)
      : rest_(quoted), text_(text), at_(std::move(at)) {}

  std::vector<text_piece> run() {
    const bool escapes = rest_.starts_with('"');
    const std::string_view three = escapes ? "\"\"\"" : "'''";
    const bool long_text = rest_.starts_with(three);
    skip(long_text ? 3 : 1);
    if (long_text) skip_line_break();
    begin_piece();
    while (read_ < text_.size() && !rest_.empty()) {
      if (escapes && rest_[0] == '\\') skip_escape();
      else if (skip_line_break()) ++read_, begin_piece();
      else ++read_, skip(1);
    }
    return std::move(pieces_);
  }

 private:
  void begin_piece() { pieces_.push_back({read_, at_}); }

  /// Bytes of one line. A column has one character.
  void skip(std::size_t bytes) {
    bytes = std::min(bytes, rest_.size());
    at_.column += static_cast<int>(
        bytes - static_cast<std::size_t>(std::count_if(
                    rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(bytes), goes_on_a_character)));
    rest_.remove_prefix(bytes);
  }

  bool skip_line_break() {
    if (!rest_.starts_with("\n") && !rest_.starts_with("\r\n")) return false;
    rest_.remove_prefix(rest_[0] == '\n' ? 1 : 2);
    ++at_.line;
    at_.column = 1;
    return true;
  }

  void skip_escape() {
    const auto is_space = [this](std::size_t i) {
      return i < rest_.size() && std::string_view(" \t\r\n").find(rest_[i]) != std::string_view::npos;
    };
    if (is_space(1)) {  // the text goes on after all space
      skip(1);
      while (is_space(0)) {
        if (!skip_line_break()) skip(1);
      }
    } else {
      const char kind = rest_.size() > 1 ? rest_[1] : ' ';
      skip(kind == 'u' ? 6 : kind == 'U' ? 10 : 2);
      do ++read_;
      while (read_ < text_.size() && goes_on_a_character(text_[read_]));
    }
    begin_piece();
  }

  std::string_view rest_;  ///< of the file
  std::string_view text_;
  std::size_t read_ = 0;  ///< bytes of the text
  source_position at_;    ///< where rest_ begins
  std::vector<text_piece> pieces_;
};

}  // namespace

std::vector<text_piece> pieces_of(std::string_view quoted, std::string_view text, const source_position& at) {
  return quoted_walker(quoted, text, at).run();
}

}  // namespace locus::detail
