#include "sim/view/trace_info.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/core/catalogue.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/view/json_answer.hpp"

namespace locus {
namespace {

nlohmann::json parameters_json(const std::vector<traced_parameter>& all) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [name, value] : all) {
    nlohmann::json j = {{"name", name}};
    std::visit([&](const auto& x) { j["value"] = x; }, value);
    if (const double* number = std::get_if<double>(&value)) j["value"] = json_number(*number);
    list.push_back(std::move(j));
  }
  return list;
}

bool is_event(const trace_reader& trace, const trace_variable& v) {
  return std::any_of(trace.spikes().begin(), trace.spikes().end(), [&](const spike_list_info& s) {
    return s.group == v.full_name() || (s.group == v.group && v.name == "spike");
  });
}

/// Whether all neurons are recorded, as far as the numbers tell.
bool is_whole(const trace_variable& v, std::uint64_t total) {
  if (v.columns() != total) return false;
  for (std::size_t k = 0; !v.weights && k < v.columns(); ++k) {
    if (v.neurons[k] != k) return false;
  }
  return true;
}

nlohmann::json variable_json(const trace_reader& trace, const trace_variable& v, std::uint64_t total) {
  nlohmann::json j = {{"name", v.full_name()},
                      {"field", v.name},
                      {"unit", v.units.empty() ? "1" : v.units},
                      {"description", v.long_name},
                      {"event", is_event(trace, v)},
                      {"storage", v.storage == trace_storage::frames ? "frames" : "changes"},
                      {"neurons", total},
                      {"columns", v.columns()},
                      {"rows", v.rows},
                      {"recorded", nullptr},
                      {"overview", true}};
  if (v.weights) j["recorded"] = v.columns();
  else if (!is_whole(v, total)) j["recorded"] = v.neurons;
  return j;
}

nlohmann::json variables_json(const trace_reader& trace, const std::string& group, std::uint64_t total) {
  nlohmann::json list = nlohmann::json::array();
  for (const trace_variable& v : trace.variables()) {
    if (v.group == group) list.push_back(variable_json(trace, v, total));
  }
  return list;
}

nlohmann::json matrix_json(const trace_reader& trace, const traced_projection& p) {
  const auto size_of = [&](const std::string& end) -> std::int64_t {
    const std::string population = end.substr(0, end.rfind('.'));
    for (const traced_population& each : trace.populations()) {
      if (each.name == population) return each.size;
    }
    return 0;
  };
  if (p.synapse == "link") return nullptr;
  return {size_of(p.to), size_of(p.from)};
}

}  // namespace

std::string population_of_list(const trace_reader& trace, const std::string& group) {
  for (const traced_population& p : trace.populations()) {
    if (group == p.name) return p.name;
  }
  for (const traced_population& p : trace.populations()) {
    if (group.starts_with(p.name + ".")) return p.name;
  }
  return group;
}

nlohmann::json trace_info(const trace_reader& trace) {
  const trace_facts& f = trace.facts();
  std::vector<std::string> stimulated;
  {
    const hdf5::session exclusive;
    stimulated = hdf5::names_in(trace.file(), "/stimuli");
  }
  nlohmann::json j = {{"version", f.version},
                      {"precision", name_of(f.precision)},
                      {"first", trace.extent().first},
                      {"last", trace.extent().second},
                      {"every", f.every},
                      {"dt", json_number(f.dt)},
                      {"lanes", f.lanes},
                      {"complete", f.complete},
                      {"ended", f.ended},
                      {"ended_tick", f.ended_tick ? nlohmann::json(*f.ended_tick) : nlohmann::json()},
                      {"netlist", f.netlist},
                      {"sha256", f.netlist_sha256},
                      {"seed", f.seed},
                      {"populations", nlohmann::json::array()},
                      {"projections", nlohmann::json::array()},
                      {"spikes", nlohmann::json::array()},
                      {"presentations", trace.presentations() / f.lanes},
                      {"classes", false}};
  if (trace.presentations() > 0) j["classes"] = trace.read_presentations(0, 1).at(0).label.has_value();
  for (const traced_population& p : trace.populations()) {
    j["populations"].push_back(
        {{"name", p.name},
         {"model", p.model},
         {"title", p.title},
         {"equation", p.equation},
         {"source", p.source},
         {"size", p.size},
         {"shape", p.shape},
         {"stimulated", std::find(stimulated.begin(), stimulated.end(), p.name) != stimulated.end()},
         {"parameters", parameters_json(p.parameters)},
         {"variables", variables_json(trace, p.name, static_cast<std::uint64_t>(std::max<std::int64_t>(0, p.size)))}});
  }
  for (const traced_projection& p : trace.projections()) {
    const std::string from = p.from.substr(0, p.from.rfind('.')), to = p.to.substr(0, p.to.rfind('.'));
    j["projections"].push_back(
        {{"name", p.name},
         {"from", from},
         {"to", to},
         {"output", p.from},
         {"port", p.to},
         {"field", p.from.substr(std::min(p.from.size(), from.size() + 1))},
         {"synapse", p.synapse},
         {"title", p.title},
         {"equation", p.equation},
         {"source", p.source},
         {"learns", p.learns},
         {"shape", p.shape},
         {"connections", p.connections},
         {"delay", p.delay},
         {"matrix", matrix_json(trace, p)},
         {"parameters", parameters_json(p.parameters)},
         {"variables",
          variables_json(trace, p.name, static_cast<std::uint64_t>(std::max<std::int64_t>(0, p.connections)))}});
  }
  for (const spike_list_info& s : trace.spikes())
    j["spikes"].push_back({{"group", s.group}, {"population", population_of_list(trace, s.group)}, {"count", s.count}});
  return j;
}

nlohmann::json results_beside(const std::string& trace) {
  constexpr std::uintmax_t most = 8 << 20;
  std::filesystem::path beside = trace;
  beside.replace_extension(".json");
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(beside, unknown) || std::filesystem::file_size(beside, unknown) > most)
    return nullptr;
  std::ifstream file(beside, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const nlohmann::json j = nlohmann::json::parse(text.str(), nullptr, false);
  const auto is = [&](const char* key, auto test) { return j.contains(key) && test(j[key]); };
  const bool ours = j.is_object() &&
                    is("trace",
                       [&](const nlohmann::json& name) {
                         return name.is_string() && std::filesystem::path(name.get<std::string>()).filename() ==
                                                        std::filesystem::path(trace).filename();
                       }) &&
                    is("epochs", [](const nlohmann::json& epochs) { return epochs.is_array(); });
  if (!ours) return nullptr;
  nlohmann::json results;
  for (const nlohmann::json& epoch : j["epochs"]) {
    if (!epoch.is_object()) return nullptr;
    for (const char* key : {"epoch", "loss", "train_accuracy", "test_loss", "test_accuracy"})
      results[key == std::string_view("loss") ? "train_loss" : key].push_back(epoch.value(key, nlohmann::json()));
  }
  return results;
}

}  // namespace locus
