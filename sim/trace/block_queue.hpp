#pragma once
/// Blocks of recorded numbers on their way from the simulating thread to the writing one.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "sim/core/tick.hpp"
#include "sim/trace/chunk_packer.hpp"
#include "sim/trace/layout.hpp"
#include "sim/trace/table.hpp"

namespace locus {

/// Consecutive frames, and rows of the tables.
struct trace_block {
  struct kept_chunk {
    packed_chunk chunk;  ///< of the bytes below
    std::vector<std::byte> bytes;
  };

  std::vector<tick_t> ticks;      ///< of the frames
  std::vector<std::byte> values;  ///< room for a full block: column k's frames at layout.frames * (bytes before k)
  std::vector<std::vector<kept_chunk>> packed;  ///< [column]: the chunks of its frames; empty unless pack() was called
  std::vector<table_rows> tables;

  trace_block(const trace_layout& layout, const std::vector<table_layout>& all)
      : values(layout.frames * layout.frame_bytes), tables(all.begin(), all.end()) {
    ticks.reserve(layout.frames);
  }

  /// Packs the frames ahead of their being written. They stay.
  void pack(const trace_layout& layout, chunk_packer& packer);

  /// Rows of all tables.
  [[nodiscard]] std::size_t rows() const noexcept;

  /// Empty, with the memory kept.
  void clear();
};

/// A queue of bounded length between one producer and one consumer. A consumer that fails says so, and the producer
/// learns of it at its next call.
class block_queue {
 public:
  using block = std::unique_ptr<trace_block>;

  block_queue(const trace_layout& layout, const std::vector<table_layout>& tables) : layout_(layout), tables_(tables) {}

  /// Producer: an empty block.
  [[nodiscard]] block fresh();

  /// Producer: whether it would have to wait now.
  [[nodiscard]] bool full();

  /// Producer: hands a block over, waiting while the queue is full. Throws what the consumer failed with.
  void push(block b);

  /// Producer: throws what the consumer failed with.
  void check();

  /// Producer: no more blocks will come.
  void finish();

  /// Consumer: the next block, or null when there will be none. Waits.
  [[nodiscard]] block pop();

  /// Consumer: gives a block back to be used again.
  void recycle(block b);

  /// Consumer: it cannot go on, and takes no more blocks.
  void fail(std::exception_ptr why);

 private:
  static constexpr std::size_t most_waiting = 2;

  const trace_layout& layout_;
  const std::vector<table_layout>& tables_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<block> waiting_;
  std::vector<block> spare_;
  std::exception_ptr failure_;
  bool finished_ = false;
};

}  // namespace locus
