#include "sim/run/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <variant>

#include "sim/core/atomic_file.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/text_file.hpp"
#include "sim/data/data_set.hpp"

namespace locus {
namespace {

namespace fs = std::filesystem;

/// Where a file is, or would be made: without links.
fs::path place_of(fs::path path) {
  std::error_code ignored;
  constexpr int most_links = 40;
  for (int n = 0; n < most_links && fs::is_symlink(fs::symlink_status(path, ignored)); ++n) {
    const fs::path target = fs::read_symlink(path, ignored);
    if (ignored) break;
    path = path.parent_path() / target;  // an absolute target replaces what is before it
  }
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, ignored), ignored);
  return whole.empty() ? path : whole;
}

/// Whether it can be written over: a regular file, or none yet.
bool is_file(const std::string& path) {
  if (path.empty() || path == "-") return false;
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return !fs::is_other(status) && !fs::is_directory(status);
}

void refuse_if_same(const named_file& output, const named_file& other) {
  if (!is_same_file(output.path, other.path)) return;
  throw usage_error(fmt::format("{} \"{}\" is the same file as {}{}: choose another name", output.role, output.path,
                                other.role,
                                output.path == other.path ? std::string() : fmt::format(" \"{}\"", other.path)));
}

/// The files of a folder.
void add_folder(std::vector<named_file>& files, const fs::path& folder) {
  std::error_code unknown;
  for (const auto& entry : fs::directory_iterator(folder, unknown))
    files.push_back({"the data", entry.path().string()});
}

}  // namespace

bool is_same_file(const std::string& a, const std::string& b) {
  if (!is_file(a) || !is_file(b)) return false;
  std::error_code unknown;
  if (fs::equivalent(a, b, unknown) && !unknown) return true;
  return place_of(a) == place_of(b);
}

void check_files(const std::vector<named_file>& outputs, const std::vector<named_file>& inputs) {
  const auto to_output = [](const named_file& file) { return file.path == "-"; };
  if (std::count_if(outputs.begin(), outputs.end(), to_output) > 1) {
    throw usage_error("only one FILE can be - (standard output)");
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (std::size_t k = i + 1; k < outputs.size(); ++k) refuse_if_same(outputs[i], outputs[k]);
    for (const named_file& input : inputs) refuse_if_same(outputs[i], input);
    // By one of its own names standard output may be meant.
    const bool file = !outputs[i].path.empty() && !to_output(outputs[i]) && !is_stream(outputs[i].path);
    if (file) refuse_if_same(outputs[i], {"standard output", "/dev/stdout"});
    if (outputs[i].replaceable && !outputs[i].path.empty()) const atomic_file attempt(outputs[i].path);
    else if (file) check_writable(outputs[i].path);
  }
}

std::vector<named_file> files_of(const description& netlist) {
  std::vector<named_file> files = {{"the netlist", netlist.source}};
  for (const projection_description& p : netlist.projections) {
    const auto* stored = std::get_if<stored_weights>(&p.weights);
    if (stored != nullptr) files.push_back({fmt::format("the weights of \"{}\"", p.name), stored->file});
    const auto* connected = std::get_if<stored_connections>(&p.connect);
    if (connected != nullptr) files.push_back({fmt::format("the connections of \"{}\"", p.name), connected->file});
    if (p.delays && !p.delays->file.empty())
      files.push_back({fmt::format("the delays of \"{}\"", p.name), p.delays->file});
    for (const field_initial& field : p.initial) {
      const auto* begins = std::get_if<stored_weights>(&field.values);
      if (begins != nullptr) files.push_back({fmt::format("\"{}\" of \"{}\"", field.field, p.name), begins->file});
    }
  }
  const std::string& data = netlist.data.source;
  if (data.starts_with("csv:")) files.push_back({"the data", data.substr(4)});
  if (data.starts_with("idx:")) add_folder(files, data.substr(4));
  for (const data_array* array :
       {&netlist.data.inputs, &netlist.data.targets, &netlist.data.test_inputs, &netlist.data.test_targets}) {
    if (!array->file.empty()) files.push_back({"the data", array->file_name()});
  }
  if (std::find(std::begin(fetched_data_sets), std::end(fetched_data_sets), data) != std::end(fetched_data_sets)) {
    add_folder(files, fs::path(data_folder()) / data);
  }
  return files;
}

}  // namespace locus
