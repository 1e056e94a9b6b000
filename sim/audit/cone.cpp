#include "sim/audit/cone.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

#include "sim/audit/closure.hpp"
#include "sim/audit/trail.hpp"
#include "sim/core/random.hpp"

namespace locus {
namespace {

/// What is disturbed, and when.
struct choice {
  entity_ref who;
  std::size_t field = 0;
  tick_t at = 0;
};

std::vector<choice> choose(const circuit& c, const script& world, const cone_options& options) {
  const random_stream random(options.seed, "audit", "disturbances");
  const presentation_span& span = world.spans.front();
  // Phases in which different things are under way: input alone, settled, teacher just on, later.
  const std::vector<tick_t> phases = {
      span.first + 1, (span.first + span.onset) / 2, span.onset - 1, span.onset, span.onset + 1, span.onset + 2};
  std::vector<choice> all;
  std::uint64_t draw = 0;
  const std::size_t groups = c.populations.size() + c.projections.size();
  const std::size_t each = std::max<std::size_t>(1, options.disturbances / std::max<std::size_t>(groups, 1));
  const auto moment = [&] {
    const tick_t t = phases[random.below(phases.size(), draw++)];
    return std::clamp<tick_t>(t, 1, world.ticks() - 1);
  };
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    for (std::size_t n = 0; n < 2 * each; ++n) {
      const std::size_t field =
          n < c.populations[p].model->fields.size() ? n : random.below(c.populations[p].model->fields.size(), draw++);
      const std::size_t neuron = random.below(c.populations[p].size, draw++);
      all.push_back({{false, p, neuron}, field, moment()});
    }
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse == nullptr || p.shared_with || c.connections(p) == 0) continue;
    for (std::size_t n = 0; n < each; ++n) {
      const std::size_t connection = random.below(c.weights(p), draw++);
      all.push_back({{true, i, connection}, weight_field, moment()});
    }
  }
  return all;
}

/// One disturbance, followed.
class experiment_pair {
 public:
  /// `undisturbed` and its player are at the tick of the disturbance.
  experiment_pair(simulator& undisturbed, const player& played, const hop_graph& graph, const choice& what)
      : net_(undisturbed.net()),
        graph_(graph),
        what_(what),
        allowed_(net_),
        quiet_(undisturbed.clone()),
        disturbed_(undisturbed.clone()),
        play_quiet_(played, *quiet_),
        play_disturbed_(played, *disturbed_) {}

  void follow(tick_t ticks, cone_result& result) {
    disturb();
    const std::vector<std::uint32_t> hops = distances();
    bool trace = false;
    std::uint32_t before = 0;
    for (tick_t t = 0; t < ticks && !play_quiet_.done(); ++t) {
      play_quiet_.run_tick();
      play_disturbed_.run_tick();
      allowed_.run_tick();
      farthest_ = 0;
      differ_ = false;
      compare(hops, result, t);
      trace = trace || differ_;
      if (violated_) break;
      const auto at = static_cast<std::size_t>(t);
      if (result.reach.size() <= at) result.reach.resize(at + 1, 0);
      result.reach[at] = std::max(result.reach[at], farthest_);
      // In the tick of the disturbance itself, messages have one tick to travel, as in all others.
      if (farthest_ > before) result.per_tick = std::max(result.per_tick, farthest_ - before);
      before = std::max(before, farthest_);
    }
    ++result.disturbances;
    if (!trace) ++result.absorbed;
  }

 private:
  void disturb() {
    if (what_.who.is_synapse) {
      std::vector<double> weights = disturbed_->weights(what_.who.group);
      weights[what_.who.index] += 1;
      disturbed_->set_weights(what_.who.group, weights);
      allowed_.disturb_weight(what_.who.group, what_.who.index);
      return;
    }
    const output_id field{what_.who.group, what_.field};
    disturbed_->perturb(field, what_.who.index, 0, quiet_->value(field, what_.who.index, 0) + 1);
    allowed_.disturb_field(field, what_.who.index);
  }

  std::vector<std::uint32_t> distances() const {
    if (!what_.who.is_synapse) return graph_.distances({graph_.neuron(what_.who.group, what_.who.index)});
    const projection& p = net_.projections[what_.who.group];
    return graph_.distances({graph_.neuron(p.to.population, ends_of(net_, p, what_.who.index).post)});
  }

  void compare(const std::vector<std::uint32_t>& hops, cone_result& result, tick_t t) {
    const snapshot a = read_snapshot(*quiet_);
    const snapshot b = read_snapshot(*disturbed_);
    std::size_t row = 0;
    for (std::size_t p = 0; p < net_.populations.size(); ++p) {
      for (std::size_t f = 0; f < net_.populations[p].model->fields.size(); ++f, ++row) {
        for (std::size_t i = 0; i < a.fields[row].size(); ++i) {
          if (same_bits(a.fields[row][i], b.fields[row][i])) continue;
          differ_ = true;
          const std::uint32_t distance = hops[graph_.neuron(p, i)];
          if (allowed_.field({p, f}, i))
            farthest_ = std::max(farthest_, distance == hop_graph::unreachable ? 0 : distance);
          else violation(result, {false, p, i}, f, t, a.fields[row][i], b.fields[row][i]);
        }
      }
    }
    for (std::size_t i = 0; i < a.weights.size(); ++i) {
      if (net_.projections[i].shared_with) continue;
      for (std::size_t k = 0; k < a.weights[i].size(); ++k) {
        if (same_bits(a.weights[i][k], b.weights[i][k])) continue;
        differ_ = true;
        if (!allowed_.weight(i, k)) violation(result, {true, i, k}, weight_field, t, a.weights[i][k], b.weights[i][k]);
      }
    }
  }

  void violation(cone_result& result, const entity_ref& who, std::size_t field, tick_t t, double a, double b) {
    // Of the first tick's violations, a state is told rather than what follows from it in the same tick.
    const bool state = !who.is_synapse && net_.populations[who.group].model->fields[field].by == writer::step;
    if (violated_ && (told_state_ || !state)) return;
    if (violated_) result.violations.pop_back();
    violated_ = true;
    told_state_ = state;
    result.violations.push_back({what_.who, what_.field, what_.at, who, field, what_.at + t, a, b});
  }

  const circuit& net_;
  const hop_graph& graph_;
  choice what_;
  closure allowed_;
  std::unique_ptr<simulator> quiet_, disturbed_;
  player play_quiet_, play_disturbed_;
  std::uint32_t farthest_ = 0;
  bool differ_ = false;
  bool violated_ = false;
  bool told_state_ = false;
};

}  // namespace

namespace {

/// Whether a projection leads from neurons to others, and not from each to its own partner.
bool mixes(const circuit& c, const projection& p) {
  if (p.shape != projection_shape::sparse) return p.shape == projection_shape::dense;
  for (std::uint32_t target = 0; target < c.size_after(p); ++target) {
    if (p.connections.degree(target) > 1) return true;
  }
  return false;
}

/// There and back between two populations, once, is the way of one layer with its interneurons.
std::size_t length_of(const circuit& c, const std::vector<std::size_t>& way) {
  std::size_t length = 0;
  bool back = false;
  for (std::size_t n = 0; n < way.size(); ++n) {
    const bool been = std::any_of(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(n), [&](std::size_t w) {
      return c.projections[w].to.population == c.projections[way[n]].to.population;
    });
    if (been && !back) back = true;
    else ++length;
  }
  return length;
}

}  // namespace

way_in_a_tick longest_way_in_a_tick(const circuit& c) {
  // Reactions in the order of their levels: whoever sends has reacted before.
  const std::vector<scheduled_reaction> schedule = make_schedule(c);
  std::vector<std::vector<std::vector<std::size_t>>> way(
      c.populations.size());  // [population][writer + 1]: projections
  for (std::size_t p = 0; p < way.size(); ++p) way[p].resize(1 + c.populations[p].model->reactions.size());
  const auto written_by = [&](const output_id& o) {
    return static_cast<std::size_t>(c.populations[o.population].model->fields[o.field].by) + 1;
  };
  std::vector<std::size_t> longest;
  for (const scheduled_reaction& r : schedule) {
    std::vector<std::size_t>& mine = way[r.population][r.reaction + 1];
    if (r.reaction > 0) mine = way[r.population][r.reaction];
    for (std::size_t i = 0; i < c.projections.size(); ++i) {
      const projection& p = c.projections[i];
      const auto& ports = c.populations[r.population].model->reactions[r.reaction].ports;
      if (p.delay > 0 || p.to.population != r.population) continue;
      if (std::find(ports.begin(), ports.end(), p.to.port) == ports.end()) continue;
      std::vector<std::size_t> there = way[p.from.population][written_by(p.from)];
      if (mixes(c, p)) there.push_back(i);
      if (length_of(c, there) > length_of(c, mine)) mine = std::move(there);
    }
    if (length_of(c, mine) > length_of(c, longest)) longest = mine;
  }
  way_in_a_tick found{{}, length_of(c, longest)};
  for (const std::size_t i : longest) found.projections.push_back(c.projections[i].name);
  return found;
}

cone_result measure_cone(const circuit& c, const script& world, const cone_options& options) {
  const hop_graph graph(c);
  cone_result result;
  for (const scheduled_reaction& r : make_schedule(c)) result.levels = std::max(result.levels, r.level + 1);
  const std::vector<choice> all = choose(c, world, options);
  std::vector<std::size_t> in_time(all.size());
  std::iota(in_time.begin(), in_time.end(), std::size_t{0});
  std::stable_sort(in_time.begin(), in_time.end(), [&](std::size_t a, std::size_t b) { return all[a].at < all[b].at; });
  const std::unique_ptr<simulator> undisturbed = make_simulator(c);
  player play(world, *undisturbed);
  std::vector<std::vector<cone_violation>> violations(all.size());
  for (const std::size_t n : in_time) {
    play.run_to(all[n].at);
    experiment_pair(*undisturbed, play, graph, all[n]).follow(options.follow, result);
    violations[n].swap(result.violations);
  }
  for (const auto& of_one : violations) result.violations.insert(result.violations.end(), of_one.begin(), of_one.end());
  return result;
}

}  // namespace locus
