/// Tasks of a synapse model: learning in one lane and in several, with the gate at each place.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/audit/purity_task.hpp"
#include "sim/audit/rules.hpp"
#include "sim/core/panels.hpp"

namespace locus::purity {
namespace {

/// Learning of all pairs of some sources and some targets.
template <class P>
class learn_task final : public task {
 public:
  static constexpr std::size_t sources = 24, targets = 160, pairs = sources * targets;
  static constexpr std::size_t source_panels = panels_for(sources), target_panels = targets / panel_width;

  learn_task(const ingredients& from, gate_position gate_at, std::size_t lanes, std::uint32_t number)
      : task(fmt::format("learning from {} lane{}{} ({})", lanes, lanes == 1 ? "" : "s", gate_text(gate_at),
                         precision_text<P>()),
             number),
        from_(from),
        gate_at_(gate_at),
        lanes_(lanes) {
    const bool shared = kernels(false).learn_dense == kernels(true).learn_dense;
    width_ = width_of<P>(shared ? simd_target::scalar : from.target);
    fill(pre_, sources, recorded_pre, 1);
    fill(post_, targets, recorded_post, 2);
    fill(gate_, gate_at == gate_position::pre ? sources : targets, recorded_gate, 3);
    theta_.resize(pairs);
    for (std::size_t i = 0; i < theta_.size(); ++i) theta_[i] = static_cast<P>(input(recorded_theta, 0, i));
    if (gate_at == gate_position::everywhere) {  // one neuron for all
      for (std::size_t i = 0; i < gate_.size(); ++i) gate_[i] = gate_[i / targets * targets];
    }
  }

  [[nodiscard]] std::size_t room() const override {
    return sizeof(P) * (3 * pairs + 2 * lanes_ * (2 * source_panels + 2 * target_panels) * panel_width +
                        target_panels * panel_width + 256) +
           sizeof(std::uint32_t) * (2 * pairs + 4096);
  }

  void record(const bench& at) override {
    expected_.assign(pairs, P(0));
    run(at, {}, [this](std::size_t row, P value) { expected_[row] = value; });
  }

  void vary(mechanism by, const bench& at) const override {
    switch (by) {
      case mechanism::sealed: return check(at, {.by = by});
      case mechanism::order: return vary_order(at);
      case mechanism::neighbours: return vary_neighbours(at);
      case mechanism::places:
        for (std::size_t n = 1; n <= 12; ++n)
          check(at, {.by = by, .shift = n % 8, .depth = mix_bits(n) % 4096 * 16, .pieces = n % 3 + 1});
        return;
      case mechanism::sets: return check(at, {.by = by, .scalar = true});
      case mechanism::traced: return trace(at);
      case mechanism::lanes:  // purity_lanes.cpp
      case mechanism::many: return;
    }
  }

  void repeat(const bench& at, std::uint64_t sweeps) const override {
    const layout a = gather(at, {});
    P *const given = a.weights + pairs, *const wanted = given + pairs;
    std::copy_n(a.weights, pairs, given);
    each_pair({}, [&](std::size_t place, std::size_t row) { wanted[place] = expected_[row]; });
    for (std::uint64_t n = 0; n < sweeps; ++n) {
      std::memcpy(a.weights, given, pairs * sizeof(P));
      learn(a, {});
      at.book->evaluations += pairs * lanes_;
      if (std::memcmp(a.weights, wanted, pairs * sizeof(P)) == 0) continue;
      compare(a, {}, [&](std::size_t row, P value) {
        if (!agree(expected_[row], value)) note(at, mechanism::many, row, 0, expected_[row], value);
      });
    }
  }

  [[nodiscard]] std::uint64_t calls_per_sweep() const override {
    return gate_at_ == gate_position::none || gate_at_ == gate_position::post ? pairs * lanes_ / width_ : 0;
  }

  [[nodiscard]] std::string text_of(const deviation& d) const override {
    const std::size_t source = d.row / targets, target = d.row % targets;
    const auto list = [&](const std::vector<P>& values, std::size_t i) {
      std::string text;
      for (std::size_t l = 0; l < lanes_; ++l)
        text += fmt::format("{}{}", l == 0 ? "" : " | ", static_cast<double>(values[l * (values.size() / lanes_) + i]));
      return text;
    };
    std::string text = fmt::format("with theta = {}, pre = {}, post = {}", static_cast<double>(theta_[d.row]),
                                   list(pre_, source), list(post_, target));
    if (gate_at_ != gate_position::none)
      text += ", gate = " + list(gate_, gate_at_ == gate_position::pre ? source : target);
    return text + fmt::format(" gave theta = {} and then {}", d.expected, d.found);
  }

 private:
  /// How pairs are evaluated.
  struct sweep_of_pairs {
    mechanism by = mechanism::order;
    const std::uint32_t* sources = nullptr;  ///< [place] which; null: in order
    const std::uint32_t* targets = nullptr;
    std::size_t shift = 0, depth = 0;
    unsigned char paint = 0;
    std::size_t only = panel_width;
    std::size_t pieces = 1;
    bool scalar = false, sparse = false;
  };

  struct layout {
    P *weights = nullptr, *pre = nullptr, *post = nullptr, *gate = nullptr, *degree = nullptr;
    std::uint32_t* changed = nullptr;  ///< [source], or [entry] in 16 bits
    std::uint32_t* starts = nullptr;
    std::uint16_t* slice_source = nullptr;
    std::uint16_t* present = nullptr;
    std::uint32_t* order = nullptr;
  };

  static std::string gate_text(gate_position gate_at) {
    switch (gate_at) {
      case gate_position::none: break;
      case gate_position::pre: return ", gate at pre";
      case gate_position::post: return ", gate at post";
      case gate_position::everywhere: return ", gate everywhere";
    }
    return "";
  }

  [[nodiscard]] const synapse_kernels<P>& kernels(bool scalar) const {
    return (scalar ? from_.scalar : from_.kernels)->template synapse<P>();
  }

  [[nodiscard]] double input(std::size_t recorded, std::size_t slot, std::size_t i) const {
    const auto& known = *from_.recorded;
    // Half of what is tried, if there is so much.
    if (i % 2 == 1 && !known.empty()) {
      const std::vector<double>& row = known[mix_bits(i) % known.size()];
      if (recorded < row.size()) return row[recorded] + 0.0;
    }
    return drawn_input(from_.draws, 8 + slot, i, true);
  }

  void fill(std::vector<P>& values, std::size_t count, std::size_t recorded, std::size_t slot) const {
    values.resize(lanes_ * count);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = i % count < 2 ? static_cast<P>(i % count) : static_cast<P>(input(recorded, slot, i));
  }

  /// A field of neurons in the order of `which`.
  void spread(const std::vector<P>& values, std::size_t panels, const std::uint32_t* which, P* to) const {
    const std::size_t count = values.size() / lanes_;
    std::fill_n(to, panels * lanes_ * panel_width, P(0));
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t l = 0; l < lanes_; ++l)
        to[field_offset(i, l, lanes_)] = values[l * count + (which == nullptr ? i : which[i])];
    }
  }

  /// The source of an entry of a target when synapses lie sparse.
  static std::size_t source_of(std::size_t entry, std::size_t target) { return (entry + 5 * target) % sources; }

  layout lay_out(const bench& at, std::size_t shift) const {
    layout a;
    P* next = reinterpret_cast<P*>(at.room) + shift;
    const auto take = [&](std::size_t count) { return std::exchange(next, next + count + 8); };
    a.weights = take(3 * pairs);
    a.pre = take(source_panels * lanes_ * panel_width);
    a.post = take(target_panels * lanes_ * panel_width);
    a.gate = take(std::max(source_panels, target_panels) * lanes_ * panel_width);
    a.degree = take(target_panels * panel_width);
    // In numbers of another size, and so from an even place.
    const std::size_t used = static_cast<std::size_t>(reinterpret_cast<std::byte*>(next) - at.room);
    auto* const words = reinterpret_cast<std::uint32_t*>(at.room + (used + 63) / 64 * 64);
    a.changed = words;
    a.starts = words + sources * target_panels;
    a.order = a.starts + target_panels + 1;
    a.present = reinterpret_cast<std::uint16_t*>(a.order + sources + targets);
    a.slice_source = a.present + target_panels;
    return a;
  }

  layout gather(const bench& at, const sweep_of_pairs& how) const {
    const layout a = lay_out(at, how.shift);
    spread(pre_, source_panels, how.sources, a.pre);
    spread(post_, target_panels, how.targets, a.post);
    if (gate_at_ == gate_position::pre) spread(gate_, source_panels, how.sources, a.gate);
    else spread(gate_, target_panels, how.targets, a.gate);
    each_pair(how, [&](std::size_t place, std::size_t row) { a.weights[place] = theta_[row]; });
    std::fill_n(a.changed, sources * target_panels, 0u);
    std::fill_n(a.present, target_panels, std::uint16_t{0xffff});
    std::fill_n(a.degree, targets, static_cast<P>(sources));
    for (std::size_t panel = 0; panel <= target_panels; ++panel)
      a.starts[panel] = static_cast<std::uint32_t>(panel * sources);
    for (std::size_t target = 0; target < targets; ++target) {
      for (std::size_t e = 0; e < sources; ++e)
        a.slice_source[(target / panel_width * sources + e) * panel_width + target % panel_width] =
            static_cast<std::uint16_t>(source_of(e, target));
    }
    return a;
  }

  /// f(place of the weight, row of the pair)
  template <class F>
  void each_pair(const sweep_of_pairs& how, F&& f) const {
    for (std::size_t target = 0; target < targets; ++target) {
      if (how.only != panel_width && how.only != target % panel_width) continue;
      const std::size_t t = how.targets == nullptr ? target : how.targets[target];
      for (std::size_t e = 0; e < sources; ++e) {
        const std::size_t source = how.sparse ? source_of(e, target) : e;
        const std::size_t s = how.sources == nullptr ? source : how.sources[source];
        f((target / panel_width * sources + e) * panel_width + target % panel_width, s * targets + t);
      }
    }
  }

  void learn(const layout& a, const sweep_of_pairs& how) const {
    P* const state[] = {a.weights};
    const P *const pre[] = {a.pre}, *const post[] = {a.post};
    learn_call<P> call = {.state = state,
                          .pre = pre,
                          .post = post,
                          .gate = gate_at_ == gate_position::none ? nullptr : a.gate,
                          .gate_at = gate_at_,
                          .gate_present = a.present,
                          .params = from_.params,
                          .lanes = lanes_,
                          .sources = sources,
                          .active = {nullptr, sources},
                          .slice_start = a.starts,
                          .slice_source = {a.slice_source, nullptr},
                          .degree = a.degree,
                          .targets = targets,
                          .changed_weights = a.changed,
                          .changed_entries = reinterpret_cast<std::uint16_t*>(a.changed)};
    for (std::size_t n = 0; n < how.pieces; ++n) {
      call.first_panel = n * target_panels / how.pieces;
      call.last_panel = (n + 1) * target_panels / how.pieces;
      if (how.sparse) kernels(how.scalar).learn_sliced(call);
      else kernels(how.scalar).learn_dense(call);
    }
  }

  /// Calls f(row, value) of all results.
  template <class F>
  void compare(const layout& a, const sweep_of_pairs& how, F&& f) const {
    each_pair(how, [&](std::size_t place, std::size_t row) { f(row, a.weights[place]); });
  }

  template <class F>
  void run(const bench& at, const sweep_of_pairs& how, F&& f) const {
    sweep_of_pairs everybody = how;
    everybody.only = panel_width;
    const layout a = gather(at, everybody);
    below(how.depth, how.paint, [&] { learn(a, how); });
    at.book->evaluations += pairs * lanes_;
    compare(a, how, f);
  }

  void check(const bench& at, const sweep_of_pairs& how) const {
    run(at, how, [&](std::size_t row, P value) {
      if (!agree(expected_[row], value)) note(at, how.by, row, 0, expected_[row], value);
    });
  }

  void vary_order(const bench& at) const {
    check(at, {.by = mechanism::order});
    check(at, {.by = mechanism::order, .sparse = true});
    for (std::uint64_t n = 0; n < 4; ++n) {
      std::uint32_t *const s = lay_out(at, 0).order, *const t = s + sources;
      shuffle(s, sources, mix_bits(2 * n + 1));
      shuffle(t, targets, mix_bits(2 * n + 2));
      const auto paint = static_cast<unsigned char>(0x55 * n);
      check(at, {.by = mechanism::order, .sources = s, .targets = t, .paint = paint, .sparse = n % 2 == 1});
    }
  }

  /// One target of each panel stays where it is.
  void vary_neighbours(const bench& at) const {
    std::uint32_t* const which = lay_out(at, 0).order;
    for (std::size_t kept = 0; kept < panel_width; ++kept) {
      for (const int others : {0, 1, 2}) {
        for (std::size_t i = 0; i < targets; ++i) {
          const std::size_t own = i / panel_width * panel_width + kept;
          const std::size_t drawn = mix_bits(i * panel_width + kept) % targets;
          which[i] = static_cast<std::uint32_t>(i == own || others == 1 ? own : others == 0 ? drawn : 0);
        }
        check(at, {.by = mechanism::neighbours, .targets = which, .only = kept, .sparse = others == 0});
      }
    }
  }

  /// One lane, and only what the traced rules do not modulate themselves.
  void trace(const bench& at) const {
    const bool gated = gate_at_ != gate_position::none;
    if (lanes_ != 1 || (gated && kernels(false).ends != nullptr)) return;
    const traced_rules<P>& rules = traced_rules_of(*from_.model).template rules<P>();
    using access = traced_access<P>;
    for (std::size_t row = 0; row < expected_.size(); row += 17) {
      const std::size_t source = row / targets, target = row % targets;
      tracing::begin_evaluation();
      traced<P> learning = access::source(theta_[row], detail::theta_slot);
      const traced<P> pre = access::source(pre_[source], detail::pre_slot);
      const traced<P> post = access::source(post_[target], detail::post_slot);
      const P modulator = gate_[gate_at_ == gate_position::pre ? source : target];
      const traced<P> gate = access::source(modulator, detail::gate_slot);
      rules.learn(from_.params, 1, &pre, &post, gated ? &gate : nullptr, gate_at_ == gate_position::pre, &learning);
      ++at.book->evaluations;
      const P value = access::value(learning) + P(0);
      if (!agree(expected_[row], value)) note(at, mechanism::traced, row, 0, expected_[row], value);
    }
  }

  const ingredients from_;
  const gate_position gate_at_;
  const std::size_t lanes_;
  std::size_t width_ = 1;
  std::vector<P> pre_, post_, gate_;  ///< [lane][neuron]
  std::vector<P> theta_, expected_;   ///< [source][target]
};

template <class P>
void add_rules(const ingredients& from, task_list& to) {
  const auto number = [&to] { return static_cast<std::uint32_t>(to.size()); };
  for (const std::size_t lanes : {1u, 3u}) {
    to.push_back(std::make_unique<learn_task<P>>(from, gate_position::none, lanes, number()));
    if (!from.model->gated) continue;
    for (const gate_position gate_at : {gate_position::pre, gate_position::post, gate_position::everywhere})
      to.push_back(std::make_unique<learn_task<P>>(from, gate_at, lanes, number()));
  }
}

}  // namespace

void add_learning_tasks(const ingredients& from, task_list& to) {
  from.each_precision([&]<class P>(P) { add_rules<P>(from, to); });
}

}  // namespace locus::purity
