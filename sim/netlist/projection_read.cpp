#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "sim/netlist/netlist_parts.hpp"

namespace locus {

namespace {

constexpr auto connect_forms =
    "expected \"all-to-all\", \"one-to-one\", { window = [5, 5] }, { distance = 2.5 }, { gaussian = 2 }, "
    "{ fixed_indegree = 100 }, { probability = 0.1 }, { transposed = \"PROJECTION\" }, { same_as = \"PROJECTION\" }, "
    "{ post_pre = [[1, 0], ...] } or { file = \"edges.csv\" }";

constexpr auto initial_forms =
    "expected a number, { init = \"uniform\" }, { values = [[...]] } or { file = \"...\", dataset = \"...\" }";

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

double read_probability(const section& connect) {
  const double probability = connect.number("probability", 1);
  if (!(probability >= 0 && probability <= 1)) connect.fail("probability", "expected a number from 0 to 1");
  return probability;
}

spatial_window read_window(const section& connect) {
  spatial_window out;
  out.size = connect.counts("window", 1);
  const std::size_t axes = out.size.size();
  if (axes == 0 || axes > 3) connect.fail("window", "expected one to three sizes, such as [5, 5]");
  const auto per_axis = [&](std::string_view key) {
    if (!connect.has(key)) return std::vector<std::uint32_t>(axes, 1);
    auto all = connect.counts(key, 1);
    if (all.size() != axes) connect.fail(key, fmt::format("expected {} numbers, as the window has", axes));
    return all;
  };
  out.stride = per_axis("stride");
  out.dilation = per_axis("dilation");
  out.same_padding = connect.choice("padding", {"valid", "same"}, "valid") == "same";
  out.each_channel = connect.choice("channels", {"all", "each"}, "all") == "each";
  if (!connect.has("place")) return out;
  out.place = connect.counts("place", 0);
  if (out.place.size() != axes) connect.fail("place", fmt::format("expected {} numbers, as the window has", axes));
  for (std::size_t a = 0; a < axes; ++a) {
    if (out.place[a] >= out.size[a])
      connect.fail("place", fmt::format("{} lies outside of the window, whose places are counted from 0 to {}",
                                        out.place[a], out.size[a] - 1));
  }
  return out;
}

distance_kernel read_kernel(const section& connect) {
  distance_kernel out;
  const auto positive = [&](std::string_view key) {
    const double value = connect.number(key);
    if (!(value > 0)) connect.fail(key, "expected a number > 0");
    return value;
  };
  if (connect.has("distance")) out.within = positive("distance");
  if (connect.has("gaussian")) out.sigma = positive("gaussian");
  out.probability = read_probability(connect);
  out.wrap = connect.flag("wrap", false);
  out.seed = connect.seed("seed", 1);
  return out;
}

template <class Stored>
Stored read_stored(const section& table) {
  Stored out{table.file_name("file"), table.text("dataset", "")};
  if (is_edge_table(out.file) && table.has("dataset")) table.fail("dataset", "only HDF5 files have it: leave it out");
  return out;
}

connectivity read_connect_table(const section& projection, std::string_view key) {
  const section connect = projection.table(key);
  // A kernel on the grid has a largest distance, a width, or both, and may have a probability.
  if (connect.has("distance") || connect.has("gaussian")) return read_kernel(connect);
  const auto kind = kind_of(projection, key,
                            {"fixed_indegree", "probability", "post_pre", "window", "transposed", "same_as", "file"});
  if (kind == "fixed_indegree") return fixed_indegree{connect.count("fixed_indegree", 1), connect.seed("seed", 1)};
  if (kind == "probability") return connection_probability{read_probability(connect), connect.seed("seed", 1)};
  if (kind == "window") return read_window(connect);
  if (kind == "transposed" || kind == "same_as") return copied_connections{connect.text(kind), kind == "transposed"};
  if (kind == "post_pre") return read_pairs(connect);
  if (kind == "file") return read_stored<stored_connections>(connect);
  if (connect.has("pairs"))  // in the order of post_pre they would be another circuit
    connect.fail("pairs", "it was a list of [pre, post]: write post_pre = [[1, 0], ...], with each pair turned round");
  projection.fail(key, connect_forms);
}

random_weights read_random(const section& weights) {
  random_weights out;
  out.method = weights.choice("init", {std::begin(weight_methods), std::end(weight_methods)}, out.method);
  out.scale = weights.number("scale", out.scale);
  out.seed = weights.seed("seed", out.seed);
  out.stream = weights.text("stream", out.stream);
  return out;
}

}  // namespace

connectivity read_connectivity(const section& projection, std::string_view key) {
  if (projection.is_table(key)) return read_connect_table(projection, key);
  if (!projection.has(key)) return all_to_all{};
  const std::string name = projection.is_text(key) ? projection.text(key) : "";
  if (name == "all-to-all") return all_to_all{};
  if (name == "one-to-one") return one_to_one{};
  const auto nearest = nearest_name(name, {"all-to-all", "one-to-one"});
  projection.fail(key, connect_forms + (nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", nearest)));
}

connection_delays read_delays(const section& projection) {
  const auto kind = kind_of(projection, "delay", {"uniform", "values", "file"});
  const section delay = projection.table("delay");
  constexpr auto least = 1;  // what is late arrives before the reactions of its tick
  connection_delays out;
  if (kind.empty())
    projection.fail("delay", "expected ticks, { uniform = [1, 5] }, { values = [...] } or { file = \"edges.csv\" }");
  if (kind == "file") {
    const auto stored = read_stored<stored_connections>(delay);
    out.file = stored.file;
    out.dataset = stored.dataset;
    return out;
  }
  if (delay.has("values")) {
    out.values = delay.counts("values", least);
    if (out.values.empty()) delay.fail("values", "expected a delay for each connection");
    return out;
  }
  const auto range = delay.counts("uniform", least);
  if (range.size() != 2 || range[0] > range[1])
    delay.fail("uniform", "expected [low, high], such as [1, 5]: the smallest and the largest delay, in ticks");
  out.low = range[0];
  out.high = range[1];
  out.seed = delay.seed("seed", 1);
  return out;
}

bool shares_window(const section& projection) {
  if (!projection.is_table("weights")) return false;
  const section weights = projection.table("weights");
  return weights.has("shared") && weights.text("shared") == "window";
}

weight_source read_weight_source(const section& projection, bool one_kernel) {
  std::vector<std::string> kinds = {"init", "values", "file", "same_initial_as"};
  if (!one_kernel) kinds.emplace_back("shared");
  const auto kind = kind_of(projection, "weights", kinds);
  const section weights = projection.table("weights");
  if (kind == "values") return listed_weights{weights.one_matrix("values")};
  if (kind == "file") return read_stored<stored_weights>(weights);
  if (kind == "same_initial_as")
    return copied_weights{weights.text(kind), weights.flag("transposed", false), weights.number("scale", 1)};
  if (kind == "shared") return shared_weights{weights.text(kind), weights.flag("transposed", false)};
  return read_random(weights);
}

std::vector<field_initial> read_initial_fields(const section& projection) {
  std::vector<field_initial> out;
  const section fields = projection.table("initial");
  for (const std::string& name : fields.keys()) {
    const source_position at = fields.at_key(name);
    if (!fields.is_table(name)) {
      if (!fields.is_number(name)) fields.fail(name, initial_forms);
      out.push_back({name, random_weights{"constant", fields.number(name), 1, {}}, at});
      continue;
    }
    const section table = fields.table(name);
    const auto kind = kind_of(fields, name, {"init", "values", "file"});
    if (kind.empty()) fields.fail(name, initial_forms);
    if (kind == "init") out.push_back({name, read_random(table), at});
    if (kind == "values") out.push_back({name, listed_weights{table.one_matrix("values")}, at});
    if (kind == "file") out.push_back({name, stored_weights{table.file_name("file"), table.text("dataset")}, at});
  }
  return out;
}

}  // namespace locus
