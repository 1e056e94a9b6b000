#include "sim/sonata/circuit_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "sim/core/hdf5_reading.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/rules/graph.hpp"
#include "sim/sonata/import_types.hpp"

namespace locus::sonata {

namespace {

constexpr hsize_t block_rows = hsize_t{1} << 18u;

/// The number that all rows have; nothing if there is no row. Throws run_error "... 1 and 2: MORE" if they differ.
std::optional<double> only_value(const hdf5::object& group, const std::string& name, H5T_class_t kind,
                                 const std::string& more) {
  const hdf5::object dataset = hdf5::open_checked(group, name, kind, 1);
  const hsize_t count = hdf5::size_of(dataset)[0];
  std::optional<double> value;
  for (hsize_t first = 0; first < count; first += block_rows) {
    for (const double each : hdf5::read_numbers(dataset, {first}, {std::min(block_rows, count - first)})) {
      if (value.value_or(each) != each) dataset.fail("read", fmt::format("{} and {}: {}", *value, each, more));
      value = each;
    }
  }
  return value;
}

/// All to all or one to one, if the edges are that, in the order of (target, source); otherwise stored_connections{}.
/// Two neurons with one edge are both: a link is then taken for one to one, synapses for all to all.
connectivity connections_of(const hdf5::object& group, std::uint32_t sources, std::uint32_t targets, bool link) {
  const hdf5::object target = hdf5::open_checked(group, "target_node_id", H5T_INTEGER, 1);
  const hdf5::object source = hdf5::open_checked(group, "source_node_id", H5T_INTEGER, 1);
  const hsize_t count = hdf5::size_of(target)[0];
  if (hdf5::size_of(source)[0] != count) group.fail("read", "it has not as many sources as targets");
  bool all = count == std::uint64_t{sources} * targets;
  bool equal = count == sources && count == targets;
  for (hsize_t first = 0; first < count && (all || equal); first += block_rows) {
    const hsize_t some = std::min(block_rows, count - first);
    const auto ends = hdf5::read_integers(target, first, some), begins = hdf5::read_integers(source, first, some);
    for (hsize_t k = 0; k < some; ++k) {
      const auto edge = static_cast<std::int64_t>(first + k);
      all = all && ends[k] == edge / sources && begins[k] == edge % sources;
      equal = equal && ends[k] == edge && begins[k] == edge;
    }
  }
  if (equal && (link || !all)) return one_to_one{};
  if (all) return all_to_all{};
  return stored_connections{};
}

/// Ticks.
std::uint32_t delay_of(const hdf5::object& group, const type_row& type) {
  constexpr auto one = "edges of a population must have one delay";
  if (hdf5::contains(group, "0/delay_ticks"))
    return static_cast<std::uint32_t>(only_value(group, "0/delay_ticks", H5T_INTEGER, one).value_or(0));
  std::optional<double> ms;
  if (hdf5::contains(group, "0/delay")) ms = only_value(group, "0/delay", H5T_FLOAT, one);
  const std::string text = ms ? fmt::format("{}", *ms) : type.find("delay").value_or("0");
  double delay = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), delay);
  if (error == std::errc{} && stop == text.data() + text.size() && delay >= 0 && delay < 0x1p32 &&
      delay == std::floor(delay))
    return static_cast<std::uint32_t>(delay);
  throw usage_error(type.at, fmt::format("delay {}: expected whole milliseconds, each of which is a tick", text));
}

/// Reads one circuit.
class circuit_reader {
 public:
  explicit circuit_reader(const std::string& config) : config_(config) {}

  imported_circuit read() {
    const hdf5::session exclusive;
    imported_circuit out;
    out.populations = read_networks<population_description>("nodes");
    for (const population_description& p : out.populations)
      if (!sizes_.emplace(p.name, p.size).second)
        throw usage_error(p.at, fmt::format("two populations of nodes are called \"{}\"", p.name));
    out.projections = read_networks<projection_description>("edges");
    for (population_description& p : out.populations) take_dt(p.params, out.dt);
    for (projection_description& p : out.projections) take_dt(p.params, out.dt);
    return out;
  }

 private:
  /// The milliseconds of a tick stand among the parameters of those whose rules read them, and are the same for all.
  static void take_dt(std::vector<parameter_setting>& params, std::optional<double>& dt) {
    const auto found = std::find_if(params.begin(), params.end(),
                                    [](const parameter_setting& p) { return p.name == rules::tick_length; });
    if (found == params.end()) return;
    const double* const value = std::get_if<double>(&found->value);
    if (value == nullptr || (dt && *dt != *value))
      throw usage_error(found->at, fmt::format("dt must be a number of milliseconds, the same in all files"));
    dt = *value;
    params.erase(found);
  }

  /// All populations of nodes or edges, in the order of the files and of the rows in their tables of types.
  template <class T>
  std::vector<T> read_networks(const std::string& kind) {
    std::multimap<std::pair<std::size_t, std::size_t>, T> found;
    const auto networks = config_.networks(kind);
    for (std::size_t n = 0; n < networks.size(); ++n) {
      file_ = config_.path(networks[n].at(kind + "_file"));
      const std::string table = (kind == "nodes" ? "node" : "edge") + std::string("_types_file");
      if (!networks[n].contains(table) || networks[n].at(table).is_null())
        config_.fail(fmt::format("\"{}\" has no \"{}\", which says what its {} are", file_, table, kind));
      types_file_ = config_.path(networks[n].at(table));
      types_ = read_types(types_file_);
      const hdf5::object file = hdf5::open_file(file_);
      for (const std::string& name : hdf5::names_in(file, "/" + kind)) {
        const hdf5::object group = hdf5::open_existing_group(file, fmt::format("/{}/{}", kind, name));
        if (hdf5::contains(group, "1"))
          group.fail("read", "its members are in several groups (0, 1, ...): only one, 0, can be read");
        T read;
        const std::size_t row = read_population(group, name, read);
        found.emplace(std::pair(n, row), std::move(read));
      }
    }
    std::vector<T> out;
    for (auto& [place, each] : found) out.push_back(std::move(each));
    return out;
  }

  /// The row of a population whose members have that type; without members, the first of the population.
  [[nodiscard]] std::size_t row_of(const std::string& population, const std::string& id_column,
                                   std::optional<double> id) const {
    for (std::size_t row = 0; row < types_.size(); ++row) {
      const auto of = types_[row].find("population");
      if (of && *of != population) continue;
      if (id ? types_[row].find(id_column) == fmt::format("{}", static_cast<std::int64_t>(*id)) : of.has_value())
        return row;
    }
    throw run_error(fmt::format("{}: no row for population \"{}\"{}", types_file_, population,
                                id ? fmt::format(" with {} {}", id_column, *id) : std::string()));
  }

  std::size_t read_population(const hdf5::object& group, const std::string& name, population_description& out) const {
    const auto id = only_value(group, "node_type_id", H5T_INTEGER, "all nodes of a population must be of one type");
    const hsize_t size = hdf5::size_of(hdf5::open_dataset(group, "node_type_id"))[0];
    if (size == 0 || size > static_cast<std::uint64_t>(counts_from(1).most))
      group.fail("read", fmt::format("it has {} nodes: expected {}", size, counts_from(1).expected()));
    const std::size_t row = row_of(name, "node_type_id", id);
    const type_row& type = types_[row];
    out.at = type.at;
    out.name = name;
    out.size = static_cast<std::uint32_t>(size);
    out.model = model_of(type, name);
    out.params = parameters_of(type, config_, "point_neuron_models_dir");
    out.shape = shape_of(type, out.size);
    return row;
  }

  std::size_t read_population(const hdf5::object& group, const std::string& name, projection_description& out) const {
    const auto id = only_value(group, "edge_type_id", H5T_INTEGER, "all edges of a population must be of one type");
    const std::size_t row = row_of(name, "edge_type_id", id);
    const type_row& type = types_[row];
    const std::string source = nodes_at(group, "source_node_id"), target = nodes_at(group, "target_node_id");
    const std::string ends = fmt::format("{}__{}__", source, target);
    out.at = type.at;
    out.name = name.starts_with(ends) && name.size() > ends.size() ? name.substr(ends.size()) : name;
    const std::string model = model_of(type, name);
    read_ends(type, source, target, out);
    out.delay = delay_of(group, type);
    out.connect = connections_of(group, sizes_.at(source), sizes_.at(target), model == "link");
    const stored_weights stored{file_, "/edges/" + name};
    const auto shared = type.find("shared");
    const bool transposed = type.find("transposed") == "true";
    if (std::holds_alternative<stored_connections>(out.connect)) {
      if (shared) out.connect = copied_connections{*shared, transposed};
      else out.connect = stored_connections{stored.file, stored.dataset};
    }
    if (model == "link") return row;
    out.synapse = model;
    if (shared) out.weights = shared_weights{*shared, transposed};
    else out.weights = stored;
    out.params = parameters_of(type, config_, "synaptic_models_dir");
    return row;
  }

  /// The population of nodes at one end.
  [[nodiscard]] std::string nodes_at(const hdf5::object& group, const std::string& end) const {
    const hdf5::object dataset = hdf5::open_checked(group, end, H5T_INTEGER, 1);
    const std::string name = hdf5::text_or(dataset, "node_population", "");
    if (sizes_.contains(name)) return name;
    dataset.fail("read", name.empty() ? "it has no attribute node_population"
                                      : fmt::format("no file of nodes has the population \"{}\"", name));
  }

  circuit_config_reader config_;
  std::map<std::string, std::uint32_t> sizes_;  ///< of populations of nodes

  // Of the files that are being read.
  std::string file_, types_file_;
  std::vector<type_row> types_;
};

}  // namespace

std::string circuit_config_path(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return path;
  return (std::filesystem::path(path) / "circuit_config.json").string();
}

imported_circuit read_circuit(const std::string& config) { return circuit_reader(config).read(); }

}  // namespace locus::sonata
