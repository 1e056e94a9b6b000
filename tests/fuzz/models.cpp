/// The catalogue of the targets: the shipped models as their texts declare them. Nothing is run here, so that their
/// kernels, which take minutes to compile for libFuzzer, are not needed.

#include <filesystem>
#include <utility>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "sim/rules/declaration.hpp"

const locus::catalogue& locus::all_models() {
  static const catalogue all = [] {
    std::vector<model_declaration> out;
    for (const auto& file : std::filesystem::directory_iterator(LOCUS_SOURCE_DIR "/models")) {
      if (file.path().extension() != ".toml") continue;
      for (const auto& text : read_model_texts(document::from_file(file.path().string())).models)
        out.push_back(rules::declaration_of(text));
    }
    return catalogue(std::move(out));
  }();
  return all;
}
