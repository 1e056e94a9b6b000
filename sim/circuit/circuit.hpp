#pragma once
/// A circuit: populations and projections, checked against the catalogue of models, ready to be simulated,
/// counted, drawn or audited. Immutable once built; safe to share between threads.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/shared_window.hpp"
#include "sim/circuit/sparse_connections.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

/// An output of a population: its field `field`.
struct output_id {
  std::size_t population = 0;
  std::size_t field = 0;
  friend bool operator==(const output_id&, const output_id&) = default;
};

/// A port of a population.
struct port_id {
  std::size_t population = 0;
  std::size_t port = 0;
  friend bool operator==(const port_id&, const port_id&) = default;
};

struct population {
  std::string name;
  const model_declaration* model = nullptr;
  std::uint32_t size = 0;
  parameter_block params = {};
  std::vector<std::uint32_t> shape =
      {};  ///< of the grid on which its neurons lie, the last axis fastest; a row: {size}
};

enum class projection_shape { one_to_one, dense, sparse, shared_window };
template <>
struct enum_names<projection_shape> {
  static constexpr std::pair<std::string_view, projection_shape> all[] = {
      {"one-to-one", projection_shape::one_to_one},
      {"all-to-all", projection_shape::dense},
      {"sparse", projection_shape::sparse},
      {"shared window", projection_shape::shared_window}};
};

struct projection {
  std::string name;
  output_id from;
  port_id to;
  projection_shape shape = projection_shape::dense;
  sparse_connections connections;       ///< sparse only; in an outline, random ones may not be drawn
  sparse_size size;                     ///< sparse only
  std::string wiring;                   ///< sparse or shared window: what made them, "window 3 x 3"
  std::optional<shared_window> window;  ///< shared window only
  std::uint32_t delay = 0;              ///< ticks; of connections that are differently late, the smallest
  std::uint32_t delay_up_to = 0;        ///< and the largest of those; 0: all are the same
  std::vector<std::uint32_t> delays;    ///< [connection], each at least 1; empty: all the same, or not drawn

  const model_declaration* synapse = nullptr;  ///< null: plain link, which passes messages on with weight 1
  parameter_block params;
  weight_source weights;
  std::vector<std::optional<weight_source>> initial;  ///< [field of the synapses]: nothing: as their model says
  std::optional<std::size_t> shared_with;             ///< the projection whose weights this one uses
  bool transposed = false;                            ///< of shared or copied weights
  std::optional<std::size_t> copied_from;
  std::optional<std::size_t> connected_as;  ///< the projection whose connections it has, or those turned round

  source_position at;  ///< in the netlist

  std::vector<output_id> pre, post;  ///< what its synapses see of their ends, in the order of their model's lists
  std::optional<output_id> gate;
  gate_end gate_at = gate_end::post;

  /// True if its weights can change by its own rule.
  [[nodiscard]] bool learns() const;
};

/// Populations at the postsynaptic end of which its synapses see outputs, each once.
[[nodiscard]] std::vector<std::size_t> seen_populations(const projection& p);

/// Ticks after which what leaves its source reaches a connection.
[[nodiscard]] inline std::uint32_t delay_of(const projection& p, std::size_t connection) {
  return p.delays.empty() ? p.delay : p.delays[connection];
}

[[nodiscard]] inline std::uint32_t longest_delay(const projection& p) noexcept {
  return std::max(p.delay, p.delay_up_to);
}

/// All delays of a projection, ascending, each once; those that it may have if they are not drawn.
[[nodiscard]] std::vector<std::uint32_t> delays_of(const projection& p);

/// Ticks after which a synapse sees what its modulator sends: one that sits at the presynaptic end is as far away as
/// that.
[[nodiscard]] inline std::uint32_t delay_of_gate(const projection& p, std::size_t connection) {
  return p.gate_at == gate_end::pre ? delay_of(p, connection) : 0;
}

struct stimulus {
  std::size_t population = 0;
  stimulus_role role = stimulus_role::input;
  std::optional<std::uint32_t> first_column;  ///< input, teacher: of the data, for its first neuron; none: takes all
  output_id answer;                           ///< teacher
  answer_loss loss = answer_loss::squares;    ///< teacher
  std::int64_t onset = 0;                     ///< control: from the teacher's onset,
  bool from_end = false;                      ///< or from its end
  std::int64_t ticks = 1;                     ///< control
  double value = 1;                           ///< control
  std::optional<port_id> source;              ///< imposed
  imposed_with with = imposed_with::input;
  double sigma = 0;  ///< imposed

  /// input, teacher: the column of the data that comes to a neuron of its population.
  [[nodiscard]] std::uint32_t column_of(std::uint32_t neuron) const { return first_column.value_or(0) + neuron; }
};

/// A quantity that a run reports.
struct report_quantity {
  std::string text;  ///< as the netlist names it
  report_function function = report_function::mean;
  output_id of;  ///< any field, also one that is not sent
  bool squared = false;
};

struct circuit {
  locus::precision precision = locus::precision::f64;
  std::uint32_t lanes = 1;
  bool record_nonfinite = false;
  std::uint64_t noise_seed = 1;
  std::optional<double> dt;  ///< milliseconds of a tick
  std::vector<population> populations;
  std::vector<projection> projections;
  std::vector<stimulus> stimuli;
  std::vector<report_quantity> reports;
  std::vector<std::shared_ptr<const model_declaration>> own_models;  ///< that the netlist brought along

  [[nodiscard]] std::optional<std::size_t> find_population(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> find_projection(std::string_view name) const;
  [[nodiscard]] std::uint32_t size_before(const projection& p) const { return populations[p.from.population].size; }
  [[nodiscard]] std::uint32_t size_after(const projection& p) const { return populations[p.to.population].size; }

  /// Whether any projection learns.
  [[nodiscard]] bool learns() const;

  /// All ports whose numbers are drawn.
  [[nodiscard]] std::vector<port_id> noise_ports() const;

  /// Number of connections (synapses, or links of a plain link).
  [[nodiscard]] std::uint64_t connections(const projection& p) const;

  /// Number of its weights: one a connection, but of a shared window those of its kernel.
  [[nodiscard]] std::uint64_t weights(const projection& p) const {
    return p.shape == projection_shape::shared_window ? p.window->weights() : connections(p);
  }

  /// Whether a rank can run its part of projection `index` and know the connections onto its own neurons alone. It has
  /// to know all where other projections take them, or their weights, turned round, where each has a delay, and where
  /// weights come from a file that says whose they are.
  [[nodiscard]] bool kept_in_part(std::size_t index) const;

  /// Rows and columns of the list of its weights: [post][pre], of sparse ones a single row, of a shared window its
  /// kernel.
  [[nodiscard]] std::pair<std::uint32_t, std::uint64_t> weight_matrix(const projection& p) const;

  /// "hidden1.error.eps"
  [[nodiscard]] std::string name_of(output_id output) const;
  [[nodiscard]] std::string name_of(port_id port) const;
};

/// Checks names, models, parameters, shapes and weights. Throws usage_error at the position of the first mistake and
/// for what is larger than the engine can number, and run_error for what does not fit into memory.
/// The models must outlive the circuit; those of the netlist's own live in it. `keeps`: one of several ranks, which
/// keeps of a projection that is kept_in_part() the connections onto its own neurons. `threads`: how many may draw
/// connections at a time, 0: as many as there are processors; they never change a connection.
[[nodiscard]] circuit build_circuit(const description& netlist, const catalogue& models = all_models(),
                                    const partition& keeps = {}, std::size_t threads = 1);

/// The same without the connections of large random projections, of which only the numbers are told: enough to count,
/// to schedule and to draw populations, at once and for circuits of any size.
[[nodiscard]] circuit outline_circuit(const description& netlist, const catalogue& models = all_models());

/// The weights that projection `index` starts with: dense row-major [post][pre], sparse in the order of connections.
/// Draws are keyed by (seed, stream, post, pre). Throws run_error for unreadable files, usage_error for wrong shapes.
[[nodiscard]] std::vector<double> initial_weights(const circuit& c, std::size_t index);

/// What a field but theta begins with, as initial_weights() lists it, if the netlist says it and not the model of the
/// synapses: that number in all lanes. Throws as initial_weights().
[[nodiscard]] std::optional<std::vector<double>> initial_field(const circuit& c, std::size_t index, std::size_t field);

/// The weights of a projection that shares or copies `owned`, those of another one: transposed and scaled if it says
/// so.
[[nodiscard]] std::vector<double> weights_from_owner(const circuit& c, const projection& p, std::vector<double> owned);

}  // namespace locus
