#pragma once
/// The circuit of a trace, as the trace itself tells it. The models and templates of this program may have other
/// parameters by now, or other defaults, or be gone.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus {

/// For exporting: its models have names, parameters, and the fields and ports that something is connected to, but no
/// rules, so that it cannot run.
class recorded_circuit {
 public:
  /// `templates`: for files that have no long form of their netlist. Throws run_error if what the file says does not
  /// make a circuit.
  recorded_circuit(const trace_reader& trace, const template_catalogue& templates);
  recorded_circuit(const recorded_circuit&) = delete;
  recorded_circuit& operator=(const recorded_circuit&) = delete;

  [[nodiscard]] const circuit& net() const noexcept { return net_; }

 private:
  void declare_populations(const trace_reader& trace, description& netlist);
  void declare_projections(const trace_reader& trace, description& netlist);
  void declare_recorded(const trace_reader& trace, const description& netlist);
  model_declaration& model_named(const std::string& name, model_kind kind);
  model_declaration& model_of(const description& netlist, const std::string& population);
  void add_field(const description& netlist, const std::string& population, const std::string& name);
  void add_port(const description& netlist, const std::string& population, const std::string& name);
  std::string_view kept(const std::string& text) { return texts_.emplace_back(text); }

  std::deque<std::string> texts_;            ///< what the declarations look at
  std::vector<model_declaration> declared_;  ///< while it is made
  catalogue models_;
  circuit net_;
};

}  // namespace locus
