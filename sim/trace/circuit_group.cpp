#include "sim/trace/circuit_group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace locus {

namespace {

void write_model(const hdf5::object& group, const model_declaration& model) {
  hdf5::set_text(group, "title", model.info.title);
  hdf5::set_text(group, "equation", model.info.equation);
  hdf5::set_text(group, "source", model.info.source);
}

/// One attribute a parameter.
void write_parameters(const hdf5::object& group, const model_declaration& model, const parameter_block& params) {
  for (const parameter_info& info : model.parameters) {
    const std::string name = is_circuit_attribute(info.name) ? info.name + "_" : info.name;
    const parameter_value value = info.get(params.get());
    if (const bool* flag = std::get_if<bool>(&value)) {
      hdf5::set_flag(group, name, *flag);
    } else if (const double* number = std::get_if<double>(&value)) {
      hdf5::set_number(group, name, *number);
    } else {
      hdf5::set_text(group, name, std::get<std::string>(value));
    }
  }
}

void write_population(const hdf5::object& parent, const population& p, std::size_t index) {
  const hdf5::object group = hdf5::open_group(parent, p.name);
  hdf5::set_unsigned(group, "index", index);
  hdf5::set_text(group, "model", p.model->info.name);
  hdf5::set_unsigned(group, "size", p.size);
  if (p.shape.size() > 1) {
    const std::vector<std::uint64_t> shape(p.shape.begin(), p.shape.end());
    hdf5::set_array(group, "shape", H5T_STD_U64LE, {shape.size()}, shape.data());
  }
  write_model(group, *p.model);
  write_parameters(group, *p.model, p.params);
}

/// "hidden1.value.rate", or several with ", " between them.
std::string names_of(const circuit& c, const std::vector<output_id>& outputs) {
  std::string all;
  for (const output_id& output : outputs) all += (all.empty() ? "" : ", ") + c.name_of(output);
  return all;
}

void write_synapse(const hdf5::object& group, const circuit& c, const projection& p) {
  write_model(group, *p.synapse);
  hdf5::set_text(group, "pre", names_of(c, p.pre));
  if (p.synapse->plastic) hdf5::set_text(group, "post", names_of(c, p.post));
  if (p.gate) {
    hdf5::set_text(group, "gate", c.name_of(*p.gate));
    hdf5::set_text(group, "gate_at", name_of(p.gate_at));
  }
  if (p.shared_with) hdf5::set_text(group, "shared_with", c.projections[*p.shared_with].name);
  if (p.copied_from) hdf5::set_text(group, "same_initial_as", c.projections[*p.copied_from].name);
  if (p.shared_with || p.copied_from) hdf5::set_flag(group, "transposed", p.transposed);
  if (const auto* copied = std::get_if<copied_weights>(&p.weights))
    hdf5::set_number(group, "initial_scale", copied->scale);
  write_parameters(group, *p.synapse, p.params);
}

void write_projection(const hdf5::object& parent, const circuit& c, const projection& p, std::size_t index) {
  const hdf5::object group = hdf5::open_group(parent, p.name);
  hdf5::set_unsigned(group, "index", index);
  hdf5::set_text(group, "from", c.name_of(p.from));
  hdf5::set_text(group, "to", c.name_of(p.to));
  hdf5::set_text(group, "synapse", p.synapse == nullptr ? "link" : p.synapse->info.name);
  hdf5::set_text(group, "shape", name_of(p.shape));
  hdf5::set_unsigned(group, "delay", p.delay);
  if (p.delay_up_to != 0) hdf5::set_unsigned(group, "delay_up_to", p.delay_up_to);
  hdf5::set_unsigned(group, "connections", c.connections(p));
  if (p.synapse != nullptr) write_synapse(group, c, p);
}

}  // namespace

bool is_circuit_attribute(std::string_view name) {
  static constexpr std::string_view taken[] = {
      "index", "model",   "size",        "title",           "equation",    "source",        "from",
      "to",    "synapse", "shape",       "delay",           "connections", "pre",           "post",
      "gate",  "gate_at", "shared_with", "same_initial_as", "transposed",  "initial_scale", "delay_up_to"};
  return std::find(std::begin(taken), std::end(taken), name) != std::end(taken);
}

void write_circuit_group(const hdf5::object& file, const circuit& c) {
  const hdf5::object populations = hdf5::open_group(file, "/circuit/populations");
  for (std::size_t i = 0; i < c.populations.size(); ++i) write_population(populations, c.populations[i], i);
  const hdf5::object projections = hdf5::open_group(file, "/circuit/projections");
  for (std::size_t i = 0; i < c.projections.size(); ++i) write_projection(projections, c, c.projections[i], i);
}

}  // namespace locus
