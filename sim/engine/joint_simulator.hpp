#pragma once
/// A circuit that several processes run together, each its part of it. Rank 0 has a simulator like any other: what is
/// asked of it, it tells the other ranks, which do the same. So only rank 0 needs data, writes traces and results, and
/// decides anything; the others serve.

#include <functional>
#include <memory>

#include "sim/core/rank_group.hpp"
#include "sim/engine/simulator.hpp"

namespace locus {

/// The simulator of one process: of its part, where there are several.
[[nodiscard]] std::unique_ptr<simulator> make_simulation(const circuit& c, const simulator_options& options);

/// Rank 0's. The others must be in serve_ranks() for a circuit of the same netlist. `options.ranks` must live as long.
[[nodiscard]] std::unique_ptr<simulator> make_joint_simulator(const circuit& c, const simulator_options& options);

/// The part of the other ranks: makes and runs simulators as rank 0 says, until rank 0 says that it is done
/// (dismiss_ranks), or its group ends everything. `circuit_of`: called once, when rank 0 has its first simulator. What
/// goes wrong in a tick goes wrong on all ranks, and is reported by rank 0.
void serve_ranks(const std::function<circuit()>& circuit_of, const simulator_options& options);

/// At the end of rank 0.
void dismiss_ranks(rank_group& ranks);

}  // namespace locus
