#include "sim/view/live_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/core/errors.hpp"
#include "sim/core/find_by_name.hpp"

namespace locus {
namespace {

constexpr std::size_t ring_bytes = std::size_t{48} << 20u;
constexpr std::uint64_t past_bytes = std::uint64_t{32} << 20u;
constexpr std::size_t rows_kept = 100'000;  // of presentations and stimuli

}  // namespace

live_run::visit::visit(live_run& run) : run_(run) {
  ++run_.visitors_;
  lock_ = std::unique_lock(run_.mutex_);
  --run_.visitors_;
}

live_run::visit::~visit() {
  lock_.unlock();
  run_.changed_.notify_all();
}

live_run::live_run(document netlist)
    : loaded_(std::move(netlist)),
      netlist_(std::make_unique<description>(loaded_.netlist)),
      data_(load_data(netlist_->data)) {
  build();
  remember();
  ring_ = std::make_unique<tick_ring>(experiment_->net(), ring_bytes);
  thread_ = std::thread([this] { work(); });
  visit here(*this);
  stand([this] { return parked_ || done_; }, here, std::chrono::seconds(1));
}

live_run::~live_run() {
  {
    visit here(*this);
    quit_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void live_run::build() {
  experiment_options options;
  options.simulation.track_activity = false;  // every tick is computed, so that each can be held
  options.simulation.threads = 0;
  options.simulation.stop = [this] { return gate(); };
  options.stop = [this](experiment&) { return quit_ || changing_; };
  options.on_batch = [this](experiment&, std::uint32_t) { presenting_ = false; };
  options.on_epoch = [this](experiment&, const epoch_result& e) {
    if (!quit_ && kept_.entries.empty()) epochs_.push_back(e);  // not one that goes on in another circuit
  };
  options.on_pause = [this](experiment& x, bool) {
    if (!changing_) return;
    archive to = archive::writer(kept_);
    x.serialize(to);
  };
  experiment_ = std::make_unique<experiment>(*netlist_, data_, std::move(options));
  experiment_->sim().observe(this);
  experiment_->on_presentation([this](const begun_presentation& p) {
    presenting_ = true;
    traced_presentation t;
    t.first = p.first;
    t.teacher = t.first + p.times.predict;
    t.end = t.teacher + p.times.teach + p.times.rest;
    t.number = static_cast<std::int64_t>(p.times.number);
    t.epoch = p.epoch;
    ++presentations_seen_;
    for (std::uint32_t lane = 0; lane < p.samples.size(); ++lane) {
      t.lane = lane;
      t.sample = p.samples[lane];
      t.label.reset();
      if (!p.labels.empty() && p.labels[p.samples[lane]] >= 0) t.label = p.labels[p.samples[lane]];
      presentations_.push_back(t);
      if (presentations_.size() > rows_kept) presentations_.pop_front();
    }
    if (goal_ == goal::presentation) {
      goal_ = goal::none;
      running_ = false;
      steps_ = 1;  // its first tick
    }
  });
}

/// Begins anew what is kept for explaining: it is of one circuit.
void live_run::remember() {
  const circuit& c = experiment_->net();
  constexpr std::uint64_t few = 3;  // ticks, to tell of one
  past_.reset();
  if (few * history::bytes_of_tick(c) <= past_bytes) past_ = std::make_unique<history>(c, past_bytes);
  near_ = std::make_unique<locality>(c, *netlist_, data_);
}

const history* live_run::past() {
  if (past_) past_->conclude(experiment_->sim());
  return past_.get();
}

void live_run::work() {
  own_ = std::unique_lock(mutex_);
  while (true) {
    try {
      static_cast<void>(experiment_->run());
      if (changing_ && !quit_ && !kept_.entries.empty()) {
        // The presentation is over: the same state, in the circuit with the new parameter.
        past_.reset();
        near_.reset();
        experiment_.reset();
        netlist_ = std::move(next_);
        build();
        remember();
        archive from = archive::reader(kept_);
        experiment_->serialize(from);
        rebuilt_ = experiment_->sim().now();
        kept_ = {};
        for (auto& [population, h] : clamped_) h.since.reset();
        changing_ = false;
        changed_.notify_all();
        continue;
      }
    } catch (const std::exception& e) {
      ended_ = e.what();
    }
    break;
  }
  done_ = true;
  running_ = changing_ = false;
  steps_ = 0;
  goal_ = goal::none;
  own_.unlock();
  changed_.notify_all();
}

void live_run::let_others_in() {
  if (visitors_.load() == 0) return;
  changed_.wait_for(own_, std::chrono::milliseconds(5), [this] { return visitors_.load() == 0; });
}

/// Before each tick, in the run's thread, which holds the mutex meanwhile. True ends the run.
bool live_run::gate() {
  let_others_in();
  if (quit_) return true;
  if (!presenting_ || changing_) return false;
  if (!free_to_go()) {
    parked_ = true;
    changed_.notify_all();
    changed_.wait(own_, [this] { return free_to_go(); });
    parked_ = false;
    due_ = std::chrono::steady_clock::now();
  }
  if (running_ && steps_ == 0 && goal_ == goal::none && speed_) {
    const double wanted = *speed_;
    changed_.wait_until(own_, due_, [&] { return quit_ || !running_ || speed_ != wanted; });
    if (!free_to_go()) return gate();
    const auto step =
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(1 / wanted));
    due_ = std::max(due_ + step, std::chrono::steady_clock::now() - step);
  }
  if (quit_) return true;
  if (steps_ > 0) --steps_;
  keep_clamps();
  return false;
}

/// The netlist's own stimuli go on meanwhile: what is held is held again after each.
void live_run::keep_clamps() {
  simulator& s = experiment_->sim();
  for (auto& [population, h] : clamped_) {
    if (h.since && s.held_since(population) == h.since) continue;
    s.clamp(population, h.values);
    h.since = s.held_since(population);
    if (h.since) by_hand_.emplace_back(population, *h.since);
    if (by_hand_.size() > rows_kept) by_hand_.pop_front();
  }
}

bool live_run::held_by_hand(std::size_t population, tick_t on) const {
  return std::find(by_hand_.rbegin(), by_hand_.rend(), std::pair(population, on)) != by_hand_.rend();
}

void live_run::note_stimuli(tick_t tick, const simulator& s) {
  for (std::size_t p = 0; p < s.net().populations.size(); ++p) {
    const std::optional<tick_t> on = s.held_since(p);
    const auto open = stimulated_since_.find(p);
    if (open != stimulated_since_.end() && (!on || *on != open->second)) {
      for (auto w = stimuli_.rbegin(); w != stimuli_.rend(); ++w) {
        if (w->population != s.net().populations[p].name) continue;
        w->off = on.value_or(tick);
        break;
      }
      stimulated_since_.erase(open);
    }
    if (on && !stimulated_since_.contains(p)) {
      stimulated_since_[p] = *on;
      stimuli_.push_back({s.net().populations[p].name, *on, std::numeric_limits<tick_t>::max()});
      if (stimuli_.size() > rows_kept) stimuli_.pop_front();
    }
  }
}

void live_run::on_tick(tick_t tick, const simulator& s) {
  ring_->take(tick, s);
  if (past_) past_->on_tick(tick, s);
  note_stimuli(tick, s);
  const bool reached = (goal_ == goal::change && ring_->fields_changed()) ||
                       (goal_ == goal::spike && ring_->spiked()) || (goal_ == goal::weight && ring_->weights_changed());
  if (!reached) return;
  goal_ = goal::none;
  running_ = false;
  steps_ = 0;
}

void live_run::on_quiet(tick_t first, tick_t last, const simulator& s) {
  ring_->hold(last);
  if (past_) past_->on_quiet(first, last, s);
  note_stimuli(first, s);
}

void live_run::stand(const std::function<bool()>& until, visit& here, std::chrono::milliseconds most) {
  changed_.notify_all();
  changed_.wait_for(here.lock_, most, until);
}

void live_run::run(std::optional<double> speed) {
  if (done_) return;
  speed_ = speed;
  steps_ = 0;
  goal_ = goal::none;
  running_ = true;
  due_ = std::chrono::steady_clock::now();
}

void live_run::pause() {
  running_ = false;
  steps_ = 0;
  goal_ = goal::none;
}

void live_run::step(visit& here, std::uint64_t ticks) {
  if (done_) return;
  running_ = false;
  goal_ = goal::none;
  steps_ = ticks;
  parked_ = false;
  stand([this] { return parked_ || done_; }, here, std::chrono::seconds(1));
}

void live_run::step_to(visit& here, goal what) {
  if (done_) return;
  running_ = false;
  steps_ = 0;
  goal_ = what;
  parked_ = false;
  stand([this] { return parked_ || done_; }, here, std::chrono::seconds(1));
}

void live_run::perturb(output_id field, std::size_t neuron, std::size_t lane, double value) {
  experiment_->sim().perturb(field, neuron, lane, value);
}

void live_run::clamp(std::size_t population, std::vector<double> values) {
  clamped_[population] = {population, std::move(values), std::nullopt};
}

void live_run::release(std::size_t population) {
  if (clamped_.erase(population) != 0) experiment_->sim().release(population);
}

bool live_run::set_parameter(visit& here, const std::string& entity, const parameter_setting& setting) {
  auto next = std::make_unique<description>(*netlist_);
  const auto set = [&](auto& entities) {
    const auto found = find_by_name(entities, entity);
    if (!found) return false;
    std::vector<parameter_setting>& params = entities[*found].params;
    const auto same = std::find_if(params.begin(), params.end(), [&](const auto& p) { return p.name == setting.name; });
    if (same == params.end()) params.push_back(setting);
    else *same = setting;
    return true;
  };
  if (!set(next->populations) && !set(next->projections)) {
    std::vector<std::string> names;
    for (const auto& p : next->populations) names.push_back(p.name);
    for (const auto& p : next->projections) names.push_back(p.name);
    throw usage_error(fmt::format("there is no population or projection \"{:.60}\"{}", entity,
                                  suggestion(entity.substr(0, 200), names)));
  }
  static_cast<void>(outline_circuit(*next));  // throws if the value is none of the parameter's
  next_ = std::move(next);
  changing_ = true;
  stand([this] { return !changing_ || done_; }, here, std::chrono::seconds(10));
  return !changing_ && !done_;
}

}  // namespace locus
