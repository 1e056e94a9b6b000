#include "sim/engine/program.hpp"

#include "sim/engine/compile.hpp"

#include "sim/rules/declaration.hpp"
#include "sim/rules/specialise.hpp"

namespace locus {
namespace {

using rules::rule;

/// Programs, and what their views look into.
template <class P>
struct kept_programs {
  neuron_programs<P> views;
  program_store<P> store;
};

template <class P>
std::shared_ptr<const kept_programs<P>> make_programs(const rules::text_parameters& params) {
  const rules::text_model& model = *params.model;
  const model_declaration declared = rules::declaration_of(params.model);
  auto made = std::make_shared<kept_programs<P>>();
  neuron_programs<P>& views = made->views;
  views.fields = model.fields.size();
  views.clamp_is_total = model.clamp_is_total;
  for (std::size_t f = 0; f < views.fields; ++f) {
    const rules::text_field& field = model.fields[f];
    views.duties[f] = {static_cast<std::uint8_t>(static_cast<int>(field.by) + 1), !field.hidden, field.event};
  }
  const auto keep = [&](const rule& r, const std::vector<std::size_t>& ports) {
    return made->store.keep(compiled<P>(r, views.fields, ports, views.fields), views.fields, ports.size());
  };
  const std::vector<std::size_t> step_ports = declared.step ? declared.step->ports : std::vector<std::size_t>();
  for (const bool with_step : {false, true}) {
    for (const bool with_clamp : {false, true}) {
      const rule r = rules::specialised<P>(rules::advance_of(model, with_step, with_clamp), model, params.values);
      views.advance[with_step ? 1 : 0][with_clamp ? 1 : 0] = keep(r, step_ports);
    }
  }
  for (std::size_t k = 0; k < model.reactions.size(); ++k)
    views.react[k] = keep(rules::specialised<P>(model.reactions[k], model, params.values), declared.reactions[k].ports);
  return made;
}

}  // namespace

template <class P>
const neuron_programs<P>& programs_of(const void* params) {
  const auto& block = *static_cast<const rules::text_parameters*>(params);
  constexpr std::size_t slot = sizeof(P) == sizeof(float) ? 0 : 1;
  rules::text_parameters::prepared& cache = *block.cache;
  std::call_once(cache.once[slot], [&] { cache.made[slot] = make_programs<P>(block); });
  return static_cast<const kept_programs<P>*>(cache.made[slot].get())->views;
}
template const neuron_programs<float>& programs_of<float>(const void*);
template const neuron_programs<double>& programs_of<double>(const void*);

}  // namespace locus
