#include "sim/run/whole_run.hpp"

#include <chrono>
#include <utility>

#include "sim/core/rank_group.hpp"
#include "sim/engine/joint_simulator.hpp"
#include "sim/run/files.hpp"

namespace locus {
namespace {

/// Whether to end a run within a presentation. One that is nearly over is better brought to its end, so that a run can
/// go on from there.
class impatience {
 public:
  explicit impatience(std::function<bool()> interrupted) : interrupted_(std::move(interrupted)) {}

  bool operator()() {
    if (!interrupted_()) return false;
    const clock::time_point now = clock::now();
    if (!heard_) heard_ = now;
    return now - *heard_ > std::chrono::seconds(1);
  }

 private:
  using clock = std::chrono::steady_clock;
  std::function<bool()> interrupted_;
  std::optional<clock::time_point> heard_;
};

}  // namespace

whole_run::whole_run(run_request request)
    : request_(std::move(request)),
      checkpoints_(request_.checkpoint),
      loaded_(checkpoints_.load(request_.netlist, request_.overrides)) {
  if (request_.warn) {
    for (const std::string& warning : netlist().warnings) request_.warn(warning);
  }
  if (request_.ranks != nullptr && request_.ranks->rank() != 0) return;
  twin_ = checkpoints_.twin(loaded_, request_.overrides);
  check_files();
  data_ = load_data(netlist().data);
  facts_.netlist = loaded_.text.name();
  facts_.data = data_.name;
  facts_.data_note = data_.note;
  facts_.seed = weights_seed(netlist());
  facts_.weights = request_.weights;
  facts_.checkpoint = checkpoints_.file();
  facts_.resumed_from = checkpoints_.resumed_from();
}

void whole_run::check_files() const {
  std::vector<named_file> inputs = files_of(netlist());
  if (twin_) {
    for (named_file& file : files_of(*twin_)) inputs.push_back({"--against: " + file.role, file.path});
  }
  if (!is_same_file(checkpoints_.file(), checkpoints_.resumed_from()))
    inputs.push_back({"--resume", checkpoints_.resumed_from()});
  locus::check_files({{"the trace", file_of_trace(request_.trace, netlist())},
                      {"--checkpoint", checkpoints_.file(), true},
                      {"--save-weights", request_.weights, true},
                      {"--json", request_.results}},
                     inputs);
}

experiment_options whole_run::options() const {
  experiment_options options;
  if (twin_) {
    options.against = &*twin_;
    options.against_name = checkpoints_.against();
  }
  options.max_updates = request_.updates;
  options.evaluate = checkpoints_.evaluates();
  options.simulation.track_activity = request_.track_activity;
  options.simulation.threads = request_.threads;
  options.simulation.ranks = request_.ranks;
  return options;
}

void whole_run::serve() {
  simulator_options each = options().simulation;
  if (request_.interrupted) each.stop = [] { return false; };  // rank 0 decides
  const auto build = [&] { return build_circuit(netlist(), all_models(), request_.ranks->partition(), each.threads); };
  serve_ranks(build, each);
}

experiment& whole_run::begin() {
  experiment_options all = options();
  if (request_.ranks != nullptr)
    all.simulation.all_connections = twin_ || !request_.weights.empty() || records_synapses(request_.trace, netlist());
  if (request_.interrupted) {
    all.simulation.stop = impatience(request_.interrupted);
    all.stop = [this](experiment&) { return request_.interrupted(); };
  }
  all.on_epoch = on_epoch;
  all.on_batch = on_batch;
  all.on_pause = [this](experiment& x, bool last) { checkpoints_.pause(x, last); };
  experiment_ = std::make_unique<experiment>(netlist(), data_, std::move(all));
  checkpoints_.resume(*experiment_);
  facts_.resumed_after = experiment_->presentations();
  facts_.resumed_at = experiment_->sim().now();
  return *experiment_;
}

const recording& whole_run::record() {
  recording_.emplace(request_.trace, loaded_, *experiment_);
  facts_.trace = recording_->file();
  checkpoints_.begin(*experiment_);
  return *recording_;
}

const run_result& whole_run::run() {
  const auto start = std::chrono::steady_clock::now();
  result_ = recording_->run(*experiment_);
  facts_.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!facts_.weights.empty()) save_weights(facts_.weights, experiment_->sim(), provenance(loaded_));
  return result_;
}

std::optional<std::uint64_t> whole_run::catch_up() { return checkpoints_.catch_up(netlist(), data_, options()); }

}  // namespace locus
