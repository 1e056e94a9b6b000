#include "sim/why/explanation_json.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "sim/core/json_text.hpp"

namespace locus {
namespace {

template <class T>
nlohmann::json json_or_null(const std::optional<T>& v) {
  return v ? nlohmann::json(*v) : nlohmann::json(nullptr);
}

}  // namespace

nlohmann::json explanation_as_json(const trace_explanation& e, const std::string& event) {
  nlohmann::json steps = nlohmann::json::array();
  for (const explanation_step& s : e.told.steps) {
    steps.push_back({{"tick", s.tick},
                     {"kind", name_of(s.kind)},
                     {"entity", s.entity},
                     {"text", s.text},
                     {"before", json_number(s.before)},
                     {"value", json_number(s.value)},
                     {"from", json_or_null(s.from)},
                     {"projection", json_or_null(s.projection)},
                     {"local", json_or_null(s.local)},
                     {"of", json_or_null(s.of)}});
  }
  return {{"event", event},
          {"sentence", e.told.sentence},
          {"steps", steps},
          {"lane", e.told.lane},
          {"more", e.told.more},
          {"compared", e.compared},
          {"logged_messages", e.logged},
          {"run_from", e.run_from}};
}

}  // namespace locus
