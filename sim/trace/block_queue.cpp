#include "sim/trace/block_queue.hpp"

#include <utility>

namespace locus {

void trace_block::pack(const trace_layout& layout, chunk_packer& packer) {
  packed.resize(layout.columns.size());
  const std::byte* from = values.data();
  for (std::size_t k = 0; k < packed.size(); ++k) {
    const trace_column& column = layout.columns[k];
    const auto keep = [&to = packed[k]](const packed_chunk& c) {
      kept_chunk& kept = to.emplace_back(kept_chunk{c, {c.bytes.begin(), c.bytes.end()}});
      kept.chunk.bytes = kept.bytes;
    };
    packer.pack(ticks.size(), layout.number_bytes(), column.shape, column.chunk, from, keep);
    from += layout.frames * column.bytes;
  }
}

std::size_t trace_block::rows() const noexcept {
  std::size_t sum = 0;
  for (const table_rows& t : tables) sum += t.rows();
  return sum;
}

void trace_block::clear() {
  ticks.clear();
  packed.clear();
  for (table_rows& t : tables) t.clear();
}

block_queue::block block_queue::fresh() {
  {
    const std::scoped_lock lock(mutex_);
    if (!spare_.empty()) {
      block b = std::move(spare_.back());
      spare_.pop_back();
      return b;
    }
  }
  return std::make_unique<trace_block>(layout_, tables_);
}

bool block_queue::full() {
  const std::scoped_lock lock(mutex_);
  return waiting_.size() >= most_waiting;
}

void block_queue::push(block b) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || waiting_.size() < most_waiting; });
  if (failure_) std::rethrow_exception(failure_);
  waiting_.push_back(std::move(b));
  changed_.notify_all();
}

void block_queue::check() {
  const std::scoped_lock lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

void block_queue::finish() {
  const std::scoped_lock lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

block_queue::block block_queue::pop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return finished_ || !waiting_.empty(); });
  if (waiting_.empty()) return nullptr;
  block b = std::move(waiting_.front());
  waiting_.pop_front();
  changed_.notify_all();
  return b;
}

void block_queue::recycle(block b) {
  b->clear();
  const std::scoped_lock lock(mutex_);
  spare_.push_back(std::move(b));
}

void block_queue::fail(std::exception_ptr why) {
  const std::scoped_lock lock(mutex_);
  failure_ = std::move(why);
  waiting_.clear();
  changed_.notify_all();
}

}  // namespace locus
