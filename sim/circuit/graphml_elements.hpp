#pragma once
/// The elements of a GraphML file, one after the other: XML with typed data.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"

namespace locus {

enum class graphml_kind { graph, node, edge };

/// A vertex, an edge, or what is said of the whole graph.
struct graphml_element {
  struct datum {
    std::string name, type;  ///< attr.name and attr.type of its key
    std::string text;
  };

  graphml_kind kind = graphml_kind::graph;
  std::string id;              ///< of a vertex
  std::string source, target;  ///< of an edge: ids of vertices
  std::vector<datum> data;
  source_position at;

  /// The text of a datum, or null.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  /// Throws usage_error: "FILE:LINE: node \"n3\" MESSAGE".
  [[noreturn]] void fail(const std::string& message) const;
};

/// Calls `each` for the elements in the order in which they end; a graph ends after what is in it. Throws usage_error
/// with file and line for what is no XML or no GraphML, and what `each` throws.
void read_graphml_elements(std::string_view text, const std::string& file,
                           const std::function<void(const graphml_element&)>& each);

}  // namespace locus
