#include <fmt/format.h>

#include "tools/locus/command.hpp"

namespace locus::tools {

boost::program_options::options_description expand_options() {
  boost::program_options::options_description options("options");
  add_set_option(options);
  return options;
}

int expand_command(const std::vector<std::string>& arguments) {
  const parsed_arguments parsed = parse_arguments(command_named("expand"), arguments);
  if (parsed.help_shown) return done;
  fmt::print("{}", long_form(load_netlist(parsed).netlist));
  return done;
}

}  // namespace locus::tools
