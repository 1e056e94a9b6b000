#pragma once
/// What a circuit is required to be.

#include <optional>
#include <string>
#include <string_view>

#include "sim/audit/audit.hpp"

namespace locus {

/// Throws usage_error, which begins with who asked and suggests the nearest, if no criterion is called so.
[[nodiscard]] criterion criterion_named(const std::string& name, std::string_view asked_by);

struct requirement {
  criterion about = criterion::equivalence;
  std::optional<int> level;  ///< of local plasticity, at most
};

/// Of "full-autonomy", "local-plasticity=2". Throws usage_error.
[[nodiscard]] requirement requirement_of(const std::string& text);

/// Nothing if a circuit is as it is required to be; else "does not hold: full-autonomy".
[[nodiscard]] std::string objection(const audit_report& r, const requirement& required);

}  // namespace locus
