#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/core/rank_group.hpp"
#include "sim/run/whole_run.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/epoch_table.hpp"
#include "tools/locus/interruption.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/ranks.hpp"
#include "tools/locus/recording.hpp"
#include "tools/locus/run_report.hpp"

namespace locus::tools {
namespace {

/// 0: chosen by the circuit's size.
std::size_t threads_option(const parsed_arguments& arguments) {
  return static_cast<std::size_t>(arguments.whole("threads", {1, 256}).value_or(0));
}

/// --checkpoint, --every-updates, --resume
std::vector<option> checkpoint_options() {
  return {{"checkpoint", "FILE",
           "write the whole state into FILE (HDF5) at the start, now and then, and at whatever end: when Ctrl-C, "
           "SIGTERM or an error ends the run, the state before the presentation that was not finished"},
          {"every-updates", "N", "with --checkpoint: write it after each N presentations, instead of once a minute"},
          {"resume", "FILE",
           "go on from a checkpoint, with the netlist that it holds unless NETLIST is given, to the bits of a run that "
           "never stopped; [trace] and stimuli.epochs may differ: locus run --resume c.h5 --set stimuli.epochs=60"}};
}

run_request run_request_of(const parsed_arguments& parsed) {
  run_request r;
  r.checkpoint = {parsed.text("checkpoint"),
                  parsed.text("resume"),
                  static_cast<std::uint64_t>(parsed.whole("every-updates", 1).value_or(0)),
                  parsed.has("force"),
                  parsed.text("against"),
                  !parsed.has("no-test")};
  r.overrides = parsed.texts("set");
  if (!parsed.has("netlist") && r.checkpoint.resume.empty())
    throw usage_error(fmt::format("netlist is missing; usage: locus {}", run_command().synopsis));
  if (parsed.has("netlist")) r.netlist = document::from_file(parsed.text("netlist"), r.overrides);
  r.trace = wanted_trace(parsed);
  r.weights = parsed.text("save-weights");
  r.results = parsed.text("json");
  r.updates = static_cast<std::uint64_t>(parsed.whole("updates", 1).value_or(0));
  r.track_activity = !parsed.has("no-tracking");
  r.threads = threads_option(parsed);
  r.interrupted = [] { return interruption() != 0; };
  r.warn = [](const std::string& warning) { tell("warning: " + warning); };
  return r;
}

/// Builds the circuit, runs it and reports; returns the exit code.
int run_and_report(whole_run& run, const std::string& json_file, std::chrono::steady_clock::time_point start) {
  progress_line progress;
  std::optional<epoch_table> table;
  run.on_epoch = [&](experiment&, const epoch_result& e) {
    progress.clear();
    table->print(e);
  };
  run.on_batch = [&](experiment& x, std::uint32_t epoch) {
    progress.show(fmt::format("epoch {}", epoch), x.presentations(), x.batches() * run.netlist().epochs);
  };
  experiment& x = run.begin();
  progress.begin_at(x.presentations());
  end_on_signals();
  print_start(x, run.netlist(), run.facts(), run.data());
  flush_output();  // no file for a run whose results nobody would see
  if (const recording& trace = run.record(); !trace.file().empty())
    print("trace: {}, {}\n", trace.file(), trace.size());
  table.emplace(x.net(), run.data()).print_header();
  const run_result& result = run.run();
  run_facts facts = run.facts();
  facts.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print_outcome(result, facts, x.net());
  if (!json_file.empty()) write_output(json_file, results_as_json(result, facts, x.net()));
  return result.stopped ? interrupted_by + interruption() : done;
}

/// Brings the checkpoint to where the run came.
void catch_up(whole_run& run) {
  const std::optional<std::uint64_t> end = run.catch_up();
  if (end && std::ferror(stdout) == 0) print("checkpoint: {}, after {} presentations\n", run.facts().checkpoint, *end);
}

/// A rank that is not 0 says nothing, unless it cannot go on.
int serve(rank_group& ranks, const parsed_arguments& parsed) {
  return serving(ranks, [&] {
    run_request request = run_request_of(parsed);
    request.warn = nullptr;
    request.ranks = &ranks;
    whole_run(std::move(request)).serve();
  });
}

int run_run(const parsed_arguments& parsed) {
  const auto start = std::chrono::steady_clock::now();
  rank_group* const ranks = ranks_of_program();
  if (ranks != nullptr && ranks->rank() != 0) return serve(*ranks, parsed);
  leading_ranks lead(ranks);
  run_request request = run_request_of(parsed);
  request.ranks = ranks;
  whole_run run(std::move(request));
  lead.begin();
  int code = failed;
  try {
    code = run_and_report(run, parsed.text("json"), start);
  } catch (...) {
    try {
      catch_up(run);
    } catch (const std::exception& e) {
      tell(fmt::format("the last checkpoint stays as it was: {}", e.what()));
    }
    throw;
  }
  catch_up(run);
  return code;
}

}  // namespace

const command& run_command() {
  static const command c = {
      .name = "run",
      .synopsis = "run NETLIST [options]",
      .summary = "simulate a netlist: train, evaluate, record, resume",
      .takes = {.name = "netlist", .required = false},
      .options =
          set_option() + data_option() +
          std::vector<option>{
              {"against", "RULE|NETLIST",
               "run a second circuit on the same data and compare the weights: bp, il, z-il, fa-z-il, or another "
               "netlist"},
              {"updates", "N", "stop after N presentations"},
          } +
          recording_options() +
          std::vector<option>{
              {"save-weights", "FILE", "write the final weights (HDF5)"},
              {"json", "FILE", "write the result for programs (- for standard output)"},
              {"threads", "N",
               "compute on N threads (default: as many as the circuit's size is worth); never changes a result"},
              {"no-test", "", "do not score the test set after each epoch"},
              {"no-tracking", "", "compute everything in every tick: same bits, slower (to check activity tracking)"},
          } +
          checkpoint_options(),
      .run = run_run,
      .example = "locus run netlists/digits.toml --against bp --trace digits.h5",
      .in_ranks = true};
  return c;
}

}  // namespace locus::tools
