#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/circuit/census.hpp"
#include "tools/bench/networks.hpp"
#include "tools/bench/resident.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

/// A circuit and its simulator: what a run holds.
struct held {
  explicit held(const std::string& text)
      : net(build_circuit(description_of(text))), simulator(make_simulator(net, on_threads(1))) {}
  circuit net;
  std::unique_ptr<locus::simulator> simulator;
};

double percent_off(double predicted, double actual) { return 100 * std::abs(predicted / actual - 1); }

void run(table& out, const pace& p, const std::string& text, double synapses, std::string_view key) {
  const held here(text);
  const auto counted = static_cast<double>(here.simulator->memory());
  const auto predicted = static_cast<double>(predict_memory(here.net).total());
  const std::string unit = "bytes per synapse";
  row resident{"growth of the resident memory", {{unit, {}, nullptr}}, {}, {}};
  row peak{"the same at its peak, while it is built", {{unit, {}, nullptr}}, {}, {}};
  // Memory hardly varies: few rounds do.
  for (unsigned round = 0; round < std::min(p.rounds, least_rounds); ++round) {
    const resident_growth grown = grow([&] { return std::make_shared<held>(text); });
    resident.quantities[0].rounds.push_back(static_cast<double>(grown.kept) / synapses);
    peak.quantities[0].rounds.push_back(static_cast<double>(grown.peak) / synapses);
  }
  row count{"simulator's own count", {{unit, {counted / synapses}, nullptr}}, {}, {}};
  row prediction{"prediction of locus describe", {{unit, {predicted / synapses}, nullptr}}, {}, {}};
  if (!key.empty()) {
    judge(count, key);
    judge(resident, key);
  }
  const target* close = find_target("memory.prediction");
  prediction.quantities.push_back({"% off the own count", {percent_off(predicted, counted)}, close});
  quantity off{"% off the growth", {}, close};
  for (const double each : resident.cost()) off.rounds.push_back(percent_off(predicted / synapses, each));
  prediction.quantities.push_back(std::move(off));
  out.rows = {std::move(count), std::move(resident), std::move(peak), std::move(prediction)};
}

}  // namespace

std::vector<job> memory_jobs(const std::vector<std::string>&) {
  std::vector<job> jobs;
  for (const std::string precision : precisions) {
    const bool judged = precision == "f64";
    const std::string dense = pair_of(1000, precision, "gated-hebbian");
    jobs.push_back({fmt::format("dense, 1000 <-> 1000, {}", precision),
                    {{"1000 <-> 1000", dense}},
                    [=](table& out, const pace& p) { run(out, p, dense, 2e6, judged ? "memory.dense.f64" : ""); }});
    const std::string sparse = recurrent(20000, 100, precision);
    jobs.push_back({fmt::format("sparse, 20 000 neurons, in-degree 100, {}", precision),
                    {{"20 000 neurons", sparse}},
                    [=](table& out, const pace& p) { run(out, p, sparse, 2e6, judged ? "memory.sparse.f64" : ""); }});
  }
  return jobs;
}

}  // namespace locus::bench
