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
#include "sim/trace/variable_reader.hpp"

namespace locus {

/// Observes a simulator and writes what it sees from a thread of its own, in bounded memory. Where that one cannot keep
/// pace, the simulating thread packs blocks itself instead of waiting.
///
/// A writer that is destroyed before close() leaves a valid file that does not say how the run ended. Errors of the
/// writing thread (a full disk) are thrown by the next on_tick(), on_quiet() or close(). Used by one thread; `c` must
/// outlive it.
class trace_writer : public tick_observer {
 public:
  /// Makes the file. Throws usage_error if that exists (unless `force`), if its folder is none that can be written to,
  /// or if a pattern of `trace.record` matches nothing.
  trace_writer(const circuit& c, const trace_description& trace, const trace_provenance& run, bool force,
               const timeline_description& timeline = {});
  ~trace_writer() override;
  trace_writer(const trace_writer&) = delete;
  trace_writer& operator=(const trace_writer&) = delete;

  /// To be told before the first tick of each presentation; without, the trace does not say what was presented.
  void begin(const begun_presentation& p);

  void on_tick(tick_t tick, const simulator& s) override;
  void on_quiet(tick_t first, tick_t last, const simulator& s) override;

  /// Writes what is left and marks the trace as complete.
  void close();

  /// Writes what is left, if that is possible, and notes why the run ended before tick `tick` or in it; complete stays
  /// 0. Has no effect after close().
  void abort(std::string_view reason, tick_t tick) noexcept;

  /// Whether the file could not be written.
  [[nodiscard]] bool failed() const noexcept { return file_.failed(); }

  /// Frames recorded so far.
  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }

  /// Size of a trace of `ticks` ticks before compression, but for events, changes and stimuli. Throws usage_error as
  /// the constructor does for patterns.
  [[nodiscard]] static std::uint64_t predicted_bytes(const circuit& c, const trace_description& trace,
                                                     const timeline_description& timeline, std::uint64_t ticks);

 private:
  void write_blocks() noexcept;
  [[nodiscard]] bool recorded(tick_t tick);
  void see_quiet(const window& ticks, bool recorded, const simulator& s);
  void add_frame(tick_t tick, const simulator& s);
  void repeat_frame(tick_t tick);
  void count_frame(tick_t tick);
  void hand_over();
  void hand_over_rows();
  void finish_recorders();
  void stop_thread();

  /// Calls f(recorder, its tables in the block being filled).
  template <class F>
  void each_recorder(F&& f);

  trace_layout layout_;
  recorder_list recorders_;
  std::vector<table_layout> tables_;  ///< of all recorders
  trace_file file_;
  block_queue queue_;
  block_queue::block block_;  ///< being filled
  variable_reader reader_;
  chunk_packer packer_;     ///< of the simulating thread
  std::size_t window_ = 0;  ///< the first of layout_.windows that is not over
  tick_t next_ = 0;         ///< tick after the last one seen
  std::uint64_t frames_ = 0;
  bool open_ = true;
  std::thread thread_;
};

}  // namespace locus
