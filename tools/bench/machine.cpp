#include "tools/bench/machine.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/core/processors.hpp"
#include "sim/engine/models.hpp"
#include "tools/bench/reference/blas.hpp"

namespace locus::bench {
namespace {

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) return line.substr(line.find(": ") + 2);
  }
  return "unknown";
}

double load() {
  double average = 0;
  return getloadavg(&average, 1) == 1 ? average : 0;
}

#ifdef __clang__
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

}  // namespace

nlohmann::json machine_json() {
  nlohmann::json j = {{"processor", processor()}, {"cores", usable_processors()}, {"simd", name_of(chosen_target())},
                      {"compiler", compiler},     {"openblas", nullptr},          {"load", load()}};
  if (const blas* library = blas::find(); library != nullptr) j["openblas"] = library->describe();
  return j;
}

void print_machine(std::FILE* out, const nlohmann::json& machine) {
  const auto text = [&](const char* key) {
    return machine[key].is_string() ? machine[key].get<std::string>() : "OpenBLAS is not installed";
  };
  fmt::print(out, "{}, {} cores; {} kernels; {}; {}\n", text("processor"), machine["cores"].get<unsigned>(),
             text("simd"), text("compiler"), text("openblas"));
  fmt::print(out, "load {:.2f} at the start: what others compute at the same time disturbs the numbers\n",
             machine["load"].get<double>());
}

}  // namespace locus::bench
