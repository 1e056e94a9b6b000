#pragma once
/// What `locus run` says of a run, for people.

#include "sim/run/results.hpp"

namespace locus::tools {

void print_start(const experiment& x, const description& netlist, const run_facts& facts, const data_set& data);
void print_outcome(const run_result& r, const run_facts& facts, const circuit& c);

}  // namespace locus::tools
