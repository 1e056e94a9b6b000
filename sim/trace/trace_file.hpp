#pragma once
/// The file of a trace: made with all its groups and empty datasets, extended block by block.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/trace/block_queue.hpp"
#include "sim/trace/chunk_packer.hpp"
#include "sim/trace/layout.hpp"
#include "sim/trace/overview.hpp"
#include "sim/trace/table_recorder.hpp"
#include "sim/trace/trace_datasets.hpp"

namespace locus {

/// What a trace says of the run that it comes from.
struct trace_provenance {
  std::string netlist;         ///< text, as run
  std::string netlist_sha256;  ///< of that text
  std::uint64_t seed = 0;
  std::string version;         ///< of the program
  std::string long_form = {};  ///< the netlist's: says what the circuit was without the program's templates
};

using recorder_list = std::vector<std::unique_ptr<table_recorder>>;

/// Invariant: whatever happens, the file on disk is valid and holds the blocks that were appended; it gets its name
/// when it is valid. One thread at a time, but for failed().
class trace_file {
 public:
  /// Throws usage_error if the file exists (unless `force`) or its folder is none that can be written to. `layout` and
  /// `recorders` must outlive it.
  trace_file(const circuit& c, const trace_description& trace, const trace_provenance& run, const trace_layout& layout,
             const recorder_list& recorders, bool force);
  ~trace_file();
  trace_file(const trace_file&) = delete;
  trace_file& operator=(const trace_file&) = delete;

  /// Throws run_error if that fails (a full disk); then the file keeps the blocks before, and takes no more.
  void append(const trace_block& block);

  /// Notes why the run ended, and before which tick, and closes the file. Throws run_error if that fails.
  void end(std::string_view reason, tick_t tick, bool complete);

  /// Whether append() has failed.
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  using any_overview = std::variant<overview<float>, overview<double>>;
  struct column_datasets {
    hdf5::object frames;
    extremes_datasets extremes;
    any_overview overview;
  };

  void write_root(const circuit& c, const trace_provenance& run);
  void make_datasets(const circuit& c);
  void write(const trace_block& block);
  void write_frames(const trace_block& block);
  void write_column(column_datasets& column, const trace_column& layout, const std::byte* values, std::size_t frames,
                    const std::vector<trace_block::kept_chunk>* packed);
  void write_extremes(column_datasets& column) const;
  void write_tables(const trace_block& block);
  void finish_overviews();
  void note_end(std::string_view reason, tick_t tick, bool complete) const;
  void drop_datasets() noexcept;

  const trace_layout& layout_;
  const recorder_list& recorders_;
  std::string path_;
  std::atomic<bool> failed_ = false;
  hdf5::object file_;
  hdf5::object tick_;
  std::vector<column_datasets> columns_;
  std::vector<std::vector<hdf5::object>> tables_;
  chunk_packer packer_;
};

}  // namespace locus
