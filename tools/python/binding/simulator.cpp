#include "sim/circuit/quantity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "sim/experiment/experiment.hpp"
#include "sim/run/state_file.hpp"
#include "sim/trace/synapse_ends.hpp"
#include "tools/python/binding/binding.hpp"

namespace locus::python {
namespace {

using numbers = py::array_t<double, py::array::c_style | py::array::forcecast>;

py::array read(const simulator_handle& s, const std::string& name) {
  s.use->check();
  const circuit& c = s.sim->net();
  const quantity q = quantity_named(c, name);
  const py::dtype type = c.precision == precision::f32 ? py::dtype::of<float>() : py::dtype::of<double>();
  py::array out(type, shape_of(c, q));
  if (q.field) s.sim->read_field(*q.field, out.mutable_data());
  else if (q.synapse_field == 0) s.sim->read_weights(q.projection, out.mutable_data());
  else s.sim->read_synapse_field(q.projection, q.synapse_field, out.mutable_data());
  return out;
}

/// Throws usage_error unless they are real numbers, whatever their type and order in memory.
numbers real(const std::string& name, const py::object& given) {
  const auto any = py::array::ensure(given);
  if (any && std::string_view("biuf").find(any.dtype().kind()) != std::string_view::npos) return numbers(any);
  const py::str found = any ? py::str(any.dtype()) : py::str(py::type::of(given));
  throw usage_error(fmt::format("{}: expected numbers, found {}", name, std::string(found)));
}

/// Throws usage_error unless they are finite and as many as there should be.
std::vector<double> checked(const std::string& name, const numbers& given, const std::vector<std::size_t>& shape) {
  const auto text = [](const auto& sizes) { return fmt::format("[{}]", fmt::join(sizes, ", ")); };
  const std::vector<std::size_t> has(given.shape(), given.shape() + given.ndim());
  if (has != shape)
    throw usage_error(fmt::format("{}: expected numbers of shape {}, found {}", name, text(shape), text(has)));
  std::vector<double> values(given.data(), given.data() + given.size());
  if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
    throw usage_error(fmt::format("{}: expected finite numbers", name));
  return values;
}

void write(simulator_handle& s, const std::string& name, const py::object& given) {
  s.use->check();
  const circuit& c = s.sim->net();
  const quantity q = quantity_named(c, name);
  if (q.field)
    throw usage_error(
        fmt::format("{}: what neurons have follows from their rules; clamp() and perturb() act on it", name));
  const projection& p = c.projections[q.projection];
  if (p.synapse == nullptr || p.shared_with)
    throw usage_error(fmt::format("{}: {}", name,
                                  p.synapse == nullptr
                                      ? "a plain link has no weights"
                                      : "its weights are those of " + c.projections[*p.shared_with].name));
  const std::vector<double> values = checked(name, real(name, given), shape_of(c, q));
  if (q.synapse_field == 0) s.sim->set_weights(q.projection, values);
  else s.sim->set_synapse_field(q.projection, q.synapse_field, values);
}

void clamp(simulator_handle& s, const std::string& name, const py::object& values, std::optional<std::size_t> lane) {
  s.use->check();
  const circuit& c = s.sim->net();
  const std::size_t p = clampable_population(c, name);
  const numbers given = real(name, values);
  const std::size_t size = c.populations[p].size;
  if (lane && *lane >= c.lanes) throw usage_error(fmt::format("lane {}: there are {}, counted from 0", *lane, c.lanes));
  if (lane) return s.sim->clamp_lane(p, *lane, std::span<const double>(checked(name, given, {size})));
  std::vector<std::size_t> shape = {size, c.lanes};
  if (c.lanes == 1 && given.ndim() == 1) shape.pop_back();
  s.sim->clamp(p, checked(name, given, shape));
}

void perturb(simulator_handle& s, const std::string& name, std::size_t neuron, double value, std::size_t lane) {
  s.use->check();
  const circuit& c = s.sim->net();
  const quantity q = quantity_named(c, name);
  if (!q.field) throw usage_error(fmt::format("{}: only fields of neurons are perturbed; weights are set", name));
  const std::uint32_t size = c.populations[q.field->population].size;
  if (neuron >= size || lane >= c.lanes)
    throw usage_error(fmt::format("{}: there is no neuron {} in lane {}: {} neurons and {} lanes, counted from 0", name,
                                  neuron, lane, size, c.lanes));
  if (!std::isfinite(value)) throw usage_error(fmt::format("{}: expected a finite number", name));
  s.sim->perturb(*q.field, neuron, lane, value);
}

void advance(simulator_handle& s, tick_t ticks, const std::optional<py::function>& on_tick) {
  const turn::taken alone(*s.use);
  constexpr tick_t latest = tick_t{1} << 62;
  if (ticks < 0 || ticks > latest - s.sim->now())
    throw usage_error(fmt::format("ticks = {}: expected 0 or more, up to tick 2^62", ticks));
  const std::shared_ptr<simulator> sim = s.sim;
  const tick_t until = sim->now() + ticks;
  const py::gil_scoped_release others;
  while (sim->now() < until) {
    sim->advance(on_tick ? sim->now() + 1 : until);
    if (!on_tick) continue;
    const py::gil_scoped_acquire gil;
    (*on_tick)(py::cast(&s, py::return_value_policy::reference));
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
}

simulator_handle hold(std::shared_ptr<const void> net, std::unique_ptr<simulator> sim) {
  using on_its_circuit = std::pair<std::shared_ptr<const void>, std::unique_ptr<simulator>>;  // the second ends first
  const auto both = std::make_shared<on_its_circuit>(net, std::move(sim));
  return {std::move(net), {both, both->second.get()}, std::make_shared<turn>()};
}

simulator_handle make(const netlist_handle& net, std::size_t threads, bool tracking) {
  const py::gil_scoped_release others;
  const auto c = std::make_shared<const circuit>(build_circuit(net->netlist, all_models(), {}, threads));
  simulator_options options;
  options.threads = threads;
  options.track_activity = tracking;
  options.stop = signal_check();
  return hold(c, make_simulator(*c, options));
}

/// Of the same circuit, which lives as long as one of them does.
simulator_handle copy(const simulator_handle& s) {
  s.use->check();
  return hold(s.net, s.sim->clone());
}

py::dict counters_of(const simulator_handle& s) {
  s.use->check();
  const activity& a = s.sim->counters();
  py::dict out;
  out["ticks"] = a.ticks;
  out["messages"] = a.messages;
  out["links"] = a.links;
  out["spikes"] = a.spikes;
  out["weight_changes"] = a.weight_changes;
  return out;
}

py::array_t<std::uint32_t> connections_of(const simulator_handle& s, const std::string& name) {
  const circuit& c = s.sim->net();
  const synapse_ends ends = ends_of(c, c.projections[projection_named(c, name)]);
  py::array_t<std::uint32_t> out({static_cast<py::ssize_t>(ends.source.size()), py::ssize_t{2}});
  for (std::size_t k = 0; k < ends.source.size(); ++k) {
    out.mutable_data()[2 * k] = ends.target[k];
    out.mutable_data()[2 * k + 1] = ends.source[k];
  }
  return out;
}

std::vector<std::string> names_of(const simulator_handle& s, bool fields) {
  const circuit& c = s.sim->net();
  std::vector<std::string> all;
  for (std::size_t p = 0; fields && p < c.populations.size(); ++p) {
    for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f) all.push_back(c.name_of(output_id{p, f}));
  }
  for (const projection& p : c.projections) {
    if (!fields && p.synapse != nullptr) all.push_back(p.name);
  }
  return all;
}

}  // namespace

void add_simulator(py::module_& m) {
  const py::arg ticks("ticks"), name("name"), file("file");
  py::class_<simulator_handle>(m, "Simulator", "A circuit in the course of time; one thread at a time may use it.")
      .def(py::init(&make), py::arg("netlist").none(false), py::arg("threads") = 1, py::arg("tracking") = true,
           "At its first tick, with the netlist's initial weights. threads = 0: as many as the size is worth.")
      .def("run", &advance, ticks, py::arg("on_tick") = py::none(),
           "Runs so many ticks; after each, calls on_tick(simulator), which may read, clamp, perturb and set weights. "
           "Other Python threads go on meanwhile. Ctrl-C raises KeyboardInterrupt between two ticks.")
      .def(
          "step", [](simulator_handle& s) { advance(s, 1, std::nullopt); }, "Runs one tick.")
      .def("__getitem__", &read, name,
           "A copy: of a field [neuron, lane] after the last tick, of weights [post, pre] or [connection].")
      .def("__setitem__", &write, name, py::arg("values"),
           "Replaces the weights of a projection, or another field of its synapses; the shape is that of reading.")
      .def(
          "clamp", &clamp, py::arg("population"), py::arg("values"), py::arg("lane") = py::none(),
          "From the next tick on holds a population where values [neuron, lane] say ([neuron] if there is one lane, or "
          "for `lane` alone), until it is released.")
      .def(
          "release",
          [](simulator_handle& s, const std::string& population) {
            s.use->check();
            s.sim->release(clampable_population(s.sim->net(), population));
          },
          py::arg("population"), "Ends a clamp with the next tick.")
      .def("perturb", &perturb, name, py::arg("neuron"), py::arg("value"), py::arg("lane") = 0,
           "In the next tick, one neuron's field is `value` instead of what its rule says; outputs that follow from "
           "the state follow.")
      .def("connections", &connections_of, name,
           "[connection, 2]: the neurons (post, pre) of each, in the order of weights.")
      .def("copy", &copy, "A second simulator in the same state; the two share nothing that changes.")
      .def(
          "save",
          [](simulator_handle& s, const std::filesystem::path& to, bool force) {
            s.use->check();
            save_state(to, *s.sim, force);
          },
          file, py::arg("force") = false, "Writes the whole state into a file (HDF5).")
      .def(
          "load",
          [](simulator_handle& s, const std::filesystem::path& from) {
            s.use->check(true);
            load_state(from, *s.sim->clone());  // what fails leaves a simulator that must not be used
            load_state(from, *s.sim);
          },
          file, "Goes to a state that a simulator of the same circuit saved.")
      .def(
          "silence_noise",
          [](simulator_handle& s) {
            s.use->check();
            s.sim->silence_noise();
          },
          "From the next tick on, all that neurons draw is 0.")
      .def(
          "set_learning",
          [](simulator_handle& s, bool on) {
            s.use->check();
            s.sim->set_learning(on);
          },
          py::arg("on"), "Whether weights change (at first they do).")
      .def(
          "weights_sha256",
          [](const simulator_handle& s) {
            s.use->check();
            return weights_sha256(*s.sim);
          },
          "The hash of all weights that learn, as `locus run` prints it.")
      .def_property_readonly(
          "tick", [](const simulator_handle& s) { return s.sim->now(); }, "The tick that runs next.")
      .def_property_readonly("lanes", [](const simulator_handle& s) { return s.sim->net().lanes; })
      .def_property_readonly("precision",
                             [](const simulator_handle& s) { return std::string(name_of(s.sim->net().precision)); })
      .def_property_readonly("counters", &counters_of,
                             "What happened so far: ticks, messages, links, spikes, weight_changes.")
      .def_property_readonly(
          "nonfinite", [](const simulator_handle& s) { return s.sim->nonfinite(); },
          "Where the first non-finite number was, if the circuit records those.")
      .def_property_readonly("fields", [](const simulator_handle& s) { return names_of(s, true); })
      .def_property_readonly(
          "projections", [](const simulator_handle& s) { return names_of(s, false); }, "Those with synapses.");
}

}  // namespace locus::python
