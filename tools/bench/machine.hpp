#pragma once
/// What a measurement has to say of where it was made.

#include <cstdio>
#include <nlohmann/json_fwd.hpp>

namespace locus::bench {

/// Processor, cores, instruction set of the kernels, compiler, OpenBLAS, load at the start.
[[nodiscard]] nlohmann::json machine_json();

/// The same for people.
void print_machine(std::FILE* out, const nlohmann::json& machine);

}  // namespace locus::bench
