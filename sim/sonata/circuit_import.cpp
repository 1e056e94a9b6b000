#include "sim/sonata/circuit_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "sim/core/hdf5_reading.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/netlist/member_groups.hpp"
#include "sim/rules/graph.hpp"
#include "sim/sonata/import_types.hpp"
#include "sim/sonata/kernels.hpp"

namespace locus::sonata {

namespace {

constexpr hsize_t block_rows = hsize_t{1} << 18u;
constexpr std::size_t most_types = 10000;

/// The different numbers of a column of integers, ascending; at most so many as there are types of members.
std::vector<std::int64_t> different(const hdf5::object& group, const std::string& name) {
  const hdf5::object dataset = hdf5::open_checked(group, name, H5T_INTEGER, 1);
  const hsize_t count = hdf5::size_of(dataset)[0];
  std::set<std::int64_t> found;
  for (hsize_t first = 0; first < count; first += block_rows) {
    for (const std::int64_t each : hdf5::read_integers(dataset, first, std::min(block_rows, count - first))) {
      found.insert(each);
      if (found.size() > most_types)
        dataset.fail("read", fmt::format("it has more than {} different numbers: expected those of types", most_types));
    }
  }
  return {found.begin(), found.end()};
}

/// All to all or one to one, if the edges are that, in the order of (target, source); otherwise stored_connections{}.
/// Two neurons with one edge are both: a link is then taken for one to one, synapses for all to all.
connectivity connections_of(const hdf5::object& group, hsize_t count, std::uint32_t sources, std::uint32_t targets,
                            bool link) {
  const hdf5::object target = hdf5::open_checked(group, "target_node_id", H5T_INTEGER, 1);
  const hdf5::object source = hdf5::open_checked(group, "source_node_id", H5T_INTEGER, 1);
  for (const hdf5::object* each : {&target, &source}) {
    const hsize_t nodes = hdf5::size_of(*each)[0];
    if (nodes != count) each->fail("read", fmt::format("it has {} numbers, edge_type_id has {}", nodes, count));
  }
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

/// Milliseconds, which must be whole ticks, or may be 0. Single precision rounds them.
std::uint32_t ticks_of(double ms, double tick_ms, const std::string& where) {
  const double exact = ms / tick_ms, ticks = std::round(exact);
  constexpr double rounding = 0x1p-23;
  if (ticks >= 0 && ticks < 0x1p32 && std::abs(exact - ticks) <= rounding * ticks)
    return static_cast<std::uint32_t>(ticks);
  throw run_error(
      fmt::format("{}: delay {}: expected a whole number of ticks, each of which is {} ms", where, ms, tick_ms));
}

/// A number in a table of types.
double number_in(const type_row& type, const std::string& column, const std::string& text) {
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && stop == text.data() + text.size() && std::isfinite(number)) return number;
  throw usage_error(type.at, fmt::format("{} {}: expected a number", column, text));
}

/// Reads one circuit.
class circuit_reader {
 public:
  circuit_reader(const std::string& config, std::optional<double> dt) : config_(config), dt_(dt) {}

  imported_circuit read() {
    const hdf5::session exclusive;
    imported_circuit out;
    out.populations = read_networks<population_description>("nodes");
    for (std::size_t i = 0; i < out.populations.size(); ++i) {
      const population_description& p = out.populations[i];
      if (!nodes_.emplace(p.name, p).second)
        throw usage_error(p.at, fmt::format("two populations of nodes are called \"{}\"", p.name));
    }
    for (population_description& p : out.populations) take_dt(p.params, out.dt);
    if (out.dt) dt_ = out.dt;
    out.projections = read_networks<projection_description>("edges");
    for (projection_description& p : out.projections) take_dt(p.params, out.dt);
    check_kernels(out);
    return out;
  }

 private:
  /// A projection whose edges were a kernel.
  struct found_kernel {
    std::string file, edges;  ///< the population of edges
  };

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
      const std::vector<std::string> names = hdf5::names_in(file, "/" + kind);
      if (names.empty()) file.fail("read", fmt::format("there is no population in /{}", kind));
      for (const std::string& name : names) {
        const hdf5::object group = hdf5::open_existing_group(file, fmt::format("/{}/{}", kind, name));
        T read;
        const std::size_t row = read_population(file, group, name, read);
        found.emplace(std::pair(n, row), std::move(read));
      }
    }
    std::vector<T> out;
    for (auto& [place, each] : found) out.push_back(std::move(each));
    return out;
  }

  /// The row of a population whose members have that type; without members, the first of the population.
  [[nodiscard]] std::size_t row_of(const std::string& population, const std::string& id_column,
                                   std::optional<std::int64_t> id) const {
    for (std::size_t row = 0; row < types_.size(); ++row) {
      const auto of = types_[row].find("population");
      if (of && *of != population) continue;
      if (id ? types_[row].find(id_column) == fmt::format("{}", *id) : of.has_value()) return row;
    }
    throw run_error(fmt::format("{}: no row for population \"{}\"{}", types_file_, population,
                                id ? fmt::format(" with {} {}", id_column, *id) : std::string()));
  }

  /// The row of the types that the members of a population have. Several must say the same in what counts here.
  [[nodiscard]] std::size_t row_of_all(const hdf5::object& group, const std::string& population,
                                       const std::string& id_column, const std::vector<const char*>& columns) const {
    const std::vector<std::int64_t> ids = different(group, id_column);
    if (ids.empty()) return row_of(population, id_column, std::nullopt);
    const std::size_t first = row_of(population, id_column, ids[0]);
    for (const std::int64_t id : ids) {
      const type_row& type = types_[row_of(population, id_column, id)];
      for (const char* const column : columns) {
        if (type.find(column) == types_[first].find(column)) continue;
        throw usage_error(type.at, fmt::format("population \"{}\" has members of types {} and {}, which differ in {}: "
                                               "those of one population must be alike; make one of each type",
                                               population, ids[0], id, column));
      }
    }
    return first;
  }

  /// Parameters of the HDF5 file, which are the same for all members, beside those of `dynamics_params`.
  static void add_parameters(const hdf5::object& file, const member_groups& groups, const type_row& type,
                             std::vector<parameter_setting>& params) {
    for (const std::string& name : groups.names_in("dynamics_params")) {
      const std::string path = "dynamics_params/" + name;
      const auto value = groups.same_number(path, "a parameter must be the same for all members of a population");
      if (!value) continue;
      const auto known =
          std::find_if(params.begin(), params.end(), [&](const parameter_setting& each) { return each.name == name; });
      if (known == params.end()) {
        params.push_back({name, *value, type.at});
        continue;
      }
      const double* const number = std::get_if<double>(&known->value);
      const bool* const flag = std::get_if<bool>(&known->value);
      if ((number != nullptr && *number == *value) || (flag != nullptr && *value == (*flag ? 1 : 0))) continue;
      file.fail("read", fmt::format("{} is {}, but {} says otherwise: make them equal, or take one away",
                                    groups.path_of(path), *value, known->at.text()));
    }
  }

  std::size_t read_population(const hdf5::object& file, const hdf5::object& group, const std::string& name,
                              population_description& out) const {
    const std::size_t row = row_of_all(group, name, "node_type_id", {"model_template", "dynamics_params", "shape"});
    const hsize_t size = hdf5::size_of(hdf5::open_dataset(group, "node_type_id"))[0];
    if (size == 0 || size > static_cast<std::uint64_t>(counts_from(1).most))
      group.fail("read", fmt::format("it has {} nodes: expected {}", size, counts_from(1).expected()));
    check_node_ids(group, size);
    const type_row& type = types_[row];
    out.at = type.at;
    out.name = name;
    out.size = static_cast<std::uint32_t>(size);
    out.model = model_of(type, name);
    out.params = parameters_of(type, config_, "point_neuron_models_dir");
    add_parameters(file, member_groups(file, "/nodes/" + name, "node", size), type, out.params);
    out.shape = shape_of(type, out.size);
    return row;
  }

  /// Edges name nodes by ids from 0 on.
  static void check_node_ids(const hdf5::object& group, hsize_t size) {
    if (!hdf5::contains(group, "node_id")) return;
    const hdf5::object dataset = hdf5::open_checked(group, "node_id", H5T_INTEGER, 1);
    if (hdf5::size_of(dataset)[0] != size)
      dataset.fail("read", fmt::format("it has {} numbers for {} nodes", hdf5::size_of(dataset)[0], size));
    for (hsize_t first = 0; first < size; first += block_rows) {
      const auto ids = hdf5::read_integers(dataset, first, std::min(block_rows, size - first));
      for (hsize_t k = 0; k < ids.size(); ++k)
        if (ids[k] != static_cast<std::int64_t>(first + k))
          dataset.fail("read",
                       fmt::format("node {} has id {}: ids must count from 0 in their order", first + k, ids[k]));
    }
  }

  std::size_t read_population(const hdf5::object& file, const hdf5::object& group, const std::string& name,
                              projection_description& out) {
    const std::size_t row = row_of_all(group, name, "edge_type_id",
                                       {"model_template", "dynamics_params", "from", "to", "pre", "post", "gate",
                                        "gate_at", "shared", "transposed", "kernel"});
    const type_row& type = types_[row];
    const std::string source = nodes_at(group, "source_node_id"), target = nodes_at(group, "target_node_id");
    const std::string ends = fmt::format("{}__{}__", source, target), path = "/edges/" + name;
    out.at = type.at;
    out.name = name.starts_with(ends) && name.size() > ends.size() ? name.substr(ends.size()) : name;
    const std::string model = model_of(type, name);
    const hsize_t edges = hdf5::size_of(hdf5::open_checked(group, "edge_type_id", H5T_INTEGER, 1))[0];
    const member_groups groups(file, path, "edge", edges);
    read_ends(type, source, target, out);
    out.connect = connections_of(group, edges, nodes_.at(source).size, nodes_.at(target).size, model == "link");
    read_delays(file, group, groups, name, out);
    const auto shared = type.find("shared");
    const bool transposed = type.find("transposed") == "true";
    if (std::holds_alternative<stored_connections>(out.connect)) {
      if (shared) out.connect = copied_connections{*shared, transposed};
      else out.connect = stored_connections{file_, path};
    }
    if (model == "link") return row;
    out.synapse = model;
    out.params = parameters_of(type, config_, "synaptic_models_dir");
    add_parameters(file, groups, type, out.params);
    if (const auto kernel = type.find("kernel")) {
      out.connect = read_kernel(type, *kernel);
      out.weights = stored_weights{file_, kernel_path(name)};
      kernels_[out.name] = {file_, name};
    } else if (shared) {
      out.weights = shared_weights{*shared, transposed};
    } else {
      out.weights = weights_of(file, group, groups, name);
    }
    return row;
  }

  /// Those of the file; without them, what the types of all edges say alike.
  [[nodiscard]] weight_source weights_of(const hdf5::object& file, const hdf5::object& group,
                                         const member_groups& groups, const std::string& name) const {
    if (groups.has("syn_weight")) return stored_weights{file_, "/edges/" + name};
    const auto said = said_by_types(group, name, "syn_weight");
    if (said) return random_weights{"constant", *said, 1, {}};
    file.fail("read", fmt::format("/edges/{} has no attribute syn_weight, and neither has {}", name, types_file_));
  }

  /// The number that a column has for the types of all edges.
  [[nodiscard]] std::optional<double> said_by_types(const hdf5::object& group, const std::string& name,
                                                    const std::string& column) const {
    std::optional<double> said;
    const type_row* by = nullptr;
    for (const std::int64_t id : different(group, "edge_type_id")) {
      const type_row& type = types_[row_of(name, "edge_type_id", id)];
      const auto text = type.find(column);
      const auto number = text ? std::optional(number_in(type, column, *text)) : std::nullopt;
      if (by != nullptr && number != said)
        throw usage_error(type.at, fmt::format("population \"{}\": {} differs from that at {}: give each edge its own, "
                                               "in group 0 of the HDF5 file",
                                               name, column, by->at.text()));
      said = number;
      by = &type;
    }
    return said;
  }

  void read_delays(const hdf5::object& file, const hdf5::object& group, const member_groups& groups,
                   const std::string& name, projection_description& out) const {
    const bool exact = groups.has("delay_ticks");
    const double tick_ms = dt_.value_or(1);
    if (!exact && !groups.has("delay")) {
      const double ms = said_by_types(group, name, "delay").value_or(0);
      out.delay = ticks_of(ms, tick_ms, types_file_);
      return;
    }
    const std::string attribute = exact ? "delay_ticks" : "delay";
    const std::vector<double> delays = groups.numbers(attribute);
    if (delays.empty()) return;
    const auto [low, high] = std::minmax_element(delays.begin(), delays.end());
    if (*low != *high) out.delays = connection_delays{{}, 1, 1, 1, file_, "/edges/" + name};
    else out.delay = ticks_of(*low, exact ? 1 : tick_ms, fmt::format("\"{}\" ({})", file_, groups.path_of(attribute)));
    if (out.delays && *low < (exact ? 1 : tick_ms / 2))
      file.fail("read", fmt::format("{}: edge {} has a delay of {}, others a longer one: of different delays each must "
                                    "be a tick at least",
                                    groups.path_of(attribute), low - delays.begin(), *low));
  }

  /// The population of nodes at one end.
  [[nodiscard]] std::string nodes_at(const hdf5::object& group, const std::string& end) const {
    const hdf5::object dataset = hdf5::open_checked(group, end, H5T_INTEGER, 1);
    const std::string name = hdf5::text_or(dataset, "node_population", "");
    if (nodes_.contains(name)) return name;
    dataset.fail("read", name.empty() ? "it has no attribute node_population"
                                      : fmt::format("no file of nodes has the population \"{}\"", name));
  }

  /// Edges that are no longer those of their kernel have weights of their own.
  void check_kernels(imported_circuit& out) const {
    std::map<std::string, projection_description*> named;
    for (projection_description& p : out.projections) named[p.name] = &p;
    // Windows first, then those that are connected as they are.
    for (const bool copied : {false, true}) {
      for (const auto& [name, kernel] : kernels_) {
        projection_description& p = *named.at(name);
        if (std::holds_alternative<copied_connections>(p.connect) != copied) continue;
        const auto difference = difference_of(p, kernel, named);
        if (!difference) continue;
        p.connect = stored_connections{kernel.file, "/edges/" + kernel.edges};
        p.weights = stored_weights{kernel.file, "/edges/" + kernel.edges};
        out.notes.push_back(
            fmt::format("projection \"{}\" had one kernel for all places of its window: {}; now each "
                        "edge has a weight of its own",
                        name, *difference));
      }
    }
    // Edges that are all there are may still be those of a window.
    for (projection_description& p : out.projections) {
      const auto* shared = std::get_if<shared_weights>(&p.weights);
      const auto owner = shared == nullptr ? named.end() : named.find(shared->projection);
      if (owner != named.end() && std::holds_alternative<spatial_window>(owner->second->connect))
        p.connect = copied_connections{shared->projection, shared->transposed};
    }
  }

  /// What keeps the edges of a projection from being those of its kernel.
  [[nodiscard]] std::optional<std::string> difference_of(
      const projection_description& p, const found_kernel& kernel,
      const std::map<std::string, projection_description*>& named) const {
    const projection_description* owner = &p;
    bool turned = false;
    if (const auto* copied = std::get_if<copied_connections>(&p.connect)) {
      const auto found = named.find(copied->projection);
      if (found == named.end()) return fmt::format("there is no \"{}\"", copied->projection);
      owner = found->second;
      turned = copied->transposed;
    }
    const auto* windows = std::get_if<spatial_window>(&owner->connect);
    if (windows == nullptr) return fmt::format("\"{}\" has no window any more", owner->name);
    const auto shape = [&](const reference& end) {
      const population_description& at = nodes_.at(end.population);
      return at.shape.empty() ? grid_shape{at.size} : at.shape;
    };
    try {
      const shared_window w{windows_between(*owner, shape(owner->from), shape(owner->to)), turned};
      return difference_to_kernel(hdf5::open_file(kernel.file), kernel.edges, w, nodes_.at(p.to.population).size);
    } catch (const usage_error& error) {
      return error.what();
    }
  }

  circuit_config_reader config_;
  std::optional<double> dt_;
  std::map<std::string, population_description> nodes_;
  std::map<std::string, found_kernel> kernels_;  ///< by the names of projections

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

imported_circuit read_circuit(const std::string& config, std::optional<double> dt) {
  return circuit_reader(config, dt).read();
}

}  // namespace locus::sonata
