#pragma once
/// A projection in the course of a run: its weights in the kernels' layout, and what of them changed.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/archive.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/in_parallel.hpp"
#include "sim/core/rank_group.hpp"
#include "sim/core/zeroed_array.hpp"
#include "sim/engine/outlet.hpp"
#include "sim/engine/window_layout.hpp"
#include "sim/rules/beginning.hpp"
#include "sim/rules/declaration.hpp"

namespace locus {

/// How messages get to the port.
enum class transport {
  alias,  ///< the port is the source's field itself: a plain one-to-one link
  copy,   ///< the same, where the source may move before the port is read
  dense,
  sliced,
  window,  ///< a shared one: its kernel is dense, its targets are channels and its sources columns
};

template <class P>
class projection_state {
 public:
  /// Sparse connections are read where the circuit holds them. `parts`: how many threads may learn at a time. `ranks`:
  /// whose panels of targets this is for; a shared window is everybody's, since its kernel serves at all of them.
  /// `turned_round`: another projection uses the weights the other way round, so that every rank knows all of them.
  projection_state(const circuit& c, const projection& p, transport kind, std::size_t lanes, std::size_t parts,
                   const partition& ranks, bool turned_round)
      : kind_(kind),
        lanes_(lanes),
        before_(p.window ? p.window->columns() : c.size_before(p)),
        after_(p.window ? p.window->rows() : c.size_after(p)),
        panels_(panels_for(after_)),
        mine_(p.window ? panel_range{0, panels_} : ranks.mine(panels_)),
        known_(turned_round ? panel_range{0, panels_} : mine_),
        counts_(ranks.counts()) {
    if (p.window) {
      window_ = std::make_unique<const window_layout<P>>(*p.window, lanes, p.learns());
      shape_ = &*p.window;
    }
    if (matrix()) {
      weights_ = numbers(panels_ * before_ * panel_width);
      changed_weights_.resize(p.synapse != nullptr ? before_ * parts : 0);
    }
    if (kind == transport::sliced) slice(p, parts);
    if (p.learns()) add_state(p);
    else state_ = {weights_.data()};
  }

  [[nodiscard]] transport kind() const noexcept { return kind_; }
  /// Of a shared window, otherwise null.
  [[nodiscard]] const window_layout<P>* window() const noexcept { return window_.get(); }
  [[nodiscard]] std::size_t panels() const noexcept { return panels_; }
  /// The panels of targets whose synapses this rank computes.
  [[nodiscard]] panel_range mine() const noexcept { return mine_; }
  /// Those whose weights are known here.
  [[nodiscard]] panel_range known() const noexcept { return known_; }
  /// The number of the first weight onto some panels, which follow each other in the list of all.
  [[nodiscard]] std::size_t first_weight(panel_range onto) const noexcept {
    const std::size_t target = std::min(onto.first * panel_width, after_);
    return matrix() ? target * before_ : static_cast<std::size_t>(connections_->first(target));
  }
  /// Where the weights onto some panels of targets stand in weights(): [first, last).
  [[nodiscard]] std::pair<std::size_t, std::size_t> places(panel_range onto) const noexcept {
    if (matrix()) return {onto.first * before_ * panel_width, onto.last * before_ * panel_width};
    const auto& start = connections_->slice_start();
    return {start[onto.first] * panel_width, start[onto.last] * panel_width};
  }
  [[nodiscard]] P* weights() noexcept { return weights_.data(); }
  [[nodiscard]] std::size_t sources() const noexcept { return before_; }
  /// What messages are multiplied with.
  [[nodiscard]] const P* weights() const noexcept { return weights_.data(); }

  /// A field of the synapses' state: theta, which is field 0, in the layout of the weights.
  [[nodiscard]] const P* theta() const noexcept { return state_[0]; }

  /// Sets theta of one synapse. If that changes it, what begins by it begins anew, with the other fields as they are.
  /// `at`: index in the kernels' layout.
  void put_theta(std::size_t at, P value) {
    if (same_bits(state_[0][at], value)) return;
    state_[0][at] = value;
    for (std::size_t f = 1; f < fields_.size() && begun_; ++f) {
      if (fields_[f].follows_theta) begin(f, at);
    }
  }

  /// Sets those onto some panels: `value(post, pre)` is the next one, in the order in which weights are listed.
  template <class F>
  void put_thetas(panel_range onto, F& value) {
    const bool followed = begun_ && std::any_of(fields_.begin(), fields_.end(),
                                                [](const field_state& field) { return field.follows_theta; });
    P* const theta = state_[0];
    each_weight(onto, [&](std::size_t post, std::size_t pre, std::size_t at) {
      const P number = static_cast<P>(value(post, pre)) + P(0);  // no negative zero
      if (followed) put_theta(at, number);
      else theta[at] = number;
    });
  }

  /// Gives the fields but theta, in their order, what they begin with. `index`: of this projection.
  void begin_fields(const circuit& c, std::size_t index) {
    for (std::size_t f = 1; f < fields_.size(); ++f) {
      if (const auto given = initial_field(c, index, f)) {
        const double* next = given->data() + first_weight(known_);
        each_weight(known_, [&](std::size_t, std::size_t, std::size_t at) {
          const P number = static_cast<P>(*next++) + P(0);  // no negative zero
          for (std::size_t lane = 0; lane < lanes_of(f); ++lane) number_of(f, at, lane) = number;
        });
      } else {
        each_weight(known_, [&](std::size_t, std::size_t, std::size_t at) { begin(f, at); });
      }
    }
    begun_ = true;
  }

  /// The fields of the synapses' state.
  struct field_state {
    const synapse_field* declared = nullptr;
    zeroed_array<P> own;                        ///< empty: the field is the weight
    std::optional<rules::beginning<P>> begins;  ///< but theta
    bool follows_theta = false;                 ///< it begins with what depends on theta
  };
  [[nodiscard]] const std::vector<field_state>& fields() const noexcept { return fields_; }

  /// Number (lane of synapse `at`) of field f.
  [[nodiscard]] P value(std::size_t f, std::size_t at, std::size_t lane) const noexcept {
    return state_[f][place(*fields_[f].declared, at, lane)];
  }

  /// Replaces a field but theta. `values`: as weights are listed, each with all lanes if it is kept for each lane.
  void put_field(std::size_t f, std::span<const double> values) {
    const double* next = values.data() + first_weight(known_) * lanes_of(f);
    each_weight(known_, [&](std::size_t, std::size_t, std::size_t at) {
      for (std::size_t lane = 0; lane < lanes_of(f); ++lane)
        number_of(f, at, lane) = static_cast<P>(*next++) + P(0);  // no negative zero
    });
  }

  /// Multiplications of a full sweep over all targets.
  [[nodiscard]] std::size_t work() const noexcept { return weights_.size() * (window_ ? window_->lanes() : lanes_); }

  /// Calls f(post, pre, index of the weight in the kernels' layout) in the order in which weights are listed, for those
  /// onto some panels.
  template <class F>
  void each_weight(panel_range onto, F&& f) const {
    if (matrix()) {
      for (std::size_t post = onto.first * panel_width; post < std::min(onto.last * panel_width, after_); ++post) {
        for (std::size_t pre = 0; pre < before_; ++pre) f(post, pre, dense_index(post, pre));
      }
      return;
    }
    connections_->each_place(onto, [&](std::size_t pre, std::size_t post, std::size_t at) { f(post, pre, at); });
  }
  [[nodiscard]] std::size_t dense_index(std::size_t post, std::size_t pre) const noexcept {
    return (post / panel_width * before_ + pre) * panel_width + post % panel_width;
  }

  void fill(transfer_call<P>& call) const {
    call.weights = weights_.data();
    call.sources = before_;
    call.last_panel = panels_;
    fill_slices(call);
    call.out_start = out_start_.data();
    call.out_target = out_target_.view();
    call.out_weights = out_weights_.data();
    call.degree = degree_.data();
    call.targets = after_;
  }

  /// What thread `part` learns with.
  void fill(learn_call<P>& call, std::size_t part) {
    call.state = state_.data();
    call.sources = before_;
    call.targets = after_;
    fill_slices(call);
    call.degree = degree_.data();
    // Without connections there is no array.
    call.changed_weights = changed_weights_.empty() ? nullptr : changed_weights_.data() + part * before_;
    call.changed_entries = changed_entries_.data();
  }

  /// Whether to sweep source by source when only these sources are active. Such a sweep reads a second copy of the
  /// weights, ordered by source. The copy is made after several sweeps that could have used it, with no weight changing
  /// between them: then making it pays.
  [[nodiscard]] bool pushes(const source_list& active) {
    // A push costs some five times a pull's share of a synapse (measured, 20,000 x 100).
    if (kind_ != transport::sliced || late_ || active.indices == nullptr || active.count * 5 >= before_) return false;
    if (by_source_) return true;
    constexpr unsigned enough = 4;
    if (++pushes_wanted_ < enough) return false;
    list_by_source();
    return true;
  }

  /// Messages of tick t over this projection: (synapse, lane) whose sender or weight changed. With C the changed
  /// weights of a source, out of n targets, and c its changed lanes, out of L: C L + (n - C) c = C L + n c - C c.
  /// Those to the targets that are here; what is everybody's counts once.
  [[nodiscard]] std::uint64_t messages(const outlet<P>& source, tick_t t) const {
    if (kind_ == transport::alias || kind_ == transport::copy) return counts_ ? source.total(t) : 0;
    if (window_) return counts_ ? window_messages(source, t) : 0;
    std::uint64_t sum = 0;
    if (kind_ == transport::dense) {
      const std::uint64_t targets =
          std::min(mine_.last * panel_width, after_) - std::min(mine_.first * panel_width, after_);
      if (!dirty_ || changed_weights_.empty()) return source.total(t) * targets;
      // All lanes of the changed weights; of the others, those in which their source changed.
      for (const std::uint32_t changed : changed_weights_) sum += changed;
      sum *= lanes_;
      if (!source.changed(t)) return sum;
      sum += source.total(t) * targets;
      for (std::size_t first = 0; first < changed_weights_.size(); first += before_) {
        sum -= weighed(source, changed_weights_.data() + first);
      }
      return sum;
    }
    if (!dirty_) {
      return source.changed(t) ? weighed(source, out_degree_.data()) : 0;
    }
    heard().each_place(mine_, [&](std::size_t pre, std::size_t, std::size_t at) {
      const bool changed = (changed_entries_[at / panel_width] >> (at % panel_width) & 1u) != 0;
      sum += changed ? lanes_ : source.count(pre, t);
    });
    return sum;
  }

  /// Takes over all that the synapses of the same projection in another network have.
  void take_state(const projection_state& other) {
    const auto [first, last] = places(known_);
    weights_.take(other.weights_, first, last);
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      if (!fields_[f].own.empty()) fields_[f].own.take(other.fields_[f].own, first * lanes_of(f), last * lanes_of(f));
    }
  }

  /// Changes of dense weights since the last delivery.
  [[nodiscard]] std::uint64_t changes() const noexcept {
    return std::accumulate(changed_weights_.begin(), changed_weights_.end(), std::uint64_t{0});
  }

  /// The weights past the last target are 0, and would not stay so where a source is not finite.
  void restore_padding() {
    if (!matrix() || after_ % panel_width == 0) return;
    for (std::size_t j = 0; j < before_; ++j) {
      P* const row = weights_.data() + dense_index(after_ - 1, j) - (after_ - 1) % panel_width;
      std::uint32_t restored = 0;
      for (std::size_t i = after_ % panel_width; i < panel_width; ++i) {
        restored += row[i] == P(0) ? 0 : 1;
        row[i] = P(0);
      }
      for (std::size_t part = j; restored != 0; part += before_) {  // whichever part counted them
        const std::uint32_t counted = std::min(restored, changed_weights_[part]);
        changed_weights_[part] -= counted;
        restored -= counted;
      }
    }
  }

  /// Whether a weight changed since the last delivery.
  [[nodiscard]] bool dirty() const noexcept { return dirty_; }
  void mark_dirty() noexcept {
    dirty_ = true;
    by_source_ = false;
    pushes_wanted_ = 0;
  }
  void delivered() {
    if (!dirty_) return;
    std::fill(changed_weights_.begin(), changed_weights_.end(), 0u);
    if (!changed_entries_.empty()) {
      const auto [first, last] = places(mine_);
      std::fill(changed_entries_.begin() + first / panel_width, changed_entries_.begin() + last / panel_width,
                std::uint16_t{0});
    }
    dirty_ = false;
  }

  /// Takes over the weights of `owner`, whose pre and post are ours exchanged if `transposed`; notes what changed.
  void refresh_from(const projection_state& owner, bool transposed, const transfer_kernels<P>& kernels) {
    if (kind_ == transport::sliced) return refresh_slices(owner, transposed);
    if (window_) return refresh_window(owner);
    if (refresh_panels(owner, transposed, kernels, mine_.first, mine_.last, 0)) dirty_ = true;
  }

  /// The same for panels [first, last) of dense weights, by thread `part`. Returns whether a weight changed: it is for
  /// the caller to mark that.
  [[nodiscard]] bool refresh_panels(const projection_state& owner, bool transposed, const transfer_kernels<P>& kernels,
                                    std::size_t first, std::size_t last, std::size_t part) {
    bool changed = false;
    for (std::size_t panel = first; panel < last; ++panel) {
      for (std::size_t source = 0; source < before_; source += panel_width) {
        changed = refresh_tile(owner, transposed, panel, source, kernels, part) || changed;
      }
    }
    return changed;
  }

  /// Whether dense weights are those of another projection between the same neurons, turned round, bit for bit.
  [[nodiscard]] bool turned_round(const projection_state& other) const {
    for (std::size_t post = 0; post < after_; ++post) {
      for (std::size_t pre = 0; pre < before_; ++pre) {
        if (!same_bits(weights_[dense_index(post, pre)], other.weights_[other.dense_index(pre, post)])) return false;
      }
    }
    return true;
  }

  /// The synapses' state, and which weights changed since the last delivery. Requires: no plain link. `group`: null:
  /// this rank has them all.
  void serialize(archive& a, rank_group* group) {
    if (window_) group = nullptr;
    if (fields_.empty()) serialize_field(a, "theta", weights_.data(), 1, group);
    for (std::size_t f = 0; f < fields_.size(); ++f)
      serialize_field(a, fields_[f].declared->name, state_[f], lanes_of(f), group);
    a.value("changed", dirty_);
    if (kind_ == transport::sliced) {
      std::span<std::uint16_t> entries = changed_entries_;
      std::vector<std::uint16_t> of_all;
      if (group != nullptr && a.loading()) {
        of_all.resize(connections_->entries_of_all());
      } else if (group != nullptr) {
        const auto [first, last] = places(mine_);
        of_all =
            numbers_of_all<std::uint16_t>(entries.subspan(first / panel_width, (last - first) / panel_width), *group);
      }
      a.values("changed_entries", group != nullptr ? std::span(of_all) : entries);
      if (group != nullptr && a.loading())
        std::copy_n(of_all.data() + connections_->entries_before(), entries.size(), entries.data());
    }
    // Which thread or rank found a change does not matter.
    std::vector<std::uint32_t> changed(changed_weights_.empty() ? 0 : before_);
    for (std::size_t j = 0; j < changed.size(); ++j) changed[j] = static_cast<std::uint32_t>(changed_weights(j));
    if (!a.loading() && group != nullptr && !changed.empty()) {
      const std::vector<std::uint32_t> all = numbers_of_all<std::uint32_t>(changed, *group);
      for (std::size_t k = before_; k < all.size(); ++k) changed[k % before_] += all[k];
    }
    if (!changed.empty()) a.values("changed_weights", std::span(changed));
    if (!a.loading()) return;
    if (std::any_of(changed.begin(), changed.end(), [&](std::uint32_t n) { return n > after_; })) {
      a.fail("it says that more weights of a source have changed than there are");
    }
    std::fill(changed_weights_.begin(), changed_weights_.end(), 0u);
    if (counts_) std::copy(changed.begin(), changed.end(), changed_weights_.begin());
  }

  /// Bytes, with the connections that the circuit holds.
  [[nodiscard]] std::size_t memory() const noexcept {
    const std::size_t indices = out_degree_.size() + out_start_.size() + changed_weights_.size() + owner_at_.size();
    const auto [first, last] =
        connections_ != nullptr || matrix() ? places(known_) : std::pair<std::size_t, std::size_t>();
    std::size_t numbers = last - first + degree_.size() + out_weights_.size();
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      if (!fields_[f].own.empty()) numbers += (last - first) * lanes_of(f);
    }
    return numbers * sizeof(P) + indices * sizeof(std::uint32_t) + changed_entries_.size() * sizeof(std::uint16_t) +
           out_target_.memory() + (connections_ != nullptr ? connections_->memory() : 0) +
           (late_ ? late_->memory() : 0) + (window_ ? window_->memory() : 0);
  }

  /// What of the learning kernels' arrays is a dense matrix.
  [[nodiscard]] bool matrix() const noexcept { return kind_ == transport::dense || kind_ == transport::window; }

 private:
  /// Whether all of the weights are known here.
  [[nodiscard]] bool complete() const noexcept { return known_.size() == panels_; }
  /// Room for so many numbers, of which only those that are known here will be written.
  [[nodiscard]] zeroed_array<P> numbers(std::size_t count) const { return zeroed_array<P>(count, !complete()); }

  /// messages() of a shared window: a weight serves at many places. Not inlined, so that messages() is.
  [[nodiscard, gnu::noinline]] std::uint64_t window_messages(const outlet<P>& source, tick_t t) const {
    const bool some_sent = source.changed(t);
    if (!dirty_) return some_sent ? after_ * weighed(source, window_->uses_of_neuron().data()) : 0;
    std::vector<std::uint64_t> sent;  // filled when it is needed: mostly, all weights change
    std::uint64_t sum = 0;
    for (std::size_t s = 0; s < before_; ++s) {
      const std::uint64_t changed = changed_weights(s);
      sum += changed * lanes_ * window_->uses_of_column(s);
      if (!some_sent || changed == after_) continue;
      if (sent.empty()) sent = window_->sums_of([&](std::size_t n) { return source.count(n, t); });
      sum += (after_ - changed) * window_->over_uses(s, sent);
    }
    return sum;
  }

  void refresh_window(const projection_state& owner) {
    std::size_t k = 0;
    each_weight(mine_, [&](std::size_t, std::size_t pre, std::size_t at) {
      const std::size_t owned = shape_->in_owner(k++);
      const P value = owner.weights_[owner.dense_index(owned / owner.before_, owned % owner.before_)];
      if (same_bits(value, weights_[at])) return;
      weights_[at] = value;
      ++changed_weights_[pre];
      dirty_ = true;
    });
    if (dirty_) mark_dirty();
  }

  /// Where a field has its number for a synapse and lane.
  [[nodiscard]] std::size_t place(const synapse_field& f, std::size_t at, std::size_t lane) const noexcept {
    return f.per_lane ? (at / panel_width * lanes_ + lane) * panel_width + at % panel_width : at;
  }

  void add_state(const projection& p) {
    const model_declaration& synapse = *p.synapse;
    fields_.reserve(synapse.state.size());
    for (std::size_t f = 0; f < synapse.state.size(); ++f) {
      const synapse_field& declared = synapse.state[f];
      field_state& field = fields_.emplace_back();
      field.declared = &declared;
      if (f != synapse.weight) field.own = numbers(weights_.size() * (declared.per_lane ? lanes_ : 1));
      state_.push_back(f == synapse.weight ? weights_.data() : field.own.data());
      if (f == 0 || p.initial.at(f)) continue;  // the netlist says what it begins with
      field.begins.emplace(*synapse.text, f, rules::values_of(p.params.get()));
      for (std::uint32_t before = 0; before < f; ++before) {
        const bool follows = before == 0 || fields_[before].follows_theta;
        field.follows_theta = field.follows_theta || (follows && field.begins->reads(before));
      }
    }
  }

  void begin(std::size_t f, std::size_t at) {
    for (std::size_t lane = 0; lane < lanes_of(f); ++lane)
      number_of(f, at, lane) = (*fields_[f].begins)([&](std::size_t before) { return value(before, at, lane); });
  }
  [[nodiscard]] std::size_t lanes_of(std::size_t f) const noexcept {
    return fields_[f].declared->per_lane ? lanes_ : 1;
  }
  [[nodiscard]] P& number_of(std::size_t f, std::size_t at, std::size_t lane) noexcept {
    return state_[f][place(*fields_[f].declared, at, lane)];
  }

  /// [post][pre], or [post][pre][lane].
  void serialize_field(archive& a, const std::string& name, P* values, std::size_t lanes, rank_group* group) {
    const std::size_t count = (matrix() ? after_ * before_ : static_cast<std::size_t>(connections_->size())) * lanes;
    std::vector<P> listed;
    const synapse_field as{name, {}, {}, lanes > 1, {}};
    if (!a.loading()) {
      each_weight(mine_, [&](std::size_t, std::size_t, std::size_t at) {
        for (std::size_t lane = 0; lane < lanes; ++lane) listed.push_back(values[place(as, at, lane)]);
      });
      if (group != nullptr) listed = numbers_of_all<P>(listed, *group);
    } else {
      listed.resize(count);
    }
    const std::size_t rows = matrix() ? after_ : 1;
    a.values(name, std::span(listed), {rows, count / rows});
    if (!a.loading()) return;
    const P* next = listed.data() + first_weight(known_) * lanes;
    each_weight(known_, [&](std::size_t, std::size_t, std::size_t at) {
      for (std::size_t lane = 0; lane < lanes; ++lane) values[place(as, at, lane)] = *next++;
    });
  }

  template <class Call>
  void fill_slices(Call& call) const {
    if (connections_ == nullptr) return;
    call.slice_start = heard().slice_start().data();
    call.slice_source = heard().slice_source().view();
  }

  /// The connections, as from what arrives: the neurons of a delay_fan if they are differently late.
  [[nodiscard]] const sparse_connections& heard() const noexcept { return late_ ? *late_ : *connections_; }

  void find_late(const projection& p) {
    const std::vector<std::uint32_t> delays = delays_of(p);
    const auto padded = static_cast<std::uint32_t>(panels_for(before_) * panel_width);
    sparse_connections late;
    std::vector<std::uint32_t> sources;
    for (std::size_t post = 0; post < after_; ++post) {
      sources.clear();
      for (std::size_t k = 0; k < connections_->degree(post); ++k) {
        const std::uint32_t delay = p.delays[connections_->first(post) + k];
        const auto copy = std::lower_bound(delays.begin(), delays.end(), delay) - delays.begin();
        sources.push_back(static_cast<std::uint32_t>(copy) * padded + connections_->source(post, k));
      }
      late.add_target(sources);
    }
    late.shrink_to_fit();
    late_ = std::make_unique<const sparse_connections>(std::move(late));
    out_degree_.resize(padded * delays.size());
  }

  /// Lists each source's targets and weights. Targets are met in ascending order.
  void list_by_source() {
    out_start_.assign(before_ + 1, 0);
    for (std::size_t j = 0; j < before_; ++j) out_start_[j + 1] = out_start_[j] + out_degree_[j];
    out_target_.resize(out_start_.back());
    out_weights_.resize(out_start_.back());
    std::vector<std::uint32_t> next(out_start_.begin(), out_start_.end() - 1);
    each_weight(mine_, [&](std::size_t post, std::size_t pre, std::size_t at) {
      const std::uint32_t k = next[pre]++;
      out_target_.set(k, static_cast<std::uint32_t>(post));
      out_weights_[k] = weights_[at];
    });
    by_source_ = true;
  }

  void refresh_slices(const projection_state& owner, bool transposed) {
    if (owner_at_.empty()) find_in(owner, transposed);
    std::size_t k = first_weight(mine_);
    each_weight(mine_, [&](std::size_t, std::size_t, std::size_t at) {
      const P value = owner.weights_[owner_at_[k++]];
      if (std::memcmp(&value, &weights_[at], sizeof(P)) == 0) return;
      weights_[at] = value;
      changed_entries_[at / panel_width] |= static_cast<std::uint16_t>(1u << (at % panel_width));
      dirty_ = true;
    });
    if (dirty_) mark_dirty();
  }

  /// Notes where the owner has each of our weights. Its connections are ours, or ours turned round.
  void find_in(const projection_state& owner, bool transposed) {
    owner_at_.resize(connections_->size());
    std::vector<std::uint64_t> next(after_);
    for (std::size_t post = 0; post < after_; ++post) next[post] = connections_->first(post);
    owner.each_weight({0, owner.panels_}, [&](std::size_t post, std::size_t pre, std::size_t at) {
      owner_at_[next[transposed ? pre : post]++] = static_cast<std::uint32_t>(at);
    });
  }

  /// The weights from the 16 sources that begin with `first` to a panel of targets. Returns whether one changed.
  bool refresh_tile(const projection_state& owner, bool transposed, std::size_t panel, std::size_t first,
                    const transfer_kernels<P>& kernels, std::size_t part) {
    const std::size_t sources = std::min(panel_width, before_ - first);
    const std::size_t targets = std::min(panel_width, after_ - panel * panel_width);
    const P* next = owner.weights_.data() + dense_index(panel * panel_width, first);
    P turned[panel_width * panel_width];  // [source][target]
    if (transposed) {
      std::fill(std::begin(turned), std::end(turned), P(0));
      for (std::size_t i = 0; i < targets; ++i) {  // our sources are a panel of the owner's targets
        const P* const row = owner.weights_.data() + owner.dense_index(first, panel * panel_width + i);
        for (std::size_t k = 0; k < panel_width; ++k) turned[k * panel_width + i] = row[k];
      }
      next = turned;
    }
    P* const mine = weights_.data() + dense_index(panel * panel_width, first);
    return kernels.replace(mine, next, sources, changed_weights_.data() + part * before_ + first);
  }

  /// Sum over the sources of their present changes times `weights`. By way of 32 bits, the compiler can make vectors.
  [[nodiscard]] std::uint64_t weighed(const outlet<P>& source, const std::uint32_t* weights) const noexcept {
    const P* const counts = source.counts();
    const std::uint8_t* const moved = source.moved_panels();
    std::uint64_t sum = 0;
    for (std::size_t first = 0; first < source.size(); first += panel_width) {
      if (moved != nullptr && moved[first / panel_width] == 0) continue;
      const std::size_t last = std::min(first + panel_width, source.size());
      for (std::size_t j = first; j < last; ++j) {
        sum += std::uint64_t{weights[j]} * static_cast<std::uint32_t>(static_cast<std::int32_t>(counts[j]));
      }
    }
    return sum;
  }

  [[nodiscard]] std::uint64_t changed_weights(std::size_t source) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = source; i < changed_weights_.size(); i += before_) sum += changed_weights_[i];
    return sum;
  }

  /// On several threads, each of which counts by itself.
  void count_out_degrees(std::size_t threads) {
    const std::size_t sources = std::max<std::size_t>(out_degree_.size(), 1);
    const auto worth_adding_up = static_cast<std::size_t>(heard().size() / (8 * sources));
    const std::size_t shares =
        worthwhile_parts(static_cast<double>(heard().size()), threads, std::min(mine_.size(), worth_adding_up));
    std::vector<std::vector<std::uint32_t>> counts(shares);
    in_parallel(shares, [&](std::size_t n) {
      counts[n].resize(out_degree_.size());
      heard().each_place(mine_.share(n, shares),
                         [&](std::uint32_t pre, std::uint32_t, std::size_t) { ++counts[n][pre]; });
    });
    for (const std::vector<std::uint32_t>& some : counts)
      std::transform(some.begin(), some.end(), out_degree_.begin(), out_degree_.begin(), std::plus<>());
  }

  void slice(const projection& p, std::size_t parts) {
    // A plain link into a port with other projections becomes one synapse a target, of weight 1.
    if (p.shape == projection_shape::one_to_one) {
      links_ = std::make_unique<const sparse_connections>(
          sparse_connections::one_to_one(static_cast<std::uint32_t>(after_)));
    }
    connections_ = links_ ? links_.get() : &p.connections;
    out_degree_.resize(before_);
    if (!p.delays.empty()) find_late(p);
    count_out_degrees(parts);
    degree_.resize(panels_ * panel_width);
    for (std::size_t post = 0; post < after_; ++post) degree_[post] = static_cast<P>(connections_->degree(post));
    weights_ = numbers(connections_->slice_source().size());
    changed_entries_ = zeroed_array<std::uint16_t>(connections_->entries(), !complete());
  }

  transport kind_;
  std::size_t lanes_;
  std::size_t before_;
  std::size_t after_;
  std::size_t panels_;
  panel_range mine_;
  panel_range known_;
  bool counts_;  ///< what is everybody's
  zeroed_array<P> weights_;
  std::vector<field_state> fields_;                  ///< of synapses that learn
  std::vector<P*> state_;                            ///< [field]: its numbers
  bool begun_ = false;                               ///< the fields have what they begin with
  std::unique_ptr<const sparse_connections> links_;  ///< of a sliced plain link
  const sparse_connections* connections_ = nullptr;  ///< sliced: the circuit's, or `links_`
  std::unique_ptr<const sparse_connections> late_;   ///< the same, from the neurons of a delay_fan
  aligned_vector<P> degree_;                         ///< [target]: its synapses; the entries above them are filling
  std::vector<std::uint32_t> out_degree_;
  std::vector<std::uint32_t> out_start_;         ///< by source; empty until needed
  neuron_indices out_target_;                    ///< by source
  aligned_vector<P> out_weights_;                ///< by source: a second copy
  bool by_source_ = false;                       ///< that copy is there and up to date
  unsigned pushes_wanted_ = 0;                   ///< sweeps since the last change of a weight that wanted it
  std::vector<std::uint32_t> changed_weights_;   ///< dense: [part][source]
  zeroed_array<std::uint16_t> changed_entries_;  ///< sliced: [entry], a bit a target
  std::vector<std::uint32_t> owner_at_;  ///< sliced, with the weights of another: [connection]: where that has it
  std::unique_ptr<const window_layout<P>> window_;
  const shared_window* shape_ = nullptr;  ///< the circuit's, of a shared window
  bool dirty_ = false;
};

}  // namespace locus
