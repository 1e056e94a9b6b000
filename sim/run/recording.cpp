#include "sim/run/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/core/whole_number.hpp"

namespace locus {
namespace {

constexpr std::uint64_t usual_limit = 10'000'000'000;

/// [trace] of the netlist with what is wanted beside; nothing if there is no file.
std::optional<trace_description> wanted_trace(const trace_request& request, const description& netlist) {
  trace_description trace = netlist.trace;
  if (!request.file.empty()) trace.file = request.file;
  if (request.none || trace.file.empty()) return std::nullopt;
  if (request.messages) trace.messages = true;
  if (trace.record.empty() && trace.on_change.empty()) trace.record = {"*"};
  return trace;
}

/// "1.5 MB"
std::string size_text(double bytes) {
  const char* unit = "B";
  for (const char* larger : {"kB", "MB", "GB", "TB"}) {
    if (bytes < 1000) break;
    bytes /= 1000;
    unit = larger;
  }
  return fmt::format("{:.{}f} {}", bytes, *unit == 'B' ? 0 : 1, unit);
}

/// Whether more comes than can be told before the run.
std::string unforeseen(const trace_description& trace) { return trace.on_change.empty() ? "" : ", and what changes"; }

/// Throws usage_error for a trace that is too large.
void check_size(const trace_request& request, const trace_description& trace, std::uint64_t bytes) {
  std::uint64_t limit = request.limit.value_or(usual_limit);
  std::string which = "the limit";
  if (!request.limit) {
    std::error_code unknown;
    const auto folder = std::filesystem::absolute(trace.file, unknown).parent_path();
    const auto space = std::filesystem::space(folder, unknown);
    if (!unknown && space.available < limit) {
      limit = space.available;
      which = "what is free on its disk";
    }
  }
  if (bytes <= limit) return;
  throw usage_error(
      trace.at,
      fmt::format("trace file \"{}\" could take {} before compression, more than {}, {}: record less (record, "
                  "every, until, presentations, on_change, precision = \"f32\") or set --trace-limit",
                  trace.file, size_text(static_cast<double>(bytes)), which, size_text(static_cast<double>(limit))));
}

}  // namespace

std::string file_of_trace(const trace_request& request, const description& netlist) {
  const auto trace = wanted_trace(request, netlist);
  return trace ? trace->file : "";
}

bool records_synapses(const trace_request& request, const description& netlist) {
  const auto trace = wanted_trace(request, netlist);
  return trace && records_synapses(outline_circuit(netlist), *trace);
}

recording::recording(const trace_request& request, const loaded_netlist& loaded, experiment& x) {
  std::optional<trace_description> trace = wanted_trace(request, loaded.netlist);
  if (!trace) return;
  // Windows may go on beyond the run; where they would begin is not searched for.
  const auto end = static_cast<std::int64_t>(std::min<std::uint64_t>(x.planned_presentations(), longest_time));
  for (window& w : trace->presentations) w = {std::min(w.first, end), std::min(w.last, end)};
  const timeline_description& timeline = loaded.netlist.timeline;
  const std::uint64_t bytes = trace_writer::predicted_bytes(x.net(), *trace, timeline, x.planned_ticks());
  check_size(request, *trace, bytes);
  writer_ = std::make_unique<trace_writer>(x.net(), *trace, provenance(loaded), request.force, timeline);
  file_ = trace->file;
  size_ = fmt::format("at most {} before compression{}", size_text(static_cast<double>(bytes)), unforeseen(*trace));
  x.sim().observe(writer_.get());
  x.on_presentation([writer = writer_.get()](const begun_presentation& p) { writer->begin(p); });
}

run_result recording::run(experiment& x) {
  if (!writer_) return x.run();
  try {
    run_result result = x.run();
    if (result.stopped) writer_->abort("interrupted by the user", x.sim().now());
    else writer_->close();
    return result;
  } catch (const nonfinite_error& e) {
    writer_->abort("non-finite number: " + e.where(), x.sim().now());
    throw;
  } catch (const std::exception& e) {
    writer_->abort((writer_->failed() ? "write error: " : "") + std::string(e.what()), x.sim().now());
    throw;
  }
}

}  // namespace locus
