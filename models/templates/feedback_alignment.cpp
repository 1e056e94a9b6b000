/// Short form "feedback-alignment": backpropagation's circuit whose errors come back over fixed random synapses
/// (Lillicrap, Cownden, Tweed and Akerman 2016). [feedback] has the keys `weights` and `connect` of a projection: the
/// synapses may be sparse.

#include "models/templates/common/backpropagation.hpp"

namespace locus::templates {

void feedback_alignment(const section& root, description& out);
void feedback_alignment(const section& root, description& out) {
  const network n = read_layers(root, {"feedback-alignment"});
  const section feedback = root.table("feedback");
  const weight_source weights = read_weight_source(feedback);
  const connectivity connect = read_connectivity(feedback);
  if (n.rule == "bp") return build_backpropagation(n, out);
  add_backpropagation_without_feedback(n, out);
  for (const network_edge& e : n.feedback_edges()) {
    synapses s = feedback_synapses(n, e);
    s.weights = weights;
    s.connect = connect;
    add_synapses(out, n, s, false);
  }
  add_backpropagation_stimuli(n, out);
}

}  // namespace locus::templates
