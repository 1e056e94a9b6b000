#include "sim/sweep/sweep.hpp"

#include "models/templates/catalogue.hpp"
#include "sim/core/processors.hpp"
#include "sim/run/files.hpp"
#include "sim/sweep/tables.hpp"
#include "tools/python/binding/binding.hpp"

namespace locus::python {
namespace {

using texts = std::vector<std::string>;

void sweep_of(const std::vector<netlist_handle>& nets, const texts& over, const std::vector<std::uint64_t>& seeds,
              const texts& fixed, std::uint64_t updates, bool evaluate, const std::string& file, std::size_t jobs,
              std::uint32_t threads, const std::string& shard, bool force, const texts& against,
              const std::function<void(std::string)>& warn, const std::function<void(std::size_t, std::size_t)>& begin,
              const std::function<void(std::string, std::string)>& ended, const std::function<bool()>& stop) {
  const py::gil_scoped_release others;
  sweep::request asked{{}, {}, seeds, {}, updates, evaluate};
  std::vector<named_file> inputs;
  for (const netlist_handle& net : nets) {
    asked.netlists.push_back(net->text);
    inputs.push_back({"the netlist", net->text.name()});
  }
  for (const std::string& text : over) asked.axes.push_back(sweep::parse_axis(text));
  for (const std::string& text : fixed) asked.fixed.push_back(sweep::parse_setting(text, "set").key);
  sweep::run_options options;
  options.file = file;
  options.jobs = jobs == 0 ? usable_processors() : jobs;
  options.threads = threads;
  if (!shard.empty()) options.part = sweep::parse_shard(shard);
  options.replace = force;
  check_files({{"--out", file, true}}, inputs);
  sweep::plan plan(std::move(asked), all_templates());
  plan.check(options.jobs, warn);
  (void)sweep::summarise({question_of(plan), std::vector<sweep::cell_result>(plan.grid().cells())}, against);
  options.on_start = begin;
  options.on_cell = [&](std::size_t cell, const sweep::cell_result& r) {
    ended(plan.grid().text(cell), r.state == sweep::cell_state::done ? "" : r.message);
  };
  options.stop = stop;
  (void)sweep::run(plan, options);
}

/// (cells, settings, the measure that says most, keys that are varied, netlists)
py::tuple tables_of(const std::string& file, const texts& against) {
  const sweep::results all = sweep::read_results(file);
  const sweep::summary s = sweep::summarise(all, against);
  const auto measure = sweep::main_measure(s);
  texts keys;
  for (const sweep::axis& a : all.asked.grid.axes) keys.push_back(a.key);
  return py::make_tuple(cell_table(all), summary_table(all, s), measure ? s.measures[*measure] : "", keys,
                        all.asked.names);
}

}  // namespace

void add_sweep(py::module_& m) {
  const py::arg file("file"), against("against");
  m.def(
      "sweep", &sweep_of, py::arg("netlists"), py::arg("over"), py::arg("seeds"), py::arg("fixed"), py::arg("updates"),
      py::arg("evaluate"), file, py::arg("jobs"), py::arg("threads"), py::arg("shard"), py::arg("force"), against,
      py::arg("warn"), py::arg("begin"), py::arg("ended"), py::arg("stop"),
      "`locus sweep` into a file, in a process without other threads. Calls begin(to run, known), and ended(cell, why "
      "it failed or \"\") for each.");
  m.def("sweep_tables", &tables_of, file, against,
        "(cells, settings, the measure that says most, keys that are varied, netlists): tables of texts, the heading "
        "first.");
  m.def(
      "join_sweeps",
      [](const texts& files, const std::string& out, bool force) { sweep::write(out, sweep::join(files), force); },
      py::arg("files"), py::arg("out"), py::arg("force"), "`locus sweep --join`.");
}

}  // namespace locus::python
