#include "sim/sweep/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/printable.hpp"
#include "sim/core/processors.hpp"
#include "sim/run/files.hpp"
#include "sim/sweep/tables.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/gnuplot.hpp"
#include "tools/locus/interruption.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/sweep_report.hpp"
#include "tools/locus/text.hpp"
#include "tools/locus/trace/figure.hpp"

namespace locus::tools {
namespace {

/// The axes of --over but that of netlists, whose values are read as files are.
struct axes_option {
  std::vector<sweep::axis> axes;
  std::vector<std::string> netlists;
};

axes_option axes_of(const parsed_arguments& given) {
  axes_option out{{}, given.texts("netlist")};
  for (const std::string& text : given.texts("over")) {
    sweep::axis a = sweep::parse_axis(text);
    if (a.key != sweep::netlist_key) {
      out.axes.push_back(std::move(a));
      continue;
    }
    if (!out.netlists.empty()) throw usage_error(fmt::format("--over {}: the netlist is named already", text));
    out.netlists = std::move(a.values);
  }
  return out;
}

sweep::request wanted_sweep(const parsed_arguments& given) {
  axes_option varied = axes_of(given);
  if (varied.netlists.empty()) {
    throw usage_error(fmt::format("netlist is missing; usage: locus {}", sweep_command().synopsis));
  }
  sweep::request asked;
  for (const std::string& file : varied.netlists) {
    asked.netlists.push_back(document::from_file(file, given.texts("set")));
  }
  asked.axes = std::move(varied.axes);
  if (given.has("seeds")) asked.seeds = sweep::parse_seeds(given.text("seeds"));
  for (const std::string& text : given.texts("set")) asked.fixed.push_back(sweep::parse_setting(text, "set").key);
  asked.max_updates = static_cast<std::uint64_t>(given.whole("updates", 1).value_or(0));
  asked.evaluate = !given.has("no-test");
  return asked;
}

/// "learning.alpha x 5, circuit.activation x 2, 3 seeds"
std::string shape_of(const sweep::cell_grid& grid) {
  std::vector<std::string> parts;
  for (const sweep::axis& a : grid.axes) parts.push_back(fmt::format("{} x {}", a.key, a.values.size()));
  if (!grid.seeds.empty()) {
    parts.push_back(fmt::format("{} seed{}", grid.seeds.size(), grid.seeds.size() == 1 ? "" : "s"));
  }
  return parts.empty() ? "nothing varied" : fmt::format("{}", fmt::join(parts, ", "));
}

/// "1 cell", "2 cells"
std::string counted(std::size_t cells) { return fmt::format("{} cell{}", cells, cells == 1 ? "" : "s"); }

/// Failures as they come; only the first ones of many.
class failure_list {
 public:
  void tell_of(const std::string& cell, const sweep::cell_result& r) {
    if (r.state == sweep::cell_state::done) return;
    constexpr std::size_t most = 10;
    if (++count_ <= most) tell(fmt::format("({}) {}: {}", cell, name_of(r), r.message));
    if (count_ == most) tell("further ones are told in the file alone");
  }

 private:
  static const char* name_of(const sweep::cell_result& r) {
    return r.state == sweep::cell_state::failed ? "failed" : "died";
  }

  std::size_t count_ = 0;
};

/// How many cells of a part are in a state.
std::size_t count_of(const sweep::results& all, const sweep::shard& part, sweep::cell_state state) {
  std::size_t count = 0;
  for (std::size_t cell = 0; cell < all.cells.size(); ++cell) {
    count += part.has(cell) && all.cells[cell].state == state ? 1 : 0;
  }
  return count;
}

/// Whether standard output is for CSV alone.
bool quiet(const parsed_arguments& given) { return given.text("csv") == "-" || given.text("table") == "-"; }

/// Tables, CSV, picture. Throws what writing them throws.
void report(const parsed_arguments& given, const sweep::results& all) {
  const sweep::summary s = sweep::summarise(all, given.texts("against"));
  if (const std::string file = given.text("csv"); !file.empty()) write_output(file, csv_text(sweep::cell_table(all)));
  if (const std::string file = given.text("table"); !file.empty())
    write_output(file, csv_text(sweep::summary_table(all, s)));
  if (!quiet(given)) {
    fmt::print("\n{}", aligned(score_table(all, s)));
    if (all.asked.grid.replicates() > 1) fmt::print("mean ± s.d. over seeds\n");
    if (!s.against.empty()) {
      std::vector<std::string> base;
      for (const sweep::axis& a : s.against) base.push_back(fmt::format("{}={}", a.key, a.values.front()));
      fmt::print("\ndifferences from {}{}\n\n{}", printable(fmt::format("{}", fmt::join(base, ", "))),
                 all.asked.grid.seeds.empty() ? "" : ", seed by seed (mean ± s.d.)", aligned(difference_table(all, s)));
    }
  }
  const std::string picture = given.text("plot");
  if (picture.empty() || interruption() != 0) return;
  const std::optional<std::size_t> measure =
      given.has("score") ? std::optional(measure_named(s, given.text("score"))) : sweep::main_measure(s);
  if (!measure) throw run_error("--plot: no run has come to an end, so that there is nothing to draw");
  draw_with_gnuplot(sweep_picture(all, s, *measure, is_vector_graphics(picture)), picture);
  if (!quiet(given)) print("picture: {}\n", picture);
}

/// The last lines, and the exit code.
int conclude(const parsed_arguments& given, const sweep::results& all, const sweep::shard& part) {
  const std::size_t missing = count_of(all, part, sweep::cell_state::missing),
                    failures = count_of(all, part, sweep::cell_state::failed),
                    deaths = count_of(all, part, sweep::cell_state::died);
  report(given, all);
  if (!quiet(given)) print("results: {}\n", given.text("out"));
  flush_output();
  if (interruption() != 0) {
    tell(fmt::format("interrupted: {} left; the same command goes on", counted(missing + deaths)));
    return interrupted_by + interruption();
  }
  if (missing > 0) tell(fmt::format("{} missing", counted(missing)));
  if (failures > 0) tell(fmt::format("{} failed", counted(failures)));
  if (deaths > 0) tell(fmt::format("{} died; the same command tries again", counted(deaths)));
  return missing + failures + deaths == 0 ? done : failed;
}

void check_outputs(const parsed_arguments& given, const std::vector<named_file>& inputs) {
  check_files({{"--out", given.text("out"), true},
               {"--csv", given.text("csv")},
               {"--table", given.text("table")},
               {"--plot", given.text("plot")}},
              inputs);
  if (given.text("csv") == "-" && given.text("table") == "-") {
    throw usage_error("--csv - and --table -: one of them can go to standard output");
  }
  if (given.has("score") && !given.has("plot")) throw usage_error("--score says what --plot FILE draws");
}

int join_files(const parsed_arguments& given) {
  for (const char* name : {"over", "seeds", "shard", "set", "updates", "no-test", "jobs", "threads"}) {
    if (given.has(name)) throw usage_error(fmt::format("--{}: files that are joined have it already", name));
  }
  const std::vector<std::string> files = given.texts("netlist");
  if (files.empty()) throw usage_error("--join: which files? locus sweep --join part-*.h5 --out sweep.h5");
  const std::string out = given.text("out");
  const auto is_out = [&](const std::string& file) { return is_same_file(file, out); };
  const bool among = std::any_of(files.begin(), files.end(), is_out);
  std::vector<named_file> inputs;
  for (const std::string& file : files) {
    if (!is_out(file)) inputs.push_back({"a part", file});
  }
  check_outputs(given, inputs);
  if (!among && !given.has("force") && std::filesystem::exists(out)) {
    throw usage_error(fmt::format("\"{}\" exists: choose another name, join it too, or pass --force", out));
  }
  const sweep::results all = sweep::join(files);
  if (files.size() > 1 || !among) sweep::write(out, all, true);
  if (!quiet(given)) {
    print("{}: {} cells ({}), of {} file{}\n", fmt::format("{}", fmt::join(all.asked.names, ", ")), all.cells.size(),
          shape_of(all.asked.grid), files.size(), files.size() == 1 ? "" : "s");
  }
  return conclude(given, all, {});
}

int run_sweep(const parsed_arguments& given) {
  if (given.has("join")) return join_files(given);
  const auto jobs =
      static_cast<std::size_t>(given.whole("jobs", {1, 1024}).value_or(static_cast<std::int64_t>(usable_processors())));
  sweep::run_options options;
  options.file = given.text("out");
  options.jobs = jobs;
  options.threads = static_cast<std::uint32_t>(given.whole("threads", {1, 256}).value_or(1));
  options.replace = given.has("force");
  if (given.has("shard")) options.part = sweep::parse_shard(given.text("shard"));
  sweep::plan plan(wanted_sweep(given), all_templates());
  std::vector<named_file> inputs;
  for (const document& netlist : plan.asked().netlists) inputs.push_back({"the netlist", netlist.name()});
  check_outputs(given, inputs);
  plan.check(jobs, [](const std::string& warning) { tell("warning: " + warning); });
  // Mistakes in these are told now, not after hours.
  (void)sweep::summarise({sweep::question_of(plan), std::vector<sweep::cell_result>(plan.grid().cells())},
                         given.texts("against"));
  if (given.has("plot") && plan.grid().axes.empty()) throw usage_error("--plot: nothing is varied");

  progress_line progress;
  failure_list failures;
  std::size_t ended = 0, total = 0;
  options.on_start = [&](std::size_t to_run, std::size_t known) {
    ended = known;
    total = known + to_run;
    progress.begin_at(known);
    if (quiet(given)) return;
    const std::string part = given.has("shard") ? fmt::format(", shard {}", given.text("shard")) : "";
    print("{}: {} cells ({}){}, {} at once", fmt::format("{}", fmt::join(question_of(plan).names, ", ")),
          plan.grid().cells(), shape_of(plan.grid()), part, std::min(jobs, std::max<std::size_t>(1, to_run)));
    if (known > 0) fmt::print("; {} {} done already", known, known == 1 ? "is" : "are");
    fmt::print("\n");
    flush_output();
  };
  options.on_cell = [&](std::size_t cell, const sweep::cell_result& r) {
    if (r.state != sweep::cell_state::done) progress.clear();
    failures.tell_of(plan.grid().text(cell), r);
    ++ended;
    progress.show(fmt::format("{} of {}", ended, total), ended, total);
  };
  options.stop = [] { return interruption() != 0; };
  end_on_signals();
  const sweep::results all = sweep::run(plan, options);
  progress.clear();
  return conclude(given, all, options.part);
}

}  // namespace

const command& sweep_command() {
  static const command c = {
      .name = "sweep",
      .synopsis = "sweep NETLIST... --over KEY=VALUES... [options]",
      .summary = "run a netlist many times: over values of its keys, and seeds",
      .takes = {.name = "netlist", .required = false, .several = true},
      .options =
          std::vector<option>{
              {.name = "over",
               .argument = "KEY=VALUES",
               .help = "vary a key that --set knows (repeatable: all combinations); netlist=A,B varies the netlist, as "
                       "several NETLISTs do",
               .repeatable = true},
              {"seeds", "N", "run each with seeds 1 to N, or with those of a list: 3,7,11"},
              {"out", "FILE", "results (HDF5); a sweep that was stopped goes on where it stood", "sweep.h5"},
              {"jobs", "N", "cells at the same time (default: as many as there are processors to use)"},
              {.name = "against",
               .argument = "KEY=VALUE",
               .help = "also show differences, seed by seed, from the cell with this value and otherwise the same "
                       "(repeatable)",
               .repeatable = true},
              {"csv", "FILE", "write the cells, a line each (- for standard output)"},
              {"table", "FILE", "write means and standard deviations as CSV (- for standard output)"},
              {"plot", "FILE", "draw a score with error bars (PNG or SVG)"},
              {"score", "NAME", "which score --plot draws (default: that of the test set)"},
              {"shard", "K/N", "run the K-th of N parts (give each an --out of its own, and --join them)"},
              {"join", "", "in place of NETLISTs come files of parts, which become one"},
              {"force", "", "begin anew, and replace what is in --out"},
              {"updates", "N", "stop each run after N presentations"},
              {"no-test", "", "do not score the test set after each epoch"},
              {"threads", "N", "threads of each cell (default: 1)"},
          } +
          set_option() + data_option(),
      .run = run_sweep,
      .example =
          "locus sweep netlists/digits.toml --over learning.alpha=1e-4:1e-2:log5 --over "
          "circuit.activation=tanh,relu --seeds 5",
      .notes =
          "VALUES are parted by commas; each is one of\n"
          "  1e-4:1e-2:log5  5 numbers with equal ratios, both ends among them\n"
          "  0:1:lin11       11 numbers with equal differences, both ends among them\n"
          "  2:10:2          from 2 in steps of 2, up to 10\n"
          "  [64, 32, 10]    anything else that --set takes (commas within brackets and quotes part nothing)\n"
          "\n"
          "A seed is put where a run draws anew: into the weights, the order of samples, times that are drawn, and "
          "noise, but not where --set or --over say otherwise.\n"
          "Each cell runs in a process of its own. One that fails is recorded with its reason, the others go on, "
          "and the exit code is 1.\n"};
  return c;
}

}  // namespace locus::tools
