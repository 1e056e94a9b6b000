#include "sim/engine/simulator.hpp"

#include <algorithm>

#include "sim/circuit/schedule.hpp"
#include "sim/core/processors.hpp"
#include "sim/engine/arithmetic.hpp"
#include "sim/engine/exchange.hpp"
#include "sim/engine/joint_simulator.hpp"
#include "sim/engine/network_archive.hpp"
#include "sim/engine/network_state.hpp"
#include "sim/engine/nonfinite.hpp"
#include "sim/engine/plasticity.hpp"
#include "sim/engine/rank_exchange.hpp"
#include "sim/engine/stimulation.hpp"
#include "sim/engine/sweeps.hpp"

namespace locus {
namespace {

/// As many threads as it may have processors where the circuit is large enough to keep them busy: some 0.1 ms a full
/// sweep.
std::size_t worthwhile_threads(const circuit& c) {
  std::uint64_t products = 0;
  for (const projection& p : c.projections) products += c.connections(p) * c.lanes;
  return products < 1'000'000 ? 1 : usable_processors();
}

template <class P>
class simulation final : public simulator {
 public:
  simulation(const circuit& c, const simulator_options& options)
      : simulation(c, options, options.target ? *options.target : chosen_target()) {}

  const circuit& net() const noexcept override { return net_; }
  tick_t now() const noexcept override { return now_; }
  const activity& counters() const noexcept override { return counters_; }
  const std::optional<std::string>& nonfinite() const noexcept override { return nonfinite_; }
  void observe(tick_observer* observer) override { observer_ = observer; }
  void set_learning(bool on) override {
    learning_on_ = on;
    for (learning_state<P>& l : network_.learning) l.settled = false;  // what it saw may have changed meanwhile
    busy_ = true;
  }

  void silence_noise() override {
    noisy_ = false;
    exchange_.silence(now_);
  }

  void advance(tick_t until) override {
    check_whole();
    if (now_ < until) check_arithmetic();
    while (now_ < until) {
      if (!busy_) {
        if (observer_ != nullptr) observer_->on_quiet(now_, until, *this);
        counters_.ticks += static_cast<std::uint64_t>(until - now_);
        now_ = until;
        return;
      }
      if (stops()) throw advance_stopped();
      run_tick();
    }
  }

  void clamp(std::size_t population, std::span<const double> values) override {
    stimulation_.clamp(population, values, now_);
    busy_ = true;
  }
  void clamp_lane(std::size_t population, std::size_t lane, std::span<const double> values) override {
    stimulation_.clamp_lane(population, lane, values, now_);
    busy_ = true;
  }
  void clamp_lane(std::size_t population, std::size_t lane, std::span<const float> values) override {
    stimulation_.clamp_lane(population, lane, values, now_);
    busy_ = true;
  }
  void release(std::size_t population) override { busy_ = stimulation_.release(population) || busy_; }

  void impose(std::size_t population, port_id source, std::span<const double> added) override {
    stimulation_.impose(population, source, added);
    busy_ = true;
  }

  std::optional<tick_t> held_since(std::size_t population) const noexcept override {
    const population_state<P>& p = network_.populations[population];
    if (p.imposed_at == now_) return now_;
    if (p.clamp_on) return p.clamp_since;
    return std::nullopt;
  }

  double value(output_id field, std::size_t neuron, std::size_t lane) const override {
    return network_.populations[field.population].fields[field.field][field_offset(neuron, lane, lanes_)];
  }

  void read_field(output_id field, void* destination) const override {
    const population_state<P>& p = network_.populations[field.population];
    P* to = static_cast<P*>(destination);
    const P* from = p.fields[field.field];
    if (lanes_ == 1) {  // neuron after neuron there, too
      std::copy_n(from, p.size, to);
      return;
    }
    for (std::size_t i = 0; i < p.size; ++i) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) *to++ = from[field_offset(i, lane, lanes_)];
    }
  }

  void perturb(output_id field, std::size_t neuron, std::size_t lane, double value) override {
    stimulation_.perturb(field, neuron, lane, value);
    busy_ = true;
  }

  void read_weights(std::size_t projection, void* destination) const override {
    check_whole();
    P* const to = static_cast<P*>(destination);
    const projection_state<P>& state = network_.projections[projection];
    if (!network_.has_weights(projection)) {
      if (network_.ranks.counts()) std::fill_n(to, net_.weights(net_.projections[projection]), P(1));
      return;
    }
    list(state, 1, to, [&](std::size_t at, std::size_t) { return state.theta()[at]; });
  }

  std::vector<double> weights(std::size_t projection) const override {
    std::vector<P> native(net_.weights(net_.projections[projection]));
    read_weights(projection, native.data());
    return {native.begin(), native.end()};
  }

  void read_synapse_field(std::size_t projection, std::size_t field, void* destination) const override {
    check_whole();
    const projection_state<P>& state = network_.projections[projection];
    if (field >= state.fields().size()) throw internal_error("synapse_field: there is no such field");
    const std::size_t lanes = state.fields()[field].declared->per_lane ? lanes_ : 1;
    list(state, lanes, static_cast<P*>(destination),
         [&](std::size_t at, std::size_t lane) { return state.value(field, at, lane); });
  }

  std::vector<double> synapse_field(std::size_t projection, std::size_t field) const override {
    const auto& p = net_.projections[projection];
    const bool per_lane = p.learns() && field < p.synapse->state.size() && p.synapse->state[field].per_lane;
    std::vector<P> native(net_.weights(p) * (per_lane ? lanes_ : 1));
    read_synapse_field(projection, field, native.data());
    return {native.begin(), native.end()};
  }

  void set_weights(std::size_t projection, std::span<const double> values) override {
    if (!network_.has_weights(projection)) throw internal_error("set_weights: a plain link has no weights");
    network_.put_weights(projection, values);
    busy_ = true;
  }

  void set_synapse_field(std::size_t projection, std::size_t field, std::span<const double> values) override {
    if (field == 0 || field >= network_.projections[projection].fields().size())
      throw internal_error("set_synapse_field: there is no such field");
    network_.put_field(projection, field, values);
    busy_ = true;
  }

  void take_synapses(const simulator& from) override {
    network_.take_synapses(dynamic_cast<const simulation<P>&>(from).network_);
    busy_ = true;
  }

  std::uint64_t memory() const noexcept override { return network_.memory(); }
  std::uint64_t swept_panels() const noexcept override { return sweeps_.panels(); }

  void serialize(archive& a) override {
    check_whole();
    serialize_clock(a);
    a.value("busy", busy_);
    a.value("learns", learning_on_);
    locus::serialize(a, counters_);
    std::string nonfinite = nonfinite_.value_or("");
    a.value("nonfinite", nonfinite);
    if (!nonfinite.empty()) {
      nonfinite_ = nonfinite;
      track_ = false;
    }
    locus::serialize(a, network_, options_.ranks);
    if (a.loading()) network_.look_at_mirrors_anew();
  }

  std::unique_ptr<simulator> clone() override {
    archive_memory state;
    auto copy = std::make_unique<simulation<P>>(net_, options_);
    if (network_.ranks.counts()) {
      archive saved = archive::writer(state);
      serialize(saved);
      archive loaded = archive::reader(state);
      if (network_.ranks.alone()) {
        copy->serialize(loaded);
      } else {
        archive told = loaded.told_to(*options_.ranks);
        copy->serialize(told);
      }
    } else {
      archive nowhere = archive::to_nobody(), heard = archive::heard_from(*options_.ranks);
      serialize(nowhere);
      copy->serialize(heard);
    }
    copy->stimulation_.take_over(stimulation_);
    if (!noisy_) copy->silence_noise();
    return copy;
  }

 private:
  /// Lists `lanes` numbers of each synapse, value(its place, lane), in the order of the connections; of all ranks, at
  /// rank 0.
  template <class F>
  void list(const projection_state<P>& state, std::size_t lanes, P* to, F&& value) const {
    const auto each = [&](auto&& put) {
      state.each_weight(state.mine(), [&](std::size_t, std::size_t, std::size_t at) {
        for (std::size_t lane = 0; lane < lanes; ++lane) put(value(at, lane));
      });
    };
    if (network_.ranks.alone() || state.window() != nullptr) {
      if (network_.ranks.counts()) each([&](P number) { *to++ = number; });
      return;
    }
    std::vector<P> mine;
    each([&](P number) { mine.push_back(number); });
    std::ranges::copy(numbers_of_all<P>(mine, *options_.ranks), to);
  }

  simulation(const circuit& c, const simulator_options& options, simd_target target)
      : net_(c),
        options_(options),
        track_(options.track_activity),
        noisy_(!c.noise_ports().empty()),
        lanes_(c.lanes),
        schedule_(make_schedule(c)),
        team_(options.threads != 0 ? options.threads : worthwhile_threads(c)),
        network_(c, target, options.first_tick, team_.size(),
                 options.ranks != nullptr ? options.ranks->partition() : partition()),
        exchange_(network_, team_, noisy_),
        sweeps_(network_, team_),
        plasticity_(network_, team_),
        stimulation_(network_),
        between_ranks_(network_, options.ranks, schedule_),
        first_(options.first_tick),
        now_(options.first_tick) {
    check_arithmetic();
  }

  void serialize_clock(archive& a) {
    constexpr tick_t latest = tick_t{1} << 62;  // room for a run to come
    tick_t first = first_;
    a.value("first_tick", first);
    a.value("tick", now_);
    if (first == first_ && now_ >= first_ && now_ <= latest) return;
    a.fail(fmt::format("it is of tick {} of a run that began at tick {}; this one began at {}", now_, first, first_));
  }

  /// Whether this tick is not to be run any more. Rank 0 decides it for all.
  [[nodiscard]] bool stops() const {
    if (!options_.stop) return false;
    if (between_ranks_.alone()) return options_.stop();
    std::string said(1, network_.ranks.counts() && options_.stop() ? 'y' : 'n');
    options_.ranks->broadcast(said);
    return said == "y";
  }

  // ---- one tick -----------------------------------------------------------------------------------------------

  /// Requires that no tick was broken off: the state in the middle of one is neither that before it nor that after it.
  void check_whole() const {
    if (broken_off_.empty()) return;
    throw run_error(fmt::format("tick {} was broken off in its middle ({}): this state cannot be saved or gone on from",
                                now_, broken_off_));
  }

  void run_tick() {
    try {
      whole_tick();
    } catch (const std::exception& reason) {
      broken_off_ = reason.what();
      throw;
    }
  }

  /// The order follows from who reads what. Registered entities read only messages of the tick before, so they all
  /// commit first. Reactions read what this tick's senders say, so each level of them follows the one before, with its
  /// ports. What the next step reads is summed after them, when all senders have said it. Observers see a tick with the
  /// weights that it used, so learning comes last; what it changes, the next tick sends.
  void whole_tick() {
    commit();
    for (auto& line : network_.delays) line->shift(now_);
    for (auto& fan : network_.fans) fan->shift(now_);
    for (std::size_t k = 0; k < schedule_.size(); ++k) {
      if (between_ranks_.due_before(k)) tell_ranks();
      react(schedule_[k]);
    }
    tell_ranks();
    for (port_state<P>& port : network_.ports) {
      if (!port.immediate) deliver(port);
    }
    count_links_and_spikes();
    for (auto& line : network_.delays) line->push(now_);
    if (observer_ != nullptr) observer_->on_tick(now_, *this);
    plasticity_.look_at_mirrors();
    outcome_.learnt.assign(network_.learning.size(), 0);
    for (std::size_t l = 0; l < network_.learning.size(); ++l) {
      if (goes_on(network_.learning[l])) outcome_.learnt[l] = learn(network_.learning[l]);
    }
    outcome_.busy = something_moves();
    end_tick();
    ++counters_.ticks;
    ++now_;
  }

  /// Step (1) of a tick: registered entities take the state that follows from the messages of the tick before.
  void commit() {
    for (std::size_t n = 0; n < network_.populations.size(); ++n) {
      population_state<P>& p = network_.populations[n];
      if (!p.registered || p.imposed_next) continue;
      if (skips_because_clamped(n)) continue;
      const bool everywhere = must_recompute_all() || p.clamp_changed;
      if (everywhere || sweeps_.needed(n, writer::step, now_ - 1)) {
        step(n, everywhere, p.clamp_on ? p.clamped.data() : nullptr);
      }
    }
    tell_ranks();
    for (imposition<P>& each : stimulation_.impositions) {
      impose_now(each);
      tell_ranks();
    }
    stimulation_.impositions.clear();
    for (const perturbation<P>& each : stimulation_.perturbations) apply(each);
    stimulation_.perturbations.clear();
  }

  void impose_now(imposition<P>& each) {
    port_state<P>& port = network_.ports[each.port];
    exchange_.compute(port, now_, track_);
    for (std::size_t k = 0; k < each.added.size(); ++k) each.added[k] += port.values[k];
    step(each.population, true, each.added.empty() ? port.values : each.added.data());
    population_state<P>& p = network_.populations[each.population];
    p.touch();  // from the next tick on it is free again, or held by its clamp
    p.clamp_changed = true;
    p.imposed_next = false;
    p.imposed_at = now_;
  }

  void step(std::size_t n, bool everywhere, const P* imposed) {
    network_.populations[n].clamp_changed = false;
    swept(n, writer::step, sweeps_.run(n, writer::step, now_, now_ - 1, everywhere, now_ > first_, imposed));
  }

  void apply(const perturbation<P>& each) {
    population_state<P>& p = network_.populations[each.field.population];
    p.fields[each.field.field][each.at] = each.value;
    if (net_.populations[each.field.population].model->fields[each.field.field].by == writer::step) {
      phase_state<P>& phase = p.phase(writer::step);
      neuron_call<P> call = p.call(phase);
      call.first_panel = 0;  // what is disturbed, every rank knows
      call.last_panel = p.panels;
      call.with_step = false;
      phase.kernel(call);  // outputs that follow from the state
      std::fill(phase.moved.begin(), phase.moved.end(), std::uint8_t{1});
      for (const auto& out : p.outlets) {
        if (out) out->note_first(now_);
      }
      p.clamp_changed = true;  // whatever holds it acts again in the next tick
    }
    p.touch();
  }

  /// Whether a stimulus holds population n where it was: the clamp is that of the tick before and decides everything.
  bool skips_because_clamped(std::size_t n) const {
    const population_state<P>& p = network_.populations[n];
    return track_ && p.clamp_on && !p.clamp_changed && net_.populations[n].model->clamp_is_total;
  }

  /// Whether this tick computes everything, changed or not.
  bool must_recompute_all() const { return now_ == first_ || !track_; }

  void react(const scheduled_reaction& r) {
    const auto by = static_cast<writer>(r.reaction);
    for (const std::size_t q : network_.populations[r.population].phase(by).port_indices) deliver(network_.ports[q]);
    if (!must_recompute_all() && !sweeps_.needed(r.population, by, now_)) return;
    swept(r.population, by, sweeps_.run(r.population, by, now_, now_, must_recompute_all()));
  }

  void deliver(port_state<P>& port) { exchange_.deliver(port, now_, must_recompute_all(), track_, outcome_.counted); }

  /// A phase of a population has run. What other ranks found in theirs, tell_ranks() brings.
  void swept(std::size_t population, writer by, bool finite) {
    if (between_ranks_.alone()) check(population, finite);
    else between_ranks_.swept(population, by, finite);
  }

  void tell_ranks() {
    if (between_ranks_.alone()) return;
    for (const std::size_t population : between_ranks_.tell(now_)) check(population, false);
  }

  void check(std::size_t population, bool finite) {
    if (!finite && !nonfinite_) report_nonfinite(nonfinite_field(network_, population, now_));
  }

  /// What every rank knows, one of them counts.
  void count_links_and_spikes() {
    if (!network_.ranks.counts()) return;
    for (const port_state<P>& port : network_.ports) {
      if (port.alias != nullptr) outcome_.counted.links += port.alias->total(now_);
    }
    for (const population_state<P>& p : network_.populations) {
      for (std::size_t f = 0; f < p.fields.size(); ++f) outcome_.counted.spikes += p.ones(f);
    }
  }

  /// Returns whether some number of a synapse changed (1), and a weight (2).
  std::uint8_t learn(learning_state<P>& l) {
    sweep_result result = plasticity_.sweep(l, now_, track_, !learning_on_);
    if (!result.finite && !nonfinite_) {
      const std::string what = nonfinite_weight(network_, l.projection, now_);
      if (between_ranks_.alone()) report_nonfinite(what);
      else if (outcome_.nonfinite.empty()) outcome_.nonfinite = what;
    }
    bool read_moved = result.weights_moved;
    if (!between_ranks_.alone() && read_elsewhere(l))
      read_moved = between_ranks_.share_weights(l.projection, read_moved);
    if (read_moved) plasticity_.give_to_readers(l);
    return static_cast<std::uint8_t>((result.moved ? 1 : 0) | (result.weights_moved ? 2 : 0));
  }

  /// Whether a projection whose targets are other neurons uses the weights.
  bool read_elsewhere(const learning_state<P>& l) const {
    return network_.projections[l.projection].window() == nullptr &&
           std::ranges::any_of(l.readers, [&](std::size_t reader) { return net_.projections[reader].transposed; });
  }

  /// Adds up what the tick came to.
  void end_tick() {
    if (!between_ranks_.alone()) {
      between_ranks_.add_up(outcome_);
      for (std::size_t l = 0; l < network_.learning.size(); ++l) {
        const learning_state<P>& each = network_.learning[l];
        if ((outcome_.learnt[l] & 2) == 0) continue;
        network_.projections[each.projection].mark_dirty();
        for (const std::size_t reader : each.readers) network_.projections[reader].mark_dirty();
      }
      if (!outcome_.nonfinite.empty() && !nonfinite_) report_nonfinite(outcome_.nonfinite);
    }
    counters_.messages += outcome_.counted.messages;
    counters_.links += outcome_.counted.links;
    counters_.spikes += outcome_.counted.spikes;
    for (const std::uint8_t moved : outcome_.learnt) counters_.weight_changes += moved & 1;
    busy_ = outcome_.busy;
    outcome_.counted = {};
    outcome_.nonfinite.clear();
  }

  /// Whether anything can differ in the next tick. If not, time may jump to the next stimulus.
  bool something_moves() {
    if (!track_ || noisy_) return true;
    for (std::size_t n = 0; n < network_.populations.size(); ++n) {
      const population_state<P>& p = network_.populations[n];
      if (p.registered && !skips_because_clamped(n) && sweeps_.needed(n, writer::step, now_)) return true;
      for (std::size_t k = 1; k < p.phases.size(); ++k) {
        if (p.unseen(p.phases[k])) return true;
      }
      for (std::size_t f = 0; f < p.fields.size(); ++f) {
        if (p.ones(f) != 0) return true;
      }
    }
    for (const auto& state : network_.projections) {
      if (state.dirty()) return true;
    }
    for (const auto& line : network_.delays) {
      if (line->busy(now_ + 1)) return true;
    }
    return std::any_of(network_.learning.begin(), network_.learning.end(),
                       [&](const auto& l) { return goes_on(l) && plasticity_.can_learn(l, track_); });
  }

  /// Whether a projection's rule runs: without learning, only that of a weight which is not theta.
  bool goes_on(const learning_state<P>& l) const {
    return learning_on_ || net_.projections[l.projection].synapse->weight != 0;
  }

  // ---- non-finite numbers -------------------------------------------------------------------------------------

  void report_nonfinite(const std::string& what) {
    if (!net_.record_nonfinite) throw nonfinite_error(what);
    track_ = false;  // 0 times infinity is not 0: from here on nothing may be skipped
    nonfinite_ = what;
  }

  const circuit& net_;
  simulator_options options_;
  bool track_;
  bool noisy_;  ///< neurons draw numbers
  std::size_t lanes_;
  std::vector<scheduled_reaction> schedule_;
  worker_team team_;
  network_state<P> network_;
  exchange<P> exchange_;
  sweeps<P> sweeps_;
  plasticity<P> plasticity_;
  stimulation<P> stimulation_;
  rank_exchange<P> between_ranks_;
  tick_outcome outcome_;  ///< of the present tick

  tick_t first_;  ///< the tick in which every entity sends
  tick_t now_;
  bool busy_ = true;
  std::string broken_off_;  ///< why a tick did not come to its end; empty: all did
  bool learning_on_ = true;
  activity counters_;
  std::optional<std::string> nonfinite_;
  tick_observer* observer_ = nullptr;
};

}  // namespace

std::unique_ptr<simulator> make_simulation(const circuit& c, const simulator_options& options) {
  return with_numbers(c.precision, [&]<class P>(P) -> std::unique_ptr<simulator> {
    return std::make_unique<simulation<P>>(c, options);
  });
}

std::unique_ptr<simulator> make_simulator(const circuit& c, const simulator_options& options) {
  if (options.ranks != nullptr && options.ranks->size() > 1) return make_joint_simulator(c, options);
  return make_simulation(c, options);
}

}  // namespace locus
