#include <fmt/format.h>

#include "tools/locus/commands.hpp"
#include "tools/locus/loading.hpp"

namespace locus::tools {

namespace {

int run_expand(const parsed_arguments& parsed) {
  fmt::print("{}", long_form(load_netlist(parsed).netlist));
  return done;
}

}  // namespace

const command& expand_command() {
  static const command c = {.name = "expand",
                            .synopsis = "expand NETLIST [options]",
                            .summary = "print a netlist's long form: every population and projection",
                            .takes = {"netlist"},
                            .options = set_option(),
                            .run = run_expand};
  return c;
}

}  // namespace locus::tools
