#include "sim/audit/rules.hpp"

#include <fmt/format.h>

#include "sim/core/errors.hpp"

namespace locus {

const traced_model& traced_rules_of(const model_declaration& model) {
  if (model.traced == nullptr && model.text != nullptr) return traced_text_rules();
  if (model.traced == nullptr) {
    throw internal_error(fmt::format("the model \"{}\" is only described: it cannot be followed", model.info.name));
  }
  return *static_cast<const traced_model*>(model.traced.get());
}

}  // namespace locus
