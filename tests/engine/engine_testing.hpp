#pragma once
/// What the tests of the engine and of experiments share: short forms made from a few members, random data, a circuit
/// with its world, and observers that record a trajectory.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/experiment/presenter.hpp"
#include "sim/netlist/netlist.hpp"

namespace locus::testing {

/// A short-form netlist; text() writes it as TOML. Texts that are empty are left out.
struct short_form {
  std::vector<std::uint32_t> layers{4, 3, 2};
  std::string activation = "tanh", precision = "f64", neuron = "two-compartment";
  std::string rule = "fa-z-il", feedback, feedback_weights, start = "settle", encode = "value", on_nonfinite;
  double sigma = 0;
  bool bias = false;
  unsigned lanes = 1;
  double alpha = 0.01, gamma = 1;
  unsigned quiet_ticks = 1;
  double tolerance = 0;
  bool cause_gate = true;
  std::optional<int> update_at;
  std::string predict = "8", teach = "4", rest = "0";
  bool teacher_off = true;
  std::uint64_t seed = 1;
  std::string data = "\"digits\"";
  unsigned epochs = 1, train_limit = 0, test_limit = 0;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] description read() const;
};

/// The `which`-th random circuit, with every rule but backpropagation's. Sizes above 16 give panels with tails. Whether
/// it learns rightly is not asked: the engine must follow its definition, right or wrong.
[[nodiscard]] short_form random_form(std::uint64_t which);

/// The description of a netlist text of either form.
[[nodiscard]] description netlist_of(const std::string& text);

/// Takes the rule of a projection's synapses away.
void make_fixed(projection_description& p);

/// `count` training samples with numbers in [-1, 1), drawn from `seed`; about a fifth of the inputs are 0.
[[nodiscard]] data_set drawn_data(std::uint32_t inputs, std::uint32_t targets, std::uint32_t count, std::uint64_t seed);

/// A circuit with its world.
struct rig {
  rig(const description& d, const data_set& samples, const simulator_options& options = {})
      : netlist(d),
        data(samples),
        net(build_circuit(netlist, all_models(), options.keeps())),
        sim(make_simulator(net, options)),
        world(*sim, netlist, data) {}
  rig(const rig&) = delete;

  [[nodiscard]] output_id output(const std::string& population, const std::string& field) const;
  [[nodiscard]] std::size_t projection(const std::string& name) const { return net.find_projection(name).value(); }

  description netlist;
  data_set data;
  circuit net;
  std::unique_ptr<simulator> sim;
  presenter world;
};

/// Whether all neurons have equal numbers in all fields (0 and -0 are equal).
[[nodiscard]] bool same_numbers(const rig& a, const rig& b);

/// The same presentation for several rigs: samples drawn from (seed, which).
struct presentation {
  std::vector<std::uint32_t> samples;
  presentation_times times;
};
[[nodiscard]] presentation draw_presentation(std::uint64_t seed, std::uint64_t which, std::uint32_t count,
                                             unsigned lanes, const presentation_times& low,
                                             const presentation_times& high);

/// Thirty samples for it, drawn from `which`.
[[nodiscard]] data_set data_for(const short_form& form, std::uint64_t which);

/// Teaches the presentations [first, last) of these data with jittered times, drawn from `which`; false if it diverged.
[[nodiscard]] bool teach_jittered(rig& r, const short_form& form, std::uint64_t which, std::uint64_t first,
                                  std::uint64_t last);

/// All bytes of all fields and weights: equal if and only if the states are the same bits.
[[nodiscard]] std::string snapshot(const simulator& s);
[[nodiscard]] inline bool same_state(const simulator& a, const simulator& b) { return snapshot(a) == snapshot(b); }

/// A hash of the snapshot of every tick, quiet ones included.
class recorder : public tick_observer {
 public:
  void on_tick(tick_t tick, const simulator& s) override;
  void on_quiet(tick_t first, tick_t last, const simulator& s) override;

  std::vector<std::uint64_t> states;  ///< [tick]
  std::uint64_t quiet = 0;            ///< ticks that were skipped
};

/// The first tick in which two recordings differ, or -1.
[[nodiscard]] std::int64_t first_difference(const recorder& a, const recorder& b);

}  // namespace locus::testing
