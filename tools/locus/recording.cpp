#include "tools/locus/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/core/sha256.hpp"
#include "sim/core/whole_number.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/run_report.hpp"

namespace locus::tools {
namespace {

constexpr std::uint64_t usual_limit = 10'000'000'000;

/// [trace] of the netlist, or what the options say; nothing if there is no file.
std::optional<trace_description> wanted_trace(const parsed_arguments& arguments, const description& netlist) {
  trace_description trace = netlist.trace;
  if (arguments.has("trace")) trace.file = arguments.text("trace");
  if (arguments.has("no-trace") || trace.file.empty()) return std::nullopt;
  if (arguments.has("messages")) trace.messages = true;
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

}  // namespace

std::string trace_file(const parsed_arguments& arguments, const description& netlist) {
  const auto trace = wanted_trace(arguments, netlist);
  return trace ? trace->file : "";
}

trace_provenance provenance(const loaded_netlist& loaded) {
  const std::string canonical = loaded.text.canonical_text();
  sha256 hash;
  hash.update(std::as_bytes(std::span(canonical)));
  description circuit = loaded.netlist;
  circuit.trace.file.clear();  // as in the canonical text
  return {canonical, hash.hex(), weights_seed(loaded.netlist), LOCUS_VERSION, long_form(circuit)};
}

std::vector<option> recording_options() {
  return {{"trace", "FILE", "record into FILE (HDF5), instead of [trace] file; [trace] says what (netlists/README.md)"},
          {"no-trace", "", "record nothing"},
          {"messages", "", "log every message too, up to trace.messages_limit: for small circuits"},
          {"trace-limit", "SIZE",
           "refuse a trace that is larger before compression, such as 500M or 20G (default: 10G, or what is free on "
           "the disk if that is less)"},
          {"force", "", "overwrite an existing trace file or checkpoint"}};
}

std::uint64_t read_bytes(const std::string& text) {
  const std::string units = "kMGT";
  std::size_t used = 0;
  double number = -1;
  try {
    number = std::stod(text, &used);
  } catch (const std::exception&) {
  }
  double factor = 1;
  if (used > 0 && used + 1 == text.size()) {
    const std::size_t unit = units.find(text[used] == 'K' ? 'k' : text[used]);
    factor = unit == std::string::npos ? -1 : std::pow(1000.0, static_cast<double>(unit + 1));
  } else if (used != text.size()) {
    factor = -1;
  }
  if (!(number >= 0) || factor < 0 || number * factor > 1e18) {
    throw usage_error(fmt::format("\"{}\": expected a number of bytes, such as 500M, 2G or 4096", text));
  }
  return static_cast<std::uint64_t>(number * factor);
}

recording::recording(const parsed_arguments& arguments, const loaded_netlist& loaded, experiment& x) {
  std::optional<trace_description> trace = wanted_trace(arguments, loaded.netlist);
  if (!trace) return;
  // Windows may go on beyond the run; where they would begin is not searched for.
  const auto end = static_cast<std::int64_t>(std::min<std::uint64_t>(x.planned_presentations(), longest_time));
  for (window& w : trace->presentations) w = {std::min(w.first, end), std::min(w.last, end)};
  const timeline_description& timeline = loaded.netlist.timeline;
  const std::uint64_t bytes = trace_writer::predicted_bytes(x.net(), *trace, timeline, x.planned_ticks());
  check_size(arguments, *trace, bytes);
  const bool force = arguments.has("force");
  writer_ = std::make_unique<trace_writer>(x.net(), *trace, provenance(loaded), force, timeline);
  file_ = trace->file;
  print("trace: {}, at most {} before compression{}\n", file_, size_text(static_cast<double>(bytes)),
        unforeseen(*trace));
  x.sim().observe(writer_.get());
  x.on_presentation([writer = writer_.get()](const begun_presentation& p) { writer->begin(p); });
}

void recording::check_size(const parsed_arguments& arguments, const trace_description& trace,
                           std::uint64_t bytes) const {
  std::uint64_t limit = usual_limit;
  std::string which = "the limit";
  if (arguments.has("trace-limit")) {
    const std::string text = arguments.text("trace-limit");
    try {
      limit = read_bytes(text);
    } catch (const usage_error& e) {
      throw usage_error(fmt::format("--trace-limit {}", e.what()));
    }
  } else {
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

}  // namespace locus::tools
