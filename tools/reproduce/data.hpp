#pragma once
/// Data sets that must be fetched before a target can use them.

#include <string>

namespace locus::tools {

/// Whether `stimuli.data = source` can be read: false for a set that has not been fetched.
[[nodiscard]] bool has_data(const std::string& source);

/// Says on stderr that something is left out for want of a data set, and how to fetch it. `instead`: what is used in
/// its place; empty: nothing.
void say_missing(const std::string& source, const std::string& instead = {});

}  // namespace locus::tools
