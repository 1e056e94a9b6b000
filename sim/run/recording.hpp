#pragma once
/// The trace of a run, from its start to whatever end.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sim/experiment/experiment.hpp"
#include "sim/run/loading.hpp"
#include "sim/trace/trace_writer.hpp"

namespace locus {

/// What is wanted beside what [trace] of the netlist says.
struct trace_request {
  bool none = false;      ///< whatever the netlist says
  std::string file = {};  ///< "": the netlist's
  bool messages = false;
  bool force = false;                       ///< overwrite the file
  std::optional<std::uint64_t> limit = {};  ///< bytes before compression; none: 10 GB, or what is free on the disk
};

/// The file that a run records into, or "".
[[nodiscard]] std::string file_of_trace(const trace_request& request, const description& netlist);

/// Whether the trace will record something of synapses.
[[nodiscard]] bool records_synapses(const trace_request& request, const description& netlist);

/// The trace of a run, or none.
class recording {
 public:
  /// Makes the file, if one is wanted. Throws usage_error if it would be larger than the limit, and as trace_writer.
  recording(const trace_request& request, const loaded_netlist& loaded, experiment& x);

  /// Name of the file, or "".
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

  /// "at most 1.5 MB before compression", or "".
  [[nodiscard]] const std::string& size() const noexcept { return size_; }

  /// x.run(), and its end noted in the trace. What it throws is thrown on.
  run_result run(experiment& x);

 private:
  std::string file_, size_;
  std::unique_ptr<trace_writer> writer_;
};

}  // namespace locus
