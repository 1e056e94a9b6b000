#include "sim/netlist/ends_in_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"

namespace locus {

namespace {

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

/// The ends of some connections, in the process that has the file open: targets, then sources.
class ends_reader {
 public:
  ends_reader(const std::string& file, const std::string& name) {
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
  }

  [[nodiscard]] std::string rows_from(std::uint64_t first) const {
    constexpr std::uint64_t most = std::uint64_t{1} << 19u;
    const std::uint64_t rows = std::min(most, count_ - std::min<std::uint64_t>(first, count_));
    std::string bytes;
    for (const hdf5::object* end : {&target_, &source_}) {
      const std::vector<std::int64_t> neurons = hdf5::read_integers(*end, first, rows);
      bytes.append(reinterpret_cast<const char*>(neurons.data()), neurons.size() * sizeof neurons[0]);
    }
    return bytes;
  }

 private:
  hdf5::object target_, source_;
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

void each_pair_in_hdf5(const std::string& file, const std::string& name,
                       const std::function<void(std::uint64_t, std::int64_t, std::int64_t)>& f) {
  const hdf5::session exclusive;
  std::optional<ends_reader> ends;
  hdf5::isolated_reader reader(file, [&](std::string_view first) {
    if (!ends) ends.emplace(file, name);
    std::uint64_t row = 0;
    std::memcpy(&row, first.data(), std::min(first.size(), sizeof row));
    return ends->rows_from(row);
  });
  std::uint64_t row = 0;
  for (;;) {
    const std::string bytes = reader.ask({reinterpret_cast<const char*>(&row), sizeof row});
    const std::size_t rows = bytes.size() / (2 * sizeof(std::int64_t));
    if (rows == 0) return;
    std::vector<std::int64_t> neurons(2 * rows);
    std::memcpy(neurons.data(), bytes.data(), neurons.size() * sizeof neurons[0]);
    for (std::size_t k = 0; k < rows; ++k, ++row) f(row, neurons[k], neurons[rows + k]);
  }
}

}  // namespace locus
