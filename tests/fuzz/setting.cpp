/// Settings as in --set, one a line, laid over a netlist that the first byte chooses.

#include <array>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/fuzz/writing.hpp"

using namespace locus;

namespace {

std::string shipped(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(LOCUS_SOURCE_DIR "/netlists/" + name + ".toml").rdbuf();
  return text.str();
}

/// Short forms, and the long form of the first: in that, settings name elements of lists.
std::array<std::string, 4> make_netlists() {
  std::array<std::string, 4> all{shipped("xor"), shipped("digits-weight-mirror"), shipped("digits-bmvr"), ""};
  all[3] = long_form(read_netlist(document::from_text(all[0], "xor"), all_templates()));
  return all;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<std::string, 4> netlists = make_netlists();
  if (size == 0 || fuzzing::may_name_models(fuzzing::text_of(data, size))) return 0;
  description netlist;
  const bool read = fuzzing::accepted([&] {
    const document text = document::from_text(netlists[data[0] % netlists.size()], "netlist",
                                              lines_of(fuzzing::text_of(data + 1, size - 1)));
    netlist = read_netlist(text, all_templates());
    (void)text.canonical_text();
  });
  if (read) fuzzing::write_and_outline(netlist);
  return 0;
}
