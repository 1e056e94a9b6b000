#pragma once
/// The file of a trace: made with all its groups and empty datasets, extended block by block.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/trace/block_queue.hpp"
#include "sim/trace/layout.hpp"

namespace locus {

/// What a trace says of the run that it comes from.
struct trace_provenance {
  std::string netlist;         ///< text, as run
  std::string netlist_sha256;  ///< of that text
  std::uint64_t seed = 0;
  std::string version;  ///< of the program
};

/// Invariant: after each function, even one that throws, the file on disk is valid. One thread at a time.
class trace_file {
 public:
  /// Throws usage_error if the file exists (unless `force`) or its folder is none that can be written to.
  trace_file(const circuit& c, const trace_description& trace, const trace_provenance& run, const trace_layout& layout,
             bool force);
  ~trace_file();
  trace_file(const trace_file&) = delete;
  trace_file& operator=(const trace_file&) = delete;

  /// Throws run_error if that fails (a full disk); then the file keeps what it had, and the other functions do nothing.
  void append(const trace_block& block);

  /// Closes the file, with complete = 1.
  void complete();

  /// Closes the file as it is, with the reason why it is not complete, if one is given.
  void end(std::string_view reason);

 private:
  void write_root(const circuit& c, const trace_provenance& run);
  void make_columns(const circuit& c);
  void make_spikes();
  void close();
  void drop_datasets() noexcept;
  void write(const trace_block& block);
  void abandon() noexcept;

  const trace_layout& layout_;
  hdf5::object file_;
  hdf5::object tick_;
  std::vector<hdf5::object> columns_;
  struct spike_datasets {
    hdf5::object timestamps, nodes, lanes;
  };
  std::vector<spike_datasets> spikes_;
};

}  // namespace locus
