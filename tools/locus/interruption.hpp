#pragma once
/// Ctrl-C and SIGTERM in commands that end in order: with what they have come to.

namespace locus::tools {

/// From now on the first of these signals is noted, and the second one kills.
void end_on_signals();

/// The number of the signal that came, or 0.
[[nodiscard]] int interruption() noexcept;

}  // namespace locus::tools
