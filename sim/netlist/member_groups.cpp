#include "sim/netlist/member_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "sim/core/hdf5_reading.hpp"

namespace locus {

namespace {

/// A whole column of a population, which has a number for each member.
std::vector<std::int64_t> column_of(const hdf5::object& file, const std::string& path, std::uint64_t members) {
  const hdf5::object dataset = hdf5::open_checked(file, path, H5T_INTEGER, 1);
  const hsize_t count = hdf5::size_of(dataset)[0];
  if (count != members) dataset.fail("read", fmt::format("it has {} numbers for {} members", count, members));
  return hdf5::read_integers(dataset, 0, count);
}

/// Integers are taken as they are; whatever else there is must be floating-point numbers.
H5T_class_t number_class(const hdf5::object& file, const std::string& path) {
  const auto dataset = hdf5::find_dataset(file, path);
  if (!dataset) return H5T_FLOAT;
  const hdf5::handle type(H5Dget_type(dataset->id.get()));
  return H5Tget_class(type.get()) == H5T_INTEGER ? H5T_INTEGER : H5T_FLOAT;
}

}  // namespace

member_groups::member_groups(const hdf5::object& file, std::string population, std::string_view kind,
                             std::uint64_t members)
    : file_(file), population_(std::move(population)), members_(members) {
  for (const std::string& name : hdf5::names_in(file, population_)) {
    std::int64_t id = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error == std::errc{} && stop == name.data() + name.size())
      groups_.push_back({id, fmt::format("{}/{}", population_, name)});
  }
  const std::string id = fmt::format("{}/{}_group_id", population_, kind);
  const std::string index = fmt::format("{}/{}_group_index", population_, kind);
  const bool ids = hdf5::contains(file, id), indices = hdf5::contains(file, index);
  if (ids != indices) file.fail("read", fmt::format("there is {}, but no {}", ids ? id : index, ids ? index : id));
  if (!ids && groups_.size() > 1)
    file.fail("read", fmt::format("{} has {} groups, but no {} and {}, which say who is in which", population_,
                                  groups_.size(), id, index));
  if (!ids) return;
  id_ = column_of(file, id, members);
  index_ = column_of(file, index, members);
  if (groups_.size() == 1 && in_their_order()) {
    id_ = {};
    index_ = {};
    return;
  }
  for (std::uint64_t m = 0; m < members; ++m) {
    const bool known =
        std::any_of(groups_.begin(), groups_.end(), [&](const group& each) { return each.id == id_[m]; });
    if (!known && !groups_.empty())
      file.fail("read", fmt::format("{}[{}] is {}, but there is no group {}/{}", id, m, id_[m], population_, id_[m]));
    if (index_[m] < 0) file.fail("read", fmt::format("{}[{}] is {}: must not be negative", index, m, index_[m]));
  }
}

bool member_groups::in_their_order() const {
  for (std::uint64_t m = 0; m < members_; ++m)
    if (id_[m] != groups_[0].id || index_[m] != static_cast<std::int64_t>(m)) return false;
  return true;
}

bool member_groups::has(const std::string& attribute) const {
  return std::any_of(groups_.begin(), groups_.end(), [&](const group& each) {
    return hdf5::contains(file_, fmt::format("{}/{}", each.path, attribute));
  });
}

std::vector<std::string> member_groups::names_in(const std::string& attributes) const {
  std::set<std::string> names;
  for (const group& each : groups_) {
    const std::string path = fmt::format("{}/{}", each.path, attributes);
    if (!hdf5::contains(file_, path)) continue;
    for (std::string& name : hdf5::names_in(file_, path)) names.insert(std::move(name));
  }
  return {names.begin(), names.end()};
}

std::string member_groups::path_of(const std::string& attribute) const {
  for (const group& each : groups_) {
    std::string path = fmt::format("{}/{}", each.path, attribute);
    if (hdf5::contains(file_, path)) return path;
  }
  return fmt::format("{}/0/{}", population_, attribute);
}

std::size_t member_groups::group_of(std::uint64_t member) const {
  const auto found =
      std::find_if(groups_.begin(), groups_.end(), [&](const group& each) { return each.id == id_[member]; });
  return static_cast<std::size_t>(found - groups_.begin());
}

std::vector<double> member_groups::numbers(const std::string& attribute) const {
  if (groups_.empty()) file_.fail("read", fmt::format("{} has no group 0, and so no {}", population_, attribute));
  const auto column = [&](const group& each) {
    const std::string path = fmt::format("{}/{}", each.path, attribute);
    const hdf5::object dataset = hdf5::open_checked(file_, path, number_class(file_, path), 1);
    return hdf5::read_numbers(dataset, {0}, {hdf5::size_of(dataset)[0]});
  };
  if (id_.empty()) {
    std::vector<double> all = column(groups_[0]);
    if (all.size() == members_) return all;
    file_.fail("read", fmt::format("{} has {} numbers for {} members", path_of(attribute), all.size(), members_));
  }
  std::vector<std::optional<std::vector<double>>> of_group(groups_.size());
  std::vector<double> all(members_);
  for (std::uint64_t m = 0; m < members_; ++m) {
    const std::size_t g = group_of(m);
    if (!of_group[g]) of_group[g] = column(groups_[g]);
    const auto row = static_cast<std::uint64_t>(index_[m]);
    if (row >= of_group[g]->size())
      file_.fail("read", fmt::format("{}/{} has {} numbers, but member {} of {} is row {} of it", groups_[g].path,
                                     attribute, of_group[g]->size(), m, population_, row));
    all[m] = (*of_group[g])[row];
  }
  return all;
}

std::optional<double> member_groups::same_number(const std::string& attribute, std::string_view more) const {
  const std::vector<double> all = numbers(attribute);
  if (all.empty()) return std::nullopt;
  for (const double each : all)
    if (each != all[0]) file_.fail("read", fmt::format("{}: {} and {}: {}", path_of(attribute), all[0], each, more));
  return all[0];
}

std::vector<double> read_edge_weights(const hdf5::object& file, const std::string& population, std::uint64_t edges) {
  return member_groups(file, population, "edge", edges).numbers("syn_weight");
}

}  // namespace locus
