#include "sim/trace/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace locus {

namespace {

constexpr std::size_t most_frames = 128;                          // of a block
constexpr std::size_t most_block_bytes = std::size_t{32} << 20u;  // a few blocks are in memory at a time
constexpr std::size_t chunk_numbers = 128 * 128;
constexpr std::size_t most_chunk_bytes = 256 * 1024;

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

trace_column column_of(const circuit& c, output_id id, const trace_layout& layout) {
  const population& p = c.populations[id.population];
  const field& f = p.model->fields[id.field];
  trace_column column{p.name, std::string(f.name), std::string(f.unit), std::string(f.meaning), {p.size}, {}, 0};
  if (layout.lanes > 1) column.shape.push_back(layout.lanes);
  return column;
}

trace_column column_of(const circuit& c, const projection& p) {
  return {p.name, "theta", "1", "weight", {c.connections(p)}, {}, 0};
}

/// Events of a model with one event variable go by the population's name alone.
spike_column spikes_of(const circuit& c, output_id id) {
  const population& p = c.populations[id.population];
  const auto& fields = p.model->fields;
  const auto events = std::count_if(fields.begin(), fields.end(), [](const field& f) { return f.event; });
  return {events == 1 ? p.name : c.name_of(id), id};
}

/// The most frames, a power of two, whose block stays within bounds.
std::size_t frames_of_block(std::size_t frame_bytes) {
  std::size_t frames = most_frames;
  while (frames > 1 && frames * frame_bytes > most_block_bytes) frames /= 2;
  return frames;
}

void set_chunk(trace_column& column, const trace_layout& layout) {
  const std::uint64_t neurons = equal_part(column.shape[0], chunk_numbers / layout.frames);
  column.chunk = {neurons};
  if (column.shape.size() == 1) return;
  const std::uint64_t lane_bytes = layout.frames * neurons * layout.number_bytes();
  column.chunk.push_back(equal_part(column.shape[1], most_chunk_bytes / lane_bytes));
}

/// Names under /trace that are not those of populations and projections, or within one of their groups.
void check_names(const trace_layout& layout, const trace_description& trace) {
  for (const trace_column& column : layout.columns) {
    const bool reserved = column.variable == "neuron" || column.variable == "lane";
    if (column.group != "tick" && !reserved) continue;
    throw usage_error(trace.at, fmt::format("\"{}.{}\" cannot be recorded: traces reserve the name \"{}\"",
                                            column.group, column.variable, reserved ? column.variable : column.group));
  }
}

}  // namespace

trace_layout make_layout(const circuit& c, const trace_description& trace) {
  trace_layout layout;
  layout.selection = select_recorded(c, trace);
  layout.single = c.precision == "f32";
  layout.lanes = c.lanes;
  layout.every = std::max<std::uint32_t>(trace.every, 1);
  layout.from = trace.from;
  layout.until = trace.until == 0 ? std::numeric_limits<tick_t>::max() : trace.until;
  for (const output_id id : layout.selection.fields) {
    layout.columns.push_back(column_of(c, id, layout));
    if (c.populations[id.population].model->fields[id.field].event) layout.spikes.push_back(spikes_of(c, id));
  }
  for (const std::size_t i : layout.selection.projections) layout.columns.push_back(column_of(c, c.projections[i]));
  check_names(layout, trace);
  for (trace_column& column : layout.columns) {
    column.bytes = product(column.shape) * layout.number_bytes();
    layout.frame_bytes += column.bytes;
  }
  layout.frames = frames_of_block(layout.frame_bytes);
  for (trace_column& column : layout.columns) set_chunk(column, layout);
  return layout;
}

std::uint64_t frames_within(std::uint64_t ticks, const trace_layout& layout) {
  const auto frames_before = [step = std::uint64_t{layout.every}](std::uint64_t tick) {
    return tick / step + (tick % step == 0 ? 0 : 1);
  };
  const std::uint64_t end = std::min(ticks, static_cast<std::uint64_t>(layout.until));
  const std::uint64_t start = std::min(end, static_cast<std::uint64_t>(layout.from));
  return frames_before(end) - frames_before(start);
}

}  // namespace locus
