#include "tools/reproduce/rosenbaum/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "tools/locus/gnuplot.hpp"
#include "tools/reproduce/rosenbaum/published.hpp"

namespace locus::tools::rosenbaum {
namespace {

constexpr std::size_t last_batches = 20;  ///< over which the paper's numbers of a training are means

double mean(const std::vector<double>& all) {
  double sum = 0;
  for (const double x : all) sum += x;
  return sum / static_cast<double>(all.size());
}

/// Mean over many of what each has for every layer.
template <class T, class F>
std::vector<double> layer_means(const std::vector<T>& all, const F& of) {
  std::vector<double> sums;
  for (const T& one : all) {
    const std::vector<double>& values = of(one);
    sums.resize(values.size());
    for (std::size_t k = 0; k < values.size(); ++k) sums[k] += values[k];
  }
  for (double& s : sums) s /= static_cast<double>(all.size());
  return sums;
}

layer_differences mean_of(const std::vector<layer_differences>& all) {
  return {layer_means(all, [](const layer_differences& d) -> const std::vector<double>& { return d.errors; }),
          layer_means(all, [](const layer_differences& d) -> const std::vector<double>& { return d.degrees; })};
}

std::string short_number(double v) {
  if (!std::isfinite(v)) return "-";
  if (v == 0) return "0";
  if (v >= 1000 || v < 0.001) return fmt::format("{:.1e}", v);
  return fmt::format("{:.3g}", v);
}

/// As gnuplot and CSV have them.
std::string number(double v) { return std::isfinite(v) ? fmt::format("{:.6g}", v) : "nan"; }

std::string name_of(std::string_view rule) {
  return rule == "fixed-prediction" ? "fixed prediction" : std::string(rule);
}

class reporter {
 public:
  reporter(const study& of, const results& all, result_files& files) : study_(of), all_(all), files_(files) {}

  void report() {
    const bool published = study_.data().name == "mnist";
    fmt::print(
        "One batch, the network trained by backpropagation: relative errors of the layers' weight updates, and "
        "angles to backpropagation's (degrees)\n\n{}\n",
        aligned(update_table(published)));
    fmt::print("{}\n", aligned(stagnation_table()));
    fmt::print(
        "residual: what still drives the values of the last hidden layer, over ulp(x) / (2 eta), below which they "
        "stand still.\n\nTrainings: means over the last {} batches; test accuracy after the last epoch\n\n{}\n",
        last_batches, aligned(training_table(published)));
    fmt::print("{}\n", aligned(loss_table(published)));
    files_.table("updates", all_updates());
    files_.table("stagnation", stagnation_table());
    files_.table("training", all_losses());
    files_.table("training-updates", all_training_updates());
    draw_updates(published);
    draw_trainings(published);
  }

 private:
  // ---- means over the seeds ---------------------------------------------------------------------------------------

  [[nodiscard]] layer_differences differences(const setting& s) const {
    std::vector<layer_differences> all;
    for (const update_outcome& o : all_.updates.at(s)) all.push_back(o.differences);
    return mean_of(all);
  }

  /// Over the last batches of a training.
  [[nodiscard]] layer_differences last_differences(const setting& s) const {
    std::vector<layer_differences> all;
    for (const training_outcome& o : all_.trainings.at(s)) {
      for (std::size_t k = 0; k < o.measured.size(); ++k)
        if (o.measured[k] + last_batches >= study_.batches()) all.push_back(o.differences[k]);
    }
    return mean_of(all);
  }

  [[nodiscard]] std::vector<double> losses(const setting& s) const {
    return layer_means(
        all_.trainings.at(s), [](const training_outcome& o) -> const auto& { return o.losses; });
  }

  [[nodiscard]] std::string accuracy(const setting& s) const {
    std::vector<double> last;
    for (const training_outcome& o : all_.trainings.at(s)) last.push_back(100 * o.accuracy.back());
    return fmt::format("{:.2f}", mean(last));
  }

  // ---- tables -----------------------------------------------------------------------------------------------------

  /// Empty entries for layers of which nothing is known, the output's last.
  [[nodiscard]] std::vector<std::string> row(std::vector<std::string> front, const layer_differences& d) const {
    for (const auto* values : {&d.errors, &d.degrees}) {
      for (std::size_t k = 0; k < study_.layers().size(); ++k)
        front.push_back(k < values->size() ? short_number((*values)[k]) : "");
    }
    return front;
  }

  [[nodiscard]] std::vector<std::string> heading(std::vector<std::string> front) const {
    for (const std::string& layer : study_.layers()) front.push_back(layer);
    for (const std::string& layer : study_.layers()) front.push_back(layer + ", deg");
    return front;
  }

  /// The rows of which the paper knows; of the small form all.
  [[nodiscard]] text_table update_table(bool published) const {
    text_table rows{heading({"rule", "eta", "n", ""})};
    for (const published_update& p : published_updates()) {
      const std::vector<std::string> front = {name_of(p.rule), fmt::format("{}", p.gamma), fmt::format("{}", p.ticks)};
      setting s{std::string(p.rule), p.rule == "fixed-prediction", p.gamma, p.ticks, "f32"};
      if (!all_.updates.contains(s)) continue;
      const auto add = [&](const char* what, const layer_differences& d) {
        std::vector<std::string> begin = front;
        begin.emplace_back(what);
        rows.push_back(row(begin, d));
      };
      if (published) add("published", {p.errors, p.degrees});
      add("f32", differences(s));
      s.precision = "f64";
      add("f64", differences(s));
      if (p.rule == "fixed-prediction") add("law", {exact_errors(study_.layers().size(), p.gamma, p.ticks), {}});
    }
    return rows;
  }

  [[nodiscard]] text_table stagnation_table() const {
    text_table rows{{"fixed prediction: eta", "n", "precision", "loss"}};
    for (const std::string& layer : study_.layers()) rows[0].push_back(layer);
    rows[0].insert(rows[0].end(), {"largest residual", "mean residual", "rms delta", "rms value"});
    const int ticks = study_.ticks().back();
    for (const double gamma : study_.gammas()) {
      for (const auto& [precision, summed] : {std::pair{"f32", false}, {"f32", true}, {"f64", false}}) {
        const setting s{"fixed-prediction", true, gamma, ticks, precision, summed};
        std::vector<std::string> line = {fmt::format("{}", gamma), fmt::format("{}", ticks), precision,
                                         summed ? "sum" : "mean"};
        const std::vector<double> errors = differences(s).errors;
        for (const double error : errors) line.push_back(short_number(error));
        // Values that still move have a residual of another kind.
        const std::size_t last = hidden() - 1;
        const bool still = exact_errors(study_.layers().size(), gamma, ticks).at(last) < 1e-3 * errors.at(last);
        for (const auto part :
             {&stagnation::largest, &stagnation::mean, &stagnation::error_scale, &stagnation::value_scale}) {
          std::vector<double> of_seeds;
          for (const update_outcome& o : all_.updates.at(s)) of_seeds.push_back(o.left.*part);
          if (!still && (part == &stagnation::largest || part == &stagnation::mean)) line.emplace_back("moving");
          else
            line.push_back(short_number(
                part == &stagnation::largest ? *std::max_element(of_seeds.begin(), of_seeds.end()) : mean(of_seeds)));
        }
        rows.push_back(line);
      }
    }
    return rows;
  }

  [[nodiscard]] static setting of(const published_training& p, const char* precision) {
    return {std::string(p.rule), p.cross_entropy, p.gamma, p.ticks, precision};
  }

  [[nodiscard]] text_table training_table(bool published) const {
    text_table rows{heading({"figure", "rule", "eta", "n", ""})};
    rows[0].insert(rows[0].end(), {"test %", "of BP"});
    for (const published_training& p : published_trainings()) {
      const std::vector<std::string> front = {std::string(p.figure), name_of(p.rule), fmt::format("{}", p.gamma),
                                              fmt::format("{}", p.ticks)};
      const auto add = [&](const char* what, const layer_differences& d, const std::string& ours,
                           const std::string& theirs) {
        std::vector<std::string> begin = front;
        begin.emplace_back(what);
        std::vector<std::string> line = row(begin, d);
        line.insert(line.end(), {ours, theirs});
        rows.push_back(line);
      };
      if (published)
        add("published", {p.errors, p.degrees}, fmt::format("{}", p.accuracy), fmt::format("{}", p.accuracy_of_bp));
      const std::string of_bp = accuracy({.cross_entropy = p.cross_entropy});
      for (const char* precision : {"f32", "f64"}) {
        const setting s = of(p, precision);
        if (all_.trainings.contains(s)) add(precision, last_differences(s), accuracy(s), of_bp);
      }
    }
    return rows;
  }

  /// Fig. 1: the loss at some batches.
  [[nodiscard]] text_table loss_table(bool published) const {
    const std::uint64_t step = std::max<std::uint64_t>(1, study_.batches() / 8);
    text_table rows{{"Fig. 1: training loss at batch", ""}};
    for (std::uint64_t k = 0; k < 8; ++k) rows[0].push_back(fmt::format("{}", k * step));
    for (const published_loss& p : published_losses()) {
      const auto add = [&](const char* what, const std::vector<double>& values, std::uint64_t every) {
        std::vector<std::string> line = {p.rule == "bp" ? "backpropagation" : std::string(p.rule), what};
        for (std::uint64_t k = 0; k < 8; ++k) {
          line.push_back(k * every < values.size() ? fmt::format("{:.4f}", values[k * every]) : "");
        }
        rows.push_back(line);
      };
      if (published && step == 50) add("published", p.losses, 1);
      add("f32", losses(p.rule == "bp" ? setting{} : of(published_trainings().front(), "f32")), step);
    }
    return rows;
  }

  [[nodiscard]] text_table all_updates() const {
    text_table rows{{"rule", "precision", "loss", "eta", "n", "layer", "error", "degrees", "law", "published error",
                     "published degrees"}};
    for (const auto& [s, outcomes] : all_.updates) {
      const layer_differences d = differences(s);
      const auto& known = published_updates();
      const auto p = std::find_if(known.begin(), known.end(), [&s = s](const published_update& each) {
        return each.rule == s.rule && each.gamma == s.gamma && each.ticks == s.ticks;
      });
      const std::vector<double> law =
          s.rule == "strict" ? std::vector<double>{} : exact_errors(study_.layers().size(), s.gamma, s.ticks);
      const auto at = [](const std::vector<double>& values, std::size_t k) {
        return k < values.size() ? number(values[k]) : std::string();
      };
      for (std::size_t k = 0; k < d.errors.size(); ++k) {
        rows.push_back({s.rule, s.precision, s.summed ? "sum" : "mean", fmt::format("{}", s.gamma),
                        fmt::format("{}", s.ticks), study_.layers()[k], at(d.errors, k), at(d.degrees, k), at(law, k),
                        p == known.end() ? "" : at(p->errors, k), p == known.end() ? "" : at(p->degrees, k)});
      }
    }
    return rows;
  }

  [[nodiscard]] text_table all_losses() const {
    text_table rows{{"rule", "precision", "loss of", "eta", "n", "batch", "loss", "train accuracy"}};
    for (const auto& [s, outcomes] : all_.trainings) {
      const std::vector<double> loss = losses(s),
                                correct = layer_means(
                                    outcomes, [](const training_outcome&o) -> const auto& { return o.correct; });
      for (std::size_t n = 0; n < loss.size(); ++n) {
        rows.push_back({s.rule, s.precision, s.cross_entropy ? "cross-entropy" : "squares",
                        s.rule == "bp" ? "" : fmt::format("{}", s.gamma),
                        s.rule == "bp" ? "" : fmt::format("{}", s.ticks), fmt::format("{}", n), number(loss[n]),
                        number(correct[n])});
      }
    }
    return rows;
  }

  /// Of each measured batch, the mean over seeds.
  [[nodiscard]] std::vector<layer_differences> over_training(const setting& s) const {
    const std::vector<training_outcome>& outcomes = all_.trainings.at(s);
    std::vector<layer_differences> all;
    for (std::size_t k = 0; k < outcomes.front().measured.size(); ++k) {
      std::vector<layer_differences> of_seeds;
      of_seeds.reserve(outcomes.size());
      for (const training_outcome& o : outcomes) of_seeds.push_back(o.differences[k]);
      all.push_back(mean_of(of_seeds));
    }
    return all;
  }

  [[nodiscard]] text_table all_training_updates() const {
    text_table rows{{"rule", "precision", "eta", "n", "batch", "layer", "error", "degrees"}};
    for (const auto& [s, outcomes] : all_.trainings) {
      if (s.rule == "bp") continue;
      const std::vector<layer_differences> all = over_training(s);
      for (std::size_t k = 0; k < all.size(); ++k) {
        for (std::size_t l = 0; l < all[k].errors.size(); ++l) {
          rows.push_back({s.rule, s.precision, fmt::format("{}", s.gamma), fmt::format("{}", s.ticks),
                          fmt::format("{}", outcomes.front().measured[k]), study_.layers()[l], number(all[k].errors[l]),
                          number(all[k].degrees[l])});
        }
      }
    }
    return rows;
  }

  // ---- pictures ---------------------------------------------------------------------------------------------------

  static constexpr const char* colours[] = {"#08519c", "#238b45", "#e6a000", "#cb181d", "#6a51a3"};

  [[nodiscard]] std::size_t hidden() const { return study_.layers().size() - 1; }

  static std::string block(const std::string& name, const std::string& rows) {
    return fmt::format("{} << EOD\n{}EOD\n", name, rows.empty() ? "NaN NaN NaN NaN NaN\n" : rows);
  }

  static std::string line(double x, const std::vector<double>& values) {
    std::string text = fmt::format("{}", x);
    for (const double v : values) text += " " + (std::isfinite(v) ? fmt::format("{:.6g}", v) : std::string("NaN"));
    return text + "\n";
  }

  /// Relative errors against n: a panel for each rule and rate.
  void draw_updates(bool published) {
    constexpr double floor = 1e-7;
    std::string data, commands = fmt::format(
                          "set datafile missing 'NaN'\nset multiplot layout 2,{} title {}\nset logscale xy\n"
                          "set format y '10^{{%T}}'\nset yrange [{}:1e3]\nset xrange [0.9:{}]\nset grid ytics\n"
                          "set xlabel 'n (ticks of relaxation)'\nset ylabel 'relative error'\n",
                          study_.gammas().size(),
                          gnuplot_text(fmt::format(
                              "Weight updates beside backpropagation's, {}: lines f64, dots f32{} (0 is drawn at the "
                              "lower end; after Rosenbaum 2022, Figs. 2 and 4)",
                              study_.data().name, published ? ", circles published" : "")),
                          floor, 1.3 * study_.ticks().back());
    for (const std::string rule : {"strict", "fixed-prediction"}) {
      for (std::size_t g = 0; g < study_.gammas().size(); ++g) {
        const double gamma = study_.gammas()[g];
        const std::string name = fmt::format("${}{}", rule == "strict" ? "s" : "f", g);
        for (const char* precision : {"f64", "f32"}) {
          std::string rows;
          for (const int ticks : study_.ticks()) {
            std::vector<double> errors =
                differences({rule, rule == "fixed-prediction", gamma, ticks, precision}).errors;
            for (double& e : errors) e = e < floor ? floor : e;
            rows += line(ticks, errors);
          }
          data += block(name + precision, rows);
        }
        std::string circles;
        for (const published_update& p : published_updates())
          if (published && p.rule == rule && p.gamma == gamma) circles += line(p.ticks, p.errors);
        data += block(name + "p", circles);
        commands += fmt::format("set title '{}, eta = {}'\nset key {}\nplot ", name_of(rule), gamma,
                                rule == "strict" && g == 0 ? "bottom left" : "off");
        for (std::size_t k = 0; k < hidden(); ++k) {
          commands += fmt::format(
              "{0}{1}f64 using 1:{2} with lines linewidth 2 linecolor rgb '{3}' title '{4}', "
              "{1}f32 using 1:{2} with points pointtype 7 pointsize 0.7 linecolor rgb '{3}' notitle, "
              "{1}p using 1:{2} with points pointtype 6 pointsize 1.3 linewidth 2 linecolor rgb '{3}' notitle",
              k == 0 ? "" : ", ", name, k + 2, colours[k % std::size(colours)], study_.layers()[k]);
        }
        commands += "\n";
      }
    }
    files_.pictures("", data, commands, {1500, 820});
  }

  /// Loss and relative errors over a training: a column for each figure.
  void draw_trainings(bool published) {
    std::string data, commands;
    const double end = static_cast<double>(study_.batches());
    for (std::size_t c = 0; c < published_trainings().size(); ++c) {
      const published_training& p = published_trainings()[c];
      const auto curve = [&](const char* what, const setting& s) {
        std::string rows;
        const std::vector<double> all = losses(s);
        for (std::size_t n = 0; n < all.size(); ++n) rows += line(static_cast<double>(n), {all[n]});
        data += block(fmt::format("${}{}", what, c), rows);
      };
      curve("l", of(p, "f32"));
      curve("b", {.cross_entropy = p.cross_entropy});
      commands += fmt::format(
          "set title '{}: {}, eta = {}, n = {}'\nset ylabel 'loss ({})'\nset yrange [*:*]\nset key top right\n"
          "plot $b{} using 1:2 with lines linewidth 2 linecolor rgb '#d94801' title 'backpropagation', "
          "$l{} using 1:2 with lines linewidth 1 linecolor rgb '#08519c' title '{}'\n",
          p.figure, name_of(p.rule), p.gamma, p.ticks, p.cross_entropy ? "cross-entropy" : "mean square", c, c,
          name_of(p.rule));
    }
    for (std::size_t c = 0; c < published_trainings().size(); ++c) {
      const published_training& p = published_trainings()[c];
      std::string rows;
      const std::vector<layer_differences> all = over_training(of(p, "f32"));
      const auto& measured = all_.trainings.at(of(p, "f32")).front().measured;
      for (std::size_t k = 0; k < all.size(); ++k) rows += line(static_cast<double>(measured[k]), all[k].errors);
      data += block(fmt::format("$e{}", c), rows);
      data += block(fmt::format("$p{}", c), published ? line(end - last_batches / 2.0, p.errors) : "");
      commands +=
          fmt::format("set title ''\nset ylabel 'relative error'\nset yrange [1e-6:2]\nset key bottom left\nplot ");
      for (std::size_t k = 0; k < hidden(); ++k) {
        commands += fmt::format(
            "{0}$e{1} using 1:{2} with lines linewidth 2 linecolor rgb '{3}' title '{4}', "
            "$p{1} using 1:{2} with points pointtype 6 pointsize 1.3 linewidth 2 linecolor rgb '{3}' notitle",
            k == 0 ? "" : ", ", c, k + 2, colours[k % std::size(colours)], study_.layers()[k]);
      }
      commands += "\n";
    }
    const std::string head = fmt::format(
        "set datafile missing 'NaN'\nset multiplot layout 2,3 title {}\nset logscale y\nset format y '10^{{%T}}'\n"
        "set xrange [0:{}]\nset grid ytics\nset xlabel 'batch'\n",
        gnuplot_text(fmt::format("Training with Adam, {}, f32{} (after Rosenbaum 2022)", study_.data().name,
                                 published ? "; circles: published means over the last 20 batches" : "")),
        end);
    files_.pictures("training", data, head + commands, {1500, 820});
  }

  const study& study_;
  const results& all_;
  result_files& files_;
};

}  // namespace

void report(const study& of, const results& all, result_files& files) { reporter(of, all, files).report(); }

}  // namespace locus::tools::rosenbaum
