#include "sim/circuit/sparse_connections.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/core/whole_number.hpp"

namespace locus {

namespace {

/// Entries, as slices are numbered.
std::uint32_t slice_number(std::size_t entries) {
  if (entries <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(entries);
  throw run_error("a sparse projection has more than 2^36 connections: divide its targets among several populations");
}

}  // namespace

std::uint64_t sparse_memory(std::uint64_t targets, std::uint64_t entries, bool wide) noexcept {
  using first = decltype(sparse_connections::first_)::value_type;
  using start = decltype(sparse_connections::slice_start_)::value_type;
  const std::uint64_t index = wide ? sizeof(std::uint32_t) : sizeof(std::uint16_t);
  return bounded_sum((targets + 1) * sizeof(first) + (panels_for(targets) + 1) * sizeof(start),
                     bounded_product(entries, panel_width * index));
}

sparse_size one_to_one_size(std::uint32_t n) noexcept {
  constexpr std::uint32_t narrow = std::numeric_limits<std::uint16_t>::max();
  return {n, panels_for(n), sparse_memory(n, panels_for(n), n > narrow + 1), true};
}

sparse_connections sparse_connections::one_to_one(std::uint32_t n) {
  sparse_connections c;
  c.reserve(n, 1);
  for (std::uint32_t neuron = 0; neuron < n; ++neuron) c.add_target(std::span(&neuron, 1));
  return c;
}

void sparse_connections::reserve(std::size_t targets, std::size_t degree) {
  first_.reserve(targets + 1);
  slice_start_.reserve(panels_for(targets) + 1);
  slice_source_.reserve(std::min(panels_for(targets), kept_.size()) * panel_width * degree);
}

void sparse_connections::add_target(std::span<const std::uint32_t> sources) {
  const std::size_t target = targets();
  first_.push_back(size() + sources.size());
  if (target % panel_width == 0) {
    slice_start_.push_back(slice_start_.back());
    widest_ = 0;
  }
  const std::size_t wider = std::max(widest_, sources.size()) - widest_;
  widest_ += wider;
  entries_of_all_ += wider;
  if (target / panel_width < kept_.first) entries_before_ += wider;
  if (!keeps(target)) return;
  const std::size_t start = slice_start_[target / panel_width];
  const std::size_t end = std::max<std::size_t>(slice_start_.back(), start + sources.size());
  slice_start_.back() = slice_number(end);
  slice_source_.resize(end * panel_width);
  slice_source_.set_each(place(target, 0), panel_width, sources);
}

void sparse_connections::shrink_to_fit() {
  first_.shrink_to_fit();
  slice_start_.shrink_to_fit();
  slice_source_.shrink_to_fit();
}

sparse_connections sparse_connections::joined(std::vector<sparse_connections> parts, panel_range kept) {
  if (parts.size() == 1) {
    parts.front().kept_ = kept;
    parts.front().shrink_to_fit();
    return std::move(parts.front());
  }
  sparse_connections all(kept);
  std::vector<neuron_indices> sources;
  for (sparse_connections& part : parts) {
    all.append_numbers(part);
    sources.push_back(std::move(part.slice_source_));
  }
  all.slice_source_ = neuron_indices::joined(std::move(sources));
  all.shrink_to_fit();
  return all;
}

/// All that stands of these targets but their sources.
void sparse_connections::append_numbers(const sparse_connections& next) {
  const std::uint64_t connections = size();
  const std::size_t before = entries();
  for (std::size_t n = 1; n < next.first_.size(); ++n) first_.push_back(connections + next.first_[n]);
  for (std::size_t n = 1; n < next.slice_start_.size(); ++n) {
    slice_start_.push_back(slice_number(before + next.slice_start_[n]));
  }
  widest_ = next.widest_;
  entries_before_ += next.entries_before_;
  entries_of_all_ += next.entries_of_all_;
}

sparse_connections sparse_connections::keeping(panel_range kept) const {
  sparse_connections part(kept);
  std::vector<std::uint32_t> sources;
  for (std::size_t target = 0; target < targets(); ++target) {
    sources.resize(degree(target));
    for (std::size_t k = 0; k < sources.size(); ++k) sources[k] = source(target, k);
    part.add_target(sources);
  }
  part.shrink_to_fit();
  return part;
}

sparse_connections::pair sparse_connections::ends(std::uint64_t connection) const {
  const auto next = std::upper_bound(first_.begin(), first_.end(), connection);
  const auto target = static_cast<std::size_t>(next - first_.begin() - 1);
  return {source(target, static_cast<std::size_t>(connection - first_[target])), static_cast<std::uint32_t>(target)};
}

std::optional<std::uint64_t> sparse_connections::find(std::uint32_t wanted, std::uint32_t target) const {
  std::size_t low = 0;
  std::size_t high = degree(target);
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (source(target, middle) < wanted) low = middle + 1;
    else high = middle;
  }
  if (low == degree(target) || source(target, low) != wanted) return std::nullopt;
  return first(target) + low;
}

}  // namespace locus
