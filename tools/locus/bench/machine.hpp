#pragma once
/// What a measurement has to say of where it was made.

#include <nlohmann/json_fwd.hpp>

namespace locus::bench {

/// Processor, cores, instruction set of the kernels, compiler, OpenBLAS, load at the start.
[[nodiscard]] nlohmann::json machine_json();

/// The same for people, with a warning if others use the machine.
void print_machine();

}  // namespace locus::bench
