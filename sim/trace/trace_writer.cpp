#include "sim/trace/trace_writer.hpp"

#include <algorithm>
#include <cstring>

namespace locus {

namespace {

/// Events of a block, at most: about 20 MB.
constexpr std::size_t most_events = std::size_t{1} << 20u;

/// Calls f(index) for each number of `bytes` that is not zero.
template <class T, class F>
void each_nonzero(const std::vector<std::byte>& bytes, std::size_t count, F&& f) {
  for (std::size_t i = 0; i < count; ++i) {
    T number;
    std::memcpy(&number, bytes.data() + i * sizeof(T), sizeof(T));
    if (number != T(0)) f(i);
  }
}

tick_t next_multiple(tick_t tick, tick_t step) {
  const tick_t over = tick % step;
  return over == 0 ? tick : tick - over + (over < 0 ? 0 : step);
}

}  // namespace

trace_writer::trace_writer(const circuit& c, const trace_description& trace, const trace_provenance& run, bool force)
    : layout_(make_layout(c, trace)),
      file_(c, trace, run, layout_, force),
      queue_(layout_),
      block_(queue_.fresh()),
      row_(layout_.frame_bytes),
      events_(layout_.spikes.size()) {
  std::size_t largest = 0;
  for (const spike_column& column : layout_.spikes) {
    largest = std::max<std::size_t>(largest, c.populations[column.field.population].size);
  }
  field_.resize(largest * layout_.lanes * layout_.number_bytes());
  thread_ = std::thread([this] { write_blocks(); });
}

trace_writer::~trace_writer() { abort({}); }

void trace_writer::on_tick(tick_t tick, const simulator& s) {
  queue_.check();
  if (tick < layout_.from || tick >= layout_.until) return;
  if (!layout_.spikes.empty()) {
    find_events(s);
    add_events(tick);
  }
  if (tick % layout_.every != 0) return;
  read_row(s);
  add_frame(tick);
}

void trace_writer::on_quiet(tick_t first, tick_t last, const simulator& s) {
  queue_.check();
  first = std::max(first, layout_.from);
  last = std::min(last, layout_.until);
  if (first >= last) return;
  if (!layout_.spikes.empty()) {
    find_events(s);
    const bool any = std::any_of(events_.begin(), events_.end(), [](const auto& list) { return !list.empty(); });
    for (tick_t tick = first; any && tick < last; ++tick) add_events(tick);
  }
  const tick_t step = layout_.every;
  tick_t tick = next_multiple(first, step);
  if (tick >= last) return;
  read_row(s);
  for (; tick < last; tick += step) add_frame(tick);
}

void trace_writer::read_row(const simulator& s) {
  std::byte* at = row_.data();
  std::size_t column = 0;
  for (const output_id field : layout_.selection.fields) {
    s.read_field(field, at);
    at += layout_.columns[column++].bytes;
  }
  for (const std::size_t projection : layout_.selection.projections) {
    s.read_weights(projection, at);
    at += layout_.columns[column++].bytes;
  }
}

void trace_writer::add_frame(tick_t tick) {
  const std::size_t frame = block_->ticks.size();
  const std::byte* from = row_.data();
  std::byte* column = block_->values.data();
  for (const trace_column& c : layout_.columns) {
    if (c.bytes != 0) std::memcpy(column + frame * c.bytes, from, c.bytes);
    from += c.bytes;
    column += layout_.frames * c.bytes;
  }
  block_->ticks.push_back(tick);
  ++frames_;
  if (block_->ticks.size() == layout_.frames) hand_over();
}

void trace_writer::find_events(const simulator& s) {
  for (std::size_t k = 0; k < events_.size(); ++k) {
    const output_id field = layout_.spikes[k].field;
    s.read_field(field, field_.data());
    const std::size_t count = s.net().populations[field.population].size * layout_.lanes;
    events_[k].clear();
    const auto note = [this, &list = events_[k]](std::size_t i) {
      list.push_back({i / layout_.lanes, static_cast<std::uint32_t>(i % layout_.lanes)});
    };
    if (layout_.single) {
      each_nonzero<float>(field_, count, note);
    } else {
      each_nonzero<double>(field_, count, note);
    }
  }
}

void trace_writer::add_events(tick_t tick) {
  for (std::size_t k = 0; k < events_.size(); ++k) {
    spike_list& list = block_->spikes[k];
    for (const event& e : events_[k]) {
      list.ticks.push_back(static_cast<double>(tick));
      list.nodes.push_back(e.node);
      list.lanes.push_back(e.lane);
    }
    block_->events += events_[k].size();
  }
  if (block_->events >= most_events) hand_over_events();
}

void trace_writer::hand_over() {
  block_queue::block full = queue_.fresh();
  std::swap(full, block_);
  queue_.push(std::move(full));
}

/// Frames stay until their block is full, so that a block of the file is written once.
void trace_writer::hand_over_events() {
  block_queue::block events = queue_.fresh();
  std::swap(events->spikes, block_->spikes);
  std::swap(events->events, block_->events);
  queue_.push(std::move(events));
}

void trace_writer::write_blocks() noexcept {
  try {
    while (block_queue::block b = queue_.pop()) {
      file_.append(*b);
      queue_.recycle(std::move(b));
    }
  } catch (...) {
    queue_.fail(std::current_exception());
  }
}

void trace_writer::stop_thread() {
  queue_.finish();
  if (thread_.joinable()) thread_.join();
}

void trace_writer::close() {
  if (!open_) return;
  queue_.check();
  open_ = false;
  stop_thread();
  queue_.check();
  file_.append(*block_);
  file_.complete();
}

void trace_writer::abort(std::string_view reason) noexcept {
  if (!open_) return;
  open_ = false;
  stop_thread();
  try {
    queue_.check();
    file_.append(*block_);
  } catch (...) {
    // The run has failed already; what could be written is in the file.
  }
  try {
    file_.end(reason);
  } catch (...) {
  }
}

std::uint64_t trace_writer::predicted_bytes(const circuit& c, const trace_description& trace, std::uint64_t ticks) {
  const trace_layout layout = make_layout(c, trace);
  std::uint64_t bytes = frames_within(ticks, layout) * (layout.frame_bytes + sizeof(tick_t));
  for (const std::size_t i : layout.selection.projections) {
    bytes += c.connections(c.projections[i]) * 2 * sizeof(std::uint32_t);
  }
  return bytes;
}

}  // namespace locus
