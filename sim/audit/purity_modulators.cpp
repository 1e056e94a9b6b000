/// Tasks of a synapse model: what its modulator makes of an end.

#include <algorithm>

#include "sim/audit/purity_elements.hpp"
#include "sim/audit/rules.hpp"

namespace locus::purity {
namespace {

template <class P>
class modulate_task final : public element_task<P> {
 public:
  modulate_task(const ingredients& from, std::uint32_t number)
      : element_task<P>(fmt::format("modulate ({})", precision_text<P>()), number), from_(from) {
    const bool shared = kernels(false).ends == kernels(true).ends;
    this->set_up(from, {"gate", "end"}, {recorded_gate, recorded_post}, {"the modulated end"}, 0,
                 width_of<P>(shared ? simd_target::scalar : from.target));
  }

 private:
  [[nodiscard]] const synapse_kernels<P>& kernels(bool scalar) const {
    return (scalar ? from_.scalar : from_.kernels)->template synapse<P>();
  }

  void invoke(const sweep_arrays<P>& arrays, const sweep& how) const override {
    const P* const outputs[] = {arrays.inputs[1]};
    P* const parts[] = {arrays.outputs[0]};
    const ends_call<P> call = {.outputs = outputs,
                               .gate = arrays.inputs[0],
                               .gate_at = gate_position::post,
                               .params = from_.params,
                               .parts = parts,
                               .lanes = how.lanes,
                               .panels = arrays.panels};
    kernels(how.scalar).ends(call);
  }

  /// The traced rules modulate and learn at once: here the kernels learn from what they have modulated.
  void trace(const bench& at) const override {
    constexpr std::size_t tried = 192;
    const P pre = P(0.75), theta = P(0.125);
    P* const post = reinterpret_cast<P*>(at.room);
    P *const gate = post + tried, *const weights = gate + tried, *const before = weights + tried;
    for (std::size_t row = 0; row < tried; ++row) {
      post[row] = this->expected(0, row);
      gate[row] = this->value(0, row);
      weights[row] = theta;
    }
    std::fill_n(before, panel_width, pre);
    auto* const present = reinterpret_cast<std::uint16_t*>(before + panel_width);
    std::fill_n(present, tried / panel_width, std::uint16_t{0xffff});
    std::uint32_t changed[1] = {};
    P* const state[] = {weights};
    const P *const pre_parts[] = {before}, *const post_parts[] = {post};
    learn_call<P> call = {.state = state,
                          .pre = pre_parts,
                          .post = post_parts,
                          .gate = gate,
                          .gate_at = gate_position::post,
                          .gate_present = present,
                          .params = from_.params,
                          .sources = 1,
                          .last_panel = tried / panel_width,
                          .active = {nullptr, 1},
                          .slice_source = {},
                          .targets = tried,
                          .changed_weights = changed};
    kernels(false).learn_dense(call);
    const traced_rules<P>& rules = traced_rules_of(*from_.model).template rules<P>();
    using access = traced_access<P>;
    for (std::size_t row = 0; row < tried; ++row) {
      tracing::begin_evaluation();
      traced<P> learning = access::source(theta, detail::theta_slot);
      const traced<P> before_it = access::source(pre, detail::pre_slot);
      const traced<P> after_it = access::source(this->value(1, row), detail::post_slot);
      const traced<P> modulator = access::source(this->value(0, row), detail::gate_slot);
      rules.learn(from_.params, 1, &before_it, &after_it, &modulator, false, &learning);
      ++at.book->evaluations;
      // With the gate closed, a synapse that says that it rests then is skipped by panels, perhaps this one.
      const bool rests = from_.model->idle.when_gate_is_zero && gate[row] == P(0);
      const P value = access::value(learning) + P(0);
      if (!rests && !agree(weights[row], value)) this->note(at, mechanism::traced, row, 0, weights[row], value);
    }
  }

  const ingredients from_;
};

template <class P>
void add_rule(const ingredients& from, task_list& to) {
  if (from.kernels->template synapse<P>().ends == nullptr) return;
  to.push_back(std::make_unique<modulate_task<P>>(from, static_cast<std::uint32_t>(to.size())));
}

}  // namespace

void add_modulator_tasks(const ingredients& from, task_list& to) {
  from.each_precision([&]<class P>(P) { add_rule<P>(from, to); });
}

}  // namespace locus::purity
