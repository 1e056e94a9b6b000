#include "sim/audit/stillness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "sim/audit/cut_circuit.hpp"
#include "sim/circuit/connections.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/random.hpp"
#include "sim/data/order.hpp"
#include "sim/engine/field_values.hpp"

namespace locus {
namespace {

/// A change after so many ticks of rest is a start.
constexpr tick_t rest = 3;
constexpr std::size_t most_ticks_told = 6;
/// What differs less between samples, of its size, says nothing of them.
constexpr double one_wave = 0.05;
constexpr std::size_t most_samples = 5;

/// How long a part is watched, in ticks from its event.
struct watch_times {
  tick_t first = 0;      ///< the event, in ticks of the script
  tick_t length = 0;     ///< of the watch
  tick_t part = 0;       ///< in which the netlist's own presentations have settled or never do
  tick_t late_from = 0;  ///< what starts then is no answer to the event: in the netlist, the next event has come
  double tiny = 0;       ///< changes below this share of the largest value are rounding errors
};

/// One output of one neuron during a part.
struct output_track {
  double last = 0;
  double largest = 0;  ///< |value|
  double largest_step = 0;
  tick_t changed = 0;          ///< last
  std::vector<tick_t> starts;  ///< late ones; the first few
  double started_to = 0;       ///< the value at the first
  std::uint32_t turns = 0;     ///< changes of direction in the second half
  int direction = 0;
  double low[2] = {0, 0}, high[2] = {0, 0};  ///< in the third and in the fourth quarter, if it moves there
  double step[2] = {0, 0};                   ///< last change in each
  bool moves[2] = {false, false};
  std::uint64_t story = 0;  ///< a hash of all changes and their ticks

  void start_with(double value) {
    last = value;
    largest = std::abs(value);
  }
  void note(tick_t r, double now, const watch_times& times);
  [[nodiscard]] bool keeps_moving(const watch_times& times) const;
};

void output_track::note(tick_t r, double now, const watch_times& times) {
  // An echo is smaller than what it is an echo of.
  const double change = std::abs(now - last);
  const bool starts_now =
      r >= times.late_from && r - changed >= rest && change > times.tiny * largest && change >= 0.5 * largest_step;
  if (starts_now && starts.empty()) started_to = now;
  if (starts_now && starts.size() < most_ticks_told) starts.push_back(r);
  largest_step = std::max(largest_step, change);
  if (r >= times.length / 2) {
    const std::size_t q = r >= times.length / 4 * 3 ? 1 : 0;
    const int sign = now > last ? 1 : -1;
    turns += direction != 0 && sign != direction ? 1 : 0;
    direction = sign;
    low[q] = std::min({moves[q] ? low[q] : now, last, now});
    high[q] = std::max({moves[q] ? high[q] : now, last, now});
    step[q] = now - last;
    moves[q] = true;
  }
  story = mix_bits(story ^ mix_bits(std::bit_cast<std::uint64_t>(now)) ^ static_cast<std::uint64_t>(r));
  largest = std::max(largest, std::abs(now));
  last = now;
  changed = r;
}

/// Swings that do not die down, pulses that come again, or steps that stay as large as they are: what settles does
/// none of these, and swings of rounding errors are none.
bool output_track::keeps_moving(const watch_times& times) const {
  if (changed < times.length / 2) return false;
  if (starts.size() >= 2) return true;
  if (!moves[1]) return false;
  const double range[2] = {high[0] - low[0], high[1] - low[1]};
  if (range[1] <= times.tiny * largest) return false;
  if (turns >= 3) return !moves[0] || range[1] >= 0.9 * range[0];
  const bool counts = turns == 0 && changed == times.length - 1 && moves[0];
  return counts && std::abs(step[1] - step[0]) <= 1e-6 * std::abs(step[0]);
}

/// What can be recognised of a neuron's output over the second half of a part, tick by tick.
using waveform = std::vector<double>;

struct place {
  output_id output;
  std::size_t neuron = 0;
};

/// Watches one part of one presentation.
class watcher final : public tick_observer {
 public:
  watcher(const circuit& c, const watch_times& times, const std::vector<place>& waves)
      : net_(c), times_(times), waves_(waves), shapes_(waves.size()) {
    for (std::size_t p = 0; p < c.populations.size(); ++p) {
      for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f) {
        const bool sent = c.populations[p].model->fields[f].seen == visibility::sent;
        (sent ? outputs_ : inner_).push_back({p, f});
      }
    }
    for (const output_id o : outputs_) tracks_.emplace_back(c.populations[o.population].size);
    for (const output_id o : inner_) inner_tracks_.emplace_back(c.populations[o.population].size);
    weights_.resize(c.projections.size());
    weight_changed_.assign(c.projections.size(), 0);
    weight_starts_.assign(c.projections.size(), never);
  }

  /// Before the tick of the event.
  void begin(const simulator& s) {
    begin(s, outputs_, tracks_);
    begin(s, inner_, inner_tracks_);
    learnt_ = s.counters().weight_changes;
    for (std::size_t w = 0; w < weights_.size(); ++w) {
      if (net_.projections[w].learns()) weights_[w] = s.weights(w);
    }
  }

  void on_tick(tick_t, const simulator& s) override {
    note_weights(s, r_ - 1);
    note(s, outputs_, tracks_);
    note(s, inner_, inner_tracks_);
    keep_waves(s);
    ++r_;
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t, ++r_) keep_waves(s);
  }

  /// After the last tick.
  void end(const simulator& s) { note_weights(s, r_ - 1); }

  [[nodiscard]] const std::vector<output_id>& outputs() const { return outputs_; }
  [[nodiscard]] const output_track& track(std::size_t output, std::size_t neuron) const {
    return tracks_[output][neuron];
  }
  /// What neurons keep to themselves.
  [[nodiscard]] const std::vector<output_id>& inner() const { return inner_; }
  [[nodiscard]] const output_track& inner_track(std::size_t field, std::size_t neuron) const {
    return inner_tracks_[field][neuron];
  }
  [[nodiscard]] const std::vector<waveform>& shapes() const { return shapes_; }
  [[nodiscard]] tick_t weight_changed(std::size_t projection) const { return weight_changed_[projection]; }
  [[nodiscard]] tick_t weight_start(std::size_t projection) const { return weight_starts_[projection]; }

 private:
  using all_tracks = std::vector<std::vector<output_track>>;  ///< [field][neuron]

  static void begin(const simulator& s, const std::vector<output_id>& fields, all_tracks& tracks) {
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const std::vector<double> now = field_values(s, fields[f]);
      for (std::size_t i = 0; i < now.size(); ++i) tracks[f][i].start_with(now[i]);
    }
  }

  void note(const simulator& s, const std::vector<output_id>& fields, all_tracks& tracks) const {
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const std::vector<double> now = field_values(s, fields[f]);
      for (std::size_t i = 0; i < now.size(); ++i) {
        if (!same_bits(now[i], tracks[f][i].last)) tracks[f][i].note(r_, now[i], times_);
      }
    }
  }

  void note_weights(const simulator& s, tick_t r) {
    if (s.counters().weight_changes == learnt_) return;
    learnt_ = s.counters().weight_changes;
    for (std::size_t w = 0; w < weights_.size(); ++w) {
      if (weights_[w].empty()) continue;
      std::vector<double> now = s.weights(w);
      if (same_bits(now, weights_[w])) continue;
      weights_[w] = std::move(now);
      if (weight_starts_[w] == never && r >= times_.late_from && r - weight_changed_[w] >= rest) weight_starts_[w] = r;
      weight_changed_[w] = r;
    }
  }

  void keep_waves(const simulator& s) {
    if (r_ < times_.length / 2) return;
    for (std::size_t n = 0; n < waves_.size(); ++n) {
      shapes_[n].push_back(s.value(waves_[n].output, waves_[n].neuron, 0));
    }
  }

  const circuit& net_;
  watch_times times_;
  std::vector<place> waves_;
  std::vector<waveform> shapes_;
  std::vector<output_id> outputs_, inner_;
  all_tracks tracks_, inner_tracks_;
  std::vector<std::vector<double>> weights_;  ///< [projection]
  std::vector<tick_t> weight_changed_, weight_starts_;
  std::uint64_t learnt_ = 0;
  tick_t r_ = 0;
};

/// How far two waveforms are from being the same but for their level: the distance over the size of the first.
double unlikeness(const waveform& a, const waveform& b) {
  const auto mean = [](const waveform& w) {
    double sum = 0;
    for (const double v : w) sum += v;
    return sum / static_cast<double>(w.size());
  };
  const double ma = mean(a), mb = mean(b);
  const auto n = static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
  // A clock that an event sets anew may be a few ticks earlier or later.
  constexpr std::ptrdiff_t most_lag = 8;
  double least = INFINITY;
  for (std::ptrdiff_t lag = -most_lag; lag <= most_lag; ++lag) {
    double distance = 0, of = 0;
    for (std::ptrdiff_t t = std::max<std::ptrdiff_t>(0, -lag); t < std::min(n, n - lag); ++t) {
      const double x = a[static_cast<std::size_t>(t)] - ma, y = b[static_cast<std::size_t>(t + lag)] - mb;
      distance += (x - y) * (x - y);
      of += x * x;
    }
    least = std::min(least, of > 0 ? distance / of : distance > 0 ? 1 : 0);
  }
  return std::sqrt(least);
}

class still_watch {
 public:
  still_watch(const circuit& c, const description& netlist, const data_set& data)
      : net_(c), netlist_(netlist), data_(data) {
    const timeline_description& t = netlist.timeline;
    own_ = shortest_times(t);
    find_heard();
    depth_ = deepest();
    constexpr tick_t least = 160;  // in a quarter, what dies down by half a hundredth a tick loses a tenth
    result_.ticks = std::max(least, 6 * static_cast<tick_t>(longest_presentation(t)) + 16);
    result_.plastic.resize(c.projections.size());
    for (const population& p : c.populations) {
      result_.same.emplace_back(p.size, true);
      result_.tells_samples.emplace_back(p.size, false);
    }
    choose_samples();
  }

  stillness measure() {
    for (const presentation_part part : all_parts) {
      if (part != presentation_part::input && own_.teach == 0) continue;
      if (part == presentation_part::rest && netlist_.timeline.hold_teacher) continue;
      watch(part);
    }
    keep_drivers();
    return std::move(result_);
  }

 private:
  /// Populations that synapses see when they learn, and those that these hear of.
  void find_heard() {
    heard_.assign(net_.populations.size(), false);
    for (const projection& p : net_.projections) {
      if (!p.learns()) continue;
      heard_[p.from.population] = true;
      for (const std::size_t seen : seen_populations(p)) heard_[seen] = true;
      if (p.gate) heard_[p.gate->population] = true;
    }
    for (bool more = true; more;) {
      more = false;
      for (const projection& p : net_.projections) {
        if (!heard_[p.to.population] || heard_[p.from.population]) continue;
        heard_[p.from.population] = more = true;
      }
    }
  }

  /// The first is shown before the others; those that follow differ from each other in what they are.
  void choose_samples() {
    const auto order = presentation_order(data_.train.count(), netlist_.shuffle, 0);
    samples_.push_back(order[0]);
    // First those that differ in what is taught, too.
    std::vector<std::vector<double>> inputs, targets;
    for (const bool both : {true, false}) {
      for (std::size_t n = 1; n < order.size() + 1 && inputs.size() < most_samples; ++n) {
        const std::uint32_t sample = order[n % order.size()];
        std::vector<double> input = data_.train.input_of(sample), target = data_.train.target_of(sample);
        const auto known = [](const auto& all, const auto& one) {
          return std::find(all.begin(), all.end(), one) != all.end();
        };
        if (known(inputs, input) || (both && known(targets, target))) continue;
        samples_.push_back(sample);
        inputs.push_back(std::move(input));
        targets.push_back(std::move(target));
      }
    }
    result_.samples = samples_.size() - 1;
  }

  [[nodiscard]] script scene(presentation_part part, std::uint32_t sample) const {
    presentation_times stopped = own_;
    stopped.number = 1;
    const std::int64_t length = moving_world(part) + result_.ticks;
    if (part == presentation_part::input) stopped.predict = length, stopped.teach = stopped.rest = 0;
    if (part == presentation_part::teacher) stopped.teach = length, stopped.rest = 0;
    if (part == presentation_part::rest) stopped.rest = length;
    return write_script(net_, netlist_, data_, {{samples_.front(), own_}, {sample, stopped}});
  }

  /// Ticks after a part's event for which frames still come on: only then do the stimuli stay as they are.
  [[nodiscard]] tick_t moving_world(presentation_part part) const {
    const auto last = [&](std::uint32_t frames) { return (tick_t{frames} - 1) * netlist_.timeline.frame_ticks; };
    const tick_t input = last(data_.train.input_frames);
    if (part == presentation_part::input) return input;
    const tick_t both = std::max(input - own_.predict, last(data_.train.target_frames));
    return std::max<tick_t>(0, part == presentation_part::teacher ? both : both - own_.teach);
  }

  /// Of the second presentation, in which a part is stopped.
  [[nodiscard]] watch_times times_of(presentation_part part) const {
    const tick_t longest = std::max({own_.predict, own_.teach, own_.rest});
    const tick_t begin = own_.predict + own_.teach + own_.rest, onset = begin + own_.predict;
    watch_times times;
    times.length = result_.ticks;
    times.tiny = net_.precision == precision::f32 ? 1e-4 : 1e-6;
    times.late_from = longest + depth_;
    switch (part) {
      case presentation_part::input:
        times.first = begin;
        times.part = own_.predict;
        break;
      case presentation_part::teacher:
        times.first = onset;
        // What has been learnt is heard in the tick after.
        times.part = own_.teach + own_.rest + 1;
        break;
      case presentation_part::rest:
        times.first = onset + own_.teach;
        times.part = own_.rest;
        break;
    }
    const tick_t moving = moving_world(part);
    times.first += moving;
    times.part = std::max<tick_t>(0, times.part - moving);
    if (part == presentation_part::input) times.late_from = times.part;
    times.late_from = std::max<tick_t>(times.late_from, rest);
    return times;
  }

  /// Hops from the stimuli to the farthest neuron: how long a wave travels.
  tick_t deepest() const {
    const hop_graph graph(net_);
    std::vector<std::size_t> entries;
    for (const stimulus& s : net_.stimuli) {
      for (std::uint32_t i = 0; i < net_.populations[s.population].size; ++i) {
        entries.push_back(graph.neuron(s.population, i));
      }
    }
    tick_t depth = 0;
    for (const std::uint32_t hops : graph.distances(entries)) {
      if (hops != hop_graph::unreachable) depth = std::max<tick_t>(depth, hops);
    }
    return depth;
  }

  /// The part with one sample, from the state after the first presentation.
  watcher watch_once(presentation_part part, std::uint32_t sample, const std::vector<place>& waves) {
    return watch_once(make_simulator(net_), part, sample, waves);
  }

  watcher watch_once(const std::unique_ptr<simulator>& sim, presentation_part part, std::uint32_t sample,
                     const std::vector<place>& waves) {
    const script world = scene(part, sample);
    const watch_times times = times_of(part);
    player play(world, *sim);
    play.run_to(world.spans[0].last);
    sim->silence_noise();
    play.run_to(times.first);
    watcher seen(net_, times, waves);
    seen.begin(*sim);
    sim->observe(&seen);
    play.run_to(times.first + times.length);
    sim->observe(nullptr);
    seen.end(*sim);
    return seen;
  }

  void watch(presentation_part part) {
    const std::vector<place> none;
    std::vector<watcher> seen;
    for (std::size_t n = 1; n < samples_.size(); ++n) seen.push_back(watch_once(part, samples_[n], none));
    const watch_times times = times_of(part);
    note_weights(part, seen, times);
    std::vector<place> moving;
    const std::vector<output_id>& outputs = seen.front().outputs();
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      for (std::size_t i = 0; i < net_.populations[outputs[o].population].size; ++i) {
        const auto all = [&](auto&& holds) {
          return std::all_of(seen.begin(), seen.end(), [&](const watcher& w) { return holds(w.track(o, i)); });
        };
        const output_track& first = seen.front().track(o, i);
        const bool same = all([&](const output_track& t) { return t.story == first.story; });
        if (!same) result_.same[outputs[o].population][i] = false;
        if (part == presentation_part::input) note_telling(seen, o, i);
        // What answers to data is meant, not what moves by itself.
        const bool answers = seen.size() == 1 || !same;
        const bool rests = all([&](const output_track& t) { return t.changed < times.part; });
        if (part != presentation_part::rest && answers && !rests && heard_[outputs[o].population]) {
          result_.settles = false;
        }
        if (std::any_of(seen.begin(), seen.end(),
                        [&](const watcher& w) { return w.track(o, i).keeps_moving(times); })) {
          moving_.insert({outputs[o].population, i});
        }
        if (answers && !all([&](const output_track& t) { return t.changed < times.late_from; })) {
          answering_[part].insert({outputs[o].population, i});
        }
        if (all([&](const output_track& t) { return t.keeps_moving(times); })) {
          moving.push_back({outputs[o], i});
        } else if (const std::vector<tick_t> starts = common_starts(seen, o, i); !starts.empty()) {
          result_.timers.push_back({outputs[o].population, i, part, false, starts});
        }
      }
    }
    if (part != presentation_part::rest) note_inner(seen, times);
    if (!moving.empty()) note_clocks(part, moving);
  }

  /// Whether what neurons keep to themselves still changes when the next stimulus comes.
  void note_inner(const std::vector<watcher>& seen, const watch_times& times) {
    const std::vector<output_id>& inner = seen.front().inner();
    for (std::size_t f = 0; f < inner.size(); ++f) {
      if (!heard_[inner[f].population]) continue;
      for (std::size_t i = 0; i < net_.populations[inner[f].population].size; ++i) {
        const bool rests = std::all_of(
            seen.begin(), seen.end(), [&](const watcher& each) { return each.inner_track(f, i).changed < times.part; });
        if (!rests) result_.settles_inside = false;
      }
    }
  }

  /// The late starts of a neuron, if the first is the same in tick and value whatever the sample, for at least two of
  /// them: what answers to data late, says something of them.
  static std::vector<tick_t> common_starts(const std::vector<watcher>& seen, std::size_t o, std::size_t i) {
    std::vector<tick_t> starts;
    double to = 0;
    std::size_t samples = 0;
    for (const watcher& each : seen) {
      const output_track& own = each.track(o, i);
      if (own.starts.empty()) continue;
      if (samples++ == 0) starts = own.starts, to = own.started_to;
      if (own.starts.front() != starts.front() || std::abs(own.started_to - to) > one_wave * std::abs(to)) return {};
    }
    return samples >= std::min<std::size_t>(2, seen.size()) ? starts : std::vector<tick_t>();
  }

  /// Whether a neuron, before the teacher, tells samples apart by more than a hundredth of its size with the teacher.
  void note_telling(const std::vector<watcher>& seen, std::size_t o, std::size_t i) {
    constexpr double telling = 0.01;
    const output_id output = seen.front().outputs()[o];
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double low = infinity, high = -infinity, size = 0;
    for (const watcher& w : seen) {
      low = std::min(low, w.track(o, i).last);
      high = std::max(high, w.track(o, i).last);
      size = std::max(size, w.track(o, i).largest);
    }
    for (const stimulus& s : net_.stimuli) {
      if (s.population != output.population || s.role != stimulus_role::teacher) continue;
      const std::uint32_t column = s.column_of(static_cast<std::uint32_t>(i));
      for (const std::uint32_t sample : samples_) {
        for (std::uint32_t frame = 0; frame < data_.train.target_frames; ++frame) {
          size = std::max(size, std::abs(data_.train.target.at(data_.train.target_row(sample, frame), column)));
        }
      }
    }
    if (high - low > telling * size) result_.tells_samples[output.population][i] = true;
  }

  void note_weights(presentation_part part, const std::vector<watcher>& seen, const watch_times& times) {
    for (std::size_t w = 0; w < net_.projections.size(); ++w) {
      if (!net_.projections[w].learns()) continue;
      const tick_t start = seen.front().weight_start(w);
      bool late = start != never;
      for (const watcher& each : seen) {
        late = late && each.weight_start(w) == start;
        if (each.weight_changed(w) >= times.length - 2) result_.plastic[w] = true;
      }
      if (late) result_.learning.push_back({w, part, start});
    }
  }

  /// Of what keeps moving: what moves in the same way whatever the sample.
  void note_clocks(presentation_part part, const std::vector<place>& moving) {
    constexpr std::size_t most = 4096;
    const std::vector<place> watched(moving.begin(),
                                     moving.begin() + static_cast<std::ptrdiff_t>(std::min(moving.size(), most)));
    std::vector<watcher> seen;
    for (std::size_t n = 1; n < samples_.size(); ++n) seen.push_back(watch_once(part, samples_[n], watched));
    for (std::size_t n = 0; n < watched.size(); ++n) {
      double worst = 0;
      for (const watcher& each : seen) worst = std::max(worst, unlikeness(seen.front().shapes()[n], each.shapes()[n]));
      if (worst > one_wave) continue;
      const waveform& wave = seen.front().shapes()[n];
      timekeeper k{watched[n].output.population, watched[n].neuron, part, true, {}};
      for (std::size_t t = 1; t < wave.size() && k.ticks.size() < most_ticks_told; ++t) {
        if (!same_bits(wave[t], wave[t - 1])) k.ticks.push_back(result_.ticks / 2 + static_cast<tick_t>(t));
      }
      const auto known = std::find_if(result_.clocks.begin(), result_.clocks.end(), [&](const timekeeper& other) {
        return other.population == k.population && other.neuron == k.neuron;
      });
      if (known == result_.clocks.end()) result_.clocks.push_back(std::move(k));
    }
  }

  /// Keeps the clocks that drive the others, and the earliest timers.
  void keep_drivers() {
    keep_driving_clocks();
    keep_timers_that_start_alone();
    std::vector<timekeeper> earliest;
    for (const timekeeper& t : result_.timers) {
      const bool first = std::none_of(result_.timers.begin(), result_.timers.end(), [&](const timekeeper& other) {
        return other.part == t.part && other.ticks.front() < t.ticks.front();
      });
      if (first) earliest.push_back(t);
    }
    result_.timers = std::move(earliest);
  }

  /// Of clocks, those stay that go on if all is cut that reaches them from neurons which data keep moving; and of
  /// these, those that hear no other, or each other in a loop.
  void keep_driving_clocks() {
    std::set<std::pair<std::size_t, std::size_t>> clocks;
    for (const timekeeper& k : result_.clocks) clocks.insert({k.population, k.neuron});
    const auto is_clock = [&](std::size_t population, std::size_t neuron) {
      return clocks.count({population, neuron}) != 0;
    };
    if (!clocks.empty() && clocks.size() < moving_.size()) {
      const cut_circuit alone(net_, [&](std::size_t w, std::size_t pre, std::size_t post) {
        const projection& p = net_.projections[w];
        return is_clock(p.to.population, post) && !is_clock(p.from.population, pre) &&
               moving_.count({p.from.population, pre}) != 0;
      });
      if (alone.any()) keep_those_that_go_on(alone);
    }
    result_.swings = result_.clocks.empty() && !moving_.empty();
    if (result_.clocks.size() > 1) keep_sources();
  }

  /// Of timers, those stay that start all the same if all is cut that reaches them from neurons which are still
  /// answering to data.
  void keep_timers_that_start_alone() {
    std::vector<timekeeper> left;
    for (const presentation_part part : all_parts) {
      std::set<std::pair<std::size_t, std::size_t>> timers;
      for (const timekeeper& k : result_.timers) {
        if (k.part == part) timers.insert({k.population, k.neuron});
      }
      if (timers.empty()) continue;
      const cut_circuit alone(net_, [&](std::size_t w, std::size_t pre, std::size_t post) {
        const projection& p = net_.projections[w];
        return timers.count({p.to.population, post}) != 0 && timers.count({p.from.population, pre}) == 0 &&
               answering_[part].count({p.from.population, pre}) != 0;
      });
      std::optional<watcher> seen;
      if (alone.any()) seen.emplace(watch_once(alone.start(), part, samples_[1], {}));
      for (const timekeeper& k : result_.timers) {
        if (k.part != part) continue;
        bool starts = !seen;
        for (std::size_t o = 0; seen && o < seen->outputs().size(); ++o) {
          if (seen->outputs()[o].population != k.population) continue;
          const std::vector<tick_t>& own = seen->track(o, k.neuron).starts;
          starts = starts || (!own.empty() && own.front() == k.ticks.front());
        }
        if (starts) left.push_back(k);
      }
    }
    result_.timers = std::move(left);
  }

  void keep_those_that_go_on(const cut_circuit& alone) {
    std::vector<timekeeper> left;
    for (const presentation_part part : all_parts) {
      const watch_times times = times_of(part);
      std::optional<watcher> seen;
      for (const timekeeper& k : result_.clocks) {
        if (k.part != part) continue;
        if (!seen) seen.emplace(watch_once(alone.start(), part, samples_[1], {}));
        const auto& outputs = seen->outputs();
        for (std::size_t o = 0; o < outputs.size(); ++o) {
          if (outputs[o].population != k.population || !seen->track(o, k.neuron).keeps_moving(times)) continue;
          left.push_back(k);
          break;
        }
      }
    }
    result_.clocks = std::move(left);
  }

  void keep_sources() {
    const std::size_t n = result_.clocks.size();
    std::vector<std::vector<std::size_t>> which(net_.populations.size());
    for (std::size_t p = 0; p < which.size(); ++p) which[p].assign(net_.populations[p].size, SIZE_MAX);
    for (std::size_t k = 0; k < n; ++k) which[result_.clocks[k].population][result_.clocks[k].neuron] = k;
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(n);
    for (const projection& p : net_.projections) {
      each_connection(net_, p, [&](std::size_t pre, std::size_t post, std::size_t) {
        const std::size_t a = which[p.from.population][pre], b = which[p.to.population][post];
        if (a != SIZE_MAX && b != SIZE_MAX && a != b) boost::add_edge(a, b, graph);
      });
    }
    std::vector<int> component(n);
    const int count = boost::strong_components(
        graph, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, graph)));
    std::vector<bool> driven(static_cast<std::size_t>(count), false);
    for (auto [e, end] = boost::edges(graph); e != end; ++e) {
      const int a = component[boost::source(*e, graph)], b = component[boost::target(*e, graph)];
      if (a != b) driven[static_cast<std::size_t>(b)] = true;
    }
    std::vector<timekeeper> drivers;
    for (std::size_t k = 0; k < n; ++k) {
      if (!driven[static_cast<std::size_t>(component[k])]) drivers.push_back(result_.clocks[k]);
    }
    result_.clocks = std::move(drivers);
  }

  const circuit& net_;
  const description& netlist_;
  const data_set& data_;
  presentation_times own_;
  std::vector<std::uint32_t> samples_;  ///< the first is shown before each of the others
  std::map<presentation_part, std::set<std::pair<std::size_t, std::size_t>>> answering_;  ///< still, when timers start
  std::set<std::pair<std::size_t, std::size_t>> moving_;  ///< (population, neuron) that never come to rest
  std::vector<bool> heard_;                               ///< [population]
  tick_t depth_ = 0;                                      ///< hops to the farthest neuron
  stillness result_;
};

}  // namespace

std::string_view event_of(presentation_part part) noexcept {
  switch (part) {
    case presentation_part::input: return "the input's onset";
    case presentation_part::teacher: return "the teacher's onset";
    case presentation_part::rest: break;
  }
  return "the teacher's end";
}

std::string text_of(const timekeeper& k) {
  const std::string ticks = fmt::format("{} ticks after {}", fmt::join(k.ticks, ", "), event_of(k.part));
  return k.forever ? fmt::format(
                         "it never comes to rest while nothing happens outside, and is the same whatever the "
                         "data (it changes {}, ...)",
                         ticks)
                   : fmt::format("it starts {} though nothing happens outside, whatever the data", ticks);
}

stillness measure_stillness(const circuit& c, const description& netlist, const data_set& data) {
  return still_watch(c, netlist, data).measure();
}

}  // namespace locus
