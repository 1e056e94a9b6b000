#pragma once
/// The parts of read_netlist that the files of this folder share. Private to sim/netlist.

#include <cstdint>
#include <string_view>

#include "sim/netlist/description.hpp"
#include "sim/netlist/document.hpp"

namespace locus::detail {

/// A whole number of the description's 32-bit kind.
[[nodiscard]] std::uint32_t read_count(const section& table, std::string_view key, std::int64_t at_least,
                                       std::int64_t otherwise);
[[nodiscard]] std::uint32_t read_count(const section& table, std::string_view key, std::int64_t at_least);

/// A seed: a whole number >= 0.
[[nodiscard]] std::uint64_t read_seed(const section& table, std::string_view key, std::uint64_t otherwise);

/// Reads the tables of the long form: populations, projections and stimuli.
void read_long_form(const section& root, description& out);

}  // namespace locus::detail
