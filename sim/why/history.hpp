#pragma once
/// What a circuit did in its last ticks: every field of every neuron and synapse, tick by tick, in bounded memory.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/engine/simulator.hpp"

namespace locus {

/// What one tick looked like, after its messages and before its learning. Arrays that stayed the same from one tick to
/// the next are kept once.
struct kept_tick {
  using numbers = std::shared_ptr<const std::vector<double>>;

  tick_t tick = 0;                          ///< the first one that looked so
  std::vector<numbers> fields;              ///< [field, in the order of populations][neuron * lanes + lane]
  std::vector<numbers> synapses;            ///< [field, in the order of projections], as simulator::synapse_field
  std::vector<std::optional<tick_t>> held;  ///< [population]: simulator::held_since
};

/// Observes a simulator, or is told ticks one after the other. One thread at a time; the circuit must outlive it.
class history : public tick_observer {
 public:
  /// Keeps at most some `bytes`: the oldest ticks are dropped. Ticks before `from` are not looked at.
  explicit history(const circuit& c, std::uint64_t bytes = std::uint64_t{1} << 28, tick_t from = 0);

  void on_tick(tick_t tick, const simulator& s) override;
  void on_quiet(tick_t first, tick_t last, const simulator& s) override;

  /// Keeps what the last tick's learning has made of the synapses as a tick of its own, until the next tick comes.
  void conclude(const simulator& s);

  /// What a tick of a circuit takes if nothing in it stayed as it was.
  [[nodiscard]] static std::uint64_t bytes_of_tick(const circuit& c);

  /// Adds a tick; `fields` and `synapses` as in kept_tick. Requires: later than all before.
  void add(tick_t tick, std::vector<std::vector<double>> fields, std::vector<std::vector<double>> synapses,
           std::vector<std::optional<tick_t>> held);

  [[nodiscard]] const circuit& net() const noexcept { return net_; }

  /// The ticks [first, last) that are kept; [0, 0) if there are none.
  [[nodiscard]] window extent() const noexcept;

  /// Whether a tick can be asked for. Before the first tick of a run there is nothing but zeros and the weights that it
  /// begins with.
  [[nodiscard]] bool knows(tick_t tick) const noexcept;

  // Requires: knows(tick).
  [[nodiscard]] double value(output_id field, std::size_t neuron, std::size_t lane, tick_t tick) const;
  /// Of synapse k of a projection with a synapse model; `lane` of fields that have one number for each, else ignored.
  [[nodiscard]] double synapse(std::size_t projection, std::size_t field, std::size_t k, std::size_t lane,
                               tick_t tick) const;
  /// The tick in which the stimulus that held a population in `tick` came on.
  [[nodiscard]] std::optional<tick_t> held_since(std::size_t population, tick_t tick) const;

  /// The last tick up to `tick` at which a number was another one than in the tick before. Nothing: it always was what
  /// it is, as far back as is kept.
  [[nodiscard]] std::optional<tick_t> last_change(output_id field, std::size_t neuron, std::size_t lane,
                                                  tick_t tick) const;
  [[nodiscard]] std::optional<tick_t> last_change_of_synapse(std::size_t projection, std::size_t field, std::size_t k,
                                                             std::size_t lane, tick_t tick) const;

 private:
  [[nodiscard]] std::size_t at(tick_t tick) const;
  [[nodiscard]] std::size_t place(std::size_t projection, std::size_t field, std::size_t k, std::size_t lane) const;
  template <class Value>
  std::optional<tick_t> change_before(tick_t tick, bool zero_at_birth, Value&& value) const;
  [[nodiscard]] kept_tick look(tick_t tick, const simulator& s, bool synapses) const;
  void keep(kept_tick k);

  const circuit& net_;
  std::uint64_t bytes_;
  tick_t from_;
  std::vector<std::size_t> first_field_, first_synapse_;  ///< [population], [projection]
  std::deque<kept_tick> ticks_;
  std::deque<std::uint64_t> sizes_;  ///< [kept tick]: bytes that it added
  std::uint64_t held_bytes_ = 0;
  bool concluded_ = false;                       ///< the last kept tick is conclude()'s
  tick_t last_ = 0;                              ///< one past the last tick
  std::optional<std::uint64_t> weight_changes_;  ///< of the run when synapses were last read
};

/// Whether the synapses of a projection have numbers of their own: other projections are links, or use another one's.
[[nodiscard]] inline bool has_synapses(const projection& p) noexcept { return p.synapse != nullptr && !p.shared_with; }

/// Fields of a projection's synapses that are kept: theta alone of those that do not learn.
[[nodiscard]] inline std::size_t kept_fields(const projection& p) noexcept {
  return !has_synapses(p) ? 0 : p.learns() ? p.synapse->state.size() : 1;
}

}  // namespace locus
