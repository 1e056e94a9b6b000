#include "tools/locus/twin.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"

namespace locus::tools {

description make_twin(const parsed_arguments& arguments, const document& text, const std::string& against) {
  const std::vector<std::string> rules = {"bp", "il", "z-il", "fa-z-il"};
  std::vector<std::string> overrides;
  if (arguments.values.count("set") != 0) overrides = arguments.values["set"].as<std::vector<std::string>>();
  if (std::find(rules.begin(), rules.end(), against) == rules.end()) {
    if (against.find('.') == std::string::npos) {
      throw usage_error(fmt::format("--against {}: expected bp, il, z-il, fa-z-il or a netlist{}", against,
                                    suggestion(against, rules)));
    }
    return read_netlist(document::from_file(against, overrides), all_templates());
  }
  const section circuit = text.root().table("circuit");
  if (!circuit.has("template")) {
    throw usage_error(
        fmt::format("--against {}: \"{}\" is in the long form, whose rule cannot be exchanged; name the "
                    "other circuit's netlist instead",
                    against, text.name()));
  }
  overrides.push_back("learning.rule=" + against);
  if (against == "bp") {
    const std::size_t depth = circuit.wholes("layers", 1).size() - 1;
    overrides.push_back("circuit.feedback_weights=tied");
    overrides.push_back(fmt::format("stimuli.predict={}", depth + 1));
    overrides.push_back(fmt::format("stimuli.teach={}", depth));
    overrides.push_back("stimuli.rest=1");
    overrides.push_back("stimuli.teacher_off=true");
  } else if (against != "fa-z-il") {
    overrides.push_back("learning.feedback=continuous");
  }
  return read_netlist(document::from_file(text.name(), overrides), all_templates());
}

}  // namespace locus::tools
