#include "tools/reproduce/training.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/errors.hpp"
#include "sim/experiment/experiment.hpp"

namespace locus::tools {

learnt_weights weights_of(const simulator& s) {
  learnt_weights all;
  for (std::size_t i = 0; i < s.net().projections.size(); ++i) {
    const projection& p = s.net().projections[i];
    if (p.learns()) all[p.name] = s.weights(i);
  }
  return all;
}

void serialize(archive& a, training_stages& stages) {
  std::uint64_t count = stages.weights.size();
  a.value("stages", count);
  stages.weights.resize(count);
  for (std::size_t n = 0; n < stages.weights.size(); ++n) {
    const auto part = a.enter(fmt::format("{}", n));
    std::vector<std::string> names;
    for (const auto& [name, values] : stages.weights[n]) names.push_back(name);
    std::uint64_t projections = names.size();
    a.value("projections", projections);
    names.resize(projections);
    for (std::size_t k = 0; k < names.size(); ++k) {
      a.value(fmt::format("name{}", k), names[k]);
      a.list(fmt::format("weights{}", k), stages.weights[n][names[k]]);
    }
  }
}

std::vector<learnt_weights> train_in_stages(description netlist, const data_set& data,
                                            const std::vector<std::uint32_t>& epochs) {
  netlist.epochs = epochs.back();
  experiment_options options;
  options.evaluate = false;
  std::vector<learnt_weights> stages;
  options.on_epoch = [&](experiment& x, const epoch_result& e) {
    if (std::find(epochs.begin(), epochs.end(), e.epoch) == epochs.end()) return;
    stages.push_back(weights_of(x.sim()));
  };
  experiment x(netlist, data, options);
  if (epochs.front() == 0) stages.push_back(weights_of(x.sim()));
  x.run();
  return stages;
}

void put_weights(simulator& s, const learnt_weights& weights) {
  const circuit& net = s.net();
  for (std::size_t i = 0; i < net.projections.size(); ++i) {
    const projection& p = net.projections[i];
    if (p.synapse == nullptr || p.shared_with) continue;
    const std::string& name = p.copied_from ? net.projections[*p.copied_from].name : p.name;
    const auto known = weights.find(name);
    if (known == weights.end()) throw internal_error("no weights for the projection " + name);
    s.set_weights(i, p.copied_from ? weights_from_owner(net, p, known->second) : known->second);
  }
}

}  // namespace locus::tools
