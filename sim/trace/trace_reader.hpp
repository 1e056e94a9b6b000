#pragma once
/// A trace file, opened for reading: what was recorded, of which circuit, with which settings.
/// The numbers themselves are read by value_stream (variables), and by read_spikes() and message_log below.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/circuit/grid.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/core/parameter.hpp"
#include "sim/core/precision.hpp"
#include "sim/core/tick.hpp"
#include "sim/trace/pattern.hpp"

namespace locus {

/// The root attributes.
struct trace_facts {
  std::int64_t format_version = 0;
  std::string netlist;  ///< TOML, as run
  std::string netlist_sha256;
  std::string long_form;  ///< the netlist's; "" in files that do not have it
  std::string seed;       ///< a whole number
  locus::precision precision = locus::precision::f64;
  std::string version;  ///< of the program
  std::uint32_t lanes = 1;
  std::optional<double> dt;  ///< milliseconds of a tick, if the netlist says
  std::int64_t every = 1;    ///< ticks from frame to frame
  bool complete = false;     ///< the run went to its end
  std::string ended;         ///< why it ended; "" if the file does not say
  std::optional<tick_t> ended_tick;
  std::vector<window> windows;  ///< the ticks that were to be recorded; an open end is the largest tick
};

/// A parameter of a model, as it was in the run.
struct traced_parameter {
  std::string name;
  parameter_value value;
};

struct traced_population {
  std::string name, model, title, equation, source;
  std::int64_t size = 0;
  grid_shape shape;  ///< of the grid on which its neurons lie; a row: {}
  std::vector<traced_parameter> parameters;
};

struct traced_projection {
  std::string name, from, to, synapse, shape;
  std::string pre;  ///< what its synapses see of the presynaptic neuron; "": nothing
  bool learns = false;
  std::string title, equation, source;  ///< of the synapse model
  std::int64_t connections = 0;
  std::int64_t delay = 0;  ///< ticks
  std::vector<traced_parameter> parameters;
};

/// frames: /trace, all values of each recorded tick; changes: /changes, values when they change.
enum class trace_storage { frames, changes };

/// A variable of a population, or the weights of a projection. Its values have one column a neuron or synapse.
struct trace_variable : variable_identity {
  trace_storage storage = trace_storage::frames;
  std::string units, long_name;
  std::vector<std::uint32_t> neurons;  ///< [column] which neuron; of a synapse the postsynaptic one
  std::vector<std::uint32_t> sources;  ///< [column] of a synapse the presynaptic neuron; empty for populations
  std::vector<std::uint32_t> indices;  ///< [column] in a list of changes, ascending; empty for frames
  grid_shape shape, source_shape;      ///< of the grids on which `neurons` and `sources` lie; a row: {}
  std::uint32_t lanes = 1;
  std::uint64_t rows = 0;  ///< frames, or changes

  [[nodiscard]] std::size_t columns() const noexcept { return neurons.size(); }
  /// "/trace/hidden1.value/x"
  [[nodiscard]] std::string path() const;
  /// "hidden1.value.x[3]", "hidden1.forward.theta[2][1]" (post, pre); on grids "map.x[0,3]"
  [[nodiscard]] std::string column_name(std::size_t column) const;
};

/// Events of one variable: /spikes/<group>.
struct spike_list_info {
  std::string group;
  std::uint64_t count = 0;
};

struct spike_event {
  tick_t tick = 0;
  std::uint64_t neuron = 0;
  std::uint32_t lane = 0;
  friend bool operator==(const spike_event&, const spike_event&) = default;
};

/// The ticks [on, off) in which a population was clamped.
struct stimulus_window {
  std::string population;
  tick_t on = 0;
  tick_t off = 0;
};

/// A presentation, in one lane.
struct traced_presentation {
  tick_t first = 0, teacher = 0, end = 0;  ///< ticks
  std::int64_t number = 0, epoch = 0, sample = 0;
  std::optional<std::int64_t> label;
  std::uint32_t lane = 0;
};

/// Invariant: all sizes are checked against the file's; ticks ascend.
/// Thread safety: one thread at a time.
class trace_reader {
 public:
  /// Throws run_error for a file that is missing, damaged, or no trace of a version that is known.
  explicit trace_reader(const std::string& path);

  [[nodiscard]] const std::string& path() const noexcept { return file_.file; }
  [[nodiscard]] const hdf5::object& file() const noexcept { return file_; }
  [[nodiscard]] const trace_facts& facts() const noexcept { return facts_; }

  /// In the order of the netlist.
  [[nodiscard]] const std::vector<traced_population>& populations() const noexcept { return populations_; }
  [[nodiscard]] const std::vector<traced_projection>& projections() const noexcept { return projections_; }
  [[nodiscard]] const std::vector<trace_variable>& variables() const noexcept { return variables_; }
  [[nodiscard]] const std::vector<spike_list_info>& spikes() const noexcept { return spikes_; }

  /// The ticks of the frames that all variables of /trace have.
  [[nodiscard]] const std::vector<tick_t>& frames() const noexcept { return frames_; }

  /// The recorded ticks [first, last + 1), frames, changes and events taken together; [0, 0) if there are none.
  [[nodiscard]] std::pair<tick_t, tick_t> extent() const noexcept { return extent_; }

  /// Windows in order of time, of the first `most` of each population. Empty for files that do not tell.
  [[nodiscard]] std::vector<stimulus_window> stimuli(std::size_t most) const;

  /// Those that overlap [from, until), at most `most` of each population.
  [[nodiscard]] std::vector<stimulus_window> stimuli(tick_t from, tick_t until, std::size_t most) const;

  /// How many presentations are listed, all lanes counted; 0 for files that do not tell.
  [[nodiscard]] std::uint64_t presentations() const noexcept { return presentations_; }

  /// Presentations [first, first + count) of the list, as far as there are any: in order of time, then lane.
  [[nodiscard]] std::vector<traced_presentation> read_presentations(std::uint64_t first, std::uint64_t count) const;

  /// The shape of the grid on which the neurons of a population lie; {}: a row, or there is no such population.
  [[nodiscard]] grid_shape shape_of(std::string_view population) const;

  /// The variable of that name, or null.
  [[nodiscard]] const trace_variable* find(std::string_view full_name) const noexcept;

 private:
  void read_facts();
  void read_circuit();
  void read_frames();
  void read_windows();
  void add_variables(const std::string& group, const std::string& model, bool projection);
  void add_frames_of(const std::string& group, const std::string& model, bool projection);
  void add_changes_of(const std::string& group, const std::string& model, bool projection);
  void note_shapes(trace_variable& v) const;
  [[nodiscard]] bool is_scale(const std::string& dataset) const;
  [[nodiscard]] hdf5::object open_scale(const trace_variable& v, const char* scale) const;
  [[nodiscard]] std::vector<std::uint32_t> ends_of(const trace_variable& v, const char* end) const;
  void read_spike_lists();
  void count_presentations();
  void note_extent(tick_t first, tick_t last);

  hdf5::object file_;
  trace_facts facts_;
  std::vector<traced_population> populations_;
  std::vector<traced_projection> projections_;
  std::vector<trace_variable> variables_;
  std::vector<spike_list_info> spikes_;
  std::vector<tick_t> frames_;
  std::uint64_t presentations_ = 0;
  std::pair<tick_t, tick_t> extent_ = {0, 0};
};

/// The events of /spikes/<group> in [from, until), the first `most` of them.
[[nodiscard]] std::vector<spike_event> read_spikes(const trace_reader& trace, const std::string& group, tick_t from,
                                                   tick_t until, std::size_t most);

/// The nearest event of /spikes/<group> in a lane after `tick` (direction 1), or before it (-1); nothing if there is
/// none.
[[nodiscard]] std::optional<tick_t> nearest_spike(const trace_reader& trace, const std::string& group,
                                                  std::uint32_t lane, tick_t tick, int direction);

}  // namespace locus
