/// `locus reproduce figure3`: Song et al. 2020, Fig. 3. Z-IL is backpropagation under three conditions: the circuit
/// starts from its prediction (C1), the synapses of layer l learn at t = l (C2), gamma = 1 (C3). How far from
/// backpropagation does it come when they are not kept? Measured after training on MNIST: the mean difference of the
/// test error over epochs, and the distance of the final weights.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/sweep/jobs.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/progress.hpp"
#include "tools/reproduce/figure3/report.hpp"
#include "tools/reproduce/results.hpp"

namespace locus::tools {
namespace {

using namespace figure3;

class figure3_target {
 public:
  figure3_target(const reproduce_settings& asked, bool averaged) : asked_(asked), study_(asked, averaged) {}

  void run() {
    done_.load(result_files(asked_, study_.name()).file("", "h5"), study_);
    std::vector<cell> missing = without_finished(study_.references());
    const std::size_t references = missing.size();
    for (const cell& c : without_finished(study_.cells())) missing.push_back(c);
    announce(missing);
    all_ = missing.size();
    run_cells({missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(references)});
    run_cells({missing.begin() + static_cast<std::ptrdiff_t>(references), missing.end()});
    progress_.clear();
    result_files files = store();
    report(study_, done_, files);
    files.finish();
  }

 private:
  std::vector<cell> without_finished(const std::vector<cell>& wanted) const {
    std::vector<cell> left;
    for (const cell& c : wanted) {
      if (!done_.cells.contains(c)) left.push_back(c);
    }
    return left;
  }

  void announce(const std::vector<cell>& missing) const {
    const std::size_t all = study_.references().size() + study_.cells().size();
    fmt::print("{} runs of {} epoch{} on {} images, {} at once", all, study_.epochs(), study_.epochs() == 1 ? "" : "s",
               study_.data().train.count(), asked_.jobs);
    if (missing.size() < all) fmt::print("; {} of them are done already", all - missing.size());
    if (!missing.empty()) {
      const double minutes = study_.estimated_seconds(missing) / asked_.jobs / 60;
      fmt::print("; about {}", minutes < 1     ? fmt::format("{:.0f} s", std::max(1.0, 60 * minutes))
                               : minutes < 120 ? fmt::format("{:.0f} minutes", minutes)
                                               : fmt::format("{:.1f} hours", minutes / 60));
      fmt::print(". Stop it when you like: it goes on where it stood");
    }
    fmt::print(".\n\n");
    flush_output();
  }

  void run_cells(const std::vector<cell>& cells) {
    const auto run = [&](std::size_t n) {
      const cell& c = cells[n];
      const cell reference{.hidden = c.hidden, .seed = c.seed, .backpropagation = true};
      return study_.run(c, c.backpropagation ? nullptr : &done_.references.at(reference));
    };
    sweep::compute_each<outcome>(cells.size(), asked_.jobs, run, [&](std::size_t n, outcome o) {
      const cell& c = cells[n];
      if (c.backpropagation) done_.references[c] = o.final_weights;
      o.final_weights.clear();
      done_.cells[c] = std::move(o);
      store().save();
      progress_.show(c.text(), ++finished_, all_);
    });
  }

  /// What is done so far, ready to be written.
  result_files store() const {
    result_files files(asked_, study_.name());
    for (const auto& [name, value] : study_.settings()) files.setting(name, value);
    files.stored_table("cells", done_.cell_table());
    files.stored_table("test_errors", done_.error_table());
    for (const auto& [c, layers] : done_.references) {
      for (std::size_t k = 0; k < layers.size(); ++k) files.numbers(weights_path(c, k), layers[k]);
    }
    return files;
  }

  const reproduce_settings& asked_;
  study study_;
  results done_;
  progress_line progress_;
  std::size_t finished_ = 0, all_ = 0;
};

}  // namespace

void reproduce_figure3(const reproduce_settings& settings) { figure3_target(settings, false).run(); }
void reproduce_figure3_mean(const reproduce_settings& settings) { figure3_target(settings, true).run(); }

}  // namespace locus::tools
