#include "sim/sonata/attributes.hpp"

#include "sim/sonata/sonata_file.hpp"

namespace locus::sonata {

void write_same_text(const hdf5::object& group, const std::string& name, const std::string& text, std::uint64_t count) {
  write_constant<std::uint32_t>(group, name, count, 0);
  hdf5::write_texts(group, "@library/" + name, {text});
}

void write_parameters(const hdf5::object& group, const model_declaration& model, const parameter_block& parameters,
                      std::uint64_t count) {
  for (const parameter_info& info : model.parameters) {
    const parameter_value value = info.get(parameters.get());
    const std::string path = "dynamics_params/" + info.name;
    if (const bool* flag = std::get_if<bool>(&value)) {
      write_constant<std::uint8_t>(group, path, count, *flag ? 1 : 0);
    } else if (const double* number = std::get_if<double>(&value)) {
      write_constant<double>(group, path, count, *number);
    } else {
      const std::string name = hdf5::contains(group, info.name) ? info.name + "_" : info.name;
      write_same_text(group, name, std::get<std::string>(value), count);
    }
  }
}

}  // namespace locus::sonata
