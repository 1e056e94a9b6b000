/// `locus reproduce table4`: Song et al. 2020, Table 4: what a weight update of IL, Z-IL and Fa-Z-IL costs beside one
/// of backpropagation. The paper's network, batch and machine (ImageNet) are not published: ratios are compared.

#include <fmt/format.h>

#include <memory>

#include "sim/core/errors.hpp"
#include "tools/bench/networks.hpp"
#include "tools/locus/progress.hpp"
#include "tools/reproduce/results.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {
namespace {

using bench::sizes;

constexpr std::int64_t il_ticks = 20;  ///< t_c, as in the paper

constexpr std::int64_t quiet_ticks = 4;  ///< t_d, from which on the paper finds all of phi's spikes right

/// A circuit, what makes it of bench's Fa-Z-IL network, and the paper's milliseconds.
struct contestant_row {
  std::string name;
  std::vector<std::string> overrides;
  double cpu, gpu;
};

std::vector<contestant_row> contestants_of(const sizes& layers) {
  const auto depth = static_cast<std::int64_t>(layers.size()) - 1;
  const auto imposed = [&](const std::string& rule, std::int64_t teach) {
    return std::vector<std::string>{"learning.rule=" + rule, "learning.feedback=continuous", "stimuli.start=forward",
                                    "stimuli.predict=1", fmt::format("stimuli.teach={}", teach)};
  };
  std::vector<std::string> il = imposed("il", il_ticks + 1);
  il.push_back(fmt::format("learning.update_at={}", il_ticks));
  il.emplace_back("learning.gamma=0.1");  // with 1, values of wide networks grow without bounds within 20 ticks
  std::vector<std::string> continuous = imposed("fa-z-il", depth);
  continuous.push_back(
      fmt::format("learning.phi={{ quiet_ticks = {}, tolerance = 0.0, cause_gate = true }}", quiet_ticks));
  continuous.push_back(fmt::format("stimuli.predict={}", quiet_ticks));
  return {{"BP", bench::backpropagation(layers), 3.1, 3.7},
          {"IL, t_c = 20", il, 19.2, 56.3},
          {"Z-IL", imposed("z-il", depth), 3.6, 4.1},
          {"Fa-Z-IL, as published", continuous, 3.6, 4.2},
          {"Fa-Z-IL, bursts", {}, 3.6, 4.2}};
}

/// What one network came to.
struct measured_network {
  sizes layers;
  std::uint64_t synapses = 0;  ///< of the network: weights of its forward connections
  std::vector<contestant_row> rows;
  std::vector<double> learning;  ///< sweeps of learning over projections, an update
  std::vector<bench::spread> seconds, ratio;
};

double counted(bench::trainer& t, std::string_view what) {
  for (const auto& [name, value] : t.work()) {
    if (name == what) return value;
  }
  throw internal_error("nobody counts that");
}

measured_network measure(const sizes& layers, const bench::pace& pace, const reproduce_settings& settings,
                         result_files& files) {
  measured_network out{layers, 0, contestants_of(layers), {}, {}, {}};
  for (std::size_t k = 1; k < layers.size(); ++k) out.synapses += std::uint64_t{layers[k]} * layers[k - 1];
  const data_set images = bench::random_images(layers.front(), layers.back(), 60);
  std::vector<std::unique_ptr<bench::trainer>> trainers;
  std::vector<bench::contestant> contestants;
  for (const contestant_row& row : out.rows) {
    // Slow enough for wide networks on random images; the weights' bits change. Inputs pass f, as in the paper.
    std::vector<std::string> changes = {"learning.alpha=0.0001", "stimuli.encode=value"};
    changes.insert(changes.end(), settings.overrides.begin(), settings.overrides.end());
    changes.insert(changes.end(), row.overrides.begin(), row.overrides.end());
    const document text = document::from_text(bench::image_network(layers, "f32"), "table4", changes);
    files.netlist(fmt::format("{}: {}", bench::name_of(layers), row.name), text.canonical_text());
    trainers.push_back(std::make_unique<bench::trainer>(text, images, bench::on_threads(1)));
    contestants.push_back({row.name, [&t = *trainers.back()](std::uint64_t n) { t.update(n); }});
  }
  for (auto& t : trainers) out.learning.push_back(counted(*t, "learning sweeps"));
  const auto rounds = bench::alternate(contestants, pace);
  for (const auto& each : rounds) {
    std::vector<double> seconds, ratios;
    for (std::size_t r = 0; r < each.size(); ++r) {
      seconds.push_back(each[r].cpu);
      ratios.push_back(each[r].cpu / rounds[0][r].cpu);
    }
    out.seconds.push_back(bench::spread_of(seconds));
    out.ratio.push_back(bench::spread_of(ratios));
  }
  return out;
}

std::string plot(const measured_network& largest) {
  std::string data;
  for (std::size_t i = 0; i < largest.rows.size(); ++i) {
    const contestant_row& row = largest.rows[i];
    data += fmt::format("\"{}\" {:.4f} {:.4f} {:.4f}\n", row.name, largest.ratio[i].median,
                        row.cpu / largest.rows[0].cpu, row.gpu / largest.rows[0].gpu);
  }
  return fmt::format(
      "$r << EOD\n{}EOD\nset title 'Time of a weight update: {}, f32, batch 20, one thread'\nset style data "
      "histograms\nset style histogram clustered gap 1\n"
      "set style fill solid 0.85 border -1\nset logscale y\nset yrange [0.7:24]\nset ylabel 'x BP'\nset grid ytics\n"
      "set ytics (1, 1.16 1, 2, 5, 10, 15)\nset key top right\nset xtics noenhanced\n"
      "plot $r using 2:xtic(1) linecolor '#08519c' title 'Locus', $r using 3 linecolor '#fdae6b' title 'paper, CPU', "
      "$r using 4 linecolor '#d9d9d9' title 'paper, GPU'",
      data, bench::name_of(largest.layers));
}

}  // namespace

void reproduce_table4(const reproduce_settings& settings) {
  const auto networks = settings.by_size(
      std::vector<sizes>{{784, 32, 10}}, std::vector<sizes>{{784, 512, 512, 10}, {3072, 2048, 2048, 1000}},
      std::vector<sizes>{{784, 32, 10}, {784, 512, 512, 10}, {3072, 2048, 2048, 1000}, {3072, 4096, 4096, 4096, 1000}});
  const bench::pace pace = settings.by_size(bench::pace{3, 0.3}, bench::pace{7, 20}, bench::pace{15, 60});
  result_files files(settings, "table4");
  files.setting("rounds", fmt::format("{}", pace.rounds));
  progress_line progress;
  std::vector<measured_network> all;
  for (const sizes& layers : networks) {
    progress.show(bench::name_of(layers), all.size(), networks.size());
    all.push_back(measure(layers, pace, settings, files));
  }
  progress.clear();

  text_table table{{"network", "weights", "circuit", "ms per update", "x BP", "quartile 1", "quartile 3",
                    "learning sweeps", "paper CPU ms", "paper CPU x BP", "paper GPU x BP"}};
  for (const measured_network& n : all) {
    for (std::size_t i = 0; i < n.rows.size(); ++i) {
      const contestant_row& row = n.rows[i];
      table.push_back({bench::name_of(n.layers), fmt::format("{}", n.synapses), row.name,
                       fmt::format("{:.3f}", 1e3 * n.seconds[i].median), fmt::format("{:.2f}", n.ratio[i].median),
                       fmt::format("{:.2f}", n.ratio[i].low), fmt::format("{:.2f}", n.ratio[i].high),
                       fmt::format("{:.1f}", n.learning[i]), fmt::format("{:.1f}", row.cpu),
                       fmt::format("{:.2f}", row.cpu / n.rows[0].cpu), fmt::format("{:.2f}", row.gpu / n.rows[0].gpu)});
    }
  }
  fmt::print("{}\n", aligned(table));
  fmt::print(
      "Random images, batch 20, f32, one thread; medians over rounds in which the circuits take turns. IL, Z-IL and "
      "the "
      "first Fa-Z-IL\nstart from the prediction, imposed (C1), as in the paper; the last one finds it by itself and "
      "needs "
      "no controller. The paper's\nnetwork, batch and machine are not published.\n");
  files.table("", table);
  files.picture("", plot(all.back()));
  files.finish();
}

}  // namespace locus::tools
