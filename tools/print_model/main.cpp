/// Prints a model that is text as the header that the build compiles: its declaration in C++ (unless `text`), and the
/// text itself. print_model FILE.toml struct|text FILE.hpp

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "sim/netlist/netlist.hpp"
#include "sim/rules/print.hpp"

namespace {

std::string header_of(const std::string& path, const std::string& what) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const locus::model_texts texts = locus::read_model_texts(locus::document::from_text(text.str(), path));
  if (texts.models.size() != 1) throw locus::usage_error(path + ": expected one [[model]]");
  const locus::rules::text_model& model = *texts.models[0];
  if (std::filesystem::path(path).stem() != model.name)
    throw locus::usage_error(
        fmt::format("{}: the model is called \"{}\", but its file should have the same name", path, model.name));
  std::string name = model.name;
  std::replace(name.begin(), name.end(), '-', '_');
  const std::string declaration = what == "struct" ? locus::rules::printed_as_cpp(model)
                                                   : std::string("#pragma once\n\n#include \"sim/core/model.hpp\"\n");
  return fmt::format(
      "{}\nnamespace locus::models {{\n\ninline constexpr std::string_view {}_text = R\"locus~({})locus~\";\n\n}}  "
      "// namespace locus::models\n",
      declaration, name, text.str());
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fputs("usage: print_model FILE.toml struct|text FILE.hpp\n", stderr);
    return 2;
  }
  try {
    const std::string header = header_of(words[1], words[2]);
    std::ofstream out(words[3], std::ios::binary);
    out << header;
    out.close();
    if (!out) throw locus::run_error(fmt::format("cannot write {}", words[3]));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
