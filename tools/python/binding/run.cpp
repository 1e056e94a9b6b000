#include "sim/experiment/experiment.hpp"

#include <atomic>

#include "sim/run/whole_run.hpp"
#include "tools/python/binding/binding.hpp"

namespace locus::python {
namespace {

/// Whether a run was asked to end with what it has come to; signals may ask for it.
struct interruption {
  std::atomic<bool> asked = false;
  signal_check signals;

  bool operator()() {
    signals();
    return asked;
  }
};

using listener = std::optional<py::function>;

/// A whole run and who listens to it.
struct run_handle {
  listener warn;
  std::shared_ptr<whole_run> run;
  std::shared_ptr<interruption> signals = std::make_shared<interruption>();
  std::shared_ptr<turn> use = std::make_shared<turn>();
  bool over = false;   ///< it was started, and ran to whatever end
  bool begun = false;  ///< there is a circuit

  void check() const {
    if (!begun) throw usage_error("the run has not begun");
  }
};

std::shared_ptr<run_handle> begin(const std::optional<netlist_handle>& net, const std::vector<std::string>& overrides,
                                  const checkpoint_request& checkpoint, const trace_request& trace,
                                  const std::string& weights, std::uint64_t updates, std::size_t threads, bool tracking,
                                  const listener& warn) {
  auto held = std::make_shared<run_handle>();
  run_request request;
  if (net) request.netlist = (*net)->text.again({});  // reading notes what was asked: each thread its own
  request.overrides = overrides;
  request.checkpoint = checkpoint;
  request.trace = trace;
  request.weights = weights;
  request.updates = updates;
  request.threads = threads;
  request.track_activity = tracking;
  request.interrupted = [signals = held->signals] { return (*signals)(); };
  held->warn = warn;
  request.warn = [h = held.get()](const std::string& text) {
    const py::gil_scoped_acquire gil;
    if (h->warn) (*h->warn)(text);
  };
  const py::gil_scoped_release others;
  held->run = std::make_shared<whole_run>(std::move(request));
  return held;
}

/// To the end; brings the checkpoint to where the run came, whatever ended it.
void go(const std::shared_ptr<run_handle>& held, const listener& on_epoch, const listener& on_presentation,
        const listener& progress) {
  const turn::taken alone(*held->use);
  if (held->over) throw usage_error("this run is over");
  held->over = true;
  whole_run& run = *held->run;
  using clock = std::chrono::steady_clock;
  clock::time_point shown = clock::now();
  if (on_epoch) {
    run.on_epoch = [&](experiment& x, const epoch_result& e) {
      const std::string row = epoch_as_json(e, x.net());
      const py::gil_scoped_acquire gil;
      (*on_epoch)(row);
    };
  }
  run.on_batch = [&](experiment& x, std::uint32_t epoch) {
    const clock::time_point now = clock::now();
    const bool show = progress && now - shown >= std::chrono::milliseconds(100);
    if (!show && !on_presentation) return;
    const py::gil_scoped_acquire gil;
    if (show) (*progress)(x.presentations(), x.planned_presentations(), epoch);
    if (show) shown = now;
    if (on_presentation) (*on_presentation)(held);
  };
  const py::gil_scoped_release others;
  try {
    run.begin();
    held->begun = true;
    run.record();
    run.run();
  } catch (...) {
    held->signals->asked = false;
    run.catch_up();
    throw;
  }
  held->signals->asked = false;
  run.catch_up();
}

simulator_handle simulator_of(const std::shared_ptr<run_handle>& held) {
  held->check();
  return {held->run, {held->run, &held->run->running().sim()}, held->use};
}

std::string results_of(const run_handle& held) {
  held.use->check();
  held.check();
  return results_as_json(held.run->result(), held.run->facts(), held.run->running().net());
}

}  // namespace

void add_run(py::module_& m) {
  const auto text = [](const char* name) { return py::arg(name) = ""; };
  py::class_<checkpoint_request>(m, "CheckpointRequest")
      .def(py::init<std::string, std::string, std::uint64_t, bool, std::string, bool>(), text("file"), text("resume"),
           py::arg("every") = 0, py::arg("force") = false, text("against"), py::arg("evaluate") = true);
  py::class_<trace_request>(m, "TraceRequest")
      .def(py::init<bool, std::string, bool, bool, std::optional<std::uint64_t>>(), py::arg("none") = false,
           text("file"), py::arg("messages") = false, py::arg("force") = false, py::arg("limit") = py::none());
  py::class_<run_handle, std::shared_ptr<run_handle>>(m, "Run", "One run of a netlist, as `locus run` does it.")
      .def(py::init(&begin), py::arg("netlist"), py::arg("overrides"), py::arg("checkpoint"), py::arg("trace"),
           text("weights"), py::arg("updates") = 0, py::arg("threads") = 0, py::arg("tracking") = true,
           py::arg("warn") = py::none(), "Reads netlist, data and twin; without a netlist, that of the checkpoint.")
      .def("go", &go, py::arg("on_epoch") = py::none(), py::arg("on_presentation") = py::none(),
           py::arg("progress") = py::none(), "To its end, once.")
      .def(
          "stop", [](run_handle& r) { r.signals->asked = true; },
          "Ends the run after the presentation that is under way, or within it if it takes more than a second longer.")
      .def("results", &results_of, "JSON: the file of `locus run --json`.")
      .def_property_readonly("simulator", &simulator_of)
      .def_property_readonly("presentations",
                             [](const run_handle& r) { return r.begun ? r.run->running().presentations() : 0; });
}

}  // namespace locus::python
