#include "sim/netlist/netlist.hpp"
#include "sim/core/activation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/netlist/netlist_parts.hpp"

namespace locus {

namespace {

void read_circuit(const section& circuit, description& out) {
  out.precision = circuit.choice<precision>("precision", out.precision);
  out.lanes = circuit.count("lanes", 1, out.lanes);
  out.record_nonfinite = circuit.choice("on_nonfinite", {"stop", "record"}, "stop") == "record";
  out.noise_seed = circuit.seed("noise_seed", out.noise_seed);
  if (circuit.has("dt")) out.dt = circuit.number("dt");
  (void)circuit.file_name("twin");  // what circuits are compared with is for those who compare (sim/run/twin.hpp)
  if (out.dt && *out.dt <= 0) circuit.fail("dt", "expected the milliseconds of a tick, a number > 0");
}

void read_source(const section& stimuli, data_description& out) {
  out.source = stimuli.text("data", out.source);
  std::vector<std::string> names = {"digits"};
  names.insert(names.end(), std::begin(fetched_data_sets), std::end(fetched_data_sets));
  if (std::find(names.begin(), names.end(), out.source) != names.end()) return;
  for (const std::string_view prefix : {"idx:", "csv:"})
    if (out.source.starts_with(prefix) && out.source.size() > prefix.size()) return;
  const std::string near = nearest_name(out.source, names);
  stimuli.fail("data",
               "expected \"digits\", \"mnist\", \"fashion-mnist\", \"idx:DIR\", \"csv:FILE\", { inputs = [[...]], "
               "targets = [[...]] }, { inputs = \"npy:FILE\", targets = \"npy:FILE\" } or { teacher = [30, 10] }" +
                   (near.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", near)));
}

void check_pairs(const section& data, std::string_view inputs, const data_array& expected, std::string_view targets,
                 const data_array& found) {
  if (!expected.file.empty() || !found.given() || !found.file.empty() || expected.shape[0] == found.shape[0]) return;
  data.fail(targets, fmt::format("expected {} rows as in \"{}\", found {}", expected.shape[0], inputs, found.shape[0]));
}

void read_arrays(const section& data, data_description& out) {
  out.source = "arrays";
  out.inputs = data.array("inputs");
  if (data.has("targets")) out.targets = data.array("targets", true);
  check_pairs(data, "inputs", out.inputs, "targets", out.targets);
  if (!data.has("test_inputs") && !data.has("test_targets")) return;
  out.test_inputs = data.array("test_inputs");
  if (out.targets.given() || data.has("test_targets")) out.test_targets = data.array("test_targets", true);
  if (!out.targets.given() && data.has("test_targets"))
    data.fail("test_targets", "expected none, since there are no \"targets\"");
  check_pairs(data, "test_inputs", out.test_inputs, "test_targets", out.test_targets);
}

void read_teacher(const section& data, data_description& out) {
  out.source = "teacher";
  teacher_network& t = out.teacher.emplace();
  t.layers = data.counts("teacher", 1);
  if (t.layers.size() < 2) data.fail("teacher", "expected at least two sizes, input first, such as [30, 10]");
  t.activation = data.choice("activation", all_names<activation>(), t.activation);
  t.scale = data.number("scale", t.scale);
  t.samples = data.count("samples", 1, t.samples);
  t.test_samples = data.count("test_samples", 0, t.test_samples);
  if (const auto most = counts_from(0).most; std::int64_t{t.samples} + t.test_samples > most)
    data.fail("samples", fmt::format("expected at most {} samples and test_samples together", most));
  t.seed = data.seed("seed", t.seed);
}

void read_data(const section& stimuli, data_description& out) {
  out.at = stimuli.at("data");
  const bool table = stimuli.is_table("data");
  if (table && stimuli.table("data").has("teacher")) read_teacher(stimuli.table("data"), out);
  else if (table) read_arrays(stimuli.table("data"), out);
  else read_source(stimuli, out);
  out.split = stimuli.choice("split", {"shuffled", "file-order"}, out.split);
  out.split_seed = stimuli.seed("split_seed", out.split_seed);
  out.train_on = stimuli.choice("train_on", {"train", "test"}, out.train_on);
  out.train_limit = stimuli.count("train_limit", 0, out.train_limit);
  out.test_limit = stimuli.count("test_limit", 0, out.test_limit);
}

void read_timeline(const section& stimuli, timeline_description& out) {
  out.predict = stimuli.ticks("predict", out.predict.low);
  out.teach = stimuli.ticks("teach", out.teach.low);
  out.rest = stimuli.ticks("rest", out.rest.low);
  out.hold_teacher = !stimuli.flag("teacher_off", !out.hold_teacher);
  out.jitter_seed = stimuli.seed("jitter_seed", out.jitter_seed);
  out.frame_ticks = stimuli.has("frame_ticks") ? stimuli.whole("frame_ticks", ticks_from(1)) : 0;
  out.frames_at = stimuli.at("frame_ticks");
}

/// "mean(output.error.eps^2)"
report_description read_report(const section& stimuli, const std::string& given) {
  const auto fail = [&] {
    stimuli.fail("report", fmt::format("\"{}\": expected a text such as mean(output.error.eps^2): mean, sum, max or "
                                       "rms of POPULATION.FIELD or its square",
                                       given));
  };
  std::string text = given;
  std::erase(text, ' ');
  report_description out;
  const std::size_t open = text.find('(');
  if (open == std::string::npos || !text.ends_with(')')) fail();
  const auto function = value_named<report_function>(text.substr(0, open));
  if (!function) fail();
  out.function = *function;
  std::string of = text.substr(open + 1, text.size() - open - 2);
  constexpr std::string_view square = "^2";
  out.squared = of.ends_with(square);
  if (out.squared) of.resize(of.size() - square.size());
  const std::size_t dot = of.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == of.size() || of.find_first_of("()^") != std::string::npos)
    fail();
  out.of = {of.substr(0, dot), of.substr(dot + 1), stimuli.at("report")};
  return out;
}

void read_reports(const section& stimuli, std::vector<report_description>& out) {
  for (const std::string& text : stimuli.texts("report")) {
    out.push_back(read_report(stimuli, text));
    const auto same = [&](const report_description& other) { return other.text() == out.back().text(); };
    if (std::count_if(out.begin(), out.end(), same) > 1)
      stimuli.fail("report", fmt::format("\"{}\" is there twice", out.back().text()));
  }
}

void read_stimuli(const section& stimuli, description& out) {
  read_data(stimuli, out.data);
  read_timeline(stimuli, out.timeline);
  out.epochs = stimuli.count("epochs", 0, out.epochs);
  out.shuffle = stimuli.optional_seed("shuffle");
  read_reports(stimuli, out.reports);
}

void read_trace(const section& trace, trace_description& out) {
  out.at = trace.at();
  out.file = trace.file_name("file");
  out.record = trace.texts("record");
  out.every = trace.count("every", 1, out.every);
  out.from = trace.whole("from", {0, longest_run}, out.from);
  out.until = trace.whole("until", {0, longest_run}, out.until);
  if (out.until != 0 && out.until <= out.from)
    trace.fail("until", fmt::format("expected a tick after from = {}", out.from));
  out.on_change = trace.texts("on_change");
  out.presentations = trace.windows("presentations");
  out.precision = trace.choice("precision", {"run", "f32"}, out.precision);
  out.messages = trace.flag("messages", out.messages);
  out.messages_limit =
      static_cast<std::uint64_t>(trace.whole("messages_limit", 0, static_cast<std::int64_t>(out.messages_limit)));
}

void apply_template(const section& root, const template_catalogue& templates, description& out) {
  const section circuit = root.table("circuit");
  const std::string name = circuit.text("template");
  const auto found = templates.find(name);
  if (found == templates.end()) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : templates) names.push_back(known);
    circuit.fail("template", "no template has this name" + suggestion(name, names));
  }
  found->second(root, out);
}

/// Nothing but unread keys can be said about a file that has neither form; but a key that is misspelt comes first.
void check_form(const document& text, const section& root, const description& out) {
  if (!out.populations.empty()) return;
  if (!root.table("circuit").exists()) text.finish();
  throw usage_error({text.name(), 0, 0},
                    "expected circuit.template = \"...\" (short form) or at least one [[population]] (long form)");
}

/// Whatever the circuit, an answer takes its time.
void warn_of_unread_answers(description& out) {
  const tick_range& predict = out.timeline.predict;
  const bool taught = std::any_of(out.stimuli.begin(), out.stimuli.end(),
                                  [](const stimulus_description& s) { return s.role == stimulus_role::teacher; });
  if (!taught || predict.low > 0 || out.timeline.frame_ticks > 0) return;  // targets with frames have answers
  out.warnings.push_back(
      fmt::format("stimuli.predict = {}: the teacher comes with the input, so that there is no answer "
                  "to be scored{}",
                  predict.high == 0 ? "0" : fmt::format("[0, {}]", predict.high),
                  predict.high == 0 ? "" : " in some presentations"));
}

}  // namespace

std::string report_description::text() const {
  return fmt::format("{}({}{})", name_of(function), of.text(), squared ? "^2" : "");
}

std::string data_array::file_name() const {
  if (file.starts_with(npy_prefix)) return file.substr(npy_prefix.size());
  return file.empty() ? "" : file.substr(hdf5_prefix.size(), file.rfind(':') - hdf5_prefix.size());
}

std::string data_array::dataset() const {
  return file.starts_with(hdf5_prefix) ? file.substr(file.rfind(':') + 1) : "";
}

model_texts read_model_texts(const document& text) {
  const section root = text.root();
  model_texts out = detail::read_models(root);
  if (out.models.empty() && out.activations.empty()) {
    text.finish();
    throw usage_error({text.name(), 0, 0}, "expected at least one [[model]]");
  }
  text.finish();
  return out;
}

description read_netlist(const document& text, const template_catalogue& templates) {
  const section root = text.root();
  const section circuit = root.table("circuit");
  description out;
  out.source = text.name();
  read_circuit(circuit, out);
  read_stimuli(root.table("stimuli"), out);
  read_trace(root.table("trace"), out.trace);
  out.own = detail::read_models(root);
  if (circuit.has("template")) {
    apply_template(root, templates, out);
  } else {
    detail::read_long_form(root, out);
    check_form(text, root, out);
  }
  text.finish();
  warn_of_unread_answers(out);
  return out;
}

}  // namespace locus
