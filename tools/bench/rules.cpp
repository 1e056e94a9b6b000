#include <fmt/format.h>

#include <memory>

#include "sim/rules/declaration.hpp"
#include "tools/bench/networks.hpp"
#include "tools/bench/rule_sweeps.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

constexpr const char* nothing_compiled = "nothing is compiled: LOCUS_MODELS = \"interpreted\"";

/// Whether a model was compiled from a text.
bool compiled_from_text(const model_declaration& m) { return m.kernels != nullptr && m.text != nullptr; }

/// Any number of updates of neurons or synapses.
template <class Swept>
std::function<void(std::uint64_t)> updating_again(std::shared_ptr<Swept> swept) {
  return [swept = std::move(swept)](std::uint64_t n) {
    for (; n > 0; --n) swept->update();
  };
}

// ---- neurons -------------------------------------------------------------------------------------------------------

struct population_sizes {
  std::size_t neurons = 0, lanes = 1;
};

template <class P>
contestant neurons(const model_declaration& m, const population_sizes& s, std::string_view how) {
  const neuron_kernels<P>& kernels = kernels_of(m, chosen_target()).template neuron<P>();
  return {fmt::format("{}, {}", m.info.name, how),
          updating_again(std::make_shared<swept_neurons<P>>(m, kernels, s.neurons, s.lanes))};
}

/// Each model's two forms take turns with each other.
template <class P>
void run_neurons(table& out, const pace& p, const population_sizes& s) {
  std::vector<const model_declaration*> models;
  for (const model_declaration& m : all_models()) {
    if (m.kind == model_kind::neuron && compiled_from_text(m)) models.push_back(&m);
  }
  if (models.empty()) out.notes.emplace_back(nothing_compiled);
  const double scale = 1e9 / static_cast<double>(s.neurons * s.lanes);
  for (const model_declaration* m : models) {
    const model_declaration text = rules::declaration_of(m->text);
    measure(out, {{neurons<P>(*m, s, "compiled"), scale}, {neurons<P>(text, s, "interpreted"), scale}},
            "ns per neuron and lane", {p.rounds, p.seconds / static_cast<double>(models.size())});
    add_ratio(out.rows.back(), out.rows[out.rows.size() - 2], "x compiled", "rules.neuron");
  }
}

// ---- synapses ------------------------------------------------------------------------------------------------------

template <class P>
measured synapses(const model_declaration& m, const projection_sizes& s, std::string_view how) {
  const synapse_kernels<P>& kernels = kernels_of(m, chosen_target()).template synapse<P>();
  return {{fmt::format("{}, {}", m.info.name, how), updating_again(std::make_shared<swept_synapses<P>>(m, kernels, s))},
          1e9 / static_cast<double>(s.synapses())};
}

/// The product rule and one that is more than that, compiled and interpreted; rules that keep a state, written by hand
/// and interpreted.
template <class P>
void run_synapses(table& out, const pace& p, const projection_sizes& s) {
  const catalogue& all = all_models();
  std::vector<measured> contestants;
  for (const char* name : {"gated-hebbian", "decaying-hebbian"}) {
    const model_declaration& m = *all.find(name);
    if (!compiled_from_text(m)) {
      out.notes.emplace_back(nothing_compiled);
      return;
    }
    contestants.push_back(synapses<P>(m, s, "compiled"));
    contestants.push_back(synapses<P>(rules::declaration_of(m.text), s, "interpreted"));
  }
  for (const state_kernel<P>& written : state_kernels_for<P>(chosen_target())) {
    const model_declaration& m = *all.find(written.model);
    contestants.push_back(synapses<P>(by_hand(m, written), s, "written by hand"));
    contestants.push_back(synapses<P>(m, s, "interpreted"));
  }
  measure(out, contestants, "ns per synapse", p);
  for (std::size_t i = 1; i < out.rows.size(); i += 2) {
    const bool product = i == 1, state = i > 3;
    row& interpreted = out.rows[i];
    add_ratio(interpreted, out.rows[i - 1], state ? "x written by hand" : "x compiled",
              product ? "rules.product"
              : state ? "rules.state"
                      : "rules.synapse");
    if (!product) add_ratio(interpreted, out.rows[0], "x gated-hebbian, compiled");
  }
}

// ---- loading -------------------------------------------------------------------------------------------------------

/// The netlist in its long form, with all shipped models under names of its own.
std::string with_own_models(const std::string& shipped) {
  const auto own = [](std::string_view name) { return fmt::format("own-{}", name); };
  description netlist = description_of(shipped);
  for (population_description& p : netlist.populations) p.model = own(p.model);
  for (projection_description& p : netlist.projections) {
    if (!p.synapse.empty()) p.synapse = own(p.synapse);
  }
  std::string text = long_form(netlist);
  for (const model_declaration& m : all_models()) {
    std::string model = m.text->text;
    const std::string name = fmt::format("\"{}\"", m.info.name);  // its first key
    model.replace(model.find(name), name.size(), fmt::format("\"{}\"", own(m.info.name)));
    text += "\n" + model;
  }
  return text;
}

contestant loading(const std::string& name, const std::string& text) {
  return {name, [text](std::uint64_t n) {
            for (; n > 0; --n) {
              const circuit c = build_circuit(description_of(text));
              make_simulator(c, on_threads(1))->advance(1);
            }
          }};
}

void run_loading(table& out, const pace& p, const std::string& shipped, const std::string& own) {
  measure(out, {{loading("own models", own), 1e3}, {loading("shipped models", shipped), 1e3}}, "ms", p);
  row& mine = out.rows[0];
  quantity excess{"ms more than with shipped models", {}, find_target("rules.load")};
  for (std::size_t i = 0; i < mine.cost().size(); ++i) excess.rounds.push_back(mine.cost()[i] - out.rows[1].cost()[i]);
  mine.quantities.push_back(std::move(excess));
}

}  // namespace

std::vector<job> rules_jobs(const std::vector<std::string>&) {
  std::vector<job> jobs;
  for (const population_sizes& s : {population_sizes{512, 20}, {32, 1}}) {
    const std::string title = fmt::format("neurons, {}, lanes {}", s.neurons, s.lanes);
    jobs.push_back({title + ", f32", {}, [s](table& out, const pace& p) { run_neurons<float>(out, p, s); }});
    jobs.push_back({title + ", f64", {}, [s](table& out, const pace& p) { run_neurons<double>(out, p, s); }});
  }
  for (const projection_sizes& s : {projection_sizes{784, 32, 20}, {784, 32, 1}}) {
    const std::string title = fmt::format("synapses, {} -> {}, lanes {}", s.sources, s.targets, s.lanes);
    jobs.push_back({title + ", f32", {}, [s](table& out, const pace& p) { run_synapses<float>(out, p, s); }});
    jobs.push_back({title + ", f64", {}, [s](table& out, const pace& p) { run_synapses<double>(out, p, s); }});
  }
  const std::string shipped = image_network({784, 32, 10}, "f32");
  const std::string own = with_own_models(shipped);
  jobs.push_back({"netlist to first tick, 784-32-10, f32",
                  {{"shipped models", shipped}, {"own models", own}},
                  [=](table& out, const pace& p) { run_loading(out, p, shipped, own); }});
  return jobs;
}

}  // namespace locus::bench
