#pragma once
/// The rules of a text model as programs for kernels that interpret them block by block: plain records, so that kernels
/// of any instruction set can read them.
///
/// A program works on a frame of places, each of which holds one number for every neuron and lane of a block: first the
/// fields as they were, then the ports, then what is imposed, then constants, then registers. Its instructions write
/// registers; when all have run, the results are in the places that `result` names.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/engine/kernels.hpp"
#include "sim/rules/graph.hpp"

namespace locus {

using frame_place = std::uint32_t;

/// What becomes of the places a, b, c, e in place d. Conditions are numbers, 1 or 0. A comparison is one of a and b.
struct instruction {
  enum class kind : std::uint8_t {
    number,      ///< op(a, b, c)
    comparison,  ///< a op b
    copy,        ///< a
    both,        ///< a and b
    both_by,     ///< (a op b) and c
    either,      ///< a or b
    either_by,   ///< (a op b) or c
    opposite,    ///< not a
    choose,      ///< if(a, b, c)
    choose_by,   ///< if(a op b, c, e)
    activate,    ///< f(a)
    slope        ///< f'(a), given b = f(a)
  };
  kind what = kind::number;
  rules::operation op = rules::operation::add;
  bool negated = false;    ///< comparison, both_by, either_by: not (a op b) in its place
  std::uint8_t index = 0;  ///< activate, slope: which activation
  frame_place d = 0, a = 0, b = 0, c = 0, e = 0;
};

/// What kernels see of a program.
template <class P>
struct program_view {
  const instruction* code = nullptr;
  std::size_t length = 0;
  std::size_t fields = 0;  ///< of the model
  std::size_t ports = 0;   ///< of the phase
  std::size_t constants = 0;
  std::size_t registers = 0;
  const P* constant_values = nullptr;   ///< [constant][16], each the same
  const frame_place* result = nullptr;  ///< [field]

  [[nodiscard]] std::size_t first_port() const noexcept { return fields; }
  [[nodiscard]] std::size_t imposed() const noexcept { return fields + ports; }
  [[nodiscard]] std::size_t first_constant() const noexcept { return imposed() + 1; }
  [[nodiscard]] std::size_t first_register() const noexcept { return first_constant() + constants; }
};

/// A field as a sweep treats it.
struct field_duty {
  std::uint8_t by = 0;  ///< 1 + writer
  bool sent = false;
  bool event = false;
};

/// What a kernel needs of a text model and its parameters.
template <class P>
struct neuron_programs {
  std::size_t fields = 0;
  std::array<field_duty, max_fields> duties{};
  bool clamp_is_total = false;
  program_view<P> advance[2][2];  ///< [with step][with clamp]
  std::array<program_view<P>, max_reactions> react{};
};

/// The programs of a text model, given its parameter block; made when they are first asked for.
template <class P>
[[nodiscard]] const neuron_programs<P>& programs_of(const void* params);

/// Blocks are of so many numbers that all registers together take no more, unless a program has too many of them for
/// blocks of 16.
inline constexpr std::size_t register_bytes = std::size_t{1} << 16;

}  // namespace locus
