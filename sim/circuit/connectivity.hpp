#pragma once
/// Which pairs a sparse projection connects.

#include <cstdint>
#include <optional>
#include <string>

#include "sim/circuit/circuit.hpp"
#include "sim/circuit/edge_file.hpp"

namespace locus {

/// What makes the connections, in a few words: "window 3 x 3, stride 2 x 2", "transposed output.forward".
[[nodiscard]] std::string text_of(const connectivity& connect);

/// One-to-one, random, listed or stored connections, windows and distances, between two populations. Draws are keyed by
/// the seed and the projection's name. Throws usage_error for what does not fit the populations, and for pairs listed
/// twice; run_error if a file cannot be read, or has such. Requires: the connections are not those of another
/// projection. `kept`: the panels of targets whose connections are kept. `threads`: how many may draw at a time, 0: as
/// many as there are processors.
[[nodiscard]] sparse_connections connect_sparse(const projection_description& d, const population& before,
                                                const population& after,
                                                panel_range kept = sparse_connections::every_panel,
                                                std::size_t threads = 1);

/// How many that will be; nothing for random ones that are so few that they had better be drawn and counted, and for
/// those of a file. Throws as above.
[[nodiscard]] std::optional<sparse_size> predict_sparse(const projection_description& d, const population& before,
                                                        const population& after);

/// The delay of each connection: as listed, as a file has it, or drawn, keyed by the seed, the projection's name and
/// the neurons. `tick_ms`: milliseconds of a tick, for files that count these. Throws usage_error if the list is of
/// another length, or the file of other connections; run_error as read_delayed_pairs().
[[nodiscard]] std::vector<std::uint32_t> draw_delays(const projection_description& d,
                                                     const sparse_connections& connections, std::uint32_t sources,
                                                     double tick_ms);

/// The file of such delays.
[[nodiscard]] edge_file delay_file(const projection_description& d, std::uint32_t targets, std::uint32_t sources);

/// What they will need if they are turned round, `other` being large: how many sources each neuron has only the
/// connections tell.
[[nodiscard]] sparse_size predict_transposed(const sparse_size& other, std::uint32_t sources, std::uint32_t targets);

/// The same connections from targets to sources. `sources`: how many sources there are.
[[nodiscard]] sparse_connections transposed(const sparse_connections& other, std::uint32_t sources);

}  // namespace locus
