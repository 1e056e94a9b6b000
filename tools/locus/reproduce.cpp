#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "sim/core/errors.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/reproduce/target.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;

void list_targets() {
  fmt::print("targets\n");
  for (const reproduce_target& t : all_targets()) fmt::print("  {:<12} {}\n", t.name, t.summary);
  fmt::print("\n`locus reproduce TARGET` runs one, `locus help reproduce` shows the options.\n");
}

const reproduce_target& target_named(const std::string& name) {
  std::vector<std::string> names;
  for (const reproduce_target& t : all_targets()) {
    if (t.name == name) return t;
    names.emplace_back(t.name);
  }
  throw usage_error(fmt::format("nothing to reproduce is called \"{}\"{}", name, suggestion(name, names)));
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw run_error(fmt::format("cannot make the folder \"{}\": {}", folder, error.message()));
}

}  // namespace

po::options_description reproduce_options() {
  po::options_description options("options");
  options.add_options()  //
      ("out", po::value<std::string>()->value_name("DIR")->default_value("results"),
       "folder of the results; existing files of the same names are replaced")  //
      ("netlists", po::value<std::string>()->value_name("DIR")->default_value("netlists"),
       "folder of the netlists")  //
      ("seed", po::value<std::vector<std::uint64_t>>()->value_name("N")->composing(),
       "of the initial weights (repeatable: results are means; default 1)")  //
      ("quick", "a small form of the same, in seconds");
  return options;
}

int reproduce_command(const std::vector<std::string>& arguments) {
  const parsed_arguments parsed = parse_arguments(command_named("reproduce"), arguments, "target", false);
  if (parsed.help_shown) return done;
  if (parsed.values.count("target") == 0) {
    list_targets();
    return done;
  }
  const reproduce_target& target = target_named(parsed.values["target"].as<std::string>());
  reproduce_settings settings{parsed.values["out"].as<std::string>(),
                              parsed.values["netlists"].as<std::string>(),
                              {1},
                              parsed.values.count("quick") != 0};
  if (parsed.values.count("seed") != 0) settings.seeds = parsed.values["seed"].as<std::vector<std::uint64_t>>();
  make_folder(settings.out);
  target.run(settings);
  return done;
}

}  // namespace locus::tools
