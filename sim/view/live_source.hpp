#pragma once
/// Answers questions about a netlist that runs, and lets it be interfered with.

#include <functional>

#include "sim/view/circuit_questions.hpp"
#include "sim/view/live_run.hpp"

namespace locus {

/// Any number of threads may ask.
class live_source : public circuit_questions {
 public:
  /// Throws as live_run.
  explicit live_source(document netlist) : run_(std::move(netlist)) {}

  [[nodiscard]] view_answer answer(const view_query& query) override;

  /// The netlist as it runs now, in its long form.
  [[nodiscard]] std::string long_form_now();

 private:
  using visit = live_run::visit;
  [[nodiscard]] view_answer change(const view_query& query);

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
  [[nodiscard]] view_answer state();

  [[nodiscard]] const ring_variable& variable(std::string_view name) const;
  [[nodiscard]] std::size_t population(std::string_view name) const;
  [[nodiscard]] std::uint32_t lane(const query_reader& asked) const;

  live_run run_;
};

}  // namespace locus
