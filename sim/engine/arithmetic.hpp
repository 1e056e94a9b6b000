#pragma once

namespace locus {

/// Throws run_error if the thread that calls flushes subnormal numbers to zero or rounds otherwise than to nearest:
/// some libraries switch that on behind one's back, and results would differ from those of other machines. Threads that
/// are started take over the state of the one that starts them.
void check_arithmetic();

}  // namespace locus
