/// `locus reproduce rosenbaum`: Rosenbaum 2022, Figs. 1 to 5 on MNIST. How far from backpropagation's are the weight
/// updates of strict and fixed-prediction predictive coding, after one batch (Figs. 2 and 4) and over a training (Figs.
/// 1, 3 and 5)? In both precisions, because the paper's plateaus are those of single precision.

#include <fmt/format.h>

#include <utility>

#include "sim/sweep/jobs.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/progress.hpp"
#include "tools/reproduce/rosenbaum/published.hpp"
#include "tools/reproduce/rosenbaum/report.hpp"

namespace locus::tools {
namespace {

using namespace rosenbaum;

class rosenbaum_target {
 public:
  explicit rosenbaum_target(const reproduce_settings& asked) : asked_(asked), study_(asked) {}

  void run() {
    const std::vector<setting> trainings = wanted_trainings(), updates = wanted_updates();
    const std::size_t seeds = asked_.seeds.size();
    all_ = (trainings.size() + updates.size()) * seeds;
    fmt::print("{}: {} trainings of {} batches of {}, then {} single updates; {} at once.\n\n", study_.data().name,
               trainings.size() * seeds, study_.batches(), study_.lanes(), updates.size() * seeds, asked_.jobs);
    flush_output();
    compute<training_outcome>(trainings, done_.trainings, [&](const setting& s, std::size_t seed) {
      return study_.training(s, asked_.seeds[seed]);
    });
    compute<update_outcome>(updates, done_.updates, [&](const setting& s, std::size_t seed) {
      const setting teacher = {.cross_entropy = s.cross_entropy};
      return study_.update(s, asked_.seeds[seed], done_.trainings.at(teacher)[seed].weights.weights.front());
    });
    progress_.clear();
    result_files files(asked_, "rosenbaum");
    files.setting("data", study_.data().name);
    files.setting("epochs", fmt::format("{}", study_.epochs()));
    for (const setting& s : trainings) {
      files.netlist(s.text(), study_.netlist(s, asked_.seeds.front()).canonical_text());
    }
    report(study_, done_, files);
    files.finish();
  }

 private:
  /// Those that take longest first.
  [[nodiscard]] std::vector<setting> wanted_trainings() const {
    std::vector<setting> all;
    for (const char* precision : {"f64", "f32"}) {
      if (precision == std::string("f64") && asked_.size == extent::normal) continue;
      for (const published_training& p : published_trainings())
        all.push_back({std::string(p.rule), p.cross_entropy, p.gamma, p.ticks, precision});
    }
    for (const bool cross_entropy : {false, true}) all.push_back({.cross_entropy = cross_entropy});
    return all;
  }

  [[nodiscard]] std::vector<setting> wanted_updates() const {
    std::vector<setting> all;
    for (const double gamma : study_.gammas()) {
      for (const int ticks : study_.ticks()) {
        for (const char* precision : {"f64", "f32"}) {
          all.push_back({"strict", false, gamma, ticks, precision});
          all.push_back({"fixed-prediction", true, gamma, ticks, precision});
        }
      }
      all.push_back({"fixed-prediction", true, gamma, study_.ticks().back(), "f32", true});
    }
    return all;
  }

  template <class T, class F>
  void compute(const std::vector<setting>& wanted, std::map<setting, std::vector<T>>& into, const F& f) {
    const std::size_t seeds = asked_.seeds.size();
    for (const setting& s : wanted) into[s].resize(seeds);
    const auto one = [&](std::size_t n) { return f(wanted[n / seeds], n % seeds); };
    sweep::compute_each<T>(wanted.size() * seeds, asked_.jobs, one, [&](std::size_t n, T outcome) {
      const setting& s = wanted[n / seeds];
      into[s][n % seeds] = std::move(outcome);
      progress_.show(s.text(), ++finished_, all_);
    });
  }

  const reproduce_settings& asked_;
  study study_;
  results done_;
  progress_line progress_;
  std::size_t finished_ = 0, all_ = 0;
};

}  // namespace

void reproduce_rosenbaum(const reproduce_settings& settings) { rosenbaum_target(settings).run(); }

}  // namespace locus::tools
