/// Short form "graph": predictive coding, or backpropagation, on any directed acyclic graph. Identity nodes keep the
/// waves of errors of different paths in step, so that Z-IL and Fa-Z-IL stay exact (Salvatori, Song, Lukasiewicz,
/// Bogacz and Xu 2021).

#include "models/templates/common/graph.hpp"

#include "models/templates/common/predictive_coding.hpp"

namespace locus::templates {

void graph(const section& root, description& out);
void graph(const section& root, description& out) {
  build_predictive_coding(root, read_graph(root, predictive_rules()), out);
}

}  // namespace locus::templates
