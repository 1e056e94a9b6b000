#pragma once
/// An explanation for other programs, and for the page of `locus view`.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/why/trace_why.hpp"

namespace locus {

/// {event, sentence, steps: [{tick, kind, entity, text, before, value, from, projection, local, of}], lane, more,
/// compared, logged_messages, run_from}; what is not there is null, what is not finite is "nan", "inf", "-inf".
[[nodiscard]] nlohmann::json explanation_as_json(const trace_explanation& e, const std::string& event);

}  // namespace locus
