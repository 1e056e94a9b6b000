#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/core/processors.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/installed.hpp"
#include "tools/locus/program.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {
namespace {

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
void check_options(const reproduce_target& target, const parsed_arguments& given) {
  const auto words = given.texts("target");
  if (words.size() > 1 && std::find(target.takes.begin(), target.takes.end(), "netlist") == target.takes.end())
    throw usage_error(fmt::format("\"{}\": \"{}\" takes no netlists", words[1], target.name));
  for (const char* name : {"seed", "quick", "full", "epochs", "train-size", "jobs", "set"}) {
    if (!given.has(name)) continue;
    if (std::find(target.takes.begin(), target.takes.end(), name) != target.takes.end()) continue;
    std::string others;
    for (const reproduce_target& t : all_targets()) {
      if (std::find(t.takes.begin(), t.takes.end(), name) == t.takes.end()) continue;
      others += fmt::format("{}{}", others.empty() ? "" : ", ", t.name);
    }
    throw usage_error(fmt::format("--{}: \"{}\" does not have it (only: {})", name, target.name, others));
  }
  if (given.has("quick") && given.has("full")) {
    throw usage_error("--quick and --full: choose one of them");
  }
}

std::optional<std::uint32_t> count_option(const parsed_arguments& given, const char* name) {
  const auto value = given.whole(name, counts_from(1));
  return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

std::vector<std::uint64_t> seeds_of(const parsed_arguments& given, const reproduce_target& target) {
  if (!given.has("seed")) return target.seeds;
  std::vector<std::uint64_t> all;
  for (const std::string& text : given.texts("seed")) {
    all.push_back(static_cast<std::uint64_t>(read_whole(text, "seed", seeds)));
  }
  return all;
}

int run_reproduce(const parsed_arguments& given) {
  if (!given.has("target")) {
    list_targets();
    return done;
  }
  const std::vector<std::string> words = given.texts("target");
  const reproduce_target& target = target_named(words.front());
  check_options(target, given);
  reproduce_settings settings;
  settings.out = given.text("out");
  settings.netlists = given.has("netlists") ? given.text("netlists") : shipped_netlists();
  settings.seeds = seeds_of(given, target);
  settings.size = given.has("quick") ? extent::quick : given.has("full") ? extent::full : extent::normal;
  settings.epochs = count_option(given, "epochs");
  settings.train_size = count_option(given, "train-size");
  settings.jobs =
      static_cast<unsigned>(given.whole("jobs", {1, 1024}).value_or(static_cast<std::int64_t>(usable_processors())));
  settings.overrides = given.texts("set");
  settings.chosen.assign(words.begin() + 1, words.end());
  make_folder(settings.out);
  target.run(settings);
  return done;
}

const command& reproduce_command() {
  static const command c = {
      .name = "reproduce",
      .synopsis = "reproduce [TARGET [NETLIST...]] [options]",
      .summary = "rerun published and promised results: tables, data and pictures",
      .takes = {.name = "target", .required = false, .several = true},
      .options =
          std::vector<option>{
              {"out", "DIR", "folder of the results; existing files of the same names are replaced", "results"},
              {"netlists", "DIR", "folder of the netlists (default: netlists, or those installed with the program)"},
              {.name = "seed",
               .argument = "N",
               .help = "of the initial weights (repeatable: results are means)",
               .repeatable = true},
              {"quick", "", "a small form of the same, in seconds"},
              {"full", "", "the published size: minutes to hours (tools/reproduce/README.md)"},
              {"epochs", "N", "passes over the training data"},
              {"train-size", "N", "training samples"},
              {"jobs", "N", "parts that run at once (default: as many as there are processors to use)"},
          } +
          set_option() + data_option(),
      .run = run_reproduce,
      .example = "locus reproduce table4 --quick"};
  return c;
}

}  // namespace
}  // namespace locus::tools

int main(int argc, char** argv) {
  using namespace locus::tools;
  return run_program(argc, argv, reproduce_command());
}
