#pragma once
/// What must hold of every netlist that is accepted.

#include "models/templates/catalogue.hpp"
#include "sim/circuit/circuit.hpp"
#include "sim/netlist/netlist.hpp"
#include "tests/fuzz/target.hpp"

namespace locus::fuzzing {

/// A netlist that was read is written, read again and written the same; then its circuit is outlined.
inline void write_and_outline(const description& netlist) {
  const std::string written = long_form(netlist);
  std::string again;
  const bool read =
      accepted([&] { again = long_form(read_netlist(document::from_text(written, "long"), all_templates())); });
  require(read, "a long form that was written can be read", written);
  require(again == written, "a long form that is read is written the same", written + "\n=====\n" + again);
  accepted([&] { (void)outline_circuit(netlist); });
}

}  // namespace locus::fuzzing
