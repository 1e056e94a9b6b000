/// `locus reproduce table3`: Song et al. 2020, Table 3, the success rate of the change-detector neurons phi against
/// t_d. The paper does not say how it was measured; this measures it over a grid of settings and names the closest.

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/sweep/jobs.hpp"
#include "tools/locus/progress.hpp"
#include "tools/reproduce/results.hpp"
#include "tools/reproduce/table3/report.hpp"
#include "tools/reproduce/training.hpp"

namespace locus::tools {
namespace {

using overrides = std::vector<std::string>;

class table3_target {
 public:
  explicit table3_target(const reproduce_settings& settings) : settings_(settings) {
    for (const phi_setting& s : phi_settings(settings)) curves_.push_back({s});
  }

  void run() {
    data_ = load_data(teacher_of(curves_.front().setting, settings_.seeds.front()).data);
    train();
    measure();
    progress_.clear();
    report();
  }

 private:
  /// What one training run is for.
  using training_key = std::tuple<std::uint32_t, std::string_view, std::string_view, double, std::uint64_t>;

  static training_key key_of(const phi_setting& s, std::uint64_t seed) {
    return {s.hidden, s.precision, s.activation, s.alpha, seed};
  }

  [[nodiscard]] document netlist_of(const phi_setting& s, std::uint64_t seed, const overrides& more) const {
    overrides all = s.network(settings_.quick(), seed);
    all.insert(all.end(), more.begin(), more.end());
    return settings_.netlist(phi_netlist, all);
  }

  /// Backpropagation's circuit of the same network.
  [[nodiscard]] description teacher_of(const phi_setting& s, std::uint64_t seed) const {
    return with_rule([&](const overrides& more) { return netlist_of(s, seed, more); }, "bp").value();
  }

  void train() {
    struct job {
      phi_setting setting;  ///< one of those that it is for
      std::uint64_t seed;
      std::set<std::uint32_t> epochs;
    };
    std::map<training_key, job> wanted;
    for (const phi_curve& c : curves_) {
      for (const std::uint64_t seed : settings_.seeds) {
        wanted.try_emplace(key_of(c.setting, seed), job{c.setting, seed, {}})
            .first->second.epochs.insert(c.setting.epochs);
      }
    }
    std::vector<job> jobs;
    jobs.reserve(wanted.size());
    for (const auto& [key, j] : wanted) jobs.push_back(j);
    const auto train = [&](std::size_t n) {
      const job& j = jobs[n];
      return training_stages{train_in_stages(teacher_of(j.setting, j.seed), data_, {j.epochs.begin(), j.epochs.end()})};
    };
    const auto keep = [&](std::size_t n, training_stages stages) {
      const job& j = jobs[n];
      auto stage = stages.weights.begin();
      for (const std::uint32_t epochs : j.epochs) weights_[key_of(j.setting, j.seed)][epochs] = std::move(*stage++);
    };
    in_parallel<training_stages>("training", jobs.size(), train, keep);
  }

  void measure() {
    const std::size_t seeds = settings_.seeds.size();
    using counts = std::vector<std::vector<onset_counts>>;  // [of quiet_ticks][layer, from the output]
    const auto measured = [&](std::size_t n) {
      const phi_curve& c = curves_[n / seeds];
      const std::uint64_t seed = settings_.seeds[n % seeds];
      const learnt_weights& weights = weights_.at(key_of(c.setting, seed)).at(c.setting.epochs);
      counts all;
      for (const auto ticks : quiet_ticks) {
        const document text = netlist_of(c.setting, seed, c.setting.circuit(ticks));
        all.push_back(count_onsets(read_netlist(text, all_templates()), data_, weights, presentations_));
      }
      return all;
    };
    in_parallel<counts>("measuring", curves_.size() * seeds, measured, [&](std::size_t n, const counts& all) {
      phi_curve& c = curves_[n / seeds];
      for (std::size_t k = 0; k < all.size(); ++k) {
        for (std::size_t l = 0; l < all[k].size(); ++l) (l == 0 ? c.output : c.hidden)[k] += all[k][l];
      }
    });
  }

  template <class T>
  void in_parallel(const std::string& what, std::size_t count, const std::function<T(std::size_t)>& f,
                   const std::function<void(std::size_t, T)>& ended) {
    std::size_t done = 0;
    sweep::compute_each<T>(count, settings_.jobs, f, [&](std::size_t n, T result) {
      ended(n, std::move(result));
      progress_.show(what, ++done, count);
    });
  }

  void report() {
    result_files files(settings_, "table3");
    files.setting("data", data_.name);
    files.setting("presentations", fmt::format("{}", presentations_));
    files.setting("ticks with the teacher", fmt::format("{}", teaching_ticks));
    report_phi(curves_, files);
    const std::uint64_t seed = settings_.seeds.front();
    const phi_setting& closest = matches_of(curves_).front().curve->setting;
    files.netlist("closest, t_d = 4", netlist_of(closest, seed, closest.circuit(4)).canonical_text());
    files.netlist("closest, training", netlist_of(closest, seed, {"learning.rule=bp"}).canonical_text());
    files.finish();
  }

  const reproduce_settings& settings_;
  std::uint32_t presentations_ = settings_.by_size<std::uint32_t>(5, 10, 20);  ///< batches for each t_d
  std::vector<phi_curve> curves_;
  data_set data_;
  std::map<training_key, std::map<std::uint32_t, learnt_weights>> weights_;  ///< [...][epochs]
  progress_line progress_;
};

}  // namespace

void reproduce_table3(const reproduce_settings& settings) { table3_target(settings).run(); }

}  // namespace locus::tools
