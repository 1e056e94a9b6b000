#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "tools/bench/networks.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

/// A circuit beside backpropagation: what has to be set in the network, and the last part of its targets' keys.
struct variant {
  std::string name;
  std::vector<std::string> overrides;
  std::string key;  ///< empty: no target
};

std::vector<variant> variants(const sizes& layers) {
  return {
      {"BP (backpropagation as a circuit)", backpropagation(layers), ""},
      {"Fa-Z-IL, shortest times", {}, "burst"},
      {"Fa-Z-IL, P, T, Q = 8, 4, 0", {"stimuli.predict=8", "stimuli.teach=4"}, ""},
      {"Fa-Z-IL, segregated neurons", {"circuit.neuron=segregated"}, "segregated"},
      {"Z-IL, start = \"forward\"", {"learning.rule=z-il", "stimuli.start=forward", "stimuli.predict=1"}, "z-il"},
  };
}

/// The network with the user's overrides and the variant's, which come last.
document netlist_of(const std::string& network, std::vector<std::string> overrides, const variant& v) {
  overrides.insert(overrides.end(), v.overrides.begin(), v.overrides.end());
  return document::from_text(network, "bench", overrides);
}

void run(table& out, const pace& p, const sizes& layers, const std::string& precision,
         const std::vector<std::string>& overrides) {
  const std::vector<variant> all = variants(layers);
  const data_set images = images_for(layers, netlist_of(image_network(layers, precision), overrides, all.front()));
  std::vector<std::unique_ptr<trainer>> trainers;
  std::vector<measured> contestants;
  for (const variant& v : all) {
    trainers.push_back(
        std::make_unique<trainer>(netlist_of(image_network(layers, precision), overrides, v), images, on_threads(1)));
    contestants.push_back({{v.name, [&t = *trainers.back()](std::uint64_t n) { t.update(n); }}, 1e6});
  }
  measure(out, contestants, "us per update", p);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& key = all[i].key;
    if (i > 0) {
      add_ratio(out.rows[i], out.rows[0], "x BP",
                key.empty() ? std::string() : fmt::format("update.{}.{}", name_of(layers), key));
    }
    out.rows[i].facts = trainers[i]->work();
  }
}

}  // namespace

std::vector<job> update_jobs(const std::vector<std::string>& overrides) {
  std::vector<job> jobs;
  for (const sizes& layers : {sizes{784, 32, 10}, sizes{784, 32, 32, 32, 10}, sizes{784, 512, 512, 10}}) {
    for (const std::string precision : precisions) {
      job j;
      j.title = fmt::format("{}, {}, batch 20", name_of(layers), precision);
      for (const variant& v : variants(layers)) {
        j.netlists.push_back({v.name, netlist_of(image_network(layers, precision), overrides, v).canonical_text()});
      }
      j.run = [=](table& out, const pace& p) { run(out, p, layers, precision, overrides); };
      jobs.push_back(std::move(j));
    }
  }
  return jobs;
}

}  // namespace locus::bench
