/// A netlist's text, by way of the templates and the long form to the outline of a circuit.

#include "tests/fuzz/writing.hpp"

using namespace locus;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (fuzzing::may_name_models(fuzzing::text_of(data, size))) return 0;
  description netlist;
  const bool read = fuzzing::accepted([&] {
    const document text = document::from_text(fuzzing::text_of(data, size), "fuzzed");
    netlist = read_netlist(text, all_templates());
    (void)text.canonical_text();
  });
  if (read) fuzzing::write_and_outline(netlist);
  return 0;
}
