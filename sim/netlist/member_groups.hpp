#pragma once
/// Attributes of SONATA's nodes and edges. They stand in groups 0, 1, ... of a population, each of which has the
/// attributes of some of its members: member m is row KIND_group_index[m] of group KIND_group_id[m]. Without these two
/// datasets all are in group 0, in their order.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/hdf5.hpp"

namespace locus {

class member_groups {
 public:
  /// `kind`: "node" or "edge"; `members`: how many there are. Throws run_error that names the dataset if ids and
  /// indices are not as many, or name a group that is not there. Requires: the caller holds an hdf5::session.
  member_groups(const hdf5::object& file, std::string population, std::string_view kind, std::uint64_t members);

  /// Whether any group has that attribute, a path such as "delay" or "dynamics_params/gamma".
  [[nodiscard]] bool has(const std::string& attribute) const;

  /// The names in a group of attributes, such as "dynamics_params", of all groups together, sorted.
  [[nodiscard]] std::vector<std::string> names_in(const std::string& attributes) const;

  /// The path of the attribute in the first group that has it, for messages.
  [[nodiscard]] std::string path_of(const std::string& attribute) const;

  /// That attribute of every member, in their order. Throws run_error if a group does not have it, or not of all of its
  /// members, or if it holds no numbers.
  [[nodiscard]] std::vector<double> numbers(const std::string& attribute) const;

  /// The number that all members have in that attribute; nothing if there are no members. Throws as above, and if
  /// they differ: "... 1 and 2: MORE".
  [[nodiscard]] std::optional<double> same_number(const std::string& attribute, std::string_view more) const;

 private:
  struct group {
    std::int64_t id = 0;
    std::string path;
  };

  [[nodiscard]] bool in_their_order() const;
  [[nodiscard]] std::size_t group_of(std::uint64_t member) const;

  const hdf5::object& file_;
  std::string population_;
  std::uint64_t members_;
  std::vector<group> groups_;
  std::vector<std::int64_t> id_, index_;  ///< [member]; both empty: all in the only group, in their order
};

/// Opens `file` and reads the weights (`syn_weight`) of all edges of a population, "/edges/NAME".
[[nodiscard]] std::vector<double> read_edge_weights(const hdf5::object& file, const std::string& population,
                                                    std::uint64_t edges);

}  // namespace locus
