#pragma once
/// What a netlist says, as plain data with positions: the long form. Built by the parser (long form) or
/// by a template (short form); read by sim/circuit, which checks it against the catalogue of models.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/core/parameter.hpp"
#include "sim/core/precision.hpp"
#include "sim/core/tick.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/rules/text_model.hpp"

namespace locus {

struct parameter_setting {
  std::string name;
  parameter_value value;
  source_position at;
};

/// "hidden1.error.eps": the last part names an output or port, all before it the population.
struct reference {
  std::string population;
  std::string member;
  source_position at;

  [[nodiscard]] std::string text() const { return population + "." + member; }
};

/// The outputs of one end that a synapse sees, each under the name that its model has for it; "" for one without.
struct seen_output {
  std::string name;
  reference output;
};
class seen_outputs : public std::vector<seen_output> {
 public:
  using vector::vector;
  seen_outputs(locus::reference only)
      : vector(1, seen_output{"", std::move(only)}) {}  // NOLINT(google-explicit-constructor): one is a list
};

/// How many neurons, and the grid on which they lie.
struct neuron_grid {
  std::uint32_t size = 0;
  std::vector<std::uint32_t> shape = {};  ///< the last axis fastest; its product is the size. Empty: a row
};

struct population_description {
  std::string name;
  std::string model;
  std::uint32_t size = 0;
  std::vector<parameter_setting> params;
  source_position at;
  std::vector<std::uint32_t> shape = {};  ///< of the grid on which its neurons lie, the last axis fastest; empty: a row
};

/// Which neurons are connected.
struct all_to_all {};
struct one_to_one {};
struct fixed_indegree {
  std::uint32_t degree = 0;  ///< distinct sources for each target, drawn without replacement
  std::uint64_t seed = 1;
};
struct connection_probability {
  double probability = 0;
  std::uint64_t seed = 1;
};
struct listed_pairs {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> post_pre;  ///< zero-based, in any order
};
/// Each target hears a window of the sources' grid. One number of each list for each of its axes.
struct spatial_window {
  std::vector<std::uint32_t> size;
  std::vector<std::uint32_t> stride, dilation;
  bool same_padding = false;              ///< windows may reach over the edge, so that stride 1 keeps the grid's size
  bool each_channel = false;              ///< channel k hears channel k; otherwise each hears all
  bool one_kernel = false;                ///< all places share their weights
  std::vector<std::uint32_t> place = {};  ///< the only place of the window that a target hears; empty: all
};
/// Neurons that lie near each other on their grids are connected, in steps of the sources' grid.
struct distance_kernel {
  std::optional<double> within;  ///< the largest distance
  std::optional<double> sigma;   ///< the probability falls as a Gaussian of this width
  double probability = 1;        ///< at distance 0
  bool wrap = false;             ///< the grid's ends are joined
  std::uint64_t seed = 1;
};
/// The connections of another projection, or those turned round.
struct copied_connections {
  std::string projection;
  bool transposed = false;
};
/// Those that a file lists.
struct stored_connections {
  std::string file;     ///< a table, or HDF5
  std::string dataset;  ///< HDF5 only; empty: the projection's own name
};
/// Whether a file of connections is a table; others are HDF5.
[[nodiscard]] inline bool is_edge_table(std::string_view file) {
  return file.ends_with(".csv") || file.ends_with(".npy") || file.ends_with(".mtx");
}
using connectivity = std::variant<all_to_all, one_to_one, fixed_indegree, connection_probability, listed_pairs,
                                  spatial_window, distance_kernel, copied_connections, stored_connections>;

/// Row-major [post][pre].
struct matrix {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::vector<double> values;
};

/// How weights are drawn; sim/circuit/weights.cpp says what from.
inline constexpr std::string_view weight_methods[] = {"glorot-uniform", "kaiming-uniform", "orthogonal",
                                                      "normal",         "uniform",         "constant"};

/// Where a projection's initial weights come from.
struct random_weights {
  std::string method = "glorot-uniform";  ///< one of weight_methods
  double scale = 1;  ///< factor (glorot-, kaiming-uniform, orthogonal), standard deviation (normal), half-width
                     ///< (uniform), value (constant)
  std::uint64_t seed = 1;
  std::string stream = {};  ///< name that keys the draws; empty: the projection's own name
};
struct listed_weights {
  matrix values;  ///< for sparse projections: one row, in the order of (post, pre)
};
struct stored_weights {
  std::string file;     ///< HDF5, or a table of connections with weights
  std::string dataset;  ///< HDF5 only; empty: the projection's own name
};
struct copied_weights {
  std::string projection;   ///< starts with the same numbers as that projection
  bool transposed = false;  ///< pre and post exchanged
  double scale = 1;         ///< times this
};
struct shared_weights {
  std::string projection;  ///< uses that projection's weights at all times: one weight, many users
  bool transposed = false;
};
using weight_source = std::variant<random_weights, listed_weights, stored_weights, copied_weights, shared_weights>;

/// What a field of a projection's synapses begins with, in place of what their model says: drawn, listed or stored.
struct field_initial {
  std::string field;
  weight_source values;
  source_position at;
};

/// At which end of the synapse the modulator sits, one-to-one; `everywhere`: one neuron gates all synapses.
enum class gate_end { post, pre, everywhere };
template <>
struct enum_names<gate_end> {
  static constexpr std::pair<std::string_view, gate_end> all[] = {
      {"post", gate_end::post}, {"pre", gate_end::pre}, {"everywhere", gate_end::everywhere}};
};

/// Delays of single connections, at least 1 tick each.
struct connection_delays {
  std::vector<std::uint32_t> values;  ///< in the order of (post, pre); empty: stored or drawn
  std::uint32_t low = 1, high = 1;    ///< drawn: a whole number from low to high, all with the same probability
  std::uint64_t seed = 1;
  std::string file = {};     ///< that lists them with their connections; empty: not stored
  std::string dataset = {};  ///< HDF5 only; empty: the projection's own name
};

/// The connections from one population to another. Without a synapse model it is a plain link that passes
/// the message on (weight 1, nothing learned).
struct projection_description {
  std::string name;
  reference from;
  reference to;
  connectivity connect = all_to_all{};
  std::string synapse;  ///< model name; empty: plain link
  weight_source weights = random_weights{};
  std::vector<field_initial> initial;
  seen_outputs pre;               ///< of the presynaptic neuron; empty: from, if the synapses see anything of it
  seen_outputs post;              ///< of the postsynaptic neuron; empty: nothing
  std::optional<reference> gate;  ///< output of the modulator
  gate_end gate_at = gate_end::post;
  std::vector<parameter_setting> params;
  std::uint32_t delay = 0;  ///< ticks
  source_position at;
  std::optional<connection_delays> delays = {};  ///< instead of `delay`
};

/// What a stimulus stands for. Input, teacher: the data's columns. Control: a signal at given ticks.
/// Imposed: the neuron's value is set from outside to what a port of the circuit says (condition C1 of Song et al.).
enum class stimulus_role { input, teacher, control, imposed };
template <>
struct enum_names<stimulus_role> {
  static constexpr std::pair<std::string_view, stimulus_role> all[] = {{"input", stimulus_role::input},
                                                                       {"teacher", stimulus_role::teacher},
                                                                       {"control", stimulus_role::control},
                                                                       {"imposed", stimulus_role::imposed}};
};

/// At whose onset a state is imposed.
enum class imposed_with { input, teacher };
template <>
struct enum_names<imposed_with> {
  static constexpr std::pair<std::string_view, imposed_with> all[] = {{"input", imposed_with::input},
                                                                      {"teacher", imposed_with::teacher}};
};

/// How an answer is measured: half the squared differences, or -sum target log answer.
enum class answer_loss { squares, cross_entropy };
template <>
struct enum_names<answer_loss> {
  static constexpr std::pair<std::string_view, answer_loss> all[] = {{"squares", answer_loss::squares},
                                                                     {"cross-entropy", answer_loss::cross_entropy}};
};

struct stimulus_description {
  reference target;  ///< population and port; the port is "clamp"
  stimulus_role role = stimulus_role::input;
  std::optional<window> columns;    ///< input, teacher: of the data's inputs or targets; none: all
  std::optional<reference> answer;  ///< teacher: the output that is compared with the target (default "x")
  std::int64_t onset = 0;           ///< control: first tick, counted from the teacher's onset,
  bool from_end = false;            ///< or from its end
  std::int64_t ticks = 1;           ///< control: number of ticks; 0: as long as the teacher is on
  double value = 1;                 ///< control: what is sent
  std::optional<reference> source;  ///< imposed: the port whose value is imposed, for one tick
  imposed_with with = imposed_with::input;
  double sigma = 0;  ///< imposed: standard deviation of the normal noise that is added to the port's value
  answer_loss loss = answer_loss::squares;  ///< teacher
  source_position at;
};

/// A number of ticks, or a range from which each presentation draws (inclusive).
struct tick_range {
  std::int64_t low = 0;
  std::int64_t high = 0;
  source_position at;
};

/// When a presentation's stimuli go on and off. One draw a presentation, common to all lanes.
struct timeline_description {
  tick_range predict{8, 8, {}};  ///< P: input alone
  tick_range teach{4, 4, {}};    ///< T: input and teacher
  tick_range rest{0, 0, {}};     ///< Q: input alone, from teacher off to the next input
  std::int64_t frame_ticks = 0;  ///< for which each frame of a sample is shown; 0: samples have no frames
  source_position frames_at;     ///< of frame_ticks
  bool hold_teacher = false;     ///< the teacher stays until the next one replaces it
  std::uint64_t jitter_seed = 1;
};

/// Samples made by a random network: inputs x ~ N(0, 1), targets T_m f(... f(T_1 x)).
struct teacher_network {
  std::vector<std::uint32_t> layers;  ///< input first, at least two
  std::string activation = "identity";
  double scale = 1;  ///< T ~ U[-scale, scale]
  std::uint32_t samples = 1000;
  std::uint32_t test_samples = 0;
  std::uint64_t seed = 1;
};

/// Numbers of a netlist, or the file that has them: [sample][feature], [sample][frame][feature], or of targets
/// [sample], the classes.
struct data_array {
  std::string file;                  ///< "npy:FILE" | "hdf5:FILE:DATASET"; empty: the numbers are here
  std::vector<std::uint32_t> shape;  ///< of the numbers; empty, without a file: there are none
  std::vector<double> numbers;       ///< row-major

  [[nodiscard]] bool given() const noexcept { return !file.empty() || !shape.empty(); }
  /// The names of the file and of its dataset (hdf5), without the rest of `file`.
  [[nodiscard]] std::string file_name() const;
  [[nodiscard]] std::string dataset() const;
  friend bool operator==(const data_array&, const data_array&) = default;
};

/// How the texts of data_array::file begin.
inline constexpr std::string_view npy_prefix = "npy:", hdf5_prefix = "hdf5:";

/// The numbers of classes, which become one-hot targets.
inline constexpr whole_range classes_of_data = {0, 65535};

/// Data sets that `tools/data fetch` puts where they are found by name.
inline constexpr std::string_view fetched_data_sets[] = {"mnist", "fashion-mnist"};

/// The data set and its use.
struct data_description {
  /// digits | one of fetched_data_sets | idx:DIR | csv:FILE | arrays | teacher
  std::string source = "digits";
  std::optional<teacher_network> teacher;  ///< teacher
  data_array inputs, targets;              ///< arrays: for training; there may be no targets
  data_array test_inputs, test_targets;    ///< arrays: for the test; there may be none
  std::string split = "shuffled";          ///< digits: shuffled | file-order
  std::uint64_t split_seed = 1;
  std::string train_on = "train";  ///< train | test: the two parts exchange their roles
  std::uint32_t train_limit = 0;   ///< 0: all
  std::uint32_t test_limit = 0;
  source_position at;
};

/// How the numbers of a field become one number.
enum class report_function { mean, sum, max, rms };
template <>
struct enum_names<report_function> {
  static constexpr std::pair<std::string_view, report_function> all[] = {{"mean", report_function::mean},
                                                                         {"sum", report_function::sum},
                                                                         {"max", report_function::max},
                                                                         {"rms", report_function::rms}};
};

/// A quantity that a run reports beside its scores: "mean(output.error.eps^2)".
struct report_description {
  report_function function = report_function::mean;
  reference of;  ///< population and field
  bool squared = false;

  [[nodiscard]] std::string text() const;
};

/// What is recorded. Patterns name variables and some of their neurons: "hidden1.value.x[0, 3, 8:12]".
struct trace_description {
  std::string file;                          ///< empty: no trace
  std::vector<std::string> record;           ///< in frames
  std::vector<std::string> on_change;        ///< only when a value changes; goes before `record`
  std::uint32_t every = 1;                   ///< ticks between frames
  std::int64_t from = 0;                     ///< first tick that is recorded
  std::int64_t until = 0;                    ///< end of the recorded ticks; 0: the end of the run
  std::vector<window> presentations;         ///< record only in these; empty: in all
  std::string precision = "run";             ///< of the numbers in the file: run (the circuit's own) | f32
  bool messages = false;                     ///< log every message
  std::uint64_t messages_limit = 1'000'000;  ///< messages to be logged at most; the others are counted
  source_position at;
};

/// What [[activation]] and [[model]] tables declare.
struct model_texts {
  std::vector<std::shared_ptr<const rules::text_activation>> activations;
  std::vector<std::shared_ptr<const rules::text_model>> models;
};

/// A whole netlist.
struct description {
  std::string source;  ///< file name
  locus::precision precision = locus::precision::f64;
  std::uint32_t lanes = 1;
  bool record_nonfinite = false;  ///< go on after a non-finite number
  std::uint64_t noise_seed = 1;   ///< of what neurons draw
  std::optional<double> dt;       ///< milliseconds of a tick; none: a tick has no length
  std::uint32_t epochs = 1;
  std::optional<std::uint64_t> shuffle;
  model_texts own;  ///< models that it brings along
  std::vector<population_description> populations;
  std::vector<projection_description> projections;
  std::vector<stimulus_description> stimuli;
  timeline_description timeline;
  data_description data;
  std::vector<report_description> reports;
  trace_description trace;
  std::vector<std::string> warnings;  ///< sentences that name a bound which the netlist does not keep
};

}  // namespace locus
