#pragma once
/// The one way to draw with gnuplot.
///
/// gnuplot's language can start any command of the shell, so that nothing of a file, or of a file's name, may become
/// part of a script but as a number in a data block or as gnuplot_text(). Scripts go in by standard input and pictures
/// come out by standard output: gnuplot opens no file by name.

#include <string>
#include <string_view>

namespace locus::tools {

/// A text for a script, as an expression: in single quotes, within which gnuplot reads nothing but the end, and made
/// printable (one line).
/// Where a terminal is enhanced, ^ _ @ & ~ { } still change how it looks.
[[nodiscard]] std::string gnuplot_text(std::string_view text);

/// "set output '...'" for a script that is kept, and run later by its owner. Throws usage_error for a name that cannot
/// be written in one.
[[nodiscard]] std::string gnuplot_output(const std::string& file);

/// Runs the script, which sets a terminal but no output; `file` becomes what it draws when the picture is finished.
/// Throws run_error if gnuplot is missing (with what to install) or complains.
void draw_with_gnuplot(const std::string& script, const std::string& file);

}  // namespace locus::tools
