#include "sim/netlist/ends_in_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "sim/core/bytes.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/netlist/member_groups.hpp"

namespace locus {

namespace {

constexpr std::string_view target_of_sonata = "target_node_id";

/// A path without what leads to the weights in it.
std::string name_within(std::string name) {
  while (name.starts_with('/')) name.erase(0, 1);
  std::vector<std::string_view> ends = {"/0/syn_weight", "/weight"};
  if (name.starts_with("trace/")) {
    name.erase(0, std::string_view("trace/").size());
    ends = {"/theta"};
  }
  for (const std::string_view end : ends)
    if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
  return name;
}

/// The ends of some connections, in the process that has the file open: whether delays are milliseconds, targets,
/// sources, and the delays.
class ends_reader {
 public:
  ends_reader(const std::string& file, const std::string& name, bool delays) {
    const hdf5::object opened = hdf5::open_file(file);
    const auto paths = find_ends(opened, name);
    if (!paths) {
      opened.fail("read", fmt::format("no connections are called \"{0}\": expected datasets {0}:target and {0}:source, "
                                      "as --save-weights writes them, a group {0} with datasets target and source, or "
                                      "one of SONATA's edges with target_node_id and source_node_id",
                                      name));
    }
    target_ = hdf5::open_checked(opened, paths->target, H5T_INTEGER, 1);
    source_ = hdf5::open_checked(opened, paths->source, H5T_INTEGER, 1);
    count_ = hdf5::size_of(target_)[0];
    if (const hsize_t sources = hdf5::size_of(source_)[0]; sources != count_)
      target_.fail("read", fmt::format("it has {} neurons, {} has {}", count_, source_.name, sources));
    if (delays) read_delays(opened, name, paths->target);
  }

  [[nodiscard]] std::string rows_from(std::uint64_t first) const {
    constexpr std::uint64_t most = std::uint64_t{1} << 19u;
    const std::uint64_t rows = std::min(most, count_ - std::min<std::uint64_t>(first, count_));
    std::string bytes = bytes_of(std::uint64_t{milliseconds_});
    for (const hdf5::object* end : {&target_, &source_}) {
      const std::vector<std::int64_t> neurons = hdf5::read_integers(*end, first, rows);
      bytes.append(reinterpret_cast<const char*>(neurons.data()), neurons.size() * sizeof neurons[0]);
    }
    if (delays_ && rows > 0)
      bytes.append(reinterpret_cast<const char*>(delays_->data() + first), rows * sizeof(double));
    return bytes;
  }

 private:
  /// All of them, since those of SONATA may stand in several groups.
  void read_delays(const hdf5::object& file, const std::string& name, const std::string& target) {
    if (const auto edges = find_edges(file, name)) {
      const member_groups attributes(file, edges->population, "edge", count_);
      milliseconds_ = !attributes.has("delay_ticks");
      delays_ = attributes.numbers(milliseconds_ ? "delay" : "delay_ticks");
      return;
    }
    constexpr std::string_view own = "target";
    const hdf5::object dataset =
        hdf5::open_checked(file, target.substr(0, target.size() - own.size()) + "delay", H5T_INTEGER, 1);
    if (const hsize_t all = hdf5::size_of(dataset)[0]; all != count_)
      dataset.fail("read", fmt::format("it has {} delays for {} connections", all, count_));
    delays_ = hdf5::read_numbers(dataset, {0}, {count_});
  }

  hdf5::object target_, source_;
  std::optional<std::vector<double>> delays_;
  bool milliseconds_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace

std::optional<ends_paths> find_ends(const hdf5::object& file, const std::string& name) {
  const std::string within = name_within(name);
  const auto in = [&](std::string_view before, std::string_view after) {
    return ends_paths{fmt::format("{}{}{}", before, within, fmt::format(fmt::runtime(after), "target")),
                      fmt::format("{}{}{}", before, within, fmt::format(fmt::runtime(after), "source"))};
  };
  for (const ends_paths& paths :
       {in("/", ":{}"), in("/scales/", "/{}"), in("/trace/", "/{}"), in("/", "/{}_node_id"), in("/", "/{}")}) {
    const bool target = hdf5::contains(file, paths.target), source = hdf5::contains(file, paths.source);
    if (target && source) return paths;
    if (target || source)
      file.fail("read", fmt::format("there is {}, but no {}", target ? paths.target : paths.source,
                                    target ? paths.source : paths.target));
  }
  return std::nullopt;
}

std::optional<edges_path> find_edges(const hdf5::object& file, const std::string& name) {
  const auto ends = find_ends(file, name);
  if (!ends || !ends->target.ends_with(target_of_sonata)) return std::nullopt;
  return edges_path{ends->target.substr(0, ends->target.size() - target_of_sonata.size() - 1), *ends};
}

void each_pair_in_hdf5(const std::string& file, const std::string& name, bool delays,
                       const std::function<void(const pair_in_file&)>& f) {
  const hdf5::session exclusive;
  std::optional<ends_reader> ends;
  hdf5::isolated_reader reader(file, [&](std::string_view first) {
    if (!ends) ends.emplace(file, name, delays);
    return ends->rows_from(value_in<std::uint64_t>(first));
  });
  for (std::uint64_t row = 0;;) {
    const std::string bytes = reader.ask(bytes_of(row));
    const bool milliseconds = value_in<std::uint64_t>(bytes) != 0;
    const std::string_view columns = std::string_view(bytes).substr(std::min(bytes.size(), sizeof(std::uint64_t)));
    const std::size_t width = delays ? 3 : 2, rows = columns.size() / (width * sizeof(std::int64_t));
    if (rows == 0) return;
    const auto in_column = [&](std::size_t column, std::size_t k, auto number) {
      std::memcpy(&number, columns.data() + (column * rows + k) * sizeof number, sizeof number);
      return number;
    };
    for (std::size_t k = 0; k < rows; ++k, ++row) {
      pair_in_file pair{row, in_column(0, k, std::int64_t{}), in_column(1, k, std::int64_t{}), 1, milliseconds};
      if (delays) pair.delay = in_column(2, k, double{});
      f(pair);
    }
  }
}

}  // namespace locus
