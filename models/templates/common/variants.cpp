#include "models/templates/variants.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/templates/catalogue.hpp"
#include "models/templates/common/graph.hpp"
#include "models/templates/common/softmax.hpp"
#include "sim/core/errors.hpp"

namespace locus {
namespace {

/// Of a layered short form.
std::optional<std::vector<neuron_grid>> layers_of(const document& text) {
  const section circuit = text.root().table("circuit");
  if (!circuit.has("template") || !circuit.has("layers")) return std::nullopt;
  return circuit.grids("layers");
}

/// As circuit.layers has it.
std::string text_of(const neuron_grid& layer) {
  return layer.shape.empty() ? fmt::format("{}", layer.size) : fmt::format("[{}]", fmt::join(layer.shape, ", "));
}

/// L of a short form that has layers or nodes.
std::optional<std::size_t> depth_of(const document& text) {
  const section circuit = text.root().table("circuit");
  if (circuit.text("template", "") == "graph") return templates::depth_of_graph(text.root());
  const auto layers = layers_of(text);
  return layers ? std::optional(layers->size() - 1) : std::nullopt;
}

/// Nothing if the template cannot do what the overrides ask for.
std::optional<description> read_if_possible(const netlist_reader& read, const std::vector<std::string>& overrides) {
  try {
    return read_netlist(read(overrides), all_templates());
  } catch (const usage_error&) {
    (void)read_netlist(read({}), all_templates());  // the netlist's own mistakes are told
    return std::nullopt;
  }
}

}  // namespace

std::optional<description> with_rule(const netlist_reader& read, const std::string& rule) {
  const auto depth = depth_of(read({}));
  if (!depth) return std::nullopt;
  std::vector<std::string> overrides{"learning.rule=" + rule};
  if (rule == "bp") {
    overrides.push_back("circuit.feedback_weights=tied");
    const bool frames = read({}).root().table("stimuli").has("frame_ticks");  // which set the times
    if (!frames) {
      const bool softmax = read({}).root().table("circuit").text("output", "") == "softmax";
      const auto ticks = static_cast<std::int64_t>(*depth) + 1 + (softmax ? templates::softmax_ticks : 0);
      overrides.push_back(fmt::format("stimuli.predict={}", ticks));
      overrides.push_back(fmt::format("stimuli.teach={}", *depth));
      overrides.push_back("stimuli.rest=1");
    }
    overrides.push_back("stimuli.teacher_off=true");
  } else if (rule != "fa-z-il") {
    overrides.push_back("learning.feedback=continuous");
  }
  return read_if_possible(read, overrides);
}

std::optional<description> with_more_layers(const netlist_reader& read) {
  const document text = read({});
  auto layers = layers_of(text);
  const section weights = text.root().table("weights");
  if (!layers || weights.has("theta") || weights.has("bias_theta") || weights.has("file")) return std::nullopt;
  layers->insert(layers->end() - 1, layers->size() > 2 ? (*layers)[layers->size() - 2] : layers->back());
  std::vector<std::string> texts;
  for (const neuron_grid& layer : *layers) texts.push_back(text_of(layer));
  auto deeper = read_if_possible(read, {fmt::format("circuit.layers=[{}]", fmt::join(texts, ", "))});
  if (!deeper) return std::nullopt;
  for (tick_range* part : {&deeper->timeline.predict, &deeper->timeline.teach, &deeper->timeline.rest}) {
    part->low += 1;
    part->high += 1;
  }
  return deeper;
}

}  // namespace locus
