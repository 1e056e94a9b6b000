#include "sim/netlist/netlist.hpp"
#include "sim/circuit/circuit.hpp"
#include "sim/data/data_set.hpp"
#include "sim/data/order.hpp"
#include "sim/netlist/difference.hpp"
#include "tools/python/binding/binding.hpp"

namespace locus::python {
namespace {

using texts = std::vector<std::string>;

/// [sample, column], or with frames [sample, frame, column].
py::array_t<double> array_of(const number_table& table, std::uint32_t frames) {
  std::vector<py::ssize_t> shape = {table.rows() / frames};
  if (frames > 1) shape.push_back(frames);
  shape.push_back(table.columns());
  py::array_t<double> out(shape);
  for (std::uint32_t row = 0; row < table.rows(); ++row)
    table.copy_row(row, {out.mutable_data() + std::size_t{row} * table.columns(), table.columns()});
  return out;
}

py::tuple arrays_of(const samples& part) {
  return py::make_tuple(array_of(part.input, part.input_frames), array_of(part.target, part.target_frames));
}

py::tuple data_of(const netlist_handle& net) {
  data_set data;
  {
    const py::gil_scoped_release others;
    data = load_data(net->netlist.data);
  }
  return py::make_tuple(arrays_of(data.train), arrays_of(data.test));
}

py::array_t<std::uint32_t> order_of(const netlist_handle& net, std::uint32_t samples, std::uint32_t epoch) {
  const std::vector<std::uint32_t> order = presentation_order(samples, net->netlist.shuffle, epoch);
  return py::array_t<std::uint32_t>(static_cast<py::ssize_t>(order.size()), order.data());
}

py::object first_difference_of(const netlist_handle& a, const netlist_handle& b) {
  const auto found = first_difference(long_form(a->netlist), long_form(b->netlist));
  if (!found) return py::none();
  return py::make_tuple(found->key, found->first, found->second);
}

}  // namespace

void add_netlist(py::module_& m) {
  py::class_<loaded_netlist, std::shared_ptr<loaded_netlist>>(m, "Netlist",
                                                              "A netlist that was read: it never changes.")
      .def_static(
          "load",
          [](const std::string& file, const texts& overrides) {
            return std::make_shared<loaded_netlist>(document::from_file(file, overrides));
          },
          py::arg("file"), py::arg("overrides"), "A file, with settings such as \"circuit.lanes=1\".")
      .def_static(
          "parse",
          [](const std::string& text, const std::string& name, const std::string& folder, const texts& overrides) {
            return std::make_shared<loaded_netlist>(document::from_text(text, name, overrides, folder));
          },
          py::arg("text"), py::arg("name"), py::arg("folder"), py::arg("overrides"),
          "The same of a text. File names in it are relative to `folder`, or if that is \"\" to the working directory.")
      .def(
          "again",
          [](const loaded_netlist& n, const texts& overrides) {
            return std::make_shared<loaded_netlist>(n.text.again(overrides));
          },
          py::arg("overrides"), "The same with further settings.")
      .def(
          "toml", [](const loaded_netlist& n) { return long_form(n.netlist); }, "The long form.")
      .def(
          "canonical", [](const loaded_netlist& n) { return n.text.canonical_text(); },
          "The text after all settings, keys sorted: what traces and checkpoints keep.")
      .def_property_readonly("name", [](const loaded_netlist& n) { return n.text.name(); })
      .def_property_readonly("lanes", [](const loaded_netlist& n) { return n.netlist.lanes; })
      .def_property_readonly("epochs", [](const loaded_netlist& n) { return n.netlist.epochs; })
      .def_property_readonly("warnings", [](const loaded_netlist& n) { return n.netlist.warnings; })
      .def("data", &data_of,
           "((inputs, targets), (test inputs, test targets)): [sample, column] or [sample, frame, column].")
      .def("order", &order_of, py::arg("samples"), py::arg("epoch"),
           "The samples of an epoch (from 0) in the order in which a run presents them: [place].")
      .def("first_difference", &first_difference_of, py::arg("other").none(false),
           "(key, here, there) of the first setting that matters for a run and differs, or None.");
}

}  // namespace locus::python
