#include "sim/trace/trace_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/errors.hpp"
#include "sim/core/find_by_name.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/trace/change_list.hpp"
#include "sim/trace/circuit_group.hpp"
#include "sim/trace/layout.hpp"

namespace locus {

namespace {

constexpr std::int64_t newest_known_format = 3;

/// 0, 1, ... in the order of the attribute `index`, which is that of the netlist.
std::vector<hdf5::object> groups_by_index(const hdf5::object& file, const std::string& parent) {
  std::vector<std::pair<std::int64_t, hdf5::object>> found;
  for (const std::string& name : hdf5::names_in(file, parent)) {
    hdf5::object group = hdf5::open_existing_group(file, parent + "/" + name);
    const std::int64_t index = hdf5::integer_or(group, "index", std::numeric_limits<std::int64_t>::max());
    found.emplace_back(index, std::move(group));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<hdf5::object> groups;
  groups.reserve(found.size());
  for (auto& [index, group] : found) groups.push_back(std::move(group));
  return groups;
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

parameter_value parameter_in(const hdf5::object& group, const std::string& name) {
  const hdf5::handle attribute(group.check(H5Aopen(group.id.get(), name.c_str(), H5P_DEFAULT), "read"));
  const hdf5::handle type(group.check(H5Aget_type(attribute.get()), "read"));
  if (H5Tget_class(type.get()) == H5T_FLOAT) return hdf5::number(group, name);
  std::string text = hdf5::attribute_as_text(group, name);
  if (H5Tget_class(type.get()) == H5T_ENUM) return text == "true";
  return text;
}

/// A parameter whose name was taken has a "_" at its end.
std::vector<traced_parameter> read_parameters(const hdf5::object& group) {
  std::vector<traced_parameter> parameters;
  for (const std::string& name : hdf5::attribute_names(group)) {
    if (is_circuit_attribute(name)) continue;
    const bool taken = name.ends_with('_') && is_circuit_attribute(name.substr(0, name.size() - 1));
    parameters.push_back({taken ? name.substr(0, name.size() - 1) : name, parameter_in(group, name)});
  }
  return parameters;
}

/// The attribute `shape` of a population of that size, which only one on a grid has.
grid_shape read_shape(const hdf5::object& group, std::int64_t size) {
  if (!hdf5::has_attribute(group, "shape")) return {};
  grid_shape shape;
  std::uint64_t neurons = 1;
  for (const std::int64_t n : hdf5::integers(group, "shape")) {
    const bool fits = n >= 1 && n <= std::numeric_limits<std::uint32_t>::max();
    neurons = fits ? bounded_product(neurons, static_cast<std::uint64_t>(n)) : 0;
    shape.push_back(static_cast<std::uint32_t>(n));
  }
  const bool possible = neurons >= 1 && neurons <= std::numeric_limits<std::uint32_t>::max();
  if (!possible || neurons != static_cast<std::uint64_t>(size)) {
    group.fail("read", fmt::format("attribute \"shape\" is {}: must have as many places as there are neurons, {}",
                                   text_of(shape), size));
  }
  return shape;
}

traced_population read_population(const hdf5::object& group) {
  traced_population p;
  p.name = last_part(group.name);
  p.model = hdf5::text_or(group, "model", "");
  p.title = hdf5::text_or(group, "title", "");
  p.equation = hdf5::text_or(group, "equation", "");
  p.source = hdf5::text_or(group, "source", "");
  p.size = hdf5::integer_or(group, "size", 0);
  p.shape = read_shape(group, p.size);
  p.parameters = read_parameters(group);
  return p;
}

traced_projection read_projection(const hdf5::object& group) {
  traced_projection p;
  p.name = last_part(group.name);
  p.from = hdf5::text_or(group, "from", "");
  p.to = hdf5::text_or(group, "to", "");
  p.synapse = hdf5::text_or(group, "synapse", "");
  p.shape = hdf5::text_or(group, "shape", "");
  p.pre = hdf5::text_or(group, "pre", "");
  p.learns = hdf5::has_attribute(group, "post");
  p.title = hdf5::text_or(group, "title", "");
  p.equation = hdf5::text_or(group, "equation", "");
  p.source = hdf5::text_or(group, "source", "");
  p.connections = hdf5::integer_or(group, "connections", 0);
  p.delay = hdf5::integer_or(group, "delay", 0);
  p.parameters = read_parameters(group);
  return p;
}

}  // namespace

std::string trace_variable::path() const {
  return fmt::format("/{}/{}/{}", storage == trace_storage::frames ? "trace" : "changes", group, name);
}

std::string trace_variable::column_name(std::size_t column) const {
  const std::string target = full_name() + index_text(shape, neurons.at(column));
  return weights ? target + index_text(source_shape, sources.at(column)) : target;
}

trace_reader::trace_reader(const std::string& path) {
  const hdf5::session exclusive;
  file_ = hdf5::open_file(path);
  read_facts();
  read_windows();
  read_frames();
  read_circuit();
  read_spike_lists();
  count_presentations();
}

void trace_reader::read_facts() {
  if (!hdf5::has_attribute(file_, "format") || hdf5::text(file_, "format") != "locus-trace") {
    file_.fail("read", "this HDF5 file is no trace: its attribute \"format\" is not \"locus-trace\"");
  }
  facts_.format_version = hdf5::integer(file_, "format_version");
  if (facts_.format_version < 1 || facts_.format_version > newest_known_format) {
    file_.fail("read", fmt::format("format version {} of traces: this program knows 1 to {}", facts_.format_version,
                                   newest_known_format));
  }
  facts_.netlist = hdf5::text_or(file_, "netlist", "");
  facts_.long_form = hdf5::text_or(file_, "long_form", "");
  facts_.netlist_sha256 = hdf5::text_or(file_, "netlist_sha256", "");
  facts_.seed = hdf5::has_attribute(file_, "seed") ? hdf5::attribute_as_text(file_, "seed") : "unknown";
  const std::string numbers = hdf5::text_or(file_, "precision", "f64");
  const auto known = value_named<precision>(numbers);
  if (!known) file_.fail("read", fmt::format("attribute \"precision\" is \"{}\": must be f64 or f32", numbers));
  facts_.precision = *known;
  facts_.version = hdf5::text_or(file_, "version", "");
  const std::int64_t lanes = hdf5::integer_or(file_, "lanes", 1);
  if (lanes < 1 || lanes > std::numeric_limits<std::uint32_t>::max()) {
    file_.fail("read", fmt::format("attribute \"lanes\" is {}: must be >= 1", lanes));
  }
  facts_.lanes = static_cast<std::uint32_t>(lanes);
  if (hdf5::has_attribute(file_, "dt")) facts_.dt = hdf5::number(file_, "dt");
  if (facts_.dt && !(*facts_.dt > 0 && std::isfinite(*facts_.dt)))
    file_.fail("read", fmt::format("attribute \"dt\" is {}: must be > 0", *facts_.dt));
  facts_.every = hdf5::integer_or(file_, "every", 1);
  if (facts_.every < 1) file_.fail("read", fmt::format("attribute \"every\" is {}: must be >= 1", facts_.every));
  facts_.complete = hdf5::integer_or(file_, "complete", 0) == 1;
  facts_.ended = hdf5::text_or(file_, "ended", "");
  if (hdf5::has_attribute(file_, "ended_tick")) facts_.ended_tick = hdf5::integer(file_, "ended_tick");
}

void trace_reader::read_windows() {
  if (!hdf5::has_attribute(file_, "windows")) return;
  const std::vector<std::int64_t> ends = hdf5::integers(file_, "windows");
  for (std::size_t i = 0; i + 1 < ends.size(); i += 2) {
    if (ends[i] >= ends[i + 1]) {
      file_.fail("read", fmt::format("attribute \"windows\": [{}, {}) holds no tick", ends[i], ends[i + 1]));
    }
    facts_.windows.push_back({ends[i], ends[i + 1]});
  }
}

void trace_reader::read_frames() {
  if (!hdf5::find_dataset(file_, "/trace/tick")) return;
  const hdf5::object tick = hdf5::open_checked(file_, "/trace/tick", H5T_INTEGER, 1);
  frames_ = hdf5::read_integers(tick, 0, hdf5::size_of(tick).at(0));
  const auto disorder = std::adjacent_find(frames_.begin(), frames_.end(), std::greater_equal<>());
  if (disorder != frames_.end()) {
    tick.fail("read", fmt::format("tick {} is followed by tick {}: must ascend", *disorder, *(disorder + 1)));
  }
}

void trace_reader::read_circuit() {
  for (const hdf5::object& group : groups_by_index(file_, "/circuit/populations")) {
    populations_.push_back(read_population(group));
    add_variables(populations_.back().name, populations_.back().model, false);
  }
  for (const hdf5::object& group : groups_by_index(file_, "/circuit/projections")) {
    projections_.push_back(read_projection(group));
    add_variables(projections_.back().name, projections_.back().synapse, true);
  }
  for (trace_variable& v : variables_) {
    note_shapes(v);
    // A run that was killed while it wrote may leave datasets that differ in length.
    if (v.storage == trace_storage::frames && v.rows < frames_.size()) frames_.resize(v.rows);
  }
  if (!frames_.empty()) note_extent(frames_.front(), frames_.back());
}

void trace_reader::add_variables(const std::string& group, const std::string& model, bool projection) {
  add_frames_of(group, model, projection);
  add_changes_of(group, model, projection);
}

/// Up to format 2, a group held the scales of its variables too: "neuron", or "x_neuron" if x had one of its own.
bool trace_reader::is_scale(const std::string& dataset) const {
  if (facts_.format_version > 2) return false;
  const std::string name = dataset.substr(dataset.rfind('_') + 1);
  return name == "neuron" || name == "lane" || name == "source" || name == "target" || name == "synapse";
}

hdf5::object trace_reader::open_scale(const trace_variable& v, const char* scale) const {
  scale_paths paths = paths_of_scale(v.group, v.name, scale);
  if (facts_.format_version <= 2) {
    const std::string group = v.path().substr(0, v.path().rfind('/'));
    paths = {fmt::format("{}/{}", group, scale), fmt::format("{}/{}_{}", group, v.name, scale)};
  }
  const bool own = hdf5::find_dataset(file_, paths.own).has_value();
  return hdf5::open_checked(file_, own ? paths.own : paths.shared, H5T_INTEGER, 1);
}

void trace_reader::add_frames_of(const std::string& group, const std::string& model, bool projection) {
  const std::string parent = "/trace/" + group;
  for (const std::string& name : hdf5::names_in(file_, parent)) {
    if (is_scale(name)) continue;
    const hdf5::object dataset = hdf5::open_checked(file_, parent + "/" + name, H5T_FLOAT, 0);
    const std::vector<hsize_t> size = hdf5::size_of(dataset);
    trace_variable v;
    v.group = group;
    v.name = name;
    v.model = model;
    v.rows = size[0];
    v.weights = projection;
    v.units = hdf5::text_or(dataset, "units", "1");
    v.long_name = hdf5::text_or(dataset, "long_name", "");
    v.neurons = hdf5::read_indices(open_scale(v, projection ? "target" : "neuron"));
    if (projection) v.sources = hdf5::read_indices(open_scale(v, "source"));
    const bool with_lanes = size.size() == 3;
    if (with_lanes && size[2] <= facts_.lanes) v.lanes = static_cast<std::uint32_t>(size[2]);
    const bool fits = (size.size() == 2 || with_lanes) && size[1] == v.columns() &&
                      (!projection || v.sources.size() == v.columns()) && (!with_lanes || size[2] == v.lanes);
    if (!fits) dataset.fail("read", "its shape does not fit its scales (neuron, lane; source, target)");
    variables_.push_back(std::move(v));
  }
}

void trace_reader::add_changes_of(const std::string& group, const std::string& model, bool projection) {
  const std::string parent = "/changes/" + group;
  for (const std::string& name : hdf5::names_in(file_, parent)) {
    if (is_scale(name)) continue;
    const std::string path = parent + "/" + name;
    const change_list list(file_, path);
    const hdf5::object value = hdf5::open_checked(file_, path + "/value", H5T_FLOAT, 1);
    trace_variable v;
    v.group = group;
    v.name = name;
    v.storage = trace_storage::changes;
    v.model = model;
    v.weights = projection;
    v.units = hdf5::text_or(value, "units", "1");
    v.long_name = hdf5::text_or(value, "long_name", "");
    v.indices = list.first_indices();
    v.neurons = projection ? ends_of(v, "target") : v.indices;
    if (projection) v.sources = ends_of(v, "source");
    v.lanes = projection ? 1 : facts_.lanes;
    v.rows = list.size();
    if (list.size() > 0) note_extent(list.tick(0), list.tick(list.size() - 1));
    variables_.push_back(std::move(v));
  }
}

/// The neurons at one end of the synapses that a list of changes is about; the scale has all of the projection's.
std::vector<std::uint32_t> trace_reader::ends_of(const trace_variable& v, const char* end) const {
  const hdf5::object dataset = open_scale(v, end);
  const std::vector<std::uint32_t> all = hdf5::read_indices(dataset);
  std::vector<std::uint32_t> ends;
  for (const std::uint32_t s : v.indices) {
    if (s >= all.size()) dataset.fail("read", fmt::format("there is no synapse {}: it has {}", s, all.size()));
    ends.push_back(all[s]);
  }
  return ends;
}

void trace_reader::note_shapes(trace_variable& v) const {
  const auto population_of = [](std::string_view output) { return output.substr(0, output.rfind('.')); };
  if (!v.weights) v.shape = shape_of(v.group);
  for (const traced_projection& p : projections_) {
    if (!v.weights || p.name != v.group) continue;
    v.shape = shape_of(population_of(p.to));
    v.source_shape = shape_of(population_of(p.from));
  }
}

void trace_reader::note_extent(tick_t first, tick_t last) {
  if (last < first || last == std::numeric_limits<tick_t>::max()) {
    file_.fail("read", fmt::format("ticks from {} to {} are impossible", first, last));
  }
  if (extent_.first == extent_.second) extent_ = {first, last + 1};
  else extent_ = {std::min(extent_.first, first), std::max(extent_.second, last + 1)};
}

std::vector<stimulus_window> trace_reader::stimuli(std::size_t most) const {
  return stimuli(never, std::numeric_limits<tick_t>::max(), most);
}

std::vector<stimulus_window> trace_reader::stimuli(tick_t from, tick_t until, std::size_t most) const {
  const hdf5::session exclusive;
  std::vector<stimulus_window> windows;
  for (const std::string& population : hdf5::names_in(file_, "/stimuli")) {
    const hdf5::object on = hdf5::open_checked(file_, fmt::format("/stimuli/{}/on", population), H5T_INTEGER, 1);
    const hdf5::object off = hdf5::open_checked(file_, fmt::format("/stimuli/{}/off", population), H5T_INTEGER, 1);
    // Windows of a population follow one another.
    const hsize_t all = std::min(hdf5::size_of(on).at(0), hdf5::size_of(off).at(0));
    hsize_t first = 0;
    for (hsize_t high = all; first < high;) {
      const hsize_t middle = first + (high - first) / 2;
      if (hdf5::read_integers(off, middle, 1).at(0) <= from) first = middle + 1;
      else high = middle;
    }
    const hsize_t count = std::min<hsize_t>(most, all - first);
    const std::vector<tick_t> begins = hdf5::read_integers(on, first, count),
                              ends = hdf5::read_integers(off, first, count);
    for (std::size_t i = 0; i < count && begins[i] < until; ++i) windows.push_back({population, begins[i], ends[i]});
  }
  std::stable_sort(windows.begin(), windows.end(), [](const auto& a, const auto& b) { return a.on < b.on; });
  return windows;
}

grid_shape trace_reader::shape_of(std::string_view population) const {
  const auto found = find_by_name(populations_, population);
  return found ? populations_[*found].shape : grid_shape();
}

const trace_variable* trace_reader::find(std::string_view full_name) const noexcept {
  for (const trace_variable& v : variables_) {
    if (v.full_name() == full_name) return &v;
  }
  return nullptr;
}

}  // namespace locus
