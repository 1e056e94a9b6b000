#pragma once
/// Writing text into files.

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace locus {

/// Replaces the file's content by what `write` puts out. Throws run_error: cannot write "FILE": REASON
void write_file(const std::string& file, const std::function<void(std::ostream&)>& write);
void write_file(const std::string& file, std::string_view text);

}  // namespace locus
