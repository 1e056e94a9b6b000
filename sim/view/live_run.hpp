#pragma once
/// A run of a netlist that can be held, stepped and interfered with, in a thread of its own. What it does by itself is
/// what `locus run` does, to the bit.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/run/loading.hpp"
#include "sim/trace/trace_reader.hpp"
#include "sim/view/tick_ring.hpp"
#include "sim/why/history.hpp"
#include "sim/why/locality.hpp"

namespace locus {

/// Any number of threads may use it, each through a visit, while which the run stands still between two ticks.
class live_run : private tick_observer {
 public:
  enum class goal { none, change, spike, weight, presentation };

  /// Builds the circuit and runs its first tick. Throws usage_error, run_error. Requires: no other threads run (the
  /// netlist may name HDF5 files).
  explicit live_run(document netlist);
  ~live_run() override;

  /// While it lives, the run stands still.
  class visit {
   public:
    explicit visit(live_run& run);
    ~visit();
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

   private:
    friend class live_run;
    live_run& run_;
    std::unique_lock<std::mutex> lock_;
  };

  // All that follows is for visitors.

  [[nodiscard]] const circuit& net() const { return experiment_->net(); }
  [[nodiscard]] const simulator& sim() const { return experiment_->sim(); }
  [[nodiscard]] const tick_ring& ring() const { return *ring_; }
  /// All that happened in the last ticks, and what the last one's learning made, for explaining it; nothing of a
  /// circuit of which a few ticks are more than is kept.
  [[nodiscard]] const history* past();
  [[nodiscard]] const locality& near() const { return *near_; }
  /// The tick before which all was computed with another parameter.
  [[nodiscard]] std::optional<tick_t> rebuilt() const { return rebuilt_; }
  [[nodiscard]] const description& netlist() const { return *netlist_; }
  [[nodiscard]] const loaded_netlist& loaded() const { return loaded_; }
  [[nodiscard]] const data_set& data() const { return data_; }
  [[nodiscard]] const std::deque<traced_presentation>& presentations() const { return presentations_; }
  [[nodiscard]] const std::deque<stimulus_window>& stimuli() const { return stimuli_; }  ///< an open one ends at now
  [[nodiscard]] const std::vector<epoch_result>& epochs() const { return epochs_; }
  [[nodiscard]] std::uint64_t presentations_seen() const { return presentations_seen_; }
  [[nodiscard]] bool running() const { return running_ || steps_ > 0 || goal_ != goal::none; }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const std::string& ended() const { return ended_; }  ///< why, if it was an error
  [[nodiscard]] std::optional<double> speed() const { return speed_; }
  struct held {
    std::size_t population = 0;
    std::vector<double> values;  ///< [neuron * lanes + lane]
    std::optional<tick_t> since;
  };
  [[nodiscard]] const std::map<std::size_t, held>& clamped() const { return clamped_; }
  /// Whether a clamp held the population from that tick on, and no stimulus of the netlist.
  [[nodiscard]] bool held_by_hand(std::size_t population, tick_t on) const;

  /// Ticks a second; nothing: as fast as it goes.
  void run(std::optional<double> speed);
  void pause();
  /// Waits until that many ticks have run, a second at most.
  void step(visit& here, std::uint64_t ticks);
  /// Runs until the next tick in which that happens; waits for it, a second at most.
  void step_to(visit& here, goal what);
  void perturb(output_id field, std::size_t neuron, std::size_t lane, double value);
  void clamp(std::size_t population, std::vector<double> values);
  void release(std::size_t population);
  /// The rest of the run with another value of a parameter, from the end of the presentation that is under way, to
  /// which it goes. Throws usage_error, as building the circuit does. Waits until it is so, ten seconds at most;
  /// returns whether it is.
  bool set_parameter(visit& here, const std::string& entity, const parameter_setting& setting);

 private:
  void on_tick(tick_t tick, const simulator& s) override;
  void on_quiet(tick_t first, tick_t last, const simulator& s) override;
  void note_stimuli(tick_t tick, const simulator& s);
  void work();
  void build();
  void remember();
  bool gate();
  void let_others_in();
  void keep_clamps();
  void stand(const std::function<bool()>& until, visit& here, std::chrono::milliseconds most);
  [[nodiscard]] bool free_to_go() const { return quit_ || changing_ || running_ || steps_ > 0 || goal_ != goal::none; }

  loaded_netlist loaded_;
  std::unique_ptr<description> netlist_;
  data_set data_;
  std::unique_ptr<experiment> experiment_;
  std::unique_ptr<tick_ring> ring_;
  std::unique_ptr<history> past_;
  std::unique_ptr<locality> near_;
  std::optional<tick_t> rebuilt_;
  std::deque<traced_presentation> presentations_;
  std::uint64_t presentations_seen_ = 0;
  std::deque<stimulus_window> stimuli_;
  std::map<std::size_t, tick_t> stimulated_since_;
  std::vector<epoch_result> epochs_;
  std::map<std::size_t, held> clamped_;
  std::deque<std::pair<std::size_t, tick_t>> by_hand_;  ///< population, and when a clamp took it

  std::mutex mutex_;
  std::unique_lock<std::mutex> own_;  ///< of the thread
  std::condition_variable changed_;
  std::atomic<int> visitors_{0};
  bool presenting_ = false;  ///< otherwise it is being tested
  bool running_ = false, parked_ = false, done_ = false, quit_ = false;
  std::uint64_t steps_ = 1;
  goal goal_ = goal::none;
  std::optional<double> speed_;
  std::chrono::steady_clock::time_point due_;
  std::unique_ptr<description> next_;  ///< what the run goes on with
  bool changing_ = false;
  archive_memory kept_;
  std::string ended_;
  std::thread thread_;
};

}  // namespace locus
