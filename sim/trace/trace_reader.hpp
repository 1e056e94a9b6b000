#pragma once
/// A trace file, opened for reading: what was recorded, of which circuit, with which settings.
/// The numbers themselves are read by value_stream (variables), and by read_spikes() and message_log below.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/hdf5.hpp"
#include "sim/core/tick.hpp"

namespace locus {

/// The root attributes.
struct trace_facts {
  std::int64_t format_version = 0;
  std::string netlist;  ///< TOML, as run
  std::string netlist_sha256;
  std::string seed;       ///< a whole number
  std::string precision;  ///< "f32" or "f64"
  std::string version;    ///< of the program
  std::uint32_t lanes = 1;
  std::int64_t every = 1;  ///< ticks from frame to frame
  bool complete = false;   ///< the run went to its end
  std::string ended;       ///< why it ended; "" if the file does not say
  std::optional<tick_t> ended_tick;
};

struct traced_population {
  std::string name, model, title, equation;
  std::int64_t size = 0;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< name, value
};

struct traced_projection {
  std::string name, from, to, synapse, shape;
  std::int64_t connections = 0;
  std::int64_t delay = 0;  ///< ticks
};

/// frames: /trace, all values of each recorded tick; changes: /changes, values when they change.
enum class trace_storage { frames, changes };

/// A variable of a population, or the weights of a projection. Its values have one column a neuron or synapse.
struct trace_variable {
  std::string group;  ///< "hidden1.value"
  std::string name;   ///< "x"
  trace_storage storage = trace_storage::frames;
  std::string model, units, long_name;
  std::vector<std::uint32_t> neurons;  ///< [column] which neuron; of a synapse the postsynaptic one
  std::vector<std::uint32_t> sources;  ///< [column] of a synapse the presynaptic neuron; empty for populations
  std::vector<std::uint32_t> indices;  ///< [column] in a list of changes, ascending; empty for frames
  std::uint32_t lanes = 1;
  std::uint64_t rows = 0;  ///< frames, or changes
  bool weights = false;    ///< of a projection

  [[nodiscard]] std::size_t columns() const noexcept { return neurons.size(); }
  [[nodiscard]] std::string full_name() const { return group + "." + name; }
  /// "/trace/hidden1.value/x"
  [[nodiscard]] std::string path() const;
  /// "hidden1.value.x[3]", "hidden1.forward.theta[2][1]" (post, pre)
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

  /// The variable of that name, or null.
  [[nodiscard]] const trace_variable* find(std::string_view full_name) const noexcept;

 private:
  void read_facts();
  void read_circuit();
  void read_frames();
  void add_variables(const std::string& group, const std::string& model, bool projection);
  void add_frames_of(const std::string& group, const std::string& model, bool projection);
  void add_changes_of(const std::string& group, const std::string& model, bool projection);
  [[nodiscard]] std::vector<std::uint32_t> ends_of(const std::string& path, const std::vector<std::uint32_t>& synapses);
  void read_spike_lists();
  void note_extent(tick_t first, tick_t last);

  hdf5::object file_;
  trace_facts facts_;
  std::vector<traced_population> populations_;
  std::vector<traced_projection> projections_;
  std::vector<trace_variable> variables_;
  std::vector<spike_list_info> spikes_;
  std::vector<tick_t> frames_;
  std::pair<tick_t, tick_t> extent_ = {0, 0};
};

/// The events of /spikes/<group> in [from, until), the first `most` of them.
[[nodiscard]] std::vector<spike_event> read_spikes(const trace_reader& trace, const std::string& group, tick_t from,
                                                   tick_t until, std::size_t most);

}  // namespace locus
