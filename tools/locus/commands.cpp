#include "tools/locus/commands.hpp"

namespace locus::tools {

const std::vector<const command*>& all_commands() {
  static const command bench = {.name = "bench",
                                .synopsis = "bench [SUITE...] [options]",
                                .summary = "measure the engine against baselines and targets",
                                .program = "locus-bench"};
  static const command reproduce = {.name = "reproduce",
                                    .synopsis = "reproduce [TARGET] [options]",
                                    .summary = "rerun published and promised results: tables, data and pictures",
                                    .program = "locus-reproduce"};
  static const command view = {.name = "view",
                               .synopsis = "view FILE|NETLIST [FILE] [options]",
                               .summary = "look at a trace, or at a netlist that runs, in the browser",
                               .program = "locus-view"};
  static const std::vector<const command*> all = {
      &run_command(),    &sweep_command(), &audit_command(), &describe_command(), &expand_command(), &import_command(),
      &models_command(), &data_command(),  &bench,           &reproduce,          &trace_command(),  &view};
  return all;
}

}  // namespace locus::tools
