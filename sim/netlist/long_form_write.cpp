#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "sim/netlist/toml_text.hpp"

namespace locus {

namespace {

template <typename... Kinds>
struct overloaded : Kinds... {
  using Kinds::operator()...;
};
template <typename... Kinds>
overloaded(Kinds...) -> overloaded<Kinds...>;

std::string row_text(const double* values, std::size_t count) {
  std::string out = "[";
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ", ") + toml_number(values[i]);
  return out + "]";
}

/// A matrix has a line a row: TOML allows that inside an inline table too.
std::string matrix_text(const matrix& values) {
  std::string out = "[\n";
  for (std::size_t row = 0; row < values.rows; ++row)
    out += "  " + row_text(values.values.data() + row * values.columns, values.columns) + ",\n";
  return out + "]";
}

/// Numbers in as many levels of lists as there are dimensions, a line for each element of the first.
std::string array_text(const data_array& array) {
  if (!array.file.empty()) return toml_string(array.file);
  const double* next = array.numbers.data();
  const auto text = [&](const auto& self, std::size_t level) -> std::string {
    if (level == array.shape.size()) return toml_number(*next++);
    const bool lines = level == 0 && array.shape.size() > 1;
    std::string out = lines ? "[\n" : "[";
    for (std::uint32_t i = 0; i < array.shape[level]; ++i) {
      out += lines ? "  " : i == 0 ? "" : ", ";
      out += self(self, level + 1) + (lines ? ",\n" : "");
    }
    return out + "]";
  };
  return text(text, 0);
}

std::string ticks_text(const tick_range& ticks) {
  return ticks.low == ticks.high ? fmt::format("{}", ticks.low) : fmt::format("[{}, {}]", ticks.low, ticks.high);
}

std::string parameter_text(const parameter_value& value) {
  return std::visit(overloaded{[](bool flag) { return std::string(flag ? "true" : "false"); },
                               [](double number) { return toml_number(number); },
                               [](const std::string& text) { return toml_string(text); }},
                    value);
}

std::string params_line(const std::vector<parameter_setting>& params) {
  std::string out;
  for (const auto& setting : params)
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", toml_key(setting.name), parameter_text(setting.value));
  return out.empty() ? "" : "params = { " + out + " }\n";
}

std::string line(std::string_view key, std::string_view value) { return fmt::format("{} = {}\n", key, value); }

std::string reference_line(std::string_view key, const reference& value) {
  return line(key, toml_string(value.text()));
}

std::string seen_line(std::string_view key, const seen_outputs& seen) {
  if (seen.empty()) return {};
  if (seen.size() == 1 && seen[0].name.empty()) return reference_line(key, seen[0].output);
  std::string out;
  for (const seen_output& each : seen)
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", toml_key(each.name), toml_string(each.output.text()));
  return line(key, "{ " + out + " }");
}

std::string pairs_text(const listed_pairs& list) {
  std::string out;
  for (const auto& [post, pre] : list.post_pre) out += fmt::format("{}[{}, {}]", out.empty() ? "" : ", ", post, pre);
  return out;
}

std::string counts_text(const std::vector<std::uint32_t>& counts) {
  return fmt::format("[{}]", fmt::join(counts, ", "));
}

std::string window_text(const spatial_window& window) {
  return fmt::format("{{ window = {}, stride = {}, dilation = {}, padding = \"{}\", channels = \"{}\"{} }}",
                     counts_text(window.size), counts_text(window.stride), counts_text(window.dilation),
                     window.same_padding ? "same" : "valid", window.each_channel ? "each" : "all",
                     window.place.empty() ? "" : ", place = " + counts_text(window.place));
}

std::string kernel_text(const distance_kernel& kernel) {
  std::string out;
  if (kernel.within) out += fmt::format("distance = {}, ", toml_number(*kernel.within));
  if (kernel.sigma) out += fmt::format("gaussian = {}, ", toml_number(*kernel.sigma));
  return fmt::format("{{ {}probability = {}, wrap = {}, seed = {} }}", out, toml_number(kernel.probability),
                     kernel.wrap, kernel.seed);
}

std::string stored_text(const std::string& file, const std::string& dataset) {
  return fmt::format("{{ file = {}{} }}", toml_string(file),
                     dataset.empty() ? "" : ", dataset = " + toml_string(dataset));
}

std::string connect_text(const connectivity& connect) {
  return std::visit(
      overloaded{[](const all_to_all&) { return std::string("\"all-to-all\""); },
                 [](const one_to_one&) { return std::string("\"one-to-one\""); },
                 [](const fixed_indegree& random) {
                   return fmt::format("{{ fixed_indegree = {}, seed = {} }}", random.degree, random.seed);
                 },
                 [](const connection_probability& random) {
                   return fmt::format("{{ probability = {}, seed = {} }}", toml_number(random.probability),
                                      random.seed);
                 },
                 [](const listed_pairs& list) { return fmt::format("{{ post_pre = [{}] }}", pairs_text(list)); },
                 [](const spatial_window& window) { return window_text(window); },
                 [](const distance_kernel& kernel) { return kernel_text(kernel); },
                 [](const stored_connections& stored) { return stored_text(stored.file, stored.dataset); },
                 [](const copied_connections& other) {
                   return fmt::format("{{ {} = {} }}", other.transposed ? "transposed" : "same_as",
                                      toml_string(other.projection));
                 }},
      connect);
}

std::string delays_text(const connection_delays& delays) {
  if (!delays.file.empty()) return stored_text(delays.file, delays.dataset);
  if (!delays.values.empty()) return fmt::format("{{ values = {} }}", counts_text(delays.values));
  return fmt::format("{{ uniform = [{}, {}], seed = {} }}", delays.low, delays.high, delays.seed);
}

std::string random_text(const random_weights& weights) {
  return fmt::format("{{ init = {}, scale = {}, seed = {}{} }}", toml_string(weights.method),
                     toml_number(weights.scale), weights.seed,
                     weights.stream.empty() ? "" : ", stream = " + toml_string(weights.stream));
}

std::string other_text(std::string_view key, const std::string& projection, bool transposed, double scale = 1) {
  return fmt::format("{{ {} = {}{}{} }}", key, toml_string(projection), transposed ? ", transposed = true" : "",
                     scale == 1 ? "" : ", scale = " + toml_number(scale));
}

std::string weights_text(const weight_source& weights, bool one_kernel) {
  std::string text = std::visit(
      overloaded{
          [](const random_weights& random) { return random_text(random); },
          [](const listed_weights& listed) { return fmt::format("{{ values = {} }}", matrix_text(listed.values)); },
          [](const stored_weights& stored) { return stored_text(stored.file, stored.dataset); },
          [](const copied_weights& copied) {
            return other_text("same_initial_as", copied.projection, copied.transposed, copied.scale);
          },
          [](const shared_weights& shared) { return other_text("shared", shared.projection, shared.transposed); }},
      weights);
  if (one_kernel) text.insert(1, " shared = \"window\",");
  return text;
}

std::string initial_line(const std::vector<field_initial>& fields) {
  std::string out;
  for (const field_initial& each : fields) {
    const auto* random = std::get_if<random_weights>(&each.values);
    const bool number = random != nullptr && random->method == "constant";
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", toml_key(each.field),
                       number ? toml_number(random->scale) : weights_text(each.values, false));
  }
  return out.empty() ? "" : line("initial", "{ " + out + " }");
}

std::string circuit_text(const description& netlist) {
  return "[circuit]\n" + line("precision", toml_string(name_of(netlist.precision))) +
         line("lanes", fmt::format("{}", netlist.lanes)) +
         line("on_nonfinite", netlist.record_nonfinite ? "\"record\"" : "\"stop\"") +
         line("noise_seed", fmt::format("{}", netlist.noise_seed)) +
         (netlist.dt ? line("dt", toml_number(*netlist.dt)) : "");
}

std::string teacher_text(const teacher_network& teacher) {
  std::string layers;
  for (const std::uint32_t size : teacher.layers) layers += fmt::format("{}{}", layers.empty() ? "" : ", ", size);
  return "\n[stimuli.data]\n" + line("teacher", "[" + layers + "]") +
         line("activation", toml_string(teacher.activation)) + line("scale", toml_number(teacher.scale)) +
         line("samples", fmt::format("{}", teacher.samples)) +
         line("test_samples", fmt::format("{}", teacher.test_samples)) + line("seed", fmt::format("{}", teacher.seed));
}

std::string data_text(const data_description& data) {
  if (data.teacher) return teacher_text(*data.teacher);
  if (data.source != "arrays") return "";
  std::string out = "\n[stimuli.data]\n" + line("inputs", array_text(data.inputs));
  if (data.targets.given()) out += line("targets", array_text(data.targets));
  if (data.test_inputs.given()) out += line("test_inputs", array_text(data.test_inputs));
  if (data.test_targets.given()) out += line("test_targets", array_text(data.test_targets));
  return out;
}

std::string texts_text(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + toml_string(text);
  return "[" + out + "]";
}

std::string stimuli_text(const description& netlist) {
  const auto& data = netlist.data;
  const auto& timeline = netlist.timeline;
  std::string out = "\n[stimuli]\n";
  if (data.source != "arrays" && !data.teacher) out += line("data", toml_string(data.source));
  out += line("split", toml_string(data.split)) + line("split_seed", fmt::format("{}", data.split_seed));
  out += line("train_on", toml_string(data.train_on)) + line("train_limit", fmt::format("{}", data.train_limit)) +
         line("test_limit", fmt::format("{}", data.test_limit));
  out += line("predict", ticks_text(timeline.predict)) + line("teach", ticks_text(timeline.teach)) +
         line("rest", ticks_text(timeline.rest));
  if (timeline.frame_ticks != 0) out += line("frame_ticks", fmt::format("{}", timeline.frame_ticks));
  out += line("teacher_off", timeline.hold_teacher ? "false" : "true");
  out += line("jitter_seed", fmt::format("{}", timeline.jitter_seed));
  out += line("epochs", fmt::format("{}", netlist.epochs));
  if (netlist.shuffle) out += line("shuffle", fmt::format("{}", *netlist.shuffle));
  if (!netlist.reports.empty()) {
    std::vector<std::string> texts;
    for (const report_description& each : netlist.reports) texts.push_back(each.text());
    out += line("report", texts_text(texts));
  }
  return out + data_text(data);
}

std::string windows_text(const std::vector<window>& windows) {
  std::string out;
  for (const auto& each : windows) out += fmt::format("{}[{}, {}]", out.empty() ? "" : ", ", each.first, each.last);
  return "[" + out + "]";
}

/// Only what differs from the defaults; nothing if all is as by default.
std::string trace_text(const trace_description& trace) {
  const trace_description usual;
  std::string out;
  if (!trace.file.empty()) out += line("file", toml_string(trace.file));
  if (!trace.record.empty()) out += line("record", texts_text(trace.record));
  if (!trace.on_change.empty()) out += line("on_change", texts_text(trace.on_change));
  if (trace.every != usual.every) out += line("every", fmt::format("{}", trace.every));
  if (trace.from != usual.from) out += line("from", fmt::format("{}", trace.from));
  if (trace.until != usual.until) out += line("until", fmt::format("{}", trace.until));
  if (!trace.presentations.empty()) out += line("presentations", windows_text(trace.presentations));
  if (trace.precision != usual.precision) out += line("precision", toml_string(trace.precision));
  if (trace.messages != usual.messages) out += line("messages", trace.messages ? "true" : "false");
  if (trace.messages_limit != usual.messages_limit) {
    out += line("messages_limit", fmt::format("{}", trace.messages_limit));
  }
  return out.empty() ? out : "\n[trace]\n" + out;
}

std::string population_text(const population_description& population) {
  return "\n[[population]]\n" + line("name", toml_string(population.name)) +
         line("model", toml_string(population.model)) +
         (population.shape.empty() ? line("size", fmt::format("{}", population.size))
                                   : line("shape", counts_text(population.shape))) +
         params_line(population.params);
}

std::string synapse_text(const projection_description& projection) {
  const auto* windows = std::get_if<spatial_window>(&projection.connect);
  std::string out = line("synapse", toml_string(projection.synapse));
  out += line("weights", weights_text(projection.weights, windows != nullptr && windows->one_kernel));
  out += initial_line(projection.initial);
  out += seen_line("pre", projection.pre) + seen_line("post", projection.post);
  if (projection.gate) out += reference_line("gate", *projection.gate);
  if (projection.gate) out += line("gate_at", toml_string(name_of(projection.gate_at)));
  return out + params_line(projection.params);
}

std::string projection_text(const projection_description& projection) {
  std::string out = "\n[[projection]]\n" + line("name", toml_string(projection.name)) +
                    reference_line("from", projection.from) + reference_line("to", projection.to) +
                    line("connect", connect_text(projection.connect));
  if (!projection.synapse.empty()) out += synapse_text(projection);
  if (projection.delays) out += line("delay", delays_text(*projection.delays));
  else if (projection.delay != 0) out += line("delay", fmt::format("{}", projection.delay));
  return out;
}

/// `3`, counted from the teacher's onset, or `"end - 1"`, from its end.
std::string onset_text(const stimulus_description& stimulus) {
  const std::int64_t n = stimulus.onset;
  if (!stimulus.from_end) return fmt::format("{}", n);
  return n == 0 ? "\"end\"" : fmt::format("\"end {} {}\"", n < 0 ? '-' : '+', std::abs(n));
}

std::string stimulus_text(const stimulus_description& stimulus) {
  const bool control = stimulus.role == stimulus_role::control;
  std::string out = "\n[[stimulus]]\n" + line("population", toml_string(stimulus.target.population)) +
                    line("port", toml_string(stimulus.target.member)) +
                    line("role", toml_string(name_of(stimulus.role)));
  if (stimulus.columns)
    out += line("columns", fmt::format("[{}, {}]", stimulus.columns->first, stimulus.columns->last));
  if (stimulus.answer) out += reference_line("answer", *stimulus.answer);
  if (stimulus.loss != answer_loss::squares) out += line("loss", toml_string(name_of(stimulus.loss)));
  if (control || stimulus.onset != 0) out += line("onset", onset_text(stimulus));
  if (control || stimulus.ticks != 1) out += line("ticks", fmt::format("{}", stimulus.ticks));
  if (control) out += line("value", toml_number(stimulus.value));
  if (stimulus.source) out += reference_line("source", *stimulus.source);
  if (stimulus.with == imposed_with::teacher) out += line("with", "\"teacher\"");
  if (stimulus.sigma != 0) out += line("sigma", toml_number(stimulus.sigma));
  return out;
}

/// What stands before the populations.
std::string tables_text(const description& netlist) {
  std::string out = circuit_text(netlist) + stimuli_text(netlist) + trace_text(netlist.trace);
  for (const auto& own : netlist.own.activations) out += "\n" + own->text;
  for (const auto& own : netlist.own.models) out += "\n" + own->text;
  return out;
}

}  // namespace

std::string long_form_network(const description& netlist) {
  std::string out;
  for (const auto& population : netlist.populations) out += population_text(population);
  for (const auto& projection : netlist.projections) out += projection_text(projection);
  return out;
}

std::string long_form_settings(const description& netlist) {
  std::string out = tables_text(netlist);
  for (const auto& stimulus : netlist.stimuli) out += stimulus_text(stimulus);
  return out;
}

std::string long_form(const description& netlist) {
  std::string out = tables_text(netlist) + long_form_network(netlist);
  for (const auto& stimulus : netlist.stimuli) out += stimulus_text(stimulus);
  return out;
}

}  // namespace locus
