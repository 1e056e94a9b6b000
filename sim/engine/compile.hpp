#pragma once
/// From a rule to the program that kernels interpret.

#include <cstddef>
#include <memory>
#include <vector>

#include "sim/engine/program.hpp"
#include "sim/rules/graph.hpp"

namespace locus {

/// A program, with what its view looks into.
template <class P>
struct program {
  std::vector<instruction> code;
  std::vector<P> constants;         ///< [constant][16]
  std::vector<frame_place> result;  ///< [result]
  std::size_t registers = 0;
};

/// Compiles a rule whose parameters are constants (rules::specialised). `ports`: the numbers that it reads as ports, in
/// the order of the frame. `results`: how many results it has, at least as many as fields; those of fields that the
/// rule does not assign are the fields.
template <class P>
[[nodiscard]] program<P> compiled(const rules::rule& r, std::size_t fields, const std::vector<std::size_t>& ports,
                                  std::size_t results);

/// Programs that stay where they are.
template <class P>
class program_store {
 public:
  program_view<P> keep(program<P> made, std::size_t fields, std::size_t ports) {
    kept_.push_back(std::make_unique<program<P>>(std::move(made)));
    const program<P>& p = *kept_.back();
    return {p.code.data(), p.code.size(),      fields,         ports, p.constants.size() / panel_width,
            p.registers,   p.constants.data(), p.result.data()};
  }

 private:
  std::vector<std::unique_ptr<program<P>>> kept_;
};

}  // namespace locus
