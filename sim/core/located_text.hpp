#pragma once
/// A text that stands in a file, and where it stands there, so that errors can point into it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"

namespace locus {

/// From this byte of a text on, until the next piece, the file has the same characters, in one line, from `at` on. (A
/// line begins a piece, and so does what follows an escape: a file has "\t" where the text has one character.)
struct text_piece {
  std::size_t begin = 0;
  source_position at;
};

/// A text of one or more lines from a file, or from nowhere (`pieces` empty).
struct located_text {
  std::string text;
  std::string name;                ///< what messages call it: "model.rules.step"
  std::vector<text_piece> pieces;  ///< ascending, the first from byte 0 on

  /// Throws usage_error: "FILE:LINE:COLUMN: NAME: MESSAGE", and below it the line with the place [begin, end) marked.
  [[noreturn]] void fail(std::size_t begin, std::size_t end, const std::string& message) const;
};

}  // namespace locus
