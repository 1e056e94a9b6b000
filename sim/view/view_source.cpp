#include "sim/view/view_source.hpp"

#include <nlohmann/json.hpp>

#include "sim/core/errors.hpp"
#include "sim/view/json_answer.hpp"

namespace locus {

view_answer refusal(view_outcome outcome, const std::string& sentence) {
  return {outcome, view_content::json, compact_text({{"error", sentence}})};
}

namespace {

/// Parts of text, each after its length.
class packer {
 public:
  void add(std::string_view part) {
    text_ += std::to_string(part.size()) + ":";
    text_ += part;
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

class unpacker {
 public:
  explicit unpacker(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool more() const noexcept { return !rest_.empty(); }
  std::string next() {
    std::size_t length = 0, at = 0;
    for (; at < rest_.size() && rest_[at] != ':'; ++at)
      length = length * 10 + static_cast<std::size_t>(rest_[at] - '0');
    if (at >= rest_.size() || length > rest_.size() - at - 1) throw internal_error("a packed answer is cut short");
    const std::string_view part = rest_.substr(at + 1, length);
    rest_.remove_prefix(at + 1 + length);
    return std::string(part);
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::string packed(const view_query& query) {
  packer p;
  p.add(query.what);
  p.add(query.body);
  p.add(query.changes ? "1" : "0");
  for (const auto& [name, value] : query.parameters) {
    p.add(name);
    p.add(value);
  }
  return p.take();
}

view_query unpacked_query(std::string_view bytes) {
  unpacker u(bytes);
  view_query query;
  query.what = u.next();
  query.body = u.next();
  query.changes = u.next() == "1";
  while (u.more()) {
    std::string name = u.next();
    query.parameters[std::move(name)] = u.next();
  }
  return query;
}

std::string packed(const view_answer& answer) {
  packer p;
  p.add(std::to_string(static_cast<int>(answer.outcome)));
  p.add(std::to_string(static_cast<int>(answer.content)));
  p.add(answer.body);
  for (const auto& [name, value] : answer.notes) {
    p.add(name);
    p.add(value);
  }
  return p.take();
}

view_answer unpacked_answer(std::string_view bytes) {
  unpacker u(bytes);
  view_answer answer;
  answer.outcome = static_cast<view_outcome>(std::stoi(u.next()));
  answer.content = static_cast<view_content>(std::stoi(u.next()));
  answer.body = u.next();
  while (u.more()) {
    std::string name = u.next();
    answer.notes.emplace_back(std::move(name), u.next());
  }
  return answer;
}

}  // namespace locus
