#include "sim/trace/message_recorder.hpp"
#include "sim/circuit/connections.hpp"

#include <algorithm>
#include <cstring>

#include "sim/circuit/schedule.hpp"
#include "sim/trace/synapse_ends.hpp"

namespace locus {

namespace {

template <class P>
bool differ(P a, P b) {
  return std::memcmp(&a, &b, sizeof(P)) != 0;
}

/// 1 + the level of the first reaction that reads the port, or 0 if only steps do.
std::int32_t level_of(const circuit& c, port_id port) {
  for (const scheduled_reaction& r : make_schedule(c)) {
    if (r.population != port.population) continue;
    const auto& ports = c.populations[r.population].model->reactions[r.reaction].ports;
    if (std::find(ports.begin(), ports.end(), port.port) != ports.end()) return static_cast<std::int32_t>(r.level) + 1;
  }
  return 0;
}

/// The messages of one projection.
template <class P>
class connection {
 public:
  connection(const circuit& c, std::size_t which)
      : index(which),
        level(level_of(c, c.projections[which].to)),
        projection_(&c.projections[which]),
        lanes_(c.lanes),
        sent_(longest_delay(*projection_) + 2, std::vector<P>(c.size_before(*projection_) * lanes_)) {
    each_connection(c, *projection_, [&](std::size_t source, std::size_t target, std::size_t weight) {
      ends_.source.push_back(static_cast<std::uint32_t>(source));
      ends_.target.push_back(static_cast<std::uint32_t>(target));
      weight_of_.push_back(static_cast<std::uint32_t>(weight));
    });
    if (projection_->synapse == nullptr) return;
    weights_.resize(c.weights(*projection_));
    old_weights_.resize(weights_.size());
  }

  /// Takes over what a tick sends, and calls f(source, target, lane, sent, arrived) for each message.
  template <class F>
  void see(const simulator& s, F&& f) {
    std::rotate(sent_.begin(), sent_.end() - 1, sent_.end());
    s.read_field(projection_->from, sent_.front().data());
    old_weights_.swap(weights_);
    const bool other_than_theta = projection_->learns() && projection_->synapse->weight != 0;
    if (other_than_theta) s.read_synapse_field(index, projection_->synapse->weight, weights_.data());
    else if (!weights_.empty()) s.read_weights(index, weights_.data());
    for (std::size_t k = 0; k < ends_.source.size(); ++k) {
      const std::uint32_t delay = delay_of(*projection_, k);
      const std::vector<P>&present = sent_[delay], &before = sent_[delay + 1];
      const bool everybody = seen_ == delay;  // what was sent in the first tick arrives
      const std::size_t w = weight_of_[k];
      const bool relearnt = seen_ > 0 && !weights_.empty() && differ(weights_[w], old_weights_[w]);
      const P weight = weights_.empty() ? P(1) : weights_[w];
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const std::size_t at = ends_.source[k] * lanes_ + lane;
        if (!everybody && !relearnt && !differ(present[at], before[at])) continue;
        f(ends_.source[k], ends_.target[k], static_cast<std::uint32_t>(lane), present[at], weight * present[at]);
      }
    }
    ++seen_;
  }

  std::size_t index;
  std::int32_t level;

 private:
  const projection* projection_;
  std::size_t lanes_;
  synapse_ends ends_;                     ///< of the connections
  std::vector<std::uint32_t> weight_of_;  ///< [connection]
  std::vector<std::vector<P>> sent_;      ///< [ticks ago][neuron][lane]
  std::vector<P> weights_, old_weights_;
  std::uint64_t seen_ = 0;  ///< ticks so far
};

template <class P>
class message_recorder : public table_recorder {
 public:
  message_recorder(const circuit& c, std::uint64_t limit, const trace_layout& layout)
      : circuit_(c),
        limit_(limit),
        single_(layout.single),
        end_(layout.windows.empty() ? 0 : layout.windows.back().last) {
    const number_kind number = layout.single ? number_kind::f32 : number_kind::f64;
    tables_ = {{"/messages",
                "message",
                {{"tick", number_kind::i64, "tick", "tick in which it arrived"},
                 {"level", number_kind::i32, "1", "reaction that used it, from 1; 0: the next step"},
                 {"connection", number_kind::u32, "1", "row of connections"},
                 {"source", number_kind::u32, "1", "presynaptic neuron"},
                 {"target", number_kind::u32, "1", "postsynaptic neuron"},
                 {"lane", number_kind::u32, "1", "lane"},
                 {"sent", number, "1", "what left the source"},
                 {"value", number, "1", "what arrived: weight times sent"}}}};
    for (std::size_t i = 0; i < c.projections.size(); ++i) connections_.emplace_back(c, i);
    std::stable_sort(connections_.begin(), connections_.end(),
                     [](const auto& a, const auto& b) { return a.level < b.level; });
  }

  void prepare(const hdf5::object& file) const override {
    std::vector<std::string> name, from, to;
    for (const projection& p : circuit_.projections) {
      name.push_back(p.name);
      from.push_back(circuit_.name_of(p.from));
      to.push_back(circuit_.name_of(p.to));
    }
    const hdf5::object group = hdf5::open_group(file, "/messages/connections");
    hdf5::write_texts(group, "name", name);
    hdf5::write_texts(group, "from", from);
    hdf5::write_texts(group, "to", to);
    hdf5::set_unsigned(hdf5::open_group(file, "/messages"), "limit", limit_);
    conclude(file);
  }

  void conclude(const hdf5::object& file) const override {
    hdf5::set_unsigned(hdf5::open_group(file, "/messages"), "dropped", dropped_);
  }

  void see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) override {
    if (tick >= end_) return;
    for (connection<P>& c : connections_) {
      c.see(s, [&](std::uint32_t source, std::uint32_t target, std::uint32_t lane, P sent, P arrived) {
        if (!recorded) return;
        if (logged_ == limit_) {
          ++dropped_;
          return;
        }
        ++logged_;
        const auto which = static_cast<std::uint32_t>(c.index);
        if (single_) {
          to[0].add(tick, c.level, which, source, target, lane, static_cast<float>(sent), static_cast<float>(arrived));
        } else {
          to[0].add(tick, c.level, which, source, target, lane, sent, arrived);
        }
      });
    }
  }

  // Then nothing is on its way: all that was sent late has arrived.
  void see_quiet(const window&, bool, const simulator&, std::span<table_rows>) override {}

 private:
  const circuit& circuit_;
  std::uint64_t limit_;
  bool single_;
  tick_t end_;  ///< of what is recorded
  std::vector<connection<P>> connections_;
  std::uint64_t logged_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace

std::unique_ptr<table_recorder> make_message_recorder(const circuit& c, std::uint64_t limit,
                                                      const trace_layout& layout) {
  return with_numbers(c.precision, [&]<class P>(P) -> std::unique_ptr<table_recorder> {
    return std::make_unique<message_recorder<P>>(c, limit, layout);
  });
}

}  // namespace locus
