#include "sim/trace/trace_writer.hpp"

#include <algorithm>
#include <cstring>

#include "sim/core/whole_number.hpp"

namespace locus {

namespace {

/// Rows of all tables in a block, at most: about 10 MB.
constexpr std::size_t most_rows = std::size_t{1} << 18u;

tick_t next_multiple(tick_t tick, tick_t step) {
  const tick_t over = tick % step;
  return over == 0 ? tick : tick - over + (over < 0 ? 0 : step);
}

std::vector<table_layout> tables_of(const recorder_list& recorders) {
  std::vector<table_layout> all;
  for (const auto& recorder : recorders) {
    all.insert(all.end(), recorder->tables().begin(), recorder->tables().end());
  }
  return all;
}

}  // namespace

trace_writer::trace_writer(const circuit& c, const trace_description& trace, const trace_provenance& run, bool force,
                           const timeline_description& timeline)
    : layout_(make_layout(c, trace, timeline)),
      recorders_(make_recorders(c, trace, layout_)),
      tables_(tables_of(recorders_)),
      file_(c, trace, run, layout_, recorders_, force),
      queue_(layout_, tables_),
      block_(queue_.fresh()),
      reader_(c, layout_.single) {
  thread_ = std::thread([this] { write_blocks(); });
}

trace_writer::~trace_writer() {
  if (!open_) return;
  stop_thread();
  try {
    queue_.check();
    file_.append(*block_);
  } catch (...) {
    // What could be written is in the file.
  }
}

template <class F>
void trace_writer::each_recorder(F&& f) {
  std::size_t first = 0;
  for (const auto& recorder : recorders_) {
    const std::size_t count = recorder->tables().size();
    f(*recorder, std::span(block_->tables).subspan(first, count));
    first += count;
  }
}

bool trace_writer::recorded(tick_t tick) {
  while (window_ < layout_.windows.size() && tick >= layout_.windows[window_].last) ++window_;
  return window_ < layout_.windows.size() && tick >= layout_.windows[window_].first;
}

void trace_writer::begin(const begun_presentation& p) {
  for (const auto& recorder : recorders_) recorder->begin(p);
}

void trace_writer::on_tick(tick_t tick, const simulator& s) {
  queue_.check();
  next_ = tick + 1;
  const bool wanted = recorded(tick);
  each_recorder([&](table_recorder& r, std::span<table_rows> to) { r.see(tick, wanted, s, to); });
  if (wanted && tick % layout_.every == 0) add_frame(tick, s);
  if (block_->rows() >= most_rows) hand_over_rows();
}

void trace_writer::on_quiet(tick_t first, tick_t last, const simulator& s) {
  queue_.check();
  next_ = last;
  while (first < last) {
    const bool wanted = recorded(first);
    tick_t end = last;
    if (wanted) end = std::min(end, layout_.windows[window_].last);
    else if (window_ < layout_.windows.size()) end = std::min(end, layout_.windows[window_].first);
    see_quiet({first, end}, wanted, s);
    first = end;
  }
}

void trace_writer::see_quiet(const window& ticks, bool wanted, const simulator& s) {
  each_recorder([&](table_recorder& r, std::span<table_rows> to) { r.see_quiet(ticks, wanted, s, to); });
  if (!wanted) return;
  tick_t tick = next_multiple(ticks.first, layout_.every);
  for (bool first = true; tick < ticks.last; tick += layout_.every, first = false) {
    if (first || block_->ticks.empty()) add_frame(tick, s);
    else repeat_frame(tick);
  }
}

void trace_writer::add_frame(tick_t tick, const simulator& s) {
  std::byte* column = block_->values.data();
  for (const trace_column& c : layout_.columns) {
    reader_.read(s, c.source, column + block_->ticks.size() * c.bytes);
    column += layout_.frames * c.bytes;
  }
  count_frame(tick);
}

/// One frame more like the last one of the block.
void trace_writer::repeat_frame(tick_t tick) {
  std::byte* column = block_->values.data();
  for (const trace_column& c : layout_.columns) {
    std::byte* to = column + block_->ticks.size() * c.bytes;
    std::memcpy(to, to - c.bytes, c.bytes);
    column += layout_.frames * c.bytes;
  }
  count_frame(tick);
}

void trace_writer::count_frame(tick_t tick) {
  block_->ticks.push_back(tick);
  ++frames_;
  if (block_->ticks.size() == layout_.frames) hand_over();
}

void trace_writer::hand_over() {
  block_queue::block full = queue_.fresh();
  std::swap(full, block_);
  if (queue_.full()) full->pack(layout_, packer_);
  queue_.push(std::move(full));
}

/// Frames stay until their block is full, so that a block of the file is written once.
void trace_writer::hand_over_rows() {
  block_queue::block rows = queue_.fresh();
  std::swap(rows->tables, block_->tables);
  queue_.push(std::move(rows));
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

void trace_writer::finish_recorders() {
  each_recorder([&](table_recorder& r, std::span<table_rows> to) { r.finish(next_, to); });
}

void trace_writer::close() {
  if (!open_) return;
  stop_thread();
  queue_.check();
  finish_recorders();
  file_.append(*block_);
  file_.end("finished", next_, true);
  open_ = false;
}

void trace_writer::abort(std::string_view reason, tick_t tick) noexcept {
  if (!open_) return;
  open_ = false;
  stop_thread();
  try {
    queue_.check();
    finish_recorders();
    file_.append(*block_);
  } catch (...) {
    // The run has failed already; what could be written is in the file.
  }
  try {
    file_.end(reason, tick, false);
  } catch (...) {
  }
}

std::uint64_t trace_writer::predicted_bytes(const circuit& c, const trace_description& trace,
                                            const timeline_description& timeline, std::uint64_t ticks) {
  const trace_layout layout = make_layout(c, trace, timeline);
  std::uint64_t bytes = bounded_product(frames_within(ticks, layout), layout.frame_bytes + sizeof(tick_t));
  for (const recorded_variable& v : layout.variables) {
    if (v.projection) bytes = bounded_sum(bytes, v.indices.size() * 2 * sizeof(std::uint32_t));
  }
  if (!trace.messages) return bytes;
  std::uint64_t connections = 0;
  for (const projection& p : c.projections) connections += c.connections(p);
  const std::uint64_t row = sizeof(tick_t) + 5 * sizeof(std::uint32_t) + 2 * layout.number_bytes();
  const std::uint64_t messages = bounded_product(ticks, bounded_product(connections, c.lanes));
  return bounded_sum(bytes, bounded_product(row, std::min(trace.messages_limit, messages)));
}

}  // namespace locus
