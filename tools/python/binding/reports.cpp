#include <sstream>

#include "models/templates/catalogue.hpp"
#include "sim/audit/report.hpp"
#include "sim/audit/requirement.hpp"
#include "sim/circuit/census.hpp"
#include "sim/circuit/drawing.hpp"
#include "sim/run/circuit_report.hpp"
#include "sim/run/twin.hpp"
#include "sim/run/verdict_file.hpp"
#include "sim/trace/trace_difference.hpp"
#include "tools/python/binding/binding.hpp"

namespace locus::python {
namespace {

/// (JSON, text, Graphviz)
py::tuple describe(const netlist_handle& net) {
  const py::gil_scoped_release others;
  const circuit c = outline_circuit(net->netlist);
  const census n = take_census(c);
  std::ostringstream dot;
  write_dot(dot, c, drawing_scale::population);
  const std::string name = net->text.name();
  std::string json = description_as_json(name, c, n), text = description_as_text(name, c, n);
  const py::gil_scoped_acquire gil;
  return py::make_tuple(std::move(json), std::move(text), dot.str());
}

/// (JSON, table, evidence, Graphviz, what is not as required)
py::tuple audit_of(const netlist_handle& net, const std::vector<std::string>& overrides, const std::string& twin,
                   const std::string& angle, std::uint64_t seed, std::uint64_t updates, std::uint64_t presentations,
                   const std::vector<std::string>& required, const std::optional<py::function>& progress) {
  audit_request request{{net->text.name()}, overrides, twin, angle, {}};
  request.options.seed = seed;
  request.options.updates = updates;
  request.options.presentations = presentations;
  audit_options options = request.options;
  signal_check signals;
  options.on_progress = [&](const std::string& stage, std::uint64_t done, std::uint64_t total) {
    signals();
    if (!progress) return;
    const py::gil_scoped_acquire gil;
    (*progress)(stage, done, total);
  };
  std::vector<requirement> requirements;
  requirements.reserve(required.size());
  for (const std::string& text : required) requirements.push_back(requirement_of(text));
  std::vector<audit_subject> subjects;
  std::vector<audit_report> reports;
  std::vector<std::string> objections;
  std::string json, table, details, dot;
  {
    const py::gil_scoped_release others;
    subjects.push_back(subject_of(net->text, twin));
    if (!angle.empty()) subjects[0].angled = read_netlist(document::from_file(angle), all_templates());
    reports.push_back(audit(subjects[0], load_data(net->netlist.data), options));
    for (const requirement& each : requirements) {
      if (const std::string text = objection(reports[0], each); !text.empty()) objections.push_back(text);
    }
    json = verdict_text(request, subjects, reports);
    table = table_of(reports);
    details = details_of(reports[0]);
    dot = dot_of(reports);
  }
  return py::make_tuple(json, table, details, dot, objections);
}

py::object first_of(const value_difference* d) {
  if (d == nullptr) return py::none();
  return py::make_tuple(d->tick, d->entity, d->lane, d->a, d->b, d->ulps);
}

/// (equal, notes, what was recorded differently, first difference, [(variable, values, differing, largest, first)])
py::tuple compare(const std::string& a, const std::string& b, const std::vector<std::string>& select) {
  trace_comparison c;
  {
    const py::gil_scoped_release others;
    c = compare_traces(trace_reader(a), trace_reader(b), select);
  }
  py::list variables;
  for (const variable_comparison& v : c.variables)
    variables.append(py::make_tuple(v.name, v.values, v.differing, v.largest, first_of(v.first ? &*v.first : nullptr)));
  return py::make_tuple(c.equal(), c.notes, c.different, first_of(c.first()), variables);
}

}  // namespace

void add_reports(py::module_& m) {
  m.def("describe", &describe, py::arg("netlist").none(false), "(JSON, text, Graphviz) of `locus describe`.");
  m.def("audit", &audit_of, py::arg("netlist").none(false), py::arg("overrides"), py::arg("twin"), py::arg("angle"),
        py::arg("seed"), py::arg("updates"), py::arg("presentations"), py::arg("required"),
        py::arg("progress") = py::none(),
        "(JSON, table, evidence, Graphviz, what is not as required) of `locus audit`.");
  m.def("compare_traces", &compare, py::arg("a"), py::arg("b"), py::arg("select"), "What `locus trace diff` finds.");
  m.def(
      "models",
      [] {
        std::vector<std::pair<std::string, std::string>> all;
        for (const model_declaration& each : all_models()) all.emplace_back(each.info.name, each.info.title);
        return all;
      },
      "(name, title) of each model that comes with the program.");
}

}  // namespace locus::python
