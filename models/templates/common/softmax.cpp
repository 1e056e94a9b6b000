#include "models/templates/common/softmax.hpp"

#include <utility>

namespace locus::templates {

void add_softmax(description& out, const network_node& node, const std::string& logits, bool at_once) {
  const std::string units = node.name + ".softmax", normaliser = node.name + ".normaliser";
  add_population(out, node, "softmax", "softmax-unit");
  add_population(out, normaliser, "normaliser", 1);
  const auto add = [&](const std::string& from, const std::string& to, std::uint32_t delay,
                       const connectivity& connect) {
    add_link(out, from, to, connect);
    out.projections.back().delay = at_once ? 0 : delay;
  };
  add(logits, normaliser + ".logits", 1, all_to_all{});
  add(logits, units + ".logit", 2, one_to_one{});
  add(normaliser + ".top", units + ".top", 1, all_to_all{});
  add(units + ".part", normaliser + ".parts", 1, all_to_all{});
  add(normaliser + ".total", units + ".total", 1, all_to_all{});
}

void add_softmax_errors(description& out, const network_node& node, bool at_once,
                        std::vector<parameter_setting> error_params) {
  const std::string units = node.name + ".softmax", error = node.name + ".error", label = node.name + ".label";
  add_population(out, node, "error", "cross-entropy-error", std::move(error_params));
  add_population(out, node, "label", "target-label");
  add_softmax(out, node, error + ".mu", at_once);
  add_link(out, units + ".p", error + ".probability");
  add_link(out, units + ".information", error + ".information");
  add_link(out, label + ".target", error + ".target");
  add_link(out, label + ".there", error + ".told");
}

}  // namespace locus::templates
