#pragma once
/// Records a run into an HDF5 file. The format is described in sim/trace/README.md.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sim/engine/simulator.hpp"
#include "sim/trace/block_queue.hpp"
#include "sim/trace/layout.hpp"
#include "sim/trace/trace_file.hpp"

namespace locus {

/// Observes a simulator and writes what it sees from a thread of its own, in bounded memory.
///
/// A writer that is destroyed before close() leaves a valid file with complete = 0. Errors of the writing thread (a
/// full disk) are thrown by the next on_tick(), on_quiet() or close(). Used by one thread; `c` must outlive it.
class trace_writer : public tick_observer {
 public:
  /// Makes the file. Throws usage_error if that exists (unless `force`), if its folder is none that can be written to,
  /// or if a pattern of `trace.record` matches nothing.
  trace_writer(const circuit& c, const trace_description& trace, const trace_provenance& run, bool force);
  ~trace_writer() override;
  trace_writer(const trace_writer&) = delete;
  trace_writer& operator=(const trace_writer&) = delete;

  void on_tick(tick_t tick, const simulator& s) override;
  void on_quiet(tick_t first, tick_t last, const simulator& s) override;

  /// Writes what is left and marks the trace as complete.
  void close();

  /// Writes what is left, if that is possible, and notes why the run ended; complete stays 0.
  void abort(std::string_view reason) noexcept;

  /// Frames recorded so far.
  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }

  /// Size of a trace of `ticks` ticks before compression. Throws usage_error as the constructor does for patterns.
  [[nodiscard]] static std::uint64_t predicted_bytes(const circuit& c, const trace_description& trace,
                                                     std::uint64_t ticks);

 private:
  void write_blocks() noexcept;
  void read_row(const simulator& s);
  void add_frame(tick_t tick);
  void find_events(const simulator& s);
  void add_events(tick_t tick);
  void hand_over();
  void hand_over_events();
  void stop_thread();

  /// An event of the tick at hand.
  struct event {
    std::uint64_t node;
    std::uint32_t lane;
  };

  trace_layout layout_;
  trace_file file_;
  block_queue queue_;
  block_queue::block block_;                ///< being filled
  std::vector<std::byte> row_;              ///< one frame, column after column
  std::vector<std::byte> field_;            ///< one event variable
  std::vector<std::vector<event>> events_;  ///< of one tick, one list a spike_column
  std::uint64_t frames_ = 0;
  bool open_ = true;
  std::thread thread_;
};

}  // namespace locus
