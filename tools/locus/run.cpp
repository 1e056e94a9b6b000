#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/netlist/weights_file.hpp"
#include "sim/trace/synapse_ends.hpp"
#include "tools/locus/checkpointing.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/epoch_table.hpp"
#include "tools/locus/files.hpp"
#include "tools/locus/loading.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/recording.hpp"
#include "tools/locus/run_report.hpp"
#include "tools/locus/twin.hpp"

namespace locus::tools {
namespace {

volatile std::sig_atomic_t interrupted = 0;  // number of the signal

/// The first signal ends the run with what it has come to; the second one kills.
extern "C" void note_interrupt(int signal) {
  interrupted = signal;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

void end_on_signals() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESTART;  // what is being written is written to its end
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

/// Whether to end the run within a presentation. One that is nearly over is better brought to its end, so that a run
/// can go on from there.
class impatience {
 public:
  bool operator()() {
    if (interrupted == 0) return false;
    const clock::time_point now = clock::now();
    if (!heard_) heard_ = now;
    return now - *heard_ > std::chrono::seconds(1);
  }

 private:
  using clock = std::chrono::steady_clock;
  std::optional<clock::time_point> heard_;
};

/// 0: chosen by the circuit's size.
std::size_t threads_option(const parsed_arguments& arguments) {
  return static_cast<std::size_t>(arguments.whole("threads", {1, 256}).value_or(0));
}

/// The weights, and if not all neurons are connected which are, so that each can be told whose it is.
void save_weights(const std::string& file, const simulator& s, const trace_provenance& run) {
  const circuit& c = s.net();
  std::vector<named_weights> all;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse == nullptr) continue;
    const auto [rows, columns] = c.weight_matrix(p);
    const bool listed = p.shape != projection_shape::dense && !p.window;
    const synapse_ends ends = listed ? ends_of(c, p) : synapse_ends();
    all.push_back({p.name,
                   {rows, static_cast<std::uint32_t>(columns), s.weights(i)},
                   c.precision == precision::f32,
                   ends.source,
                   ends.target});
  }
  write_weights(file, all, {run.netlist, run.netlist_sha256, run.version});
}

/// What is run, and how.
struct wanted_run {
  const parsed_arguments& parsed;
  const loaded_netlist& loaded;
  const data_set& data;
  const experiment_options& options;
  checkpointing& checkpoints;
};

/// Throws usage_error if a file has two uses.
void check_files(const parsed_arguments& parsed, const description& netlist, const description* twin,
                 const checkpointing& checkpoints) {
  std::vector<named_file> inputs = files_of(netlist);
  if (twin != nullptr) {
    for (named_file& file : files_of(*twin)) inputs.push_back({"--against: " + file.role, file.path});
  }
  if (!is_same_file(checkpoints.file(), checkpoints.resumed_from())) {
    inputs.push_back({"--resume", checkpoints.resumed_from()});
  }
  check_files({{"the trace", trace_file(parsed, netlist)},
               {"--checkpoint", checkpoints.file(), true},
               {"--save-weights", parsed.text("save-weights"), true},
               {"--json", parsed.text("json")}},
              inputs);
}

/// Builds the circuit, runs it and reports; returns the exit code.
int run_and_report(const wanted_run& r, run_facts facts, std::chrono::steady_clock::time_point start) {
  const description& netlist = r.loaded.netlist;
  progress_line progress;
  experiment_options options = r.options;
  std::optional<epoch_table> table;
  options.on_epoch = [&](experiment&, const epoch_result& e) {
    progress.clear();
    table->print(e);
  };
  options.on_pause = [&](experiment& x, bool last) { r.checkpoints.pause(x, last); };
  options.on_batch = [&](experiment& x, std::uint32_t epoch) {
    progress.show(fmt::format("epoch {}", epoch), x.presentations(), x.batches() * netlist.epochs);
  };
  experiment x(netlist, r.data, options);
  r.checkpoints.resume(x);
  progress.begin_at(x.presentations());
  facts.resumed_after = x.presentations();
  facts.resumed_at = x.sim().now();
  end_on_signals();
  print_start(x, netlist, facts, r.data);
  flush_output();  // no file for a run whose results nobody would see
  recording trace(r.parsed, r.loaded, x);
  facts.trace = trace.file();
  r.checkpoints.begin(x);
  table.emplace(x.net(), r.data).print_header();
  const run_result result = trace.run(x);
  facts.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!facts.weights.empty()) save_weights(facts.weights, x.sim(), provenance(r.loaded));
  print_summary(result, facts, x.net());
  if (const std::string file = r.parsed.text("json"); !file.empty()) write_json(file, result, facts, x.net());
  return result.stopped ? interrupted_by + interrupted : done;
}

int run_run(const parsed_arguments& parsed) {
  const auto start = std::chrono::steady_clock::now();
  checkpointing checkpoints(parsed);
  const loaded_netlist loaded = checkpoints.load();
  const description& netlist = loaded.netlist;
  const std::optional<description> twin = checkpoints.twin(loaded);
  check_files(parsed, netlist, twin ? &*twin : nullptr, checkpoints);
  experiment_options options;
  if (twin) {
    options.against = &*twin;
    options.against_name = checkpoints.against();
  }
  options.max_updates = static_cast<std::uint64_t>(parsed.whole("updates", 1).value_or(0));
  options.evaluate = checkpoints.evaluates();
  options.simulation.track_activity = !parsed.has("no-tracking");
  options.simulation.threads = threads_option(parsed);
  options.simulation.stop = impatience();
  options.stop = [](experiment&) { return interrupted != 0; };

  const data_set data = load_data(netlist.data);
  run_facts facts;
  facts.netlist = loaded.text.name();
  facts.data = data.name;
  facts.data_note = data.note;
  facts.seed = weights_seed(netlist);
  facts.weights = parsed.text("save-weights");
  facts.checkpoint = checkpoints.file();
  facts.resumed_from = checkpoints.resumed_from();
  const wanted_run wanted{parsed, loaded, data, options, checkpoints};
  int code = failed;
  try {
    code = run_and_report(wanted, facts, start);
  } catch (...) {
    try {
      checkpoints.catch_up(netlist, data, options);
    } catch (const std::exception& e) {
      tell(fmt::format("the last checkpoint stays as it was: {}", e.what()));
    }
    throw;
  }
  checkpoints.catch_up(netlist, data, options);
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
      .example = "locus run netlists/digits.toml --against bp --trace digits.h5"};
  return c;
}

}  // namespace locus::tools
