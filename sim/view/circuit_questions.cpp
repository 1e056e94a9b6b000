#include "sim/view/circuit_questions.hpp"

#include <fmt/format.h>

namespace locus {

view_answer circuit_questions::read(const view_query& query, std::string_view about) {
  const query_reader asked(query);
  if (query.what == "info") return info();
  if (query.what == "overview") return overview(asked);
  if (query.what == "values") return values(asked);
  if (query.what == "tick") return tick(asked);
  if (query.what == "spikes") return spikes(asked);
  if (query.what == "stimuli") return stimuli(asked);
  if (query.what == "presentations") return presentations(asked);
  if (query.what == "next") return next(asked);
  if (query.what == "search") return search(asked);
  if (query.what == "neuron") return neuron(asked);
  if (query.what == "weights") return weights(asked);
  if (query.what == "curves") return curves(asked);
  if (query.what == "diff") return diff();
  if (query.what == "why") return why(asked);
  if (query.what == "whys") return whys(asked);
  if (query.what == "netlist") return netlist();
  throw view_error(view_outcome::missing, fmt::format("there is no question \"{:.60}\" about {}", query.what, about));
}

}  // namespace locus
