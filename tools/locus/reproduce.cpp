#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/core/processors.hpp"
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

/// Throws usage_error for an option that the target does not have.
void check_options(const reproduce_target& target, const po::variables_map& given) {
  for (const char* name : {"seed", "quick", "full", "epochs", "train-size", "jobs", "set"}) {
    if (given.count(name) == 0) continue;
    if (std::find(target.takes.begin(), target.takes.end(), name) != target.takes.end()) continue;
    std::string others;
    for (const reproduce_target& t : all_targets()) {
      if (std::find(t.takes.begin(), t.takes.end(), name) == t.takes.end()) continue;
      others += fmt::format("{}{}", others.empty() ? "" : ", ", t.name);
    }
    throw usage_error(fmt::format("--{}: \"{}\" does not have it (only: {})", name, target.name, others));
  }
  if (given.count("quick") != 0 && given.count("full") != 0) {
    throw usage_error("--quick and --full: choose one of them");
  }
}

std::optional<std::uint32_t> count_option(const parsed_arguments& given, const char* name) {
  const auto value = whole_option(given, name, counts_from(1));
  return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

std::vector<std::uint64_t> seeds_of(const po::variables_map& given, const reproduce_target& target) {
  if (given.count("seed") == 0) return target.seeds;
  std::vector<std::uint64_t> all;
  for (const std::string& text : given["seed"].as<std::vector<std::string>>())
    all.push_back(static_cast<std::uint64_t>(read_whole(text, "seed", seeds)));
  return all;
}

}  // namespace

po::options_description reproduce_options() {
  po::options_description options("options");
  options.add_options()  //
      ("out", po::value<std::string>()->value_name("DIR")->default_value("results"),
       "folder of the results; existing files of the same names are replaced")  //
      ("netlists", po::value<std::string>()->value_name("DIR")->default_value("netlists"),
       "folder of the netlists")  //
      ("seed", po::value<std::vector<std::string>>()->value_name("N")->composing(),
       "of the initial weights (repeatable: results are means)")                              //
      ("quick", "a small form of the same, in seconds")                                       //
      ("full", "the published size: minutes to hours (tools/reproduce/README.md)")            //
      ("epochs", po::value<std::string>()->value_name("N"), "passes over the training data")  //
      ("train-size", po::value<std::string>()->value_name("N"), "training samples")           //
      ("jobs", po::value<std::string>()->value_name("N"),
       "parts that run at once (default: as many as there are processors to use)");
  add_set_option(options);
  add_data_option(options);
  return options;
}

int reproduce_command(const std::vector<std::string>& arguments) {
  const parsed_arguments parsed = parse_arguments(command_named("reproduce"), arguments, "target", false);
  if (parsed.help_shown) return done;
  const po::variables_map& given = parsed.values;
  if (given.count("target") == 0) {
    list_targets();
    return done;
  }
  const reproduce_target& target = target_named(given["target"].as<std::string>());
  check_options(target, given);
  reproduce_settings settings;
  settings.out = given["out"].as<std::string>();
  settings.netlists = given["netlists"].as<std::string>();
  settings.seeds = seeds_of(given, target);
  settings.size = given.count("quick") != 0 ? extent::quick : given.count("full") != 0 ? extent::full : extent::normal;
  settings.epochs = count_option(parsed, "epochs");
  settings.train_size = count_option(parsed, "train-size");
  settings.jobs = static_cast<unsigned>(
      whole_option(parsed, "jobs", {1, 1024}).value_or(static_cast<std::int64_t>(usable_processors())));
  settings.overrides = overrides_of(parsed);
  make_folder(settings.out);
  target.run(settings);
  return done;
}

}  // namespace locus::tools
