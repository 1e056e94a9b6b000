/// What the flagship learns from stimuli alone, beside backpropagation: accuracy on test images after each epoch.

#include <fmt/format.h>

#include <cmath>

#include "sim/data/order.hpp"
#include "tools/reproduce/autonomy/autonomy.hpp"
#include "tools/reproduce/autonomy/pair.hpp"
#include "tools/reproduce/data.hpp"

namespace locus::tools {
namespace {

/// Images, as overrides of the flagship's netlist. Rates: near the largest at which training does not diverge.
struct classified {
  std::string_view data, title;
  std::vector<std::string> changes;
  std::string_view color;
};
const classified fetched_images[] = {
    {"mnist", "MNIST", {"circuit.layers=[784, 128, 10]", "learning.alpha=0.0015"}, "#08519c"},
    {"fashion-mnist", "Fashion-MNIST", {"circuit.layers=[784, 128, 10]", "learning.alpha=0.001"}, "#d94801"},
};
const classified small_images[] = {
    {"digits", "UCI digits", {"circuit.layers=[64, 32, 10]", "learning.alpha=0.006"}, "#238b45"}};

struct accuracy_after_epoch {
  std::uint32_t epoch = 0;
  double ours = 0, backpropagation = 0;  ///< of the test images, per cent
  pair_result learnt;                    ///< since the start
};

void serialize(archive& a, accuracy_after_epoch& e) {
  std::uint64_t epoch = e.epoch;
  a.value("epoch", epoch);
  e.epoch = static_cast<std::uint32_t>(epoch);
  a.value("ours", e.ours);
  a.value("backpropagation", e.backpropagation);
  serialize(a, e.learnt);
}

class accuracy_table {
 public:
  explicit accuracy_table(autonomy_study& study) : study_(study) {
    if (study.images() == "digits") all_.assign(std::begin(small_images), std::end(small_images));
    for (const classified& c : fetched_images) {
      if (study.settings.quick()) continue;
      if (has_data(std::string(c.data))) all_.push_back(c);
      else if (c.data != "mnist") say_missing(std::string(c.data));
    }
  }

  void run() {
    for (const classified& c : all_) (void)study_.data_of(study_.read(overrides_of(c)));
    results_ = study_.compute<std::vector<accuracy_after_epoch>>("accuracy", all_.size(),
                                                                 [&](std::size_t n) { return trained(all_[n]); });
    report();
  }

 private:
  [[nodiscard]] std::vector<std::string> overrides_of(const classified& c) const {
    const std::uint32_t epochs = study_.settings.epochs.value_or(study_.settings.by_size(2U, 5U, 50U));
    std::vector<std::string> all = {fmt::format("stimuli.data={}", c.data),
                                    fmt::format("stimuli.epochs={}", epochs),
                                    "circuit.precision=f32",
                                    "stimuli.predict=3",
                                    "stimuli.teach=2",
                                    "stimuli.rest=0"};
    all.insert(all.end(), c.changes.begin(), c.changes.end());
    return all;
  }

  std::vector<accuracy_after_epoch> trained(const classified& c) {
    const autonomy_study::netlist_pair netlists = study_.read_pair(overrides_of(c));
    const description& ours = netlists.ours;
    const data_set& data = study_.data_of(ours);
    circuit_pair pair(ours, netlists.twin, data);
    evaluator of_ours(pair.ours().net(), ours, data, {}), of_twin(pair.twin().net(), netlists.twin, data, {});
    std::vector<accuracy_after_epoch> epochs;
    for (std::uint32_t epoch = 0; epoch < ours.epochs; ++epoch) {
      const std::vector<std::uint32_t> order = presentation_order(data.train.count(), ours.shuffle, epoch);
      bool well = true;
      for (std::size_t first = 0; well && first + ours.lanes <= order.size(); first += ours.lanes) {
        well = pair.teach(std::span(order).subspan(first, ours.lanes), draw_times(ours.timeline, 0));
      }
      const auto percent = [&](evaluator& of, const simulator& trained) {
        return 100 * of.evaluate(trained, data.test).accuracy().value_or(std::nan(""));
      };
      epochs.push_back({epoch + 1, percent(of_ours, pair.ours()), percent(of_twin, pair.twin()), pair.result()});
      epochs.back().learnt.diverged = !well;
      if (!well) break;
    }
    return epochs;
  }

  void report() {
    if (all_.empty()) return;
    text_table shown{
        {"data", "epochs", "updates", "test %", "BP's test %", "BP's deltas", "right", "spurious", "weights"}};
    for (std::size_t n = 0; n < all_.size(); ++n) {
      const accuracy_after_epoch& last = results_[n].back();
      const pair_result& learnt = last.learnt;
      shown.push_back({std::string(all_[n].title), fmt::format("{}", last.epoch),
                       fmt::format("{}", learnt.weights.updates), fmt::format("{:.2f}", last.ours),
                       fmt::format("{:.2f}", last.backpropagation), fmt::format("{}", learnt.spikes.deltas),
                       fmt::format("{}", learnt.spikes.right), fmt::format("{}", learnt.spikes.spurious),
                       learnt.weights.bit_identical ? "bit-identical" : fmt::format("{:.2g}", learnt.weights.max_abs)});
      study_.keep_netlist(fmt::format("accuracy-{}", all_[n].data), overrides_of(all_[n]));
    }
    fmt::print("Accuracy: the burst circuit at its shortest cycle (P = 3, T = 2, Q = 0), f32, batches of 20\n\n{}\n",
               aligned(shown));
    study_.files.table("accuracy", measured());
    study_.files.picture("accuracy", plot());
  }

  [[nodiscard]] text_table measured() const {
    text_table rows{{"data", "epoch", "updates", "test accuracy %", "test accuracy % backpropagation", "deltas",
                     "right", "missed", "spurious", "max |d theta|", "bit-identical"}};
    for (std::size_t n = 0; n < all_.size(); ++n) {
      for (const accuracy_after_epoch& e : results_[n]) {
        const spike_count& s = e.learnt.spikes;
        rows.push_back({std::string(all_[n].data), fmt::format("{}", e.epoch),
                        fmt::format("{}", e.learnt.weights.updates), fmt::format("{:.6g}", e.ours),
                        fmt::format("{:.6g}", e.backpropagation), fmt::format("{}", s.deltas),
                        fmt::format("{}", s.right), fmt::format("{}", s.missed), fmt::format("{}", s.spurious),
                        fmt::format("{:.4g}", e.learnt.weights.max_abs), e.learnt.weights.bit_identical ? "1" : "0"});
      }
    }
    return rows;
  }

  [[nodiscard]] std::string plot() const {
    std::string data, curves;
    for (std::size_t n = 0; n < all_.size(); ++n) {
      data += fmt::format("$d{} << EOD\n", n);
      for (const accuracy_after_epoch& e : results_[n]) {
        data += fmt::format("{} {:.6g} {:.6g}\n", e.epoch, e.ours, e.backpropagation);
      }
      data += "EOD\n";
      curves += fmt::format(
          "{0}$d{1} using 1:3 with lines linewidth 2 linecolor '{2}' title '{3}, backpropagation', "
          "$d{1} using 1:2 with points pointtype 6 pointsize 1.3 linecolor '{2}' title '{3}, burst "
          "circuit'",
          n == 0 ? "" : ", ", n, all_[n].color, all_[n].title);
    }
    return data +
           "set title 'Driven by stimuli alone: accuracy on test images'\nset xlabel 'epoch'\nset xrange [0:*]\n"
           "set ylabel 'test accuracy (per cent)'\nset grid\nset key bottom right\nplot " +
           curves;
  }

  autonomy_study& study_;
  std::vector<classified> all_;
  std::vector<std::vector<accuracy_after_epoch>> results_;  ///< [data set][epoch]
};

}  // namespace

void measure_accuracy(autonomy_study& study) { accuracy_table(study).run(); }

}  // namespace locus::tools
