#include "sim/sonata/names.hpp"

#include <fmt/format.h>

namespace locus::sonata {

std::string edge_population(const circuit& c, const projection& p) {
  return fmt::format("{}__{}__{}", c.populations[p.from.population].name, c.populations[p.to.population].name, p.name);
}

std::string model_template(const model_declaration* model) {
  return fmt::format("locus:{}", model == nullptr ? "link" : model->info.name);
}

std::string parameter_file(const population& p) { return p.name + ".json"; }

std::string parameter_file(const projection& p) { return p.name + ".json"; }

}  // namespace locus::sonata
