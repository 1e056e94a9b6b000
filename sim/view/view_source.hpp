#pragma once
/// What a page asks of a trace or of a running circuit, and what it is answered. The questions are those of
/// tools/view/README.md; nothing here knows how they come.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace locus {

/// A question: its name and parameters, as text that may be anything.
struct view_query {
  std::string what;  ///< "values"
  std::map<std::string, std::string, std::less<>> parameters;
  std::string body;      ///< JSON, of what changes something
  bool changes = false;  ///< asks for a change, not for an answer alone
};

enum class view_outcome { done, wrong, missing, too_large, failed };

/// What an answer's bytes are. matrix: float64, little-endian, row-major, of which the notes tell "Shape".
enum class view_content { json, text, matrix };

struct view_answer {
  view_outcome outcome = view_outcome::done;  ///< anything else: the body is {"error": "sentence"}
  view_content content = view_content::json;
  std::string body;
  std::vector<std::pair<std::string, std::string>> notes = {};
};

/// The answer that tells of an error.
[[nodiscard]] view_answer refusal(view_outcome outcome, const std::string& sentence);

/// Whoever answers. Thread safety is said by each.
class view_source {
 public:
  view_source() = default;
  virtual ~view_source() = default;
  view_source(const view_source&) = delete;
  view_source& operator=(const view_source&) = delete;

  /// Whatever is wrong with the question or with what it is about is told in the answer. Throws bad_alloc alone.
  [[nodiscard]] virtual view_answer answer(const view_query& query) = 0;
};

/// As bytes, for another process of this program; and back.
[[nodiscard]] std::string packed(const view_query& query);
[[nodiscard]] view_query unpacked_query(std::string_view bytes);
[[nodiscard]] std::string packed(const view_answer& answer);
[[nodiscard]] view_answer unpacked_answer(std::string_view bytes);

}  // namespace locus
