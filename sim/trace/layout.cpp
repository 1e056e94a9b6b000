#include "sim/trace/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace locus {

namespace {

constexpr std::size_t least_chunk_frames = 128;
constexpr std::size_t most_block_frames = 4096;
constexpr std::size_t good_block_bytes = std::size_t{2} << 20u;   // fewer are not worth a flush
constexpr std::size_t most_block_bytes = std::size_t{32} << 20u;  // a few blocks are in memory at a time
constexpr std::size_t chunk_numbers = std::size_t{128} * 128;
constexpr std::size_t most_chunk_bytes = std::size_t{256} * 1024;

/// `total` in as few equal parts of at most `most` as possible: the size of a part, at least 1.
std::uint64_t equal_part(std::uint64_t total, std::uint64_t most) {
  if (total == 0) return 1;
  const std::uint64_t parts = (total + std::max<std::uint64_t>(most, 1) - 1) / std::max<std::uint64_t>(most, 1);
  return (total + parts - 1) / parts;
}

std::uint64_t product(const std::vector<std::uint64_t>& factors) {
  std::uint64_t result = 1;
  for (const std::uint64_t factor : factors) result *= factor;
  return result;
}

trace_column column_of(const circuit& c, const recorded_variable& v, const trace_layout& layout) {
  trace_column column{v, names_of(c, v), {v.indices.size()}, {}, 0};
  if (v.per_lane && layout.lanes > 1) column.shape.push_back(layout.lanes);
  column.bytes = product(column.shape) * layout.number_bytes();
  return column;
}

/// The frames of the lowest chunks: fewer only if a block cannot take so many. A power of two.
std::size_t frames_of_chunk(std::size_t frame_bytes) {
  std::size_t frames = least_chunk_frames;
  while (frames > 1 && frames * frame_bytes > most_block_bytes) frames /= 2;
  return frames;
}

/// Small frames are gathered until they are worth a flush.
std::size_t frames_of_block(std::size_t chunk_frames, std::size_t frame_bytes) {
  std::size_t frames = chunk_frames;
  while (frames < most_block_frames && frames * frame_bytes < good_block_bytes) frames *= 2;
  return frames;
}

/// Narrow chunks are made high: each costs a Huffman tree and some calls of HDF5, whatever its size.
void set_chunk(trace_column& column, const trace_layout& layout, std::size_t frames) {
  const std::uint64_t neurons = equal_part(column.shape[0], chunk_numbers / frames);
  column.chunk = {frames, neurons};
  std::uint64_t bytes = frames * neurons * layout.number_bytes();
  if (column.shape.size() > 1) {
    column.chunk.push_back(equal_part(column.shape[1], most_chunk_bytes / bytes));
    bytes *= column.chunk.back();
  }
  for (; 2 * column.chunk[0] <= layout.frames && 2 * bytes <= most_chunk_bytes; bytes *= 2) column.chunk[0] *= 2;
}

/// Names become parts of paths in the file.
void check_names(const circuit& c, const trace_layout& layout, const trace_description& trace) {
  const auto refuse = [&](const std::string& what, std::string_view why) {
    throw usage_error(trace.at, fmt::format("\"{}\" cannot be recorded: {}", what, why));
  };
  const auto check = [&](const std::string& name) {
    if (name.empty() || name == "." || name.find('/') != std::string::npos) {
      refuse(name, "a trace needs names that are not empty, not \".\", and have no \"/\"");
    }
  };
  for (const population& p : c.populations) check(p.name);
  for (const projection& p : c.projections) check(p.name);
  std::set<std::string> seen;
  for (const recorded_variable& v : layout.variables) {
    const std::string name = identity_of(c, v).full_name();
    if (names_of(c, v).group == "tick") refuse(name, "traces reserve the name \"tick\"");
    if (!seen.insert(name).second) refuse(name, "a population and a projection have a variable of that name");
  }
}

}  // namespace

variable_names names_of(const circuit& c, const recorded_variable& v) {
  const variable_identity id = identity_of(c, v);
  if (v.projection && v.synapse_field == 0) return {id.group, id.name, "1", "weight"};
  if (v.projection) {
    const synapse_field& kept = c.projections[*v.projection].synapse->state[v.synapse_field];
    return {id.group, id.name, kept.unit, kept.meaning};
  }
  const field& f = c.populations[v.field.population].model->fields[v.field.field];
  return {id.group, id.name, std::string(f.unit), std::string(f.meaning)};
}

scale_paths paths_of_scale(const std::string& group, const std::string& variable, std::string_view scale) {
  return {fmt::format("/scales/{}/{}", group, scale), fmt::format("/scales/{}/{}.{}", group, variable, scale)};
}

trace_layout make_layout(const circuit& c, const trace_description& trace, const timeline_description& timeline) {
  trace_layout layout;
  layout.variables = select_recorded(c, trace);
  layout.single = c.precision == precision::f32 || trace.precision == "f32";
  layout.lanes = c.lanes;
  layout.every = std::max<std::uint32_t>(trace.every, 1);
  layout.windows = recorded_ticks(trace, timeline);
  check_names(c, layout, trace);
  for (const recorded_variable& v : layout.variables) {
    if (!v.on_change) layout.columns.push_back(column_of(c, v, layout));
  }
  for (const trace_column& column : layout.columns) layout.frame_bytes += column.bytes;
  const std::size_t chunk_frames = frames_of_chunk(layout.frame_bytes);
  layout.frames = frames_of_block(chunk_frames, layout.frame_bytes + sizeof(tick_t));
  for (trace_column& column : layout.columns) set_chunk(column, layout, chunk_frames);
  return layout;
}

std::uint64_t frames_within(std::uint64_t ticks, const trace_layout& layout) {
  const auto frames_before = [step = std::uint64_t{layout.every}](std::uint64_t tick) {
    return tick / step + (tick % step == 0 ? 0 : 1);
  };
  std::uint64_t frames = 0;
  for (const window& w : layout.windows) {
    const std::uint64_t end = std::min(ticks, static_cast<std::uint64_t>(w.last));
    const std::uint64_t start = std::min(end, static_cast<std::uint64_t>(w.first));
    frames += frames_before(end) - frames_before(start);
  }
  return frames;
}

}  // namespace locus
