#pragma once
/// Keeps the books of an interpretation: trails, tallies of writes, control messages, and which evaluation was whose.

#include <deque>
#include <string>
#include <vector>

#include "sim/audit/interpreter.hpp"
#include "sim/audit/rules.hpp"

namespace locus::detail {

/// Consecutive evaluations of one rule for the entities of one group.
struct evaluation_block {
  std::uint64_t first = 0;
  bool is_synapse = false;
  std::size_t group = 0;
  tick_t tick = 0;
  const std::vector<std::size_t>* sampled = nullptr;  ///< the entities; null: all
};

class ledger {
 public:
  /// All must outlive the ledger.
  ledger(const circuit& c, interpretation& out) : net_(c), out_(out) {}

  void begin_tick(tick_t t) { tick_ = t; }
  void open(const evaluation_block& b) {
    // What was kept for so long is named no more; it is still seen.
    constexpr std::size_t most = 1'000'000;
    if (blocks_.size() == most) blocks_.pop_front();
    blocks_.push_back(b);
  }

  // Trails.
  std::uint32_t begin(step_kind kind, const entity_ref& who, const entity_ref& source, std::size_t field,
                      double value) {
    return out_.paths.add({0, kind, who, tick_, source, field, tick_, value});
  }
  /// `who` computed its field from what `before` led to.
  std::uint32_t passed_on(const entity_ref& who, std::uint32_t before, std::size_t field);
  /// `who` used a value of another evaluation.
  std::uint32_t smuggled(const entity_ref& who, std::uint32_t foreign);

  // Writes.
  void count_write() { ++out_.writes; }
  void tally(write_tallies& all, const entity_ref& who, std::size_t field, std::uint32_t trail, double before,
             double after);
  void compare(const entity_ref& who, std::size_t field, double traced, double production);

  // Control messages: of this tick, from the sources' fields before and after it.
  void count_imposition(std::size_t population, std::uint64_t neurons);
  void count_change(const control_source& s, std::size_t field);

 private:
  void locate(const evaluation_block& b, const foreign_read& read, trail_step& s) const;
  void count_message(const std::string& sender, const std::string& receiver, bool synapses, std::uint64_t n);

  const circuit& net_;
  interpretation& out_;
  std::deque<evaluation_block> blocks_;
  tick_t tick_ = 0;
};

}  // namespace locus::detail
