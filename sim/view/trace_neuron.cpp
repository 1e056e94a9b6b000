/// What trace_source tells of one neuron, and of the run as a whole.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "sim/circuit/connections.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/trace/message_log.hpp"
#include "sim/view/json_answer.hpp"
#include "sim/view/neighbourhood.hpp"
#include "sim/view/trace_source.hpp"

namespace locus {
namespace {

/// What a trace holds of a tick.
class traced_values : public known_values {
 public:
  traced_values(const trace_reader& trace, trace_values& values, const circuit& c, std::uint32_t lane)
      : trace_(trace), values_(values), net_(c), lane_(lane) {}

  /// Notes the messages of `tick` onto and from a neuron.
  void read_messages(tick_t tick, std::size_t population, std::size_t neuron) {
    constexpr std::uint64_t most = 2'000'000;
    if (!has_messages(trace_)) return;
    const message_log log(trace_);
    if (log.count(tick, tick + 1) > most) return;
    std::vector<std::optional<std::size_t>> projections;
    for (const logged_connection& c : log.connections()) projections.push_back(net_.find_projection(c.name));
    for (const logged_message& m : log.read(tick, tick + 1, most)) {
      if (m.lane != lane_ || !projections[m.connection]) continue;
      const projection& p = net_.projections[*projections[m.connection]];
      const bool onto = p.to.population == population && m.target == neuron;
      const bool from = p.from.population == population && m.source == neuron;
      if (onto || from) messages_[{*projections[m.connection], m.source, m.target}] = {m.sent, m.value};
    }
  }

  std::optional<double> field(output_id of, std::size_t neuron, tick_t at) override {
    const auto found = fields_.find({of.population, of.field, at});
    if (found == fields_.end()) {
      row all;
      all.variable = trace_.find(net_.name_of(of));
      if (all.variable != nullptr) {
        const std::span<const double> numbers = values_.at(*all.variable, at);
        all.numbers.assign(numbers.begin(), numbers.end());
        all.known = values_.tick_of(*all.variable, at).has_value();
      }
      return value_in(fields_.emplace(std::tuple(of.population, of.field, at), std::move(all)).first->second, neuron);
    }
    return value_in(found->second, neuron);
  }

  std::vector<std::optional<double>> weights(std::size_t projection, const std::vector<std::size_t>& weights,
                                             tick_t at) override {
    std::vector<std::optional<double>> result(weights.size());
    const trace_variable* v = trace_.find(net_.projections[projection].name + ".theta");
    if (v == nullptr || !values_.tick_of(*v, at) || !multiplies(projection)) return result;
    std::vector<std::size_t> columns, places;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (const auto c = column(projection, weights[k])) {
        columns.push_back(*c);
        places.push_back(k);
      }
    }
    const std::vector<double> found = values_.columns_at(*v, columns, 0, at);
    for (std::size_t k = 0; k < found.size(); ++k) result[places[k]] = found[k];
    return result;
  }

  std::optional<std::size_t> column(std::size_t projection, std::size_t weight) override {
    const circuit& c = net_;
    const locus::projection& p = c.projections[projection];
    const trace_variable* v = trace_.find(p.name + ".theta");
    if (v == nullptr) return std::nullopt;
    if (v->columns() == c.weights(p)) return weight;
    const connection_ends ends = locus::ends_of(c, p, weight);
    for (std::size_t k = 0; k < v->columns(); ++k) {
      if (v->neurons[k] == ends.post && v->sources[k] == ends.pre) return k;
    }
    return std::nullopt;
  }

  std::optional<message> logged(std::size_t projection, std::size_t source, std::size_t target, tick_t) override {
    const auto found = messages_.find({projection, source, target});
    return found == messages_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  struct row {
    const trace_variable* variable = nullptr;
    std::vector<double> numbers;
    bool known = false;
  };

  std::optional<double> value_in(const row& all, std::size_t neuron) const {
    if (!all.known) return std::nullopt;
    const trace_variable& v = *all.variable;
    std::size_t column = neuron;
    if (column >= v.columns() || v.neurons[column] != neuron) {
      const auto found = std::find(v.neurons.begin(), v.neurons.end(), neuron);
      if (found == v.neurons.end()) return std::nullopt;
      column = static_cast<std::size_t>(found - v.neurons.begin());
    }
    return all.numbers[column * v.lanes + std::min(lane_, v.lanes - 1)];
  }

  /// Whether messages are multiplied with theta: of models that this program does not know it cannot be told.
  bool multiplies(std::size_t projection) const {
    const model_declaration* recorded = net_.projections[projection].synapse;
    const model_declaration* known = all_models().find(recorded->info.name);
    return known != nullptr && known->kind == model_kind::synapse && known->weight == 0;
  }

  const trace_reader& trace_;
  trace_values& values_;
  const circuit& net_;
  std::uint32_t lane_;
  std::map<std::tuple<std::size_t, std::size_t, tick_t>, row> fields_;
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, message> messages_;
};

/// The numbers of a presentation's answer and of what it was compared with.
struct scored {
  double loss = 0;
  bool right = false;
};

/// If `target` says one class: ones and zeros (or ones and minus ones), a single 1 where they are several.
std::optional<scored> score(std::span<const double> answer, std::span<const double> target, std::int64_t label) {
  double other = 0;
  std::size_t ones = 0, place = 0;
  for (std::size_t k = 0; k < target.size(); ++k) {
    if (target[k] == 1) {
      ++ones;
      place = k;
    } else if (target[k] == 0 || target[k] == -1) {
      other = target[k];
    } else {
      return std::nullopt;
    }
  }
  const bool one = target.size() == 1;
  if (one ? target[0] != (label == 1 ? 1 : other) : ones != 1 || static_cast<std::int64_t>(place) != label)
    return std::nullopt;
  scored s;
  for (std::size_t k = 0; k < target.size(); ++k) s.loss += (target[k] - answer[k]) * (target[k] - answer[k]) / 2;
  const auto largest = static_cast<std::size_t>(std::max_element(answer.begin(), answer.end()) - answer.begin());
  s.right = one ? (answer[0] > (1 + (label == 1 ? 0 : other)) / 2) == (label == 1) : largest == place;
  return s;
}

/// As even as whole numbers can be.
std::vector<std::uint64_t> spread(std::uint64_t count, std::uint64_t most) {
  std::vector<std::uint64_t> some;
  const std::uint64_t n = std::min(count, most);
  for (std::uint64_t k = 0; k < n; ++k) some.push_back(n == 1 ? 0 : k * (count - 1) / (n - 1));
  return some;
}

}  // namespace

view_answer trace_source::neuron(const query_reader& asked) {
  const std::string name = asked.text("population");
  const tick_t tick = asked.whole("tick", view_ticks);
  const std::uint32_t which = lane(asked);
  std::vector<std::string> known;
  for (const traced_population& p : trace_.populations()) known.push_back(p.name);
  const auto found = std::find(known.begin(), known.end(), name);
  if (found == known.end()) fail_unknown("population", name, known);
  const traced_population& p = trace_.populations()[static_cast<std::size_t>(found - known.begin())];
  const auto neuron = static_cast<std::size_t>(asked.whole("neuron", {0, std::max<std::int64_t>(0, p.size - 1)}));
  nlohmann::json state = nlohmann::json::object();
  for (const trace_variable& v : trace_.variables()) {
    if (v.weights || v.group != name) continue;
    const auto column = std::find(v.neurons.begin(), v.neurons.end(), neuron);
    if (column == v.neurons.end()) continue;
    const auto at = static_cast<std::size_t>(column - v.neurons.begin());
    state[v.name] = json_number(values_.columns_at(v, {at}, which, tick).at(0));
  }
  const circuit& c = net();
  traced_values values(trace_, values_, c, which);
  const std::size_t population = c.find_population(name).value();
  values.read_messages(tick, population, neuron);
  nlohmann::json j = neighbourhood(c, population, neuron, tick, values);
  j["state"] = std::move(state);
  return json_answer(j);
}

view_answer trace_source::curves(const query_reader& asked) {
  const std::uint32_t which = lane(asked), lanes = trace_.facts().lanes;
  nlohmann::json j = {{"presentations", nlohmann::json::array()},
                      {"loss", nullptr},
                      {"accuracy", nullptr},
                      {"weights", nlohmann::json::array()}};
  constexpr std::uint64_t most = 400;  // presentations
  std::vector<traced_presentation> shown;
  for (const std::uint64_t k : spread(trace_.presentations() / lanes, most)) {
    const auto row = trace_.read_presentations(k * lanes + which, 1);
    if (row.empty()) break;
    shown.push_back(row.front());
    j["presentations"].push_back(row.front().first);
  }
  const trace_variable* output = nullptr;
  std::size_t teachers = 0;
  if (!shown.empty() && shown.front().label) {
    const circuit& c = net();
    for (const stimulus& s : c.stimuli) {
      if (s.role != stimulus_role::teacher) continue;
      ++teachers;
      output = s.answer.population == s.population ? trace_.find(c.name_of(s.answer)) : nullptr;
    }
  }
  if (output != nullptr && teachers == 1 && output->columns() > 0) {
    std::vector<std::size_t> columns(output->columns());
    for (std::size_t k = 0; k < columns.size(); ++k) columns[k] = k;
    nlohmann::json ticks = nlohmann::json::array(), losses = ticks, rights = ticks;
    bool all = true;
    for (const traced_presentation& p : shown) {
      // Both ticks must have been recorded.
      if (p.teacher <= p.first || p.teacher >= p.end || p.first < extent().first || p.teacher >= extent().last ||
          values_.tick_of(*output, p.teacher) != p.teacher ||
          values_.tick_of(*output, p.teacher - 1) != p.teacher - 1) {
        if (output->storage == trace_storage::frames || p.teacher >= extent().last || p.first < extent().first)
          continue;
      }
      const std::vector<double> answer = values_.columns_at(*output, columns, which, p.teacher - 1);
      const std::vector<double> target = values_.columns_at(*output, columns, which, p.teacher);
      const auto s = p.label ? score(answer, target, *p.label) : std::nullopt;
      if (!s) {
        all = false;
        break;
      }
      ticks.push_back(p.teacher - 1);
      losses.push_back(json_number(s->loss));
      rights.push_back(s->right ? 1 : 0);
    }
    if (all && !ticks.empty()) {
      j["loss"] = {{"tick", ticks}, {"value", losses}};
      j["accuracy"] = {{"tick", ticks}, {"value", rights}};
    }
  }
  for (const trace_variable& v : trace_.variables()) {
    if (!v.weights || v.name != "theta" || v.columns() == 0 || v.columns() > most_numbers) continue;
    nlohmann::json ticks = nlohmann::json::array(), rms = ticks;
    const std::uint64_t samples = std::max<std::uint64_t>(2, std::min<std::uint64_t>(100, 2'000'000 / v.columns()));
    const auto span = static_cast<std::uint64_t>(extent().last - extent().first);
    std::optional<tick_t> last;
    for (const std::uint64_t k : spread(span, samples)) {
      const auto tick = values_.tick_of(v, extent().first + static_cast<tick_t>(k));
      if (!tick || tick == last) continue;
      last = tick;
      double sum = 0;
      for (const double x : values_.at(v, *tick)) sum += x * x;
      ticks.push_back(*tick);
      rms.push_back(json_number(std::sqrt(sum / static_cast<double>(v.columns()))));
    }
    j["weights"].push_back({{"projection", v.group}, {"tick", ticks}, {"rms", rms}});
  }
  return json_answer(j);
}

}  // namespace locus
