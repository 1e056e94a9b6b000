#pragma once
/// What the commands share that write SONATA.

#include <string>

#include "sim/sonata/circuit_export.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/progress.hpp"

namespace locus::tools {

/// --sonata DIR, --force
[[nodiscard]] std::vector<option> sonata_options();
[[nodiscard]] bool wants_sonata(const parsed_arguments& arguments);

/// The folder that --sonata names. Requires: wants_sonata().
[[nodiscard]] sonata::output_folder open_sonata_folder(const parsed_arguments& arguments);

/// Requires: `line` outlives the result.
[[nodiscard]] sonata::progress shown_on(progress_line& line);

/// sonata::write_circuit() with a progress line. Returns a line that says what was written, for after folder.commit().
[[nodiscard]] std::string write_sonata_circuit(sonata::output_folder& folder, const circuit& c,
                                               const sonata::weights_of_projection& weights,
                                               const sonata::origin& from);

}  // namespace locus::tools
