#include "sim/engine/models.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "sim/core/errors.hpp"

namespace locus {

std::string_view name_of(simd_target target) noexcept {
  switch (target) {
    case simd_target::scalar: return "scalar";
    case simd_target::avx2: return "avx2";
    case simd_target::avx512: return "avx512";
    case simd_target::native: break;
  }
  return "native";
}

const model_kernels& kernels_of(const model_declaration& model, simd_target target) {
  if (model.kernels == nullptr && model.text != nullptr) return interpreted_for(target);
  if (model.kernels == nullptr) {
    throw internal_error(fmt::format("the model \"{}\" is only described: it cannot run", model.info.name));
  }
  return (*static_cast<const kernels_of_targets*>(model.kernels.get()))[static_cast<std::size_t>(target)];
}

simd_target chosen_target() {
  const std::vector<simd_target> usable = available_targets();
  const char* wanted = std::getenv("LOCUS_SIMD");
  if (wanted == nullptr || *wanted == 0) return usable.back();
  std::vector<std::string> names;
  for (const simd_target target : usable) {
    if (name_of(target) == wanted) return target;
    names.emplace_back(name_of(target));
  }
  throw usage_error("LOCUS_SIMD = \"" + std::string(wanted) +
                    "\" is no instruction set that this machine has and this program has kernels for" +
                    suggestion(wanted, names));
}

}  // namespace locus
