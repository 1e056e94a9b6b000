#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/whole_number.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/netlist/netlist_parts.hpp"

namespace locus::detail {

namespace {

constexpr auto name_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.>-";

/// The names of one kind of entity that the file declares.
class name_table {
 public:
  explicit name_table(std::string kind) : kind_(std::move(kind)) {}

  std::string declare(const section& entity) {
    const std::string name = entity.text("name");
    if (name.empty() || name.find_first_not_of(name_characters) != std::string::npos)
      entity.fail("name", "expected a name of letters, digits and _ . > -");
    if (name.find_first_not_of('.') == std::string::npos)
      entity.fail("name", "expected a name that has more than dots: files could not hold it");
    const auto [first, is_new] = positions_.try_emplace(name, entity.at("name"));
    if (!is_new) entity.fail("name", fmt::format("a {} of this name stands at {}", kind_, first->second.text()));
    return name;
  }

  void check(const section& user, std::string_view key, const std::string& name) const {
    if (positions_.contains(name)) return;
    std::vector<std::string> names;
    for (const auto& [known, unused] : positions_) names.push_back(known);
    user.fail(key, fmt::format("no {} is named \"{}\"{}", kind_, name, suggestion(name, names)));
  }

 private:
  std::string kind_;
  std::map<std::string, source_position> positions_;
};

/// A key that would be ignored is an unknown key; saying why helps more than the nearest name.
void refuse(const section& entity, const std::vector<std::string>& keys, const std::string& why) {
  for (const std::string& key : keys)
    if (entity.has(key)) entity.fail(key, "unknown key here: " + why);
}

class long_form_reader {
 public:
  long_form_reader(const section& root, description& out) : root_(root), out_(out) {}

  void read() {
    for (const section& entity : root_.tables("population")) out_.populations.push_back(read_population(entity));
    const auto projections = root_.tables("projection");
    for (const section& entity : projections) out_.projections.push_back(read_projection(entity));
    // Weights and connections may name a projection that stands further down.
    for (std::size_t i = 0; i < projections.size(); ++i) check_others(projections[i], out_.projections[i]);
    for (const section& entity : root_.tables("stimulus")) out_.stimuli.push_back(read_stimulus(entity));
  }

 private:
  population_description read_population(const section& entity) {
    population_description out;
    out.at = entity.at();
    out.name = populations_.declare(entity);
    out.model = entity.text("model");
    neuron_grid grid = read_size(entity);
    out.size = grid.size;
    out.shape = std::move(grid.shape);
    out.params = entity.table("params").settings();
    return out;
  }

  projection_description read_projection(const section& entity) {
    projection_description out;
    out.at = entity.at();
    out.name = projections_.declare(entity);
    out.from = read_reference(entity, "from");
    out.to = read_reference(entity, "to");
    out.connect = read_connectivity(entity);
    if (entity.is_table("delay")) out.delays = read_delays(entity);
    else out.delay = entity.count("delay", 0, 0);
    out.synapse = entity.text("synapse", "");
    if (out.synapse.empty())
      refuse(entity, {"weights", "initial", "pre", "post", "gate", "gate_at", "params"},
             "a projection without \"synapse\" is a plain link");
    else read_synapse(entity, out);
    return out;
  }

  void read_synapse(const section& entity, projection_description& out) const {
    auto* const windows = std::get_if<spatial_window>(&out.connect);
    if (windows != nullptr) windows->one_kernel = shares_window(entity);
    out.weights = read_weight_source(entity, windows != nullptr && windows->one_kernel);
    out.initial = read_initial_fields(entity);
    out.pre = read_seen(entity, "pre");
    out.post = read_seen(entity, "post");
    out.gate = optional_reference(entity, "gate");
    if (!out.gate) refuse(entity, {"gate_at"}, "without \"gate\" there is nothing to place");
    out.gate_at = entity.choice("gate_at", gate_end::post);
    out.params = entity.table("params").settings();
  }

  void check_others(const section& entity, const projection_description& projection) const {
    const auto check = [&](std::string_view table, std::string_view key, const std::string& name) {
      const section user = entity.table(table);
      if (name == projection.name) user.fail(key, fmt::format("a projection cannot take its {} from itself", table));
      projections_.check(user, key, name);
    };
    if (const auto* copied = std::get_if<copied_weights>(&projection.weights))
      check("weights", "same_initial_as", copied->projection);
    if (const auto* shared = std::get_if<shared_weights>(&projection.weights))
      check("weights", "shared", shared->projection);
    if (const auto* other = std::get_if<copied_connections>(&projection.connect))
      check("connect", other->transposed ? "transposed" : "same_as", other->projection);
  }

  stimulus_description read_stimulus(const section& entity) const {
    stimulus_description out;
    out.at = entity.at();
    out.target.population = entity.text("population");
    out.target.at = entity.at("population");
    populations_.check(entity, "population", out.target.population);
    out.target.member = entity.text("port", "clamp");
    out.role = entity.choice<stimulus_role>("role");
    read_onset(entity, out);
    out.ticks = entity.whole("ticks", ticks_from(0), out.ticks);
    read_role(entity, out);
    return out;
  }

  /// `onset = 3`, counted from the teacher's onset, or `onset = "end - 1"`, from its end.
  static void read_onset(const section& entity, stimulus_description& out) {
    if (!entity.is_text("onset")) {
      out.onset = entity.whole("onset", {-longest_time, longest_time}, out.onset);
      return;
    }
    std::string text = entity.text("onset");
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    constexpr std::string_view end = "end";
    std::string complaint;
    std::optional<std::int64_t> ticks = 0;
    if (text.size() > end.size()) ticks = parse_whole(text.substr(end.size() + 1), ticks_from(0), complaint);
    const char sign = text.size() > end.size() ? text[end.size()] : '+';
    if (!text.starts_with(end) || !ticks || (sign != '+' && sign != '-'))
      entity.fail("onset", "expected ticks from the teacher's onset, or from its end: \"end\", \"end - 1\"");
    out.onset = sign == '-' ? -*ticks : *ticks;
    out.from_end = true;
  }

  void read_role(const section& entity, stimulus_description& out) const {
    if (out.role == stimulus_role::input || out.role == stimulus_role::teacher) out.columns = read_columns(entity);
    else refuse(entity, {"columns"}, "only a stimulus with role \"input\" or \"teacher\" has it");
    if (out.role == stimulus_role::teacher) out.answer = optional_reference(entity, "answer");
    if (out.role == stimulus_role::teacher) out.loss = entity.choice("loss", out.loss);
    else refuse(entity, {"answer", "loss"}, "only a stimulus with role \"teacher\" has it");
    if (out.role == stimulus_role::control) out.value = entity.number("value", out.value);
    else refuse(entity, {"value"}, "only a stimulus with role \"control\" has it");
    if (out.role == stimulus_role::imposed) out.source = read_reference(entity, "source");
    else refuse(entity, {"source", "with", "sigma"}, "only a stimulus with role \"imposed\" has it");
    if (out.role != stimulus_role::imposed) return;
    out.with = entity.choice("with", imposed_with::input);
    out.sigma = entity.number("sigma", 0.0);
    if (out.sigma < 0) entity.fail("sigma", "expected a number >= 0");
  }

  static std::optional<window> read_columns(const section& entity) {
    if (!entity.has("columns")) return std::nullopt;
    const std::vector<std::uint32_t> ends = entity.counts("columns", 0);
    if (ends.size() != 2 || ends[0] >= ends[1]) entity.fail("columns", "expected [first, last] with 0 <= first < last");
    return window{ends[0], ends[1]};
  }

  reference read_reference(const section& entity, std::string_view key) const {
    const std::string text = entity.text(key);
    const auto dot = text.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == text.size())
      entity.fail(key, "expected POPULATION.MEMBER, such as \"hidden1.value.rate\"");
    const reference out{text.substr(0, dot), text.substr(dot + 1), entity.at(key)};
    populations_.check(entity, key, out.population);
    return out;
  }

  /// `pre = "input.value.rate"` or `pre = { rate = "input.value.rate", ... }`; empty when missing.
  seen_outputs read_seen(const section& entity, std::string_view key) const {
    if (!entity.has(key)) return {};
    if (!entity.is_table(key)) return read_reference(entity, key);
    const section table = entity.table(key);
    seen_outputs out;
    for (const std::string& name : table.keys()) out.push_back({name, read_reference(table, name)});
    if (out.empty()) entity.fail(key, "expected at least one output: { rate = \"hidden1.value.rate\" }");
    return out;
  }

  std::optional<reference> optional_reference(const section& entity, std::string_view key) const {
    if (!entity.has(key)) return std::nullopt;
    return read_reference(entity, key);
  }

  const section& root_;
  description& out_;
  name_table populations_{"population"};
  name_table projections_{"projection"};
};

}  // namespace

void read_long_form(const section& root, description& out) { long_form_reader(root, out).read(); }

}  // namespace locus::detail

namespace locus {

neuron_grid read_size(const section& entity) {
  if (!entity.has("shape")) return {entity.count("size", 1)};
  const neuron_grid out = entity.grid("shape");
  if (entity.has("size") && entity.count("size", 1) != out.size)
    entity.fail("size", fmt::format("shape says {} neurons: leave size out", out.size));
  return out;
}

}  // namespace locus
