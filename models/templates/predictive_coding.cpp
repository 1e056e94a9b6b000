/// Short form "predictive-coding": a network of layers whose neurons learn by IL, Z-IL or Fa-Z-IL (Song, Lukasiewicz,
/// Xu and Bogacz 2020).

#include "models/templates/common/predictive_coding.hpp"

namespace locus::templates {

void predictive_coding(const section& root, description& out);
void predictive_coding(const section& root, description& out) {
  build_predictive_coding(root, read_layers(root, predictive_rules()), out);
}

}  // namespace locus::templates
