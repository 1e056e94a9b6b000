#pragma once
/// A small circuit made by hand, and a simulator whose numbers are known in every tick: for the tests of the trace.

#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/simulator.hpp"
#include "sim/trace/trace_writer.hpp"

namespace locus::test {

/// Models "cell" (x, and a hidden count), "detector" (spike) and "weight" (a synapse).
struct fake_models {
  model_declaration cell, detector, weight;

  fake_models() {
    cell.info = {.name = "cell", .title = "a cell", .equation = "x <- x", .source = "test"};
    cell.fields = {{.name = "x", .unit = "mV", .meaning = "value"},
                   {.name = "count", .unit = "tick", .meaning = "ticks so far", .seen = visibility::hidden}};
    cell.parameters = {
        parameter_info{"gamma", "1", "rate", {}, {}, {}, [](const void*) { return parameter_value(0.5); }},
        parameter_info{
            "f", "", "function", {}, {}, {}, [](const void*) { return parameter_value(std::string("tanh")); }},
        parameter_info{"on", "", "flag", {}, {}, {}, [](const void*) { return parameter_value(true); }},
        parameter_info{"size", "1", "a taken name", {}, {}, {}, [](const void*) { return parameter_value(7.0); }}};
    cell.ports = {{.name = "in", .unit = "1", .meaning = "input"}};
    detector.info = {.name = "detector", .title = "a detector", .equation = "s", .source = "test"};
    detector.fields = {{.name = "spike", .unit = "1", .meaning = "onset", .event = true}};
    detector.ports = {{.name = "error", .unit = "1", .meaning = "input"}};
    weight.kind = model_kind::synapse;
    weight.info = {.name = "weight", .title = "a synapse", .equation = "theta", .source = "test"};
    weight.plastic = true;
  }
};

/// input.value (cells) -> hidden1.value (forward, dense), -> hidden1.phi (a link), -> hidden1.value (some, sparse).
inline circuit fake_circuit(const fake_models& models, const std::string& precision, std::uint32_t lanes,
                            std::uint32_t inputs = 3, std::uint32_t hidden = 2) {
  circuit c;
  c.precision = value_named<locus::precision>(precision).value();
  c.lanes = lanes;
  c.populations = {{"input.value", &models.cell, inputs, {}, {inputs}},
                   {"hidden1.value", &models.cell, hidden, {}, {hidden}},
                   {"hidden1.phi", &models.detector, hidden, {}, {hidden}}};
  projection forward;
  forward.name = "hidden1.forward";
  forward.from = {0, 0};
  forward.to = {1, 0};
  forward.synapse = &models.weight;
  forward.pre = {{0, 0}};
  forward.post = {{1, 0}};
  forward.gate = output_id{2, 0};
  projection link;
  link.name = "hidden1.value.x->hidden1.phi.error";
  link.shape = projection_shape::one_to_one;
  link.from = {1, 0};
  link.to = {2, 0};
  projection some = forward;
  some.name = "hidden1.some";
  some.shape = projection_shape::sparse;
  some.connections.add_target(std::array{std::uint32_t{inputs - 1}});
  for (std::size_t target = 1; target < hidden; ++target) some.connections.add_target({});
  some.delay = 2;
  some.gate.reset();
  c.projections = {forward, link, some};
  return c;
}

/// Its numbers are a function of what and when. `change` says when they last changed.
class fake_simulator : public simulator {
 public:
  explicit fake_simulator(const circuit& c) : circuit_(c) {}

  /// A number with no short decimal form, exact in either precision.
  static double number(std::size_t what, std::size_t index, tick_t change) {
    const double x = std::sin(1.0 + static_cast<double>(what) * 7.0 + static_cast<double>(index) * 0.37) /
                     static_cast<double>(change + 3);
    return static_cast<double>(static_cast<float>(x));
  }
  static double field_number(output_id f, std::size_t index, tick_t change) {
    if (f.population == 2) return (index * 5 + static_cast<std::size_t>(change)) % 7 == 0 ? 1.0 : 0.0;
    return number(f.population * 10 + f.field, index, change);
  }
  static double weight_number(std::size_t projection, std::size_t index, tick_t change) {
    return number(100 + projection, index, change);
  }

  tick_t change = 0;

  const circuit& net() const noexcept override { return circuit_; }
  tick_t now() const noexcept override { return change; }
  void advance(tick_t) override {}
  void clamp(std::size_t, std::span<const double>) override {}
  void clamp_lane(std::size_t, std::size_t, std::span<const double>) override {}
  void clamp_lane(std::size_t, std::size_t, std::span<const float>) override {}
  void release(std::size_t) override {}
  void impose(std::size_t, port_id, std::span<const double>) override {}
  std::optional<tick_t> held_since(std::size_t) const noexcept override { return std::nullopt; }
  void perturb(output_id, std::size_t, std::size_t, double) override {}
  void set_learning(bool) override {}
  void silence_noise() override {}
  double value(output_id f, std::size_t neuron, std::size_t lane) const override {
    return field_number(f, neuron * circuit_.lanes + lane, change);
  }
  void read_field(output_id f, void* destination) const override {
    const std::size_t count = circuit_.populations[f.population].size * circuit_.lanes;
    copy(count, destination, [&](std::size_t i) { return field_number(f, i, change); });
  }
  void read_synapse_field(std::size_t, std::size_t, void*) const override {}
  std::vector<double> synapse_field(std::size_t, std::size_t) const override { return {}; }
  void read_weights(std::size_t p, void* destination) const override {
    copy(circuit_.connections(circuit_.projections[p]), destination,
         [&](std::size_t i) { return weight_number(p, i, change); });
  }
  std::vector<double> weights(std::size_t) const override { return {}; }
  void set_weights(std::size_t, std::span<const double>) override {}
  void set_synapse_field(std::size_t, std::size_t, std::span<const double>) override {}
  void take_synapses(const simulator&) override {}
  const activity& counters() const noexcept override { return activity_; }
  const std::optional<std::string>& nonfinite() const noexcept override { return nonfinite_; }
  std::uint64_t memory() const noexcept override { return 0; }
  std::uint64_t swept_panels() const noexcept override { return 0; }
  void observe(tick_observer*) override {}
  void serialize(archive&) override {}
  std::unique_ptr<simulator> clone() override { throw std::logic_error("fake_simulator: not used"); }

 private:
  template <class F>
  void copy(std::size_t count, void* destination, F&& f) const {
    for (std::size_t i = 0; i < count; ++i) {
      const double x = f(i);
      const float single = static_cast<float>(x);
      if (circuit_.precision == precision::f32) {
        std::memcpy(static_cast<char*>(destination) + i * sizeof(single), &single, sizeof(single));
      } else {
        std::memcpy(static_cast<char*>(destination) + i * sizeof(x), &x, sizeof(x));
      }
    }
  }

  const circuit& circuit_;
  activity activity_;
  std::optional<std::string> nonfinite_;
};

/// Ticks [first, last), each of which changes everything.
inline void run_ticks(trace_writer& trace, fake_simulator& s, tick_t first, tick_t last) {
  for (s.change = first; s.change < last; ++s.change) trace.on_tick(s.change, s);
  s.change = last - 1;
}

inline trace_description recording(const std::string& file, std::vector<std::string> record, std::uint32_t every = 1) {
  trace_description trace;
  trace.file = file;
  trace.record = std::move(record);
  trace.every = every;
  trace.at = {"net.toml", 7, 1};
  return trace;
}

inline const trace_provenance provenance = {"[circuit]\n", "abc123", 18446744073709551615ull, "0.1.0"};

}  // namespace locus::test
