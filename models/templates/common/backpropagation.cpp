/// Backpropagation as a circuit: a forward sweep, then the errors' way back while a controller holds the phase, then
/// one update of all weights when another controller says "now" (Song, Lukasiewicz, Xu and Bogacz 2020, Eqs. 1-4).

#include <fmt/format.h>

#include "models/templates/common/network.hpp"

namespace locus::templates {
namespace {

void add_units(const network& n, description& out) {
  for (std::size_t k = 0; k < n.depth(); ++k) {
    add_population(out, n.layer(k) + ".value", "backprop-hidden", n.sizes[k], {{"activation", n.activation_of(k), {}}});
  }
  add_population(out, "output.value", "backprop-output", n.sizes.back());
  if (n.bias) add_population(out, "bias", "constant", 1, {{"value", 1.0, {}}});
}

void add_control(const network& n, description& out) {
  add_controller(out, "phase", 0, 0);
  add_controller(out, "update", static_cast<std::int64_t>(n.depth()), 1);
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    add_link(out, "phase.signal", n.layer(k) + ".value.phase", all_to_all{});
  }
}

}  // namespace

void build_backpropagation(const network& n, description& out) {
  add_units(n, out);
  add_control(n, out);
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    const std::string layer = n.layer(k);
    synapses s{
        layer + ".forward", n.layer(k - 1) + ".value.rate", layer + ".value.prediction", {}, layer + ".value.delta",
        "update.signal",    gate_end::everywhere,           n.forward_weights[k - 1]};
    add_synapses(out, n, s, true);
    if (!n.bias) continue;
    s.name = layer + ".bias";
    s.from = "bias.rate";
    s.weights = n.bias_weights[k - 1];
    add_synapses(out, n, s, true);
  }
  for (std::size_t k = 2; k <= n.depth(); ++k) {
    const std::string name = n.layer(k - 1) + ".feedback";
    const synapses s{name,
                     n.layer(k) + ".value.delta",
                     n.layer(k - 1) + ".value.feedback",
                     {},
                     n.layer(k - 1) + ".value.rate",
                     "update.signal",
                     gate_end::everywhere,
                     feedback_source(n, n.layer(k) + ".forward", name)};
    add_synapses(out, n, s, n.feedback_weights == "learned");
  }
  add_stimulus(out, "input.value", stimulus_role::input);
  add_stimulus(out, "output.value", stimulus_role::teacher);
  out.stimuli.back().answer = to_reference("output.value.x");

  const auto depth = static_cast<std::int64_t>(n.depth());
  const timeline_description& t = out.timeline;
  expect_bound(out, t.predict.low > depth,
               fmt::format("stimuli.predict = {} is below L + 1 = {}: the answer is read before it has arrived",
                           t.predict.low, depth + 1));
  expect_bound(out, t.teach.low >= depth && t.teach.low + t.rest.low > depth,
               fmt::format("stimuli.teach = {}, rest = {}: backpropagation needs teach >= L = {} and teach + rest > L",
                           t.teach.low, t.rest.low, depth));
}

}  // namespace locus::templates
