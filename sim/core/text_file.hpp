#pragma once
/// Files of text: reading them, and writing text into them.

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "sim/core/atomic_file.hpp"

namespace locus {

/// What a file holds; `what` it is, for errors. Throws usage_error: cannot read WHAT "FILE": REASON
[[nodiscard]] std::string read_file(const std::string& path, std::string_view what);

/// What `write` puts out becomes the file's content, whole or not at all (atomic_file.hpp); a device or a pipe is
/// written to. Throws run_error: cannot write "FILE": REASON
void write_file(const std::string& file, const std::function<void(std::ostream&)>& write);
void write_file(const std::string& file, std::string_view text);

/// The same for what has its place already, but without place.commit().
void write_file(const atomic_file& place, const std::function<void(std::ostream&)>& write);
void write_file(const atomic_file& place, std::string_view text);

/// Throws what write_file() would throw at once, for those who have long to do before they write.
void check_writable(const std::string& file);

}  // namespace locus
