#pragma once
/// What `locus run` records: its options, and the trace of a run from its start to whatever end.

#include <cstdint>
#include <memory>
#include <string>

#include "sim/experiment/experiment.hpp"
#include "sim/trace/trace_writer.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/loading.hpp"

namespace locus::tools {

/// --trace, --no-trace, --force, --messages, --trace-limit
[[nodiscard]] std::vector<option> recording_options();

/// A number of bytes: "500M", "2G", "1.5T", "4096". Throws usage_error.
[[nodiscard]] std::uint64_t read_bytes(const std::string& text);

/// The file that a run records into, or "".
[[nodiscard]] std::string trace_file(const parsed_arguments& arguments, const description& netlist);

/// What the files of a run say of where they come from.
[[nodiscard]] trace_provenance provenance(const loaded_netlist& loaded);

/// The trace of a run, or none.
class recording {
 public:
  /// What the options or the netlist want, if they want any; prints its predicted size. Throws usage_error if that is
  /// beyond the limit.
  recording(const parsed_arguments& arguments, const loaded_netlist& loaded, experiment& x);

  /// Name of the file, or "".
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

  /// x.run(), and its end noted in the trace. What it throws is thrown on.
  run_result run(experiment& x);

 private:
  void check_size(const parsed_arguments& arguments, const trace_description& trace, std::uint64_t bytes) const;

  std::string file_;
  std::unique_ptr<trace_writer> writer_;
};

}  // namespace locus::tools
