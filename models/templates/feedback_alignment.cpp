/// Short form "feedback-alignment": backpropagation's circuit whose errors come back over fixed random synapses
/// (Lillicrap, Cownden, Tweed and Akerman 2016). [feedback] has the keys `weights` and `connect` of a projection: the
/// synapses may be sparse. Without `connect` they have the forward connections, turned round.

#include "models/templates/common/backpropagation.hpp"

namespace locus::templates {

void feedback_alignment(const section& root, description& out);
void feedback_alignment(const section& root, description& out) {
  const network n = read_layers(root, {"feedback-alignment"});
  const section feedback = root.table("feedback");
  const weight_source weights = read_weight_source(feedback);
  const connectivity connect = read_connectivity(feedback);
  const bool own_connections = feedback.has("connect");
  if (n.rule == "bp") return build_backpropagation(n, out);
  add_backpropagation_without_feedback(n, out);
  for (const network_edge& e : n.feedback_edges()) {
    synapses s = feedback_synapses(n, e);
    s.weights = weights;
    if (own_connections) {
      s.connect = connect;
      s.at = feedback.at("connect");
    }
    add_synapses(out, n, s, false);
  }
  add_backpropagation_stimuli(n, out);
}

}  // namespace locus::templates
