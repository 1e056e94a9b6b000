#pragma once
/// Which columns of a trace's variables a reader wants to see.
///
/// A pattern is a name and, if wanted, indices: "hidden1.value.x[3]".
/// - The name is that of a variable ("hidden1.value.x"), of a population or projection (all its variables), or the end
///   of one after a dot ("value.x", "x", "value"); '*' stands for any characters. "kind:NAME" are the variables of all
///   "neurons", all "weights", or of a model ("kind:phi").
/// - Indices are neurons: [3], [0:4] (half-open), [0,2,5:9]. Of weights the first index is the postsynaptic neuron, a
///   second one the presynaptic: [2][1].

#include <span>
#include <string>
#include <vector>

#include "sim/trace/trace_reader.hpp"

namespace locus {

struct chosen_columns {
  const trace_variable* variable = nullptr;
  std::vector<std::size_t> columns;  ///< ascending, not empty
};

/// In the order of the trace; each column once. All variables if there are no patterns.
/// Throws usage_error for a pattern that matches nothing (with what there is) or that cannot be read.
[[nodiscard]] std::vector<chosen_columns> choose_columns(const trace_reader& trace,
                                                         const std::vector<std::string>& patterns);

/// "0:40": the half-open interval [0, 40); "7": [7, 8); "10:", ":40": open ended. `option` is what messages call it.
/// Throws usage_error.
[[nodiscard]] std::pair<std::int64_t, std::int64_t> parse_interval(const std::string& text, const std::string& option);

}  // namespace locus
