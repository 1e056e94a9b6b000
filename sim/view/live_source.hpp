#pragma once
/// Answers questions about a netlist that runs, and lets it be interfered with.

#include <functional>

#include "sim/view/live_run.hpp"
#include "sim/view/query_reader.hpp"
#include "sim/view/view_source.hpp"

namespace locus {

/// Any number of threads may ask.
class live_source : public view_source {
 public:
  /// Throws as live_run.
  explicit live_source(document netlist) : run_(std::move(netlist)) {}

  [[nodiscard]] view_answer answer(const view_query& query) override;

  /// The netlist as it runs now, in its long form.
  [[nodiscard]] std::string long_form_now();

 private:
  using visit = live_run::visit;
  [[nodiscard]] view_answer read(const view_query& query);
  [[nodiscard]] view_answer change(const view_query& query);

  [[nodiscard]] view_answer info();
  [[nodiscard]] view_answer state();
  [[nodiscard]] view_answer values(const query_reader& asked);
  [[nodiscard]] view_answer tick(const query_reader& asked);
  [[nodiscard]] view_answer spikes(const query_reader& asked);
  [[nodiscard]] view_answer stimuli(const query_reader& asked);
  [[nodiscard]] view_answer presentations(const query_reader& asked);
  [[nodiscard]] view_answer next(const query_reader& asked);
  [[nodiscard]] view_answer search(const query_reader& asked);
  [[nodiscard]] view_answer neuron(const query_reader& asked);
  [[nodiscard]] view_answer weights(const query_reader& asked);
  [[nodiscard]] view_answer curves();

  [[nodiscard]] const ring_variable& variable(std::string_view name) const;
  [[nodiscard]] std::size_t population(std::string_view name) const;
  [[nodiscard]] std::uint32_t lane(const query_reader& asked) const;

  live_run run_;
};

}  // namespace locus
