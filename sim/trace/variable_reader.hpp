#pragma once
/// Reads recorded variables out of a simulator, in the form in which the file holds them.

#include <cstddef>
#include <vector>

#include "sim/engine/simulator.hpp"
#include "sim/trace/selection.hpp"

namespace locus {

class variable_reader {
 public:
  /// `single`: numbers are handed out as float, whatever the circuit's precision.
  variable_reader(const circuit& c, bool single);

  /// Writes the numbers of the chosen neurons ([neuron][lane]) or synapses to `to`.
  void read(const simulator& s, const recorded_variable& v, std::byte* to);

 private:
  std::size_t lanes_;
  bool native_single_;
  bool single_;
  std::vector<std::byte> scratch_;  ///< all of a variable, in the circuit's precision
};

}  // namespace locus
