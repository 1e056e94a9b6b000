#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/core/sha256.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/netlist/weights_file.hpp"
#include "sim/trace/trace_writer.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/run_report.hpp"
#include "tools/locus/twin.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;

volatile std::sig_atomic_t interrupted = 0;
extern "C" void note_interrupt(int) { interrupted = 1; }

std::string text_option(const parsed_arguments& arguments, const char* name) {
  return arguments.values.count(name) != 0 ? arguments.values[name].as<std::string>() : std::string();
}

/// 0: chosen by the circuit's size.
std::size_t threads_option(const parsed_arguments& arguments) {
  if (arguments.values.count("threads") == 0) return 0;
  constexpr std::size_t most = 256;
  const auto threads = arguments.values["threads"].as<std::size_t>();
  if (threads >= 1 && threads <= most) return threads;
  throw usage_error(fmt::format("--threads {}: must be 1 to {}", arguments.values["threads"].as<std::size_t>(), most));
}

/// [trace] of the netlist, or what --trace says; nothing if there is no file.
std::optional<trace_description> wanted_trace(const parsed_arguments& arguments, const description& netlist) {
  trace_description trace = netlist.trace;
  if (const std::string file = text_option(arguments, "trace"); !file.empty()) trace.file = file;
  if (arguments.values.count("no-trace") != 0 || trace.file.empty()) return std::nullopt;
  if (trace.record.empty()) trace.record = {"*"};
  return trace;
}

std::unique_ptr<trace_writer> open_trace(const trace_description& trace, experiment& x, const document& text,
                                         const description& netlist, bool force) {
  const std::string canonical = text.canonical_text();
  sha256 hash;
  hash.update(std::as_bytes(std::span(canonical)));
  const trace_provenance run{canonical, hash.hex(), weights_seed(netlist), LOCUS_VERSION};
  auto writer = std::make_unique<trace_writer>(x.net(), trace, run, force);
  const double bytes = static_cast<double>(trace_writer::predicted_bytes(x.net(), trace, x.planned_ticks()));
  fmt::print("trace: {}, {:.1f} MB before compression\n", trace.file, bytes / 1e6);
  x.sim().observe(writer.get());
  return writer;
}

void save_weights(const std::string& file, const simulator& s) {
  const circuit& c = s.net();
  std::vector<named_weights> all;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse == nullptr) continue;
    const bool dense = p.shape == projection_shape::dense;
    const auto columns = dense ? c.size_before(p) : static_cast<std::uint32_t>(c.connections(p));
    all.push_back({p.name, {dense ? c.size_after(p) : 1, columns, s.weights(i)}, c.precision == "f32"});
  }
  write_weights(file, all);
}

run_result run_recorded(experiment& x, trace_writer* trace) {
  try {
    run_result result = x.run();
    if (trace == nullptr) return result;
    if (result.stopped) trace->abort("interrupted");
    else trace->close();
    return result;
  } catch (const std::exception& e) {
    if (trace != nullptr) trace->abort(e.what());
    throw;
  }
}

}  // namespace

po::options_description run_options() {
  po::options_description options("options");
  add_set_option(options);
  options.add_options()  //
      ("against", po::value<std::string>()->value_name("RULE|NETLIST"),
       "run a second circuit on the same data and compare the weights: bp, il, z-il, fa-z-il, or another netlist")  //
      ("updates", po::value<std::uint64_t>()->value_name("N"), "stop after N presentations")                        //
      ("trace", po::value<std::string>()->value_name("FILE"), "record into FILE (HDF5), instead of [trace] file")   //
      ("no-trace", "record nothing")                                                                                //
      ("force", "overwrite an existing trace file")                                                                 //
      ("save-weights", po::value<std::string>()->value_name("FILE"), "write the final weights (HDF5)")              //
      ("json", po::value<std::string>()->value_name("FILE"),
       "write the result for programs (- for standard output)")  //
      ("threads", po::value<std::size_t>()->value_name("N"),
       "compute on N threads (default: as many as the circuit's size is worth); never changes a result")  //
      ("no-test", "do not score the test set after each epoch")                                           //
      ("no-tracking", "compute everything in every tick: same bits, slower (to check activity tracking)");
  return options;
}

int run_command(const std::vector<std::string>& arguments) {
  const parsed_arguments parsed = parse_arguments(command_named("run"), arguments);
  if (parsed.help_shown) return done;
  const auto start = std::chrono::steady_clock::now();
  const loaded_netlist loaded = load_netlist(parsed);
  const description& netlist = loaded.netlist;
  std::optional<description> twin;
  experiment_options options;
  if (const std::string against = text_option(parsed, "against"); !against.empty()) {
    twin = make_twin(parsed, loaded.text, against);
    options.against = &*twin;
    options.against_name = against;
  }
  if (parsed.values.count("updates") != 0) options.max_updates = parsed.values["updates"].as<std::uint64_t>();
  options.evaluate = parsed.values.count("no-test") == 0;
  options.simulation.track_activity = parsed.values.count("no-tracking") == 0;
  options.simulation.threads = threads_option(parsed);
  options.stop = [] { return interrupted != 0; };
  progress_line progress;
  options.on_epoch = [&](const epoch_result& e) {
    progress.clear();
    print_epoch(e);
  };
  options.on_batch = [&](std::uint32_t epoch, std::uint64_t batch, std::uint64_t batches) {
    progress.show(fmt::format("epoch {}", epoch), (epoch - 1) * batches + batch, batches * netlist.epochs);
  };

  const data_set data = load_data(netlist.data);
  experiment x(netlist, data, options);
  run_facts facts{
      loaded.text.name(), data.name, data.note, weights_seed(netlist), 0, {}, text_option(parsed, "save-weights")};
  print_start(x, netlist, facts, data);
  std::unique_ptr<trace_writer> trace;
  if (const auto wanted = wanted_trace(parsed, netlist)) {
    trace = open_trace(*wanted, x, loaded.text, netlist, parsed.values.count("force") != 0);
    facts.trace = wanted->file;
  }
  print_epoch_header();
  std::signal(SIGINT, note_interrupt);
  const run_result result = run_recorded(x, trace.get());
  facts.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!facts.weights.empty()) save_weights(facts.weights, x.sim());
  print_summary(result, facts);
  if (const std::string file = text_option(parsed, "json"); !file.empty()) write_json(file, result, facts, x.net());
  return done;
}

}  // namespace locus::tools
