#include "tools/locus/recording.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/core/errors.hpp"

namespace locus::tools {

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

trace_request wanted_trace(const parsed_arguments& arguments) {
  trace_request request{arguments.has("no-trace"), arguments.text("trace"), arguments.has("messages"),
                        arguments.has("force"), std::nullopt};
  if (!arguments.has("trace-limit")) return request;
  try {
    request.limit = read_bytes(arguments.text("trace-limit"));
  } catch (const usage_error& e) {
    throw usage_error(fmt::format("--trace-limit {}", e.what()));
  }
  return request;
}

}  // namespace locus::tools
