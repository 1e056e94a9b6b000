#include "tools/locus/sonata_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "sim/core/grouped.hpp"

namespace locus::tools {

std::vector<option> sonata_options() {
  return {{"sonata", "DIR", "write SONATA, the exchange format of neuroscience, into a new or empty folder"},
          {"force", "", "write into a folder that has files: those of the same names are replaced"}};
}

bool wants_sonata(const parsed_arguments& arguments) { return arguments.has("sonata"); }

sonata::output_folder open_sonata_folder(const parsed_arguments& arguments) {
  return {arguments.text("sonata"), arguments.has("force")};
}

sonata::progress shown_on(progress_line& line) {
  return [&line](const std::string& what, std::uint64_t done, std::uint64_t total) { line.show(what, done, total); };
}

std::string write_sonata_circuit(sonata::output_folder& folder, const circuit& c,
                                 const sonata::weights_of_projection& weights, const sonata::origin& from) {
  std::set<std::string> origins;
  const auto noted = [&](std::size_t index) {
    sonata::edge_weights w = weights(index);
    if (c.projections[index].synapse != nullptr) origins.insert(w.from);
    return w;
  };
  progress_line line;
  sonata::write_circuit(folder, c, noted, from, shown_on(line));
  line.clear();
  std::uint64_t nodes = 0, edges = 0;
  for (const population& p : c.populations) nodes += p.size;
  for (const projection& p : c.projections) edges += c.connections(p);
  return fmt::format("wrote {}/circuit_config.json: {} nodes, {} edges{}{}", folder.path(), grouped(nodes),
                     grouped(edges), origins.empty() ? "" : "; weights: ", fmt::join(origins, ", "));
}

}  // namespace locus::tools
