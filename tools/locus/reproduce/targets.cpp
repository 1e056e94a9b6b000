#include <fmt/format.h>

#include <filesystem>

#include "sim/core/errors.hpp"
#include "tools/locus/reproduce/target.hpp"

namespace locus::tools {

const std::vector<reproduce_target>& all_targets() {
  static const std::vector<reproduce_target> all = {
      {"circuits", "all shipped circuits: local? autonomous? backpropagation, or at which angle to it?",
       reproduce_circuits},
      {"bmvr",
       "Golkar et al. 2020: loss over training beside the closed-form optimum (Fig. 3), MNIST accuracy (Tab. 1)",
       reproduce_bmvr},
  };
  return all;
}

std::string reproduce_settings::netlist_file(std::string_view name) const {
  const std::string file = (std::filesystem::path(netlists) / fmt::format("{}.toml", name)).string();
  if (std::filesystem::exists(file)) return file;
  throw usage_error(
      fmt::format("no netlist \"{}\": run in the project's folder, or say where they are with --netlists", file));
}

document reproduce_settings::netlist(std::string_view name, const std::vector<std::string>& changes) const {
  std::vector<std::string> all = overrides;
  all.insert(all.end(), changes.begin(), changes.end());
  return document::from_file(netlist_file(name), all);
}

}  // namespace locus::tools
