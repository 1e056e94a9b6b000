#include "sim/audit/alignment.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/data/order.hpp"
#include "sim/engine/field_values.hpp"

namespace locus {
namespace {

/// A signal that falls to this share is closed.
constexpr double closed_below = 0.2;

/// The largest value of each neuron's signal in a stretch of time.
class listener final : public tick_observer {
 public:
  explicit listener(std::vector<output_id> signals) : signals_(std::move(signals)), largest_(signals_.size()) {}
  void on_tick(tick_t, const simulator& s) override {
    for (std::size_t n = 0; n < signals_.size(); ++n) {
      const std::vector<double> now = field_values(s, signals_[n]);
      largest_[n].resize(now.size(), 0);
      for (std::size_t i = 0; i < now.size(); ++i) largest_[n][i] = std::max(largest_[n][i], std::abs(now[i]));
    }
  }
  void on_quiet(tick_t, tick_t, const simulator&) override {}

  [[nodiscard]] std::vector<double> sums() const {
    std::vector<double> all;
    for (const auto& each : largest_) {
      double sum = 0;
      for (const double v : each) sum += v;
      all.push_back(sum);
    }
    return all;
  }

 private:
  std::vector<output_id> signals_;
  std::vector<std::vector<double>> largest_;  ///< [signal][neuron]
};

class aligner {
 public:
  aligner(const circuit& c, const description& netlist, const data_set& data)
      : net_(c), netlist_(netlist), data_(data) {
    own_ = shortest_times(netlist.timeline);
    for (std::size_t w = 0; w < c.projections.size(); ++w) {
      const projection& p = c.projections[w];
      if (!p.learns() || (!p.gate && p.post.empty() && p.pre.empty())) continue;
      projections_.push_back(w);
      signals_.push_back(p.gate ? *p.gate : p.post.empty() ? p.pre.front() : p.post.front());
    }
  }

  alignment measure() {
    alignment result;
    if (own_.teach == 0 || signals_.empty() || data_.train.count() < 2) return result;
    const auto order = presentation_order(data_.train.count(), netlist_.shuffle, 0);
    constexpr std::size_t most_samples = 4;
    const std::size_t samples = std::min<std::size_t>(most_samples, order.size() - 1);
    std::vector<std::vector<double>> own;
    for (std::size_t s = 0; s < samples; ++s) own.push_back(open(order[0], order[s + 1], 0, 0));
    for (const auto& each : own) {
      for (const double v : each) result.measured = result.measured || v > 0;
    }
    std::vector<bool> found(signals_.size(), false);
    const auto longest = static_cast<tick_t>(longest_presentation(netlist_.timeline));
    const std::vector<tick_t> lengths = {1, 2, 3, 5, 8, 13, longest, 2 * longest + 1, 5 * longest + 3};
    for (const bool before : {false, true}) {
      // Without a part for the input alone, the teacher is another one as soon as there is such a part.
      if (!before && own_.predict == 0) continue;
      std::vector<closed_gate> last(signals_.size());
      std::vector<std::size_t> times(signals_.size(), 0);
      for (const tick_t more : lengths) {
        std::vector<std::vector<double>> now;
        for (std::size_t s = 0; s < samples; ++s) {
          now.push_back(open(order[0], order[s + 1], before ? 0 : more, before ? more : 0));
        }
        for (std::size_t n = 0; n < signals_.size(); ++n) {
          if (!closes(own, now, n)) continue;
          ++times[n];
          last[n] = {projections_[n], signals_[n], before ? 0 : more, before ? more : 0, 0, 0};
          for (std::size_t s = 0; s < samples; ++s) last[n].open += own[s][n], last[n].left += now[s][n];
        }
      }
      // A wave that comes just with the teacher can close a gate; a timer closes it for good.
      for (std::size_t n = 0; n < signals_.size(); ++n) {
        if (found[n] || 2 * times[n] <= lengths.size()) continue;
        found[n] = true;
        result.closed.push_back(last[n]);
      }
    }
    return result;
  }

 private:
  /// For all samples for which it opened before.
  static bool closes(const std::vector<std::vector<double>>& own, const std::vector<std::vector<double>>& now,
                     std::size_t n) {
    std::size_t opened = 0;
    for (std::size_t s = 0; s < own.size(); ++s) {
      if (own[s][n] == 0) continue;
      ++opened;
      if (now[s][n] > closed_below * own[s][n]) return false;
    }
    return opened >= std::min<std::size_t>(2, own.size());
  }

  /// How far signals open from the teacher's onset to the end of the presentation.
  std::vector<double> open(std::uint32_t first, std::uint32_t sample, tick_t input, tick_t rest) const {
    presentation_times before = own_, then = own_;
    before.rest += rest;
    then.predict += input;
    then.number = 1;
    const script world = write_script(net_, netlist_, data_, {{first, before}, {sample, then}});
    const auto sim = make_simulator(net_);
    player play(world, *sim);
    play.run_to(world.spans[0].last);
    sim->silence_noise();
    sim->set_learning(false);  // what is learnt meanwhile would make errors smaller
    play.run_to(world.spans[1].onset);
    listener hears(signals_);
    sim->observe(&hears);
    play.run_to(world.spans[1].last);
    sim->observe(nullptr);
    return hears.sums();
  }

  const circuit& net_;
  const description& netlist_;
  const data_set& data_;
  presentation_times own_;
  std::vector<std::size_t> projections_;
  std::vector<output_id> signals_;  ///< one of each
};

}  // namespace

alignment measure_alignment(const circuit& c, const description& netlist, const data_set& data) {
  return aligner(c, netlist, data).measure();
}

}  // namespace locus
