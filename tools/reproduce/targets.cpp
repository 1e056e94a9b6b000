#include <fmt/format.h>

#include <filesystem>

#include "sim/core/errors.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {

const std::vector<reproduce_target>& all_targets() {
  static const std::vector<reproduce_target> all = {
      {"table2",
       "Song et al. 2020, Table 2: what is equivalent to backpropagation, local, autonomous",
       reproduce_table2,
       {"quick"}},
      {"table3",
       "Song et al. 2020, Table 3: success rate of the phi neurons against t_d",
       reproduce_table3,
       {"seed", "quick", "full", "jobs", "set"},
       {1, 2, 3}},
      {"figure3",
       "Song et al. 2020, Fig. 3: how far from backpropagation Z-IL comes when its conditions are not kept",
       reproduce_figure3,
       {"seed", "quick", "full", "epochs", "train-size", "jobs", "set"},
       {1482555873, 698841058, 2283198659}},
      {"figure3-mean",
       "the same, if the paper's learning rate is meant for updates that are averaged over a batch, not summed",
       reproduce_figure3_mean,
       {"seed", "quick", "full", "epochs", "train-size", "jobs", "set"},
       {1482555873, 698841058, 2283198659}},
      {"table4",
       "Song et al. 2020, Table 4: the time of a weight update of IL, Z-IL and Fa-Z-IL beside backpropagation's",
       reproduce_table4,
       {"quick", "full", "set"}},
      {"autonomy",
       "the circuit that needs no control: its bounds, jittered presentations, stability, accuracy",
       reproduce_autonomy,
       {"seed", "quick", "full", "epochs", "jobs", "set"}},
      {"circuits",
       "any netlists, or all shipped ones: local? autonomous? backpropagation, or at which angle to it?",
       reproduce_circuits,
       {"netlist", "seed", "quick", "full", "jobs", "set"}},
      {"bmvr",
       "Golkar et al. 2020: loss over training beside the closed-form optimum (Fig. 3), MNIST accuracy (Tab. 1)",
       reproduce_bmvr,
       {"seed", "quick", "jobs"}},
      {"rosenbaum",
       "Rosenbaum 2022, Figs. 1 to 5: updates of strict and fixed-prediction predictive coding beside "
       "backpropagation's",
       reproduce_rosenbaum,
       {"seed", "quick", "full", "epochs", "train-size", "jobs", "set"}},
  };
  return all;
}

locus::audit_options audit_effort(const reproduce_settings& settings) {
  locus::audit_options options;
  if (!settings.quick()) return options;
  options.use.purity = false;  // shipped models have a test of their own, and it would take most of the time
  options.updates = 3;
  options.seeds = 1;
  options.stretched = 2;
  options.disturbances = 8;
  options.presentations = 1;
  return options;
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
