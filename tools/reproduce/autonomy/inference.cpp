#include "tools/reproduce/autonomy/inference.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "tools/reproduce/autonomy/pair.hpp"

namespace locus::tools {
namespace {

constexpr double smallest_modelled = 1e-13, largest_modelled = 1e-5;  ///< between rounding and what is no longer linear

/// A circuit that does not learn, with the weights of another, and its layers one after the other.
class inferring {
 public:
  inferring(const description& netlist, const data_set& data, const simulator& weights)
      : net_(build_circuit(netlist)), sim_(make_simulator(net_)), world_(*sim_, netlist, data), data_(data) {
    for (std::size_t i = 0; i < net_.projections.size(); ++i) {
      if (net_.projections[i].synapse == nullptr || net_.projections[i].shared_with) continue;
      sim_->set_weights(i, weights.weights(weights.net().find_projection(net_.projections[i].name).value()));
    }
    for (const std::string& layer : layers_above_input(net_)) {
      layers_.push_back({net_.find_population(layer + ".value").value(), {}});
      if (layers_.size() > 1) layers_.back().synapses = net_.find_projection(layer + ".forward");
      errors_.push_back(net_.find_population(layer + ".error").value());
    }
  }

  /// Training samples [first, first + lanes), one a lane.
  void show(std::uint32_t first, std::int64_t ticks) {
    std::vector<std::uint32_t> samples(net_.lanes);
    std::iota(samples.begin(), samples.end(), first);
    world_.show(data_.train, samples, ticks);
  }

  void tick() { sim_->advance(sim_->now() + 1); }

  [[nodiscard]] inference_modes modes(std::size_t lane) const { return modes_of_inference(*sim_, layers_, lane); }

  /// [lane][value], layer by layer.
  [[nodiscard]] std::vector<std::vector<double>> values() const {
    std::vector<std::vector<double>> all(net_.lanes);
    for (const free_layer& layer : layers_) append(all, layer.values, "x");
    return all;
  }
  [[nodiscard]] std::vector<std::vector<double>> errors() const {
    std::vector<std::vector<double>> all(net_.lanes);
    for (const std::size_t p : errors_) append(all, p, "eps");
    return all;
  }

  /// In the next tick, value number n of a lane, counted over all layers.
  void move(std::size_t n, std::size_t lane, double to) {
    std::size_t layer = 0;
    while (n >= net_.populations[layers_[layer].values].size) n -= net_.populations[layers_[layer++].values].size;
    sim_->perturb({layers_[layer].values, field(layers_[layer].values, "b")}, n, lane, to);
  }

 private:
  [[nodiscard]] std::size_t field(std::size_t population, const char* name) const {
    return net_.populations[population].model->find_field(name).value();
  }

  void append(std::vector<std::vector<double>>& all, std::size_t population, const char* name) const {
    const output_id output{population, field(population, name)};
    for (std::size_t lane = 0; lane < all.size(); ++lane) {
      for (std::size_t i = 0; i < net_.populations[population].size; ++i) {
        all[lane].push_back(sim_->value(output, i, lane));
      }
    }
  }

  circuit net_;
  std::unique_ptr<simulator> sim_;
  presenter world_;
  const data_set& data_;
  std::vector<free_layer> layers_;
  std::vector<std::size_t> errors_;
};

/// The value that has the largest part in the fastest mode.
std::size_t heaviest(const inference_modes& modes) {
  const auto smaller = [](double a, double b) { return std::abs(a) < std::abs(b); };
  return static_cast<std::size_t>(std::max_element(modes.direction.begin(), modes.direction.end(), smaller) -
                                  modes.direction.begin());
}

/// Factor a tick of a part that is followed while it is linear and above rounding.
double growth_of(const std::vector<double>& parts) {
  std::size_t last = 1;
  while (last + 1 < parts.size() && std::abs(parts[last]) > smallest_modelled &&
         std::abs(parts[last + 1]) > smallest_modelled && std::abs(parts[last + 1]) < largest_modelled) {
    ++last;
  }
  const double size = std::pow(std::abs(parts[last] / parts[0]), 1 / static_cast<double>(last));
  return std::copysign(size, parts[1] / parts[0]);
}

/// Not a number if one of them is.
double largest(const std::vector<double>& v) {
  double all = 0;
  for (const double x : v) all = std::isnan(all) || std::abs(x) <= all ? all : std::abs(x);
  return all;
}

}  // namespace

std::vector<disturbed_inference> disturb_inference(const description& netlist, const data_set& data,
                                                   const simulator& weights, std::size_t ticks) {
  inferring circuit(netlist, data, weights);
  circuit.show(0, 1);
  const std::vector<std::vector<double>> rest = circuit.values();
  std::vector<disturbed_inference> all(rest.size());
  std::vector<std::vector<double>> parts(rest.size());  // [lane][tick]: along the fastest mode
  for (std::size_t lane = 0; lane < all.size(); ++lane) {
    all[lane].modes = circuit.modes(lane);
    const std::size_t n = heaviest(all[lane].modes);
    circuit.move(n, lane, rest[lane][n] + disturbance);
  }
  for (std::size_t t = 0; t <= ticks; ++t) {
    circuit.tick();
    const std::vector<std::vector<double>> now = circuit.values();
    for (std::size_t lane = 0; lane < all.size(); ++lane) {
      double part = 0, squares = 0;
      for (std::size_t n = 0; n < now[lane].size(); ++n) {
        const double moved = now[lane][n] - rest[lane][n];
        part += moved * all[lane].modes.direction[n];
        squares += moved * moved;
      }
      parts[lane].push_back(part);
      all[lane].distances.push_back(std::sqrt(squares));
    }
  }
  for (std::size_t lane = 0; lane < all.size(); ++lane) all[lane].fastest_growth = growth_of(parts[lane]);
  return all;
}

std::vector<settling> settle_inference(const description& netlist, const data_set& data, const simulator& weights,
                                       double tolerance, std::size_t limit) {
  inferring circuit(netlist, data, weights);
  circuit.show(netlist.lanes, static_cast<std::int64_t>(limit));
  circuit.show(0, 0);
  std::vector<settling> all(netlist.lanes);
  for (std::size_t t = 1; t <= limit; ++t) {
    circuit.tick();
    const std::vector<std::vector<double>> errors = circuit.errors();
    for (std::size_t lane = 0; lane < all.size(); ++lane) {
      const double error = largest(errors[lane]);
      if (!(error <= tolerance)) all[lane].ticks.reset();
      else if (!all[lane].ticks) all[lane].ticks = t;
      if (t + 10 > limit) all[lane].last_error = largest({all[lane].last_error, error});
    }
  }
  return all;
}

void serialize(archive& a, disturbed_inference& x) {
  a.value("fastest", x.modes.fastest);
  a.value("slowest", x.modes.slowest);
  a.list("direction", x.modes.direction);
  a.value("fastest_growth", x.fastest_growth);
  a.list("distances", x.distances);
}

void serialize(archive& a, settling& s) {
  bool settled = s.ticks.has_value();
  std::uint64_t ticks = s.ticks.value_or(0);
  a.value("settled", settled);
  a.value("ticks", ticks);
  s.ticks = settled ? std::optional<std::size_t>(ticks) : std::nullopt;
  a.value("last_error", s.last_error);
}

}  // namespace locus::tools
