/// Ranks that are processes of MPI.

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sim/core/errors.hpp"
#include "tools/locus/ranks.hpp"

namespace locus::tools {
namespace {

/// MPI ends the whole run if one of its calls fails (MPI_ERRORS_ARE_FATAL): none returns an error.
class mpi_group final : public rank_group {
 public:
  mpi_group() {
    int level = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
    if (level < MPI_THREAD_FUNNELED) throw run_error("this MPI allows no threads beside the one that calls it");
    int n = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &n);
    rank_ = static_cast<std::size_t>(n);
    MPI_Comm_size(MPI_COMM_WORLD, &n);
    size_ = static_cast<std::size_t>(n);
    packets_.resize(size_ * packet);
  }
  ~mpi_group() override { MPI_Finalize(); }
  mpi_group(const mpi_group&) = delete;
  mpi_group& operator=(const mpi_group&) = delete;

  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] std::size_t size() const noexcept override { return size_; }

  void broadcast(std::string& bytes) override {
    begin(bytes);
    wait([&](MPI_Request* r) { MPI_Ibcast(mine_, packet, MPI_BYTE, 0, MPI_COMM_WORLD, r); });
    const std::size_t all = size_of(mine_);
    if (rank_ != 0) bytes.assign(mine_ + sizeof(std::uint64_t), std::min(all, room));
    bytes.resize(all);
    each_piece(std::min(all, room), all, [&](std::size_t first, int count) {
      wait([&](MPI_Request* r) { MPI_Ibcast(bytes.data() + first, count, MPI_BYTE, 0, MPI_COMM_WORLD, r); });
    });
  }

  void all_gather(std::string_view mine, gathered& all) override {
    begin(mine);
    exchange_packets();
    rest(mine, all, [&](const char* from, int count, char* to, const int* counts, const int* places) {
      wait([&](MPI_Request* r) {
        MPI_Iallgatherv(from, count, MPI_BYTE, to, counts, places, MPI_BYTE, MPI_COMM_WORLD, r);
      });
    });
  }

  void gather(std::string_view mine, gathered& all) override {
    begin(mine);
    // How much there is to come, all know; only rank 0 keeps it.
    exchange_packets();
    rest(
        mine, all,
        [&](const char* from, int count, char* to, const int* counts, const int* places) {
          wait([&](MPI_Request* r) {
            MPI_Igatherv(from, count, MPI_BYTE, to, counts, places, MPI_BYTE, 0, MPI_COMM_WORLD, r);
          });
        },
        rank_ == 0);
    if (rank_ != 0) all.clear();
  }

 private:
  static constexpr int packet = 1024;  ///< what is short goes at once: its length, and it
  static constexpr std::size_t room = packet - sizeof(std::uint64_t);
  static constexpr std::size_t piece = std::size_t{1} << 28u;  ///< of a rank at a time: MPI counts in ints

  /// Starts an exchange and waits for its end: actively at first, since the others mostly come soon, and then by short
  /// sleeps, so that ranks which share a processor let each other work.
  template <class F>
  static void wait(F&& start) {
    MPI_Request request = MPI_REQUEST_NULL;
    start(&request);
    for (int tries = 0;; ++tries) {
      int done = 0;
      MPI_Test(&request, &done, MPI_STATUS_IGNORE);
      if (done != 0) return;
      if (tries > actively) std::this_thread::sleep_for(std::chrono::microseconds(tries < 2 * actively ? 5 : 50));
    }
  }
  static constexpr int actively = 200;

  void exchange_packets() {
    wait([&](MPI_Request* r) {
      MPI_Iallgather(mine_, packet, MPI_BYTE, packets_.data(), packet, MPI_BYTE, MPI_COMM_WORLD, r);
    });
  }

  void begin(std::string_view mine) {
    const std::uint64_t size = mine.size();
    std::memcpy(mine_, &size, sizeof size);
    std::memcpy(mine_ + sizeof size, mine.data(), std::min(mine.size(), room));
  }
  static std::size_t size_of(const char* from) {
    std::uint64_t size = 0;
    std::memcpy(&size, from, sizeof size);
    return size;
  }

  template <class F>
  static void each_piece(std::size_t first, std::size_t last, F&& f) {
    for (; first < last; first += piece) f(first, static_cast<int>(std::min(piece, last - first)));
  }

  /// Lists what came in packets, and then what found no room in them.
  template <class F>
  void rest(std::string_view mine, gathered& all, F&& exchange, bool keeps = true) {
    all.clear();
    std::size_t sum = 0, longest = 0;
    for (std::size_t r = 0; r < size_; ++r) {
      const std::size_t size = size_of(packets_.data() + r * packet);
      longest = std::max(longest, size);
      all.ends.push_back(sum += size);
    }
    if (keeps) {
      all.bytes.resize(sum);
      for (std::size_t r = 0; r < size_; ++r) {
        const std::size_t first = r == 0 ? 0 : all.ends[r - 1];
        const std::size_t size = std::min(all.ends[r] - first, room);
        if (size != 0)
          std::memcpy(all.bytes.data() + first, packets_.data() + r * packet + sizeof(std::uint64_t), size);
      }
    }
    std::vector<int> counts(size_), places(size_);
    const std::size_t at_once = std::max<std::size_t>(std::size_t{std::numeric_limits<int>::max()} / size_ / 2, 1);
    for (std::size_t from = room; from < longest; from += at_once) {
      // In a buffer of its own, since places are ints, too.
      std::size_t total = 0;
      for (std::size_t r = 0; r < size_; ++r) {
        const std::size_t size = all.ends[r] - (r == 0 ? 0 : all.ends[r - 1]);
        counts[r] = size > from ? static_cast<int>(std::min(at_once, size - from)) : 0;
        places[r] = static_cast<int>(total);
        total += static_cast<std::size_t>(counts[r]);
      }
      piece_.resize(keeps ? total : 0);
      exchange(mine.data() + std::min(from, mine.size()), counts[rank_], piece_.data(), counts.data(), places.data());
      for (std::size_t r = 0; keeps && r < size_; ++r) {
        const std::size_t first = (r == 0 ? 0 : all.ends[r - 1]) + from;
        if (counts[r] != 0)
          std::memcpy(all.bytes.data() + first, piece_.data() + places[r], static_cast<std::size_t>(counts[r]));
      }
    }
  }

  std::size_t rank_ = 0;
  std::size_t size_ = 1;
  char mine_[packet] = {};
  std::vector<char> packets_;
  std::string piece_;
};

}  // namespace

rank_group* mpi_ranks() {
  static mpi_group group;
  return &group;
}

void end_mpi_ranks() {
  MPI_Abort(MPI_COMM_WORLD, 1);
  std::abort();
}

}  // namespace locus::tools
