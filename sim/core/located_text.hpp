#pragma once
/// A text that stands in a file: where each of its lines begins there, so that errors can point into it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"

namespace locus {

/// A text of one or more lines from a file, or from nowhere (`starts` empty).
struct located_text {
  std::string text;
  std::string name;                     ///< what messages call it: "model.rules.step"
  std::vector<source_position> starts;  ///< [line of the text]: where its first character stands

  /// Throws usage_error: "FILE:LINE:COLUMN: NAME: MESSAGE", and below it the line with the place [begin, end) marked.
  [[noreturn]] void fail(std::size_t begin, std::size_t end, const std::string& message) const;
};

}  // namespace locus
