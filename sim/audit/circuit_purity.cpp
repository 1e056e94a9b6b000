#include "sim/audit/circuit_purity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/audit/sentences.hpp"

namespace locus {
namespace {

constexpr std::size_t most_recorded = 60;

/// A model in use, with what its users have seen.
struct use_of_model {
  tested_model model;
  parameter_block params;
  std::vector<std::vector<double>> recorded;
};

bool same_parameters(const model_declaration& model, const parameter_block& a, const parameter_block& b) {
  return std::all_of(model.parameters.begin(), model.parameters.end(),
                     [&](const parameter_info& p) { return p.get(a.get()) == p.get(b.get()); });
}

void add_use(std::vector<use_of_model>& uses, const std::string& user, const model_declaration& model,
             const parameter_block& params, const std::vector<std::vector<double>>& recorded) {
  auto at = std::find_if(uses.begin(), uses.end(), [&](const use_of_model& use) {
    return use.model.model == &model && same_parameters(model, use.params, params);
  });
  if (at == uses.end()) at = uses.insert(uses.end(), {{&model, {}, {}}, params, {}});
  at->model.users.push_back(user);
  at->recorded.insert(at->recorded.end(), recorded.begin(), recorded.end());
}

/// The first user of a model, and how many more there are.
std::string users_of(const tested_model& m) {
  if (m.users.size() == 1) return m.users.front();
  return fmt::format("{} and {} more", m.users.front(), m.users.size() - 1);
}

bool is_one_of(const purity_finding& f, std::initializer_list<const char*> mechanisms) {
  return std::any_of(mechanisms.begin(), mechanisms.end(), [&](const char* each) { return f.mechanism == each; });
}

/// Whether it shows that a rule looks at what is in no circuit, or counts its evaluations.
bool outside(const purity_finding& f) { return is_one_of(f, {"sealed", "many", "symbols"}); }

bool speaks_against(const tested_model& m, const purity_finding& f, criterion about) {
  const bool neuron = m.model->kind == model_kind::neuron;
  switch (about) {
    case criterion::local_computation: return neuron;
    case criterion::local_plasticity: return true;
    case criterion::partial_autonomy: return neuron && outside(f);
    case criterion::full_autonomy: return outside(f);
    case criterion::equivalence:
    case criterion::no_weight_transport: break;
  }
  return false;
}

}  // namespace

std::vector<tested_model> test_models(const circuit& c, const interpretation& run, std::uint64_t seed) {
  std::vector<use_of_model> uses;
  for (std::size_t n = 0; n < c.populations.size(); ++n) {
    const population& p = c.populations[n];
    add_use(uses, p.name, *p.model, p.params, run.neuron_inputs[n]);
  }
  for (std::size_t w = 0; w < c.projections.size(); ++w) {
    const projection& p = c.projections[w];
    if (p.learns()) add_use(uses, p.name, *p.synapse, p.params, run.synapse_inputs[w]);
  }
  std::vector<tested_model> tested;
  for (use_of_model& use : uses) {
    purity_options o;
    o.seed = seed;
    o.seconds = 0.3;
    o.only = c.precision;
    // Of all that was recorded, evenly.
    const std::size_t count = std::min(most_recorded, use.recorded.size());
    for (std::size_t k = 0; k < count; ++k) o.recorded.push_back(use.recorded[k * use.recorded.size() / count]);
    use.model.result = measure_purity(*use.model.model, use.params, o);
    tested.push_back(std::move(use.model));
  }
  return tested;
}

std::vector<evidence> describe_impure(const std::vector<tested_model>& models, criterion about) {
  std::vector<evidence> all;
  for (const tested_model& m : models) {
    for (const purity_finding& f : m.result.findings) {
      if (!speaks_against(m, f, about)) continue;
      all.push_back({"purity",
                     fmt::format("the model {} ({}) is not a function of what it declares ({}): {}", m.model->info.name,
                                 users_of(m), f.mechanism, f.what),
                     m.users.size(),
                     0,
                     {}});
    }
  }
  return all;
}

bool brings_more(const std::vector<tested_model>& models, const std::string& projection) {
  return std::any_of(models.begin(), models.end(), [&](const tested_model& m) {
    const bool concerns =
        m.model->kind == model_kind::neuron || std::find(m.users.begin(), m.users.end(), projection) != m.users.end();
    return concerns && !m.result.findings.empty();
  });
}

std::string purity_measured(const std::vector<tested_model>& models) {
  std::uint64_t evaluations = 0, calls = 0;
  std::size_t compiled = 0;
  std::vector<std::string> impure, opaque, open, texts;
  for (const tested_model& m : models) {
    const std::string name(m.model->info.name);
    if (m.result.by_text) {
      if (std::find(texts.begin(), texts.end(), name) == texts.end()) texts.push_back(name);
      continue;
    }
    ++compiled;
    evaluations += m.result.evaluations;
    if (m.result.evaluations != 0) calls = calls == 0 ? m.result.calls : std::min(calls, m.result.calls);
    if (!m.result.tested) opaque.push_back(name);
    else if (!m.result.pure()) impure.push_back(name);
    else if (!m.result.sealed) open.push_back(name);
  }
  const std::string by_text =
      texts.empty() ? std::string()
                    : fmt::format("{} {} by {} text, in which a rule can name nothing but what it declares",
                                  fmt::join(texts, ", "), texts.size() == 1 ? "is pure" : "are pure",
                                  texts.size() == 1 ? "its" : "their");
  if (compiled == 0) return fmt::format("purity: {}.", by_text);
  std::string text =
      fmt::format("purity: {} with their parameters, {} evaluations, each rule {} times and more in a row: ",
                  counted(compiled, "model"), evaluations, calls);
  if (impure.empty() && opaque.empty()) text += "equal inputs gave equal bits";
  if (!impure.empty()) text += fmt::format("not pure: {}", fmt::join(impure, ", "));
  if (!opaque.empty()) text += fmt::format("{}not tested: {}", impure.empty() ? "" : "; ", fmt::join(opaque, ", "));
  if (!open.empty()) {
    text +=
        fmt::format("; not cut off from system, clock and environment meanwhile: {} (`locus audit --model` says why)",
                    fmt::join(open, ", "));
  }
  if (!by_text.empty()) text += "; " + by_text;
  return text + ".";
}

std::string unclear_autonomy(const std::vector<tested_model>& models) {
  for (const tested_model& m : models) {
    for (const purity_finding& f : m.result.findings) {
      if (is_one_of(f, {"order", "places"}))
        return fmt::format(
            "what the model {} ({}) gives depends on what was evaluated before, or where: whether it keeps "
            "time cannot be told",
            m.model->info.name, users_of(m));
    }
  }
  return "";
}

std::string opaque_models(const std::vector<tested_model>& models) {
  for (const tested_model& m : models) {
    if (!m.result.tested) return fmt::format("{} ({}): {}", m.model->info.name, users_of(m), m.result.why_not);
  }
  return "";
}

}  // namespace locus
