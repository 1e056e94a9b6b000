#pragma once
/// Answers questions about a trace.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/recorded_circuit.hpp"
#include "sim/trace/trace_reader.hpp"
#include "sim/view/circuit_questions.hpp"
#include "sim/view/trace_values.hpp"

namespace locus {

/// Reads only what is asked for. One thread at a time. Files may be damaged in ways that the HDF5 library does not
/// survive: who must survive asks it in another process (isolated_trace).
class trace_source : public circuit_questions {
 public:
  /// `second`: a trace to compare with, or "". Throws run_error if a file cannot be read.
  explicit trace_source(const std::string& file, const std::string& second = {});
  ~trace_source() override;

  [[nodiscard]] view_answer answer(const view_query& query) override;

  [[nodiscard]] const trace_reader& trace() const noexcept { return trace_; }

 private:
  [[nodiscard]] view_answer info() override;
  [[nodiscard]] view_answer overview(const query_reader& asked) override;
  [[nodiscard]] view_answer values(const query_reader& asked) override;
  [[nodiscard]] view_answer tick(const query_reader& asked) override;
  [[nodiscard]] view_answer spikes(const query_reader& asked) override;
  [[nodiscard]] view_answer stimuli(const query_reader& asked) override;
  [[nodiscard]] view_answer presentations(const query_reader& asked) override;
  [[nodiscard]] view_answer next(const query_reader& asked) override;
  [[nodiscard]] view_answer search(const query_reader& asked) override;
  [[nodiscard]] view_answer neuron(const query_reader& asked) override;
  [[nodiscard]] view_answer weights(const query_reader& asked) override;
  [[nodiscard]] view_answer curves(const query_reader& asked) override;
  [[nodiscard]] view_answer why(const query_reader& asked) override;
  [[nodiscard]] view_answer whys(const query_reader& asked) override;
  [[nodiscard]] view_answer diff() override;
  [[nodiscard]] view_answer netlist() override;

  [[nodiscard]] const trace_variable& variable(std::string_view name) const;
  [[nodiscard]] const trace_variable& weights_of(std::string_view projection) const;
  [[nodiscard]] std::uint32_t lane(const query_reader& asked) const;
  [[nodiscard]] window extent() const { return {trace_.extent().first, trace_.extent().second}; }
  /// The number of the first presentation of the list that begins after `tick`.
  [[nodiscard]] std::uint64_t presentations_until(tick_t tick) const;
  [[nodiscard]] std::optional<tick_t> next_tick(tick_t tick, int direction) const;
  [[nodiscard]] std::optional<tick_t> next_presentation(tick_t tick, int direction) const;
  /// Names of the events that happened in a window, of which anybody would ask first, of all projections and
  /// populations in turn.
  [[nodiscard]] std::vector<std::string> events_in(const window& ticks, std::size_t most);
  [[nodiscard]] const circuit& net();

  trace_reader trace_;
  std::string second_;
  trace_values values_;
  std::unique_ptr<recorded_circuit> circuit_;  ///< made when it is first needed
  std::optional<view_answer> difference_;
};

}  // namespace locus
