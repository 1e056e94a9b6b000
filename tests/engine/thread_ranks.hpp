#pragma once
/// Ranks that are threads of one process: what several processes would compute, without MPI.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/engine/joint_simulator.hpp"

namespace locus::testing {

/// What they share: each puts down what it has to say, and all look at it between two meetings.
class meeting_place {
 public:
  explicit meeting_place(std::size_t ranks) : said(ranks), missing_(ranks) {}

  void meet() {
    std::unique_lock lock(mutex_);
    const std::uint64_t now = meetings_;
    if (--missing_ == 0) {
      missing_ = said.size();
      ++meetings_;
      all_here_.notify_all();
      return;
    }
    all_here_.wait(lock, [&] { return meetings_ != now; });
  }

  std::vector<std::string_view> said;  ///< [rank]

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::size_t missing_;
  std::uint64_t meetings_ = 0;
};

class thread_rank final : public rank_group {
 public:
  thread_rank(meeting_place& place, std::size_t rank) : place_(place), rank_(rank) {}

  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] std::size_t size() const noexcept override { return place_.said.size(); }
  void broadcast(std::string& bytes) override {
    say(bytes, [&] {
      if (rank_ != 0) bytes = place_.said[0];
    });
  }
  void all_gather(std::string_view mine, gathered& all) override {
    told += mine.size();
    say(mine, [&] { listen(all); });
  }
  void gather(std::string_view mine, gathered& all) override {
    all.clear();
    say(mine, [&] {
      if (rank_ == 0) listen(all);
    });
  }

  std::uint64_t told = 0;  ///< bytes that this rank has told all

 private:
  template <class F>
  void say(std::string_view mine, F&& hear) {
    const std::string kept(mine);
    place_.said[rank_] = kept;
    place_.meet();
    hear();
    place_.meet();
  }
  void listen(gathered& all) const {
    all.clear();
    for (const std::string_view each : place_.said) {
      all.bytes += each;
      all.ends.push_back(all.bytes.size());
    }
  }

  meeting_place& place_;
  std::size_t rank_;
};

/// Rank 0 is the caller; the others serve the circuit of the netlist, until the end of this.
class thread_ranks {
 public:
  thread_ranks(std::size_t count, const description& netlist, const simulator_options& options = {})
      : place_(count), own_(place_, 0) {
    for (std::size_t rank = 1; rank < count; ++rank) {
      threads_.emplace_back([this, rank, netlist, options] {
        thread_rank group(place_, rank);
        simulator_options mine = options;
        mine.ranks = &group;
        serve_ranks([&] { return build_circuit(netlist, all_models(), group.partition()); }, mine);
      });
    }
  }
  ~thread_ranks() {
    if (!threads_.empty()) dismiss_ranks(own_);
    for (std::thread& each : threads_) each.join();
  }
  thread_ranks(const thread_ranks&) = delete;

  [[nodiscard]] thread_rank& group() noexcept { return own_; }

 private:
  meeting_place place_;
  thread_rank own_;
  std::vector<std::thread> threads_;
};

}  // namespace locus::testing
