#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "sim/netlist/netlist_parts.hpp"

namespace locus {

namespace {

constexpr auto connect_forms =
    "expected \"all-to-all\", \"one-to-one\", { fixed_indegree = 100 }, { probability = 0.1 } or "
    "{ post_pre = [[1, 0], ...] }";

/// The one key of `kinds` that is there; more than one contradict each other. Empty: none.
std::string kind_of(const section& owner, std::string_view key, const std::vector<std::string>& kinds) {
  const section table = owner.table(key);
  std::string found;
  for (const std::string& kind : kinds) {
    if (!table.has(kind)) continue;
    if (!found.empty()) owner.fail(key, fmt::format("\"{}\" and \"{}\" exclude each other", found, kind));
    found = kind;
  }
  return found;
}

listed_pairs read_pairs(const section& connect) {
  listed_pairs out;
  for (const auto& row : connect.whole_rows("post_pre", 0)) {
    if (row.size() != 2)
      connect.fail("post_pre", fmt::format("expected pairs [post, pre], found {} numbers", row.size()));
    for (const std::int64_t index : row)
      if (index > std::numeric_limits<std::uint32_t>::max())
        connect.fail("post_pre", fmt::format("{} is too large for the number of a neuron", index));
    out.post_pre.emplace_back(static_cast<std::uint32_t>(row[0]), static_cast<std::uint32_t>(row[1]));
  }
  return out;
}

connectivity read_connect_table(const section& projection) {
  const auto kind = kind_of(projection, "connect", {"fixed_indegree", "probability", "post_pre"});
  const section connect = projection.table("connect");
  if (kind == "fixed_indegree") return fixed_indegree{connect.count("fixed_indegree", 1), connect.seed("seed", 1)};
  if (kind == "probability") {
    const double probability = connect.number("probability");
    if (probability < 0 || probability > 1) connect.fail("probability", "expected a number from 0 to 1");
    return connection_probability{probability, connect.seed("seed", 1)};
  }
  if (kind == "post_pre") return read_pairs(connect);
  if (connect.has("pairs"))  // in the order of post_pre they would be another circuit
    connect.fail("pairs", "it was a list of [pre, post]: write post_pre = [[1, 0], ...], with each pair turned round");
  projection.fail("connect", connect_forms);
}

random_weights read_random(const section& weights) {
  random_weights out;
  out.method = weights.choice("init", {"glorot-uniform", "uniform", "constant"}, out.method);
  out.scale = weights.number("scale", out.scale);
  out.seed = weights.seed("seed", out.seed);
  out.stream = weights.text("stream", out.stream);
  return out;
}

}  // namespace

connectivity read_connectivity(const section& projection) {
  if (projection.is_table("connect")) return read_connect_table(projection);
  if (!projection.has("connect")) return all_to_all{};
  const std::string name = projection.is_text("connect") ? projection.text("connect") : "";
  if (name == "all-to-all") return all_to_all{};
  if (name == "one-to-one") return one_to_one{};
  const auto nearest = nearest_name(name, {"all-to-all", "one-to-one"});
  projection.fail("connect", connect_forms + (nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", nearest)));
}

weight_source read_weight_source(const section& projection) {
  const auto kind = kind_of(projection, "weights", {"init", "values", "file", "same_initial_as", "shared"});
  const section weights = projection.table("weights");
  if (kind == "values") return listed_weights{weights.one_matrix("values")};
  if (kind == "file") return stored_weights{weights.file_name("file"), weights.text("dataset", "")};
  if (kind == "same_initial_as")
    return copied_weights{weights.text(kind), weights.flag("transposed", false), weights.number("scale", 1)};
  if (kind == "shared") return shared_weights{weights.text(kind), weights.flag("transposed", false)};
  return read_random(weights);
}

}  // namespace locus
