#pragma once
/// What `locus run` records, by its options.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/run/recording.hpp"
#include "tools/locus/command.hpp"

namespace locus::tools {

/// --trace, --no-trace, --force, --messages, --trace-limit
[[nodiscard]] std::vector<option> recording_options();

/// A number of bytes: "500M", "2G", "1.5T", "4096". Throws usage_error.
[[nodiscard]] std::uint64_t read_bytes(const std::string& text);

/// What these options ask for. Throws usage_error.
[[nodiscard]] trace_request wanted_trace(const parsed_arguments& arguments);

}  // namespace locus::tools
