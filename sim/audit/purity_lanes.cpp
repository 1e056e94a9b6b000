/// What the lanes of a synapse do to its weight must add up: each lane is a brain of its own, and one that sees what
/// happens in another reads what no synapse can.
///
/// F(lanes) is the weight after an update. A rule may be nonlinear in the weight and in each lane, it may keep the sum
/// within bounds or look at whether some gate is open (`select`, `min`); but no product of something of one lane and
/// something of another may enter. So, with the gates as they are,
///   the order of the lanes changes F by rounding only;
///   where lane a has a presynaptic end alone and lane b a postsynaptic one, F(a, b) - F(a, -) - F(-, b) + F(-, -) = 0;
///   where both are active, the same holds in most cases (in all but those in which a bound is reached);
///   F with lanes that are silent is what one lane would do alone and what silence does, as sums or as means.
///
/// Bound: a rule of at most 16 operations a lane, none of which cancels more than three bits, computes F within
/// 16 * 8 * (lanes + 2) half units in the last place of the largest value among those compared.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sim/audit/purity_task.hpp"
#include "sim/core/panels.hpp"

namespace locus::purity {
namespace {

enum question : std::uint32_t { order_of_lanes, ends_of_two_lanes, two_lanes, silent_lanes };

template <class P>
class lane_task final : public task {
 public:
  static constexpr std::size_t sources = 16, targets = 32, most_lanes = 8;
  static constexpr std::size_t pairs = sources * targets;

  lane_task(const ingredients& from, std::uint32_t number)
      : task(fmt::format("learning ({})", precision_text<P>()), number), from_(from) {}

  [[nodiscard]] std::size_t room() const override { return sizeof(work); }
  void record(const bench& at) override { static_cast<void>(at); }
  void repeat(const bench&, std::uint64_t) const override {}
  [[nodiscard]] std::uint64_t calls_per_sweep() const override { return 0; }

  void vary(mechanism by, const bench& at) const override {
    if (by != mechanism::lanes) return;
    for (std::uint64_t round = 0; round < 12; ++round) {
      const std::size_t lanes = std::array<std::size_t, 4>{2, 3, 5, most_lanes}[round % 4];
      ask_order(at, round, lanes);
      ask_two(at, round, lanes, ends_of_two_lanes);
      ask_two(at, round, lanes, two_lanes);
      ask_silent(at, round, lanes);
    }
  }

  [[nodiscard]] std::string text_of(const deviation& d) const override {
    const std::size_t lanes = d.row / pairs;
    const std::string values = fmt::format("theta = {} instead of {}", d.found, d.expected);
    switch (static_cast<question>(d.output)) {
      case order_of_lanes: return fmt::format("{} lanes in another order gave {}", lanes, values);
      case ends_of_two_lanes:
        return fmt::format(
            "of {} lanes, one with a presynaptic end alone and one with a postsynaptic end alone gave {}, "
            "which each alone would give: the rule multiplies what belongs to different lanes",
            lanes, values);
      case two_lanes: return fmt::format("of {} lanes, two together gave {}, the sum of each alone", lanes, values);
      case silent_lanes: break;
    }
    return fmt::format(
        "of {} lanes, one active and the others silent gave {}, the sum of each alone (nor is it the mean)", lanes,
        values);
  }

 private:
  /// What happens in one lane, to all pairs.
  struct lane {
    std::array<P, sources> pre;
    std::array<P, targets> post, gate;
  };
  struct work {
    std::array<lane, most_lanes> base, turned;
    std::array<lane, 4> changed;  ///< of lanes a and b, two of each
    std::array<P, pairs> theta;
    std::array<std::array<P, pairs>, 4> results;
    std::array<P, sources * most_lanes> pre;
    std::array<P, targets * most_lanes> post, gate;
    std::array<P, pairs> weights;
    std::array<std::uint32_t, sources> changes;
    std::array<std::uint16_t, targets / panel_width> present;
  };
  static_assert(sources % panel_width == 0 && targets % panel_width == 0);

  static work& bench_of(const bench& at) { return *reinterpret_cast<work*>(at.room); }

  /// Of usual size, and never near 0.
  static P active(const random_stream& draws, std::uint64_t a, std::uint64_t b) {
    const double size = 0.5 + 1.5 * draws.uniform(a, 2 * b);
    return static_cast<P>(draws.uniform(a, 2 * b + 1) < 0.5 ? -size : size);
  }

  void draw(lane& to, std::uint64_t key) const {
    for (std::size_t s = 0; s < sources; ++s) to.pre[s] = active(from_.draws, key, s);
    for (std::size_t t = 0; t < targets; ++t) to.post[t] = active(from_.draws, key, 1000 + t);
    for (std::size_t t = 0; t < targets; ++t) to.gate[t] = std::fabs(active(from_.draws, key, 2000 + t));
  }
  static void silence(lane& to, bool gate_too) {
    to.pre.fill(P(0));
    to.post.fill(P(0));
    if (gate_too) to.gate.fill(P(0));
  }

  void draw_weights(work& w, std::uint64_t key) const {
    for (std::size_t i = 0; i < pairs; ++i) w.theta[i] = active(from_.draws, key, 3000 + i) / P(16);
  }

  /// The weights after an update with these lanes.
  void learn(const bench& at, const lane* lanes, std::size_t count, std::array<P, pairs>& result) const {
    work& w = bench_of(at);
    for (std::size_t l = 0; l < count; ++l) {
      for (std::size_t s = 0; s < sources; ++s) w.pre[field_offset(s, l, count)] = lanes[l].pre[s];
      for (std::size_t t = 0; t < targets; ++t) w.post[field_offset(t, l, count)] = lanes[l].post[t];
      for (std::size_t t = 0; t < targets; ++t) w.gate[field_offset(t, l, count)] = lanes[l].gate[t];
    }
    w.present.fill(0xffff);
    for (std::size_t s = 0; s < sources; ++s) {
      for (std::size_t t = 0; t < targets; ++t) w.weights[place(s, t)] = w.theta[s * targets + t];
    }
    P* const state[] = {w.weights.data()};
    const P *const pre[] = {w.pre.data()}, *const post[] = {w.post.data()};
    learn_call<P> call = {.state = state,
                          .pre = pre,
                          .post = post,
                          .gate = from_.model->gated ? w.gate.data() : nullptr,
                          .gate_at = from_.model->gated ? gate_position::post : gate_position::none,
                          .gate_present = w.present.data(),
                          .params = from_.params,
                          .lanes = count,
                          .sources = sources,
                          .last_panel = targets / panel_width,
                          .active = {nullptr, sources},
                          .slice_source = {},
                          .targets = targets,
                          .changed_weights = w.changes.data()};
    from_.kernels->template synapse<P>().learn_dense(call);
    at.book->evaluations += pairs * count;
    for (std::size_t s = 0; s < sources; ++s) {
      for (std::size_t t = 0; t < targets; ++t) result[s * targets + t] = w.weights[place(s, t)];
    }
  }
  static std::size_t place(std::size_t s, std::size_t t) {
    return (t / panel_width * sources + s) * panel_width + t % panel_width;
  }

  /// How far rounding can take combinations of these results.
  static double bound(const work& w, std::size_t pair, std::size_t results, std::size_t lanes) {
    double largest = std::fabs(static_cast<double>(w.theta[pair]));
    for (std::size_t k = 0; k < results; ++k)
      largest = std::max(largest, std::fabs(static_cast<double>(w.results[k][pair])));
    return 64.0 * static_cast<double>(lanes + 2) * static_cast<double>(std::numeric_limits<P>::epsilon()) * largest;
  }

  void found(const bench& at, question about, std::size_t lanes, std::size_t pair, double expected,
             double value) const {
    note(at, mechanism::lanes, lanes * pairs + pair, about, expected, value);
  }

  void ask_order(const bench& at, std::uint64_t round, std::size_t lanes) const {
    work& w = bench_of(at);
    draw_weights(w, round);
    for (std::size_t l = 0; l < lanes; ++l) draw(w.base[l], 100 * round + l);
    for (std::size_t l = 0; l < lanes; ++l) w.turned[l] = w.base[lanes - 1 - l];
    learn(at, w.base.data(), lanes, w.results[0]);
    learn(at, w.turned.data(), lanes, w.results[1]);
    for (std::size_t i = 0; i < pairs; ++i) {
      const double a = static_cast<double>(w.results[0][i]), b = static_cast<double>(w.results[1][i]);
      if (std::fabs(a - b) > bound(w, i, 2, lanes)) found(at, order_of_lanes, lanes, i, a, b);
    }
  }

  /// The second difference over lanes a and b, beside others that are active or silent.
  void ask_two(const bench& at, std::uint64_t round, std::size_t lanes, question about) const {
    work& w = bench_of(at);
    draw_weights(w, 50 + round);
    for (std::size_t l = 0; l < lanes; ++l) {
      draw(w.base[l], 10000 + 100 * round + l);
      if (mix_bits(round * most_lanes + l) % 2 == 0) silence(w.base[l], true);
    }
    const std::size_t a = round % lanes, b = (a + 1 + round / lanes % (lanes - 1)) % lanes;
    for (std::size_t k = 0; k < 4; ++k) draw(w.changed[k], 20000 + 100 * round + k);
    if (about == ends_of_two_lanes || round % 3 == 0) {  // the second of each is silent but for its gate
      for (const std::size_t k : {0u, 2u}) {
        w.changed[k + 1].gate = w.changed[k].gate;
        silence(w.changed[k + 1], false);
      }
    }
    if (about == ends_of_two_lanes) {
      w.changed[0].post.fill(P(0));
      w.changed[2].pre.fill(P(0));
    }
    for (std::size_t k = 0; k < 4; ++k) {
      w.base[a] = w.changed[k / 2];
      w.base[b] = w.changed[2 + k % 2];
      learn(at, w.base.data(), lanes, w.results[k]);
    }
    judge_two(at, lanes, about);
  }

  void judge_two(const bench& at, std::size_t lanes, question about) const {
    const work& w = bench_of(at);
    std::size_t informative = 0, deviating = 0, first = pairs;
    for (std::size_t i = 0; i < pairs; ++i) {
      const double f00 = static_cast<double>(w.results[0][i]), f01 = static_cast<double>(w.results[1][i]),
                   f10 = static_cast<double>(w.results[2][i]), f11 = static_cast<double>(w.results[3][i]);
      const double rounding = bound(w, i, 4, lanes);
      const bool deviates = std::fabs((f00 - f01) - (f10 - f11)) > rounding;
      const bool informs = std::fabs(f01 - f11) > rounding && std::fabs(f10 - f11) > rounding;
      informative += informs ? 1 : 0;
      if (!deviates || !(informs || about == ends_of_two_lanes)) continue;
      ++deviating;
      first = std::min(first, i);
    }
    if (first == pairs || (about == two_lanes && 2 * deviating <= informative)) return;
    const double apart = static_cast<double>(w.results[1][first]) + static_cast<double>(w.results[2][first]) -
                         static_cast<double>(w.results[3][first]);
    found(at, about, lanes, first, apart, static_cast<double>(w.results[0][first]));
  }

  void ask_silent(const bench& at, std::uint64_t round, std::size_t lanes) const {
    work& w = bench_of(at);
    draw_weights(w, 80 + round);
    for (std::size_t l = 0; l < lanes; ++l) {
      draw(w.base[l], 30000 + 100 * round + l);
      if (l != round % lanes) silence(w.base[l], true);
    }
    learn(at, w.base.data(), lanes, w.results[0]);
    learn(at, &w.base[round % lanes], 1, w.results[1]);
    learn(at, &w.base[(round + 1) % lanes], 1, w.results[2]);
    std::size_t deviating = 0, informative = 0, first = pairs;
    double wanted = 0;
    for (std::size_t i = 0; i < pairs; ++i) {
      const double theta = static_cast<double>(w.theta[i]), together = static_cast<double>(w.results[0][i]) - theta;
      const double sum = static_cast<double>(w.results[1][i]) - theta +
                         static_cast<double>(lanes - 1) * (static_cast<double>(w.results[2][i]) - theta);
      const double rounding = bound(w, i, 3, lanes), mean = sum / static_cast<double>(lanes);
      informative += std::fabs(sum) > rounding || std::fabs(together) > rounding ? 1 : 0;
      if (!(std::fabs(together - sum) > rounding && std::fabs(together - mean) > rounding)) continue;
      if (deviating++ == 0) wanted = theta + sum;
      first = std::min(first, i);
    }
    if (2 * deviating > informative)
      found(at, silent_lanes, lanes, first, wanted, static_cast<double>(w.results[0][first]));
  }

  const ingredients from_;
};

}  // namespace

void add_lane_tasks(const ingredients& from, task_list& to) {
  from.each_precision(
      [&]<class P>(P) { to.push_back(std::make_unique<lane_task<P>>(from, static_cast<std::uint32_t>(to.size()))); });
}

}  // namespace locus::purity
