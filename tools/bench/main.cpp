#include "tools/bench/suite.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/errors.hpp"
#include "sim/core/json_text.hpp"
#include "sim/run/files.hpp"
#include "tools/bench/machine.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/program.hpp"
#include "tools/locus/text.hpp"

namespace locus::tools {
namespace {

using bench::job;
using bench::suite;
using nlohmann::json;

constexpr std::size_t text_width = 100;

struct chosen_suite {
  const suite* which = nullptr;
  std::vector<job> jobs;
};

std::vector<std::string> suite_names() {
  std::vector<std::string> names;
  for (const suite& s : bench::all_suites()) names.emplace_back(s.name);
  return names;
}

const suite& suite_named(const std::string& name) {
  for (const suite& s : bench::all_suites()) {
    if (s.name == name) return s;
  }
  throw usage_error(fmt::format("no suite is called \"{}\"{}; there are {}", name, suggestion(name, suite_names()),
                                fmt::join(suite_names(), ", ")));
}

/// The suites that are asked for (all, if none), each with the jobs whose title holds --only.
std::vector<chosen_suite> chosen_suites(const parsed_arguments& parsed) {
  std::vector<std::string> names = parsed.texts("suite");
  if (names.empty()) names = suite_names();
  const std::string only = parsed.text("only");
  std::vector<chosen_suite> all;
  for (const std::string& name : names) {
    chosen_suite c{&suite_named(name), {}};
    for (job& j : c.which->jobs(parsed.texts("set"))) {
      if (j.title.find(only) != std::string::npos) c.jobs.push_back(std::move(j));
    }
    if (!c.jobs.empty()) all.push_back(std::move(c));
  }
  if (all.empty())
    throw usage_error(fmt::format("--only \"{}\": no table of these suites has that in its title", only));
  return all;
}

void print_netlists(const std::vector<chosen_suite>& all) {
  for (const chosen_suite& c : all) {
    for (const job& j : c.jobs) {
      for (const bench::shown_netlist& n : j.netlists) {
        fmt::print("# ---- {}: {}: {}\n{}\n", c.which->name, j.title, n.name, n.text);
      }
    }
  }
}

void print_targets() {
  fmt::print("| what | target | measured by |\n| --- | --- | --- |\n");
  for (const bench::target& t : bench::all_targets()) {
    const std::string_view suite = t.key.substr(0, t.key.find('.'));
    fmt::print("| {} | {} | `{}` |\n", t.what, t.text(), suite == "peers" ? "peers.py" : suite);
  }
}

/// Runs a suite's jobs, which share its time.
json run_suite(std::FILE* out, const chosen_suite& c, const bench::pace& p, bench::verdicts& found) {
  fmt::print(out, "\n==== {}\n{}\n", c.which->name, wrapped(c.which->what, text_width, 0));
  json tables = json::array();
  for (const job& j : c.jobs) {
    bench::table t{j.title, {}, {}};
    j.run(t, {p.rounds, p.seconds / static_cast<double>(c.jobs.size())});
    print_table(out, t, found);
    tables.push_back(json_of(t));
  }
  return {{"name", c.which->name}, {"what", c.which->what}, {"tables", std::move(tables)}};
}

void print_verdicts(std::FILE* out, const bench::verdicts& found) {
  if (found.met.empty() && found.missed.empty()) return;
  fmt::print(out, "\n==== targets: {} met, {} not\n", found.met.size(), found.missed.size());
  for (const std::string& sentence : found.missed) fmt::print(out, "  not met: {}\n", sentence);
}

bench::pace pace_of(const parsed_arguments& parsed) {
  const auto rounds = static_cast<unsigned>(parsed.whole("repeats", counts_from(1)).value());
  const std::string text = parsed.text("seconds");
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || !(seconds > 0) || !std::isfinite(seconds)) {
    throw usage_error(fmt::format("--seconds {}: expected a number > 0", text));
  }
  return {rounds, seconds};
}

/// For the help text.
std::string notes() {
  std::string text = "suites (all, if none is named)\n";
  for (const suite& s : bench::all_suites()) {
    text += fmt::format("  {:<8} {}\n", s.name, wrapped(s.what, text_width, 11));
  }
  return text +
         "\nEach number is the median over the rounds, with its quartiles. In a round everything that a table "
         "compares\n"
         "runs in turns, on one thread, timed by that thread's clock unless the suite says otherwise.\n"
         "\nexamples\n"
         "  locus bench                              everything, in little more than a minute\n"
         "  locus bench update kernel --json r.json  two suites, with all rounds for programs\n"
         "  locus bench update --only 784-512-512-10 --seconds 20\n"
         "  locus bench update --set stimuli.data=mnist --set circuit.activation=tanh\n";
}

int run_bench(const parsed_arguments& parsed) {
  if (parsed.has("targets")) {
    print_targets();
    return done;
  }
  const std::vector<chosen_suite> all = chosen_suites(parsed);
  if (parsed.has("print-netlists")) {
    print_netlists(all);
    return done;
  }
  const bench::pace p = pace_of(parsed);
  const std::string file = parsed.text("json");
  check_files({{"--json", file}}, {});
  std::FILE* const out = file == "-" ? stderr : stdout;  // what is meant for another program stands alone
  const json machine = bench::machine_json();
  bench::print_machine(out, machine);
  json result = {{"format", "locus-bench"}, {"version", LOCUS_VERSION}, {"machine", machine},
                 {"repeats", p.rounds},     {"seconds", p.seconds},     {"overrides", parsed.texts("set")},
                 {"suites", json::array()}, {"targets", json::array()}};
  bench::verdicts found;
  for (const chosen_suite& c : all) result["suites"].push_back(run_suite(out, c, p, found));
  for (const bench::target& t : bench::all_targets()) result["targets"].push_back(json_of(t));
  print_verdicts(out, found);
  if (!file.empty()) write_output(file, json_text(result));
  return done;
}

const command& bench_command() {
  static const command c = {
      .name = "bench",
      .synopsis = "bench [SUITE...] [options]",
      .summary = "measure the engine against baselines and targets",
      .takes = {.name = "suite", .required = false, .several = true},
      .options = {{"seconds", "S", "how long each suite measures, about; what it builds comes on top", "8"},
                  {"repeats", "N", "rounds; fewer, at least three, where one round takes too long", "15"},
                  {"only", "TEXT", "only the tables whose title holds TEXT"},
                  {.name = "set",
                   .argument = "KEY=VALUE",
                   .help = "override a key of the netlists that learn images, such as stimuli.encode=value "
                           "(repeatable)",
                   .repeatable = true},
                  {"json", "FILE",
                   "write machine, targets and all rounds for programs (- for standard output, the tables then going "
                   "to standard error)"},
                  {"print-netlists", "", "print the netlists of the suites' networks and measure nothing"},
                  {"targets", "", "print the table of targets and measure nothing"}},
      .run = run_bench,
      .notes = notes()};
  return c;
}

}  // namespace
}  // namespace locus::tools

int main(int argc, char** argv) {
  using namespace locus::tools;
  return run_program(argc, argv, bench_command());
}
