#pragma once
/// Group `0` of a population of nodes or edges: what each of them is and has. All functions require that the caller
/// holds an hdf5::session.

#include <cstdint>
#include <string>

#include "sim/core/catalogue.hpp"
#include "sim/core/hdf5.hpp"

namespace locus::sonata {

/// An attribute of `count` nodes or edges that all have the same text: unsigned indices into `@library/<name>`.
void write_same_text(const hdf5::object& group, const std::string& name, const std::string& text, std::uint64_t count);

/// The parameters of a model, the same `count` times: numbers (float64) and flags (uint8) as `dynamics_params/<name>`,
/// names ("tanh") as write_same_text(); a "_" follows where `group` has the name already.
void write_parameters(const hdf5::object& group, const model_declaration& model, const parameter_block& parameters,
                      std::uint64_t count);

}  // namespace locus::sonata
