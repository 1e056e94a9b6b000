/// Tasks of a neuron model: its step with and without a clamp, a clamp alone, neither, and each reaction.

#include <algorithm>
#include <bit>

#include "sim/audit/purity_elements.hpp"
#include "sim/audit/rules.hpp"

namespace locus::purity {
namespace {

/// Which rule.
struct phase {
  const char* name = "";
  bool step = false, clamp = false;
  int reaction = -1;     ///< -1: advance
  bool is_part = false;  ///< all that it evaluates is in another one, too: not to be repeated
};

template <class P>
class neuron_task final : public element_task<P> {
 public:
  neuron_task(const ingredients& from, const phase& which, std::uint32_t number)
      : element_task<P>(fmt::format("{} ({})", which.name, precision_text<P>()), number),
        from_(from),
        which_(which),
        field_count_(from.model->fields.size()) {
    std::vector<std::string> inputs, outputs;
    std::vector<std::size_t> recorded;
    const auto add = [&](std::string_view name, std::size_t place) {
      inputs.emplace_back(name);
      recorded.push_back(place);
    };
    for (std::size_t f = 0; f < field_count_; ++f) add(from.model->fields[f].name, f);
    outputs = inputs;
    for (const std::size_t q : ports()) add(from.model->ports[q].name, field_count_ + q);
    if (which.clamp) add("what is imposed", field_count_ + from.model->ports.size());
    const bool shared = kernel(*from.kernels) == kernel(*from.scalar);
    this->set_up(from, std::move(inputs), recorded, std::move(outputs), field_count_,
                 width_of<P>(shared ? simd_target::scalar : from.target));
    for (const field& f : from.model->fields) owned_.push_back(static_cast<int>(f.by) == which.reaction);
  }

 private:
  using access = traced_access<P>;

  [[nodiscard]] std::vector<std::size_t> ports() const {
    if (which_.reaction >= 0) return from_.model->reactions[static_cast<std::size_t>(which_.reaction)].ports;
    return which_.step ? from_.model->step->ports : std::vector<std::size_t>{};
  }

  [[nodiscard]] neuron_kernel<P> kernel(const model_kernels& of) const {
    const neuron_kernels<P>& all = of.template neuron<P>();
    return which_.reaction < 0 ? all.advance : all.react[static_cast<std::size_t>(which_.reaction)];
  }

  [[nodiscard]] std::uint64_t calls_per_sweep() const override {
    return which_.is_part ? 0 : element_task<P>::calls_per_sweep();
  }

  void invoke(const sweep_arrays<P>& arrays, const sweep& how) const override {
    std::array<P, panel_width> all_there;
    all_there.fill(std::bit_cast<P>(static_cast<bits_of<P>>(~bits_of<P>{0})));
    std::array<P*, max_fields> nobody{};
    std::array<std::uint16_t*, max_fields> present;
    std::array<std::uint32_t*, max_fields> events;
    present.fill(reinterpret_cast<std::uint16_t*>(arrays.scratch));
    events.fill(arrays.scratch + arrays.panels);
    neuron_call<P> call;
    call.fields = arrays.inputs.data();
    call.ports = arrays.inputs.data() + field_count_;
    call.params = from_.params;
    call.clamp = which_.clamp ? arrays.inputs[this->input_count() - 1] : nullptr;
    call.changes = nobody.data();
    call.present = present.data();
    call.events = events.data();
    call.moved_panels = reinterpret_cast<std::uint8_t*>(arrays.scratch + 2 * arrays.panels);
    call.last_valid = how.masked ? all_there.data() : nullptr;
    call.lanes = how.lanes;
    call.panels = arrays.panels;
    call.with_step = which_.step;
    const neuron_kernel<P> evaluate = kernel(how.scalar ? *from_.scalar : *from_.kernels);
    for (std::size_t n = 0; n < how.pieces; ++n) {
      call.first_panel = n * arrays.panels / how.pieces;
      call.last_panel = (n + 1) * arrays.panels / how.pieces;
      evaluate(call);
    }
  }

  void trace(const bench& at) const override {
    constexpr std::size_t tried = 192;
    const traced_rules<P>& rules = traced_rules_of(*from_.model).template rules<P>();
    const bool steps = which_.step && !(which_.clamp && from_.model->clamp_is_total);
    for (std::size_t row = 0; row < tried; ++row) {
      tracing::begin_evaluation();
      std::array<traced<P>, 2 * max_fields + 1> in;
      for (std::size_t s = 0; s < this->input_count(); ++s)
        in[s] = access::source(this->value(s, row), static_cast<unsigned>(s));
      traced<P>* const fields = in.data();
      const traced<P>* const ports = in.data() + field_count_;
      const traced<P>* const clamp = which_.clamp ? &in[this->input_count() - 1] : nullptr;
      if (which_.reaction < 0) rules.advance(from_.params, steps, ports, clamp, fields);
      else rules.react[static_cast<std::size_t>(which_.reaction)](from_.params, ports, fields);
      ++at.book->evaluations;
      for (std::size_t f = 0; f < field_count_; ++f) {
        const P value = access::value(fields[f]) + P(0);
        if (owned_[f] && !agree(this->expected(f, row), value))
          this->note(at, mechanism::traced, row, f, this->expected(f, row), value);
      }
    }
  }

  const ingredients from_;
  const phase which_;
  const std::size_t field_count_;
  std::vector<bool> owned_;
};

template <class P>
void add_phases(const ingredients& from, task_list& to) {
  const auto add = [&](const phase& which) {
    to.push_back(std::make_unique<neuron_task<P>>(from, which, static_cast<std::uint32_t>(to.size())));
  };
  const model_declaration& model = *from.model;
  if (model.step) add({"step", true, false});
  if (model.step && model.has_clamp) add({"step under a stimulus", true, true});
  add({.name = "emit", .is_part = model.step.has_value()});
  if (model.has_clamp) add({.name = "clamp", .clamp = true, .is_part = model.step.has_value()});
  constexpr std::array<const char*, max_reactions> names = {"first reaction", "second reaction", "third reaction"};
  for (std::size_t k = 0; k < model.reactions.size(); ++k) add({names[k], false, false, static_cast<int>(k)});
}

}  // namespace

void add_neuron_tasks(const ingredients& from, task_list& to) {
  from.each_precision([&]<class P>(P) { add_phases<P>(from, to); });
}

}  // namespace locus::purity
