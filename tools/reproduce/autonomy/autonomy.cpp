/// `locus reproduce autonomy`: the flagship circuit runs from stimuli alone. Within which bounds, how exactly, why it
/// needs bursts for that, and what it learns.

#include "tools/reproduce/autonomy/autonomy.hpp"

#include <fmt/format.h>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "tools/reproduce/data.hpp"

namespace locus::tools {

autonomy_study::autonomy_study(const reproduce_settings& asked)
    : settings(asked), files(asked, "autonomy"), images_(asked.quick() ? "digits" : "mnist") {
  if (!has_data(images_)) {
    say_missing(images_, "digits");
    images_ = "digits";
  }
  (void)data_of(read({}));
}

std::string autonomy_study::layers(std::size_t hidden) const {
  std::string text = images_ == "digits" ? "[64" : "[784";
  for (std::size_t k = 0; k < hidden; ++k) text += ", 32";
  return text + ", 10]";
}

document autonomy_study::text_of(const std::vector<std::string>& overrides,
                                 const std::vector<std::string>& more) const {
  std::vector<std::string> all = {"stimuli.data=" + images_, fmt::format("weights.seed={}", settings.seeds.front())};
  all.insert(all.end(), overrides.begin(), overrides.end());
  all.insert(all.end(), more.begin(), more.end());
  return settings.netlist("digits", all);
}

description autonomy_study::read(const std::vector<std::string>& overrides) const {
  return read_netlist(text_of(overrides), all_templates());
}

autonomy_study::netlist_pair autonomy_study::read_pair(const std::vector<std::string>& overrides) const {
  const netlist_reader reader = [&](const std::vector<std::string>& more) { return text_of(overrides, more); };
  return {read(overrides), with_rule(reader, "bp").value()};
}

void autonomy_study::keep_netlist(const std::string& name, const std::vector<std::string>& overrides) {
  files.netlist(name, text_of(overrides).canonical_text());
}

const data_set& autonomy_study::data_of(const description& netlist) {
  const auto found = data_.find(netlist.data.source);
  if (found != data_.end()) return found->second;
  return data_.emplace(netlist.data.source, load_data(netlist.data)).first->second;
}

void reproduce_autonomy(const reproduce_settings& settings) {
  autonomy_study study(settings);
  measure_bounds(study);
  measure_jitter(study);
  measure_stability(study);
  measure_accuracy(study);
  study.files.finish();
}

}  // namespace locus::tools
