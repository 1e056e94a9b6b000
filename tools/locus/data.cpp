#include <fmt/format.h>

#include <filesystem>

#include "sim/core/grouped.hpp"
#include "sim/data/data_export.hpp"
#include "sim/experiment/stimulus_plan.hpp"
#include "sim/run/files.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/loading.hpp"
#include "tools/locus/print.hpp"

namespace locus::tools {
namespace {

/// "64", "4 frames of 8"
std::string size_text(std::uint32_t frames, std::uint32_t width) {
  return frames > 1 ? fmt::format("{} frames of {}", frames, width) : fmt::format("{}", width);
}

int run_data_export(const parsed_arguments& parsed) {
  const loaded_netlist loaded = load_netlist(parsed);
  const description& netlist = loaded.netlist;
  std::string file = parsed.text("out");
  if (file.empty()) file = std::filesystem::path(loaded.text.name()).stem().string() + "-data.h5";
  check_files({{"--out", file, true}}, files_of(netlist));
  const data_set data = load_data(netlist.data);
  check_data(outline_circuit(netlist), netlist.timeline, data);
  const trace_provenance run = provenance(loaded);
  export_data(file, data, netlist, {run.netlist, run.netlist_sha256, run.version});
  const samples& train = data.train;
  print("wrote {}: {} training samples and {} for the test, inputs {}, targets {}\n", file, grouped(train.count()),
        grouped(data.test.count()), size_text(train.input_frames, train.inputs()),
        train.targets() == 0 ? "none" : size_text(train.target_frames, train.targets()));
  print("order: {} epoch{} of {} presentation{}, {} lane{}\n", grouped(netlist.epochs), netlist.epochs == 1 ? "" : "s",
        grouped(train.count() / netlist.lanes), train.count() / netlist.lanes == 1 ? "" : "s", netlist.lanes,
        netlist.lanes == 1 ? "" : "s");
  return done;
}

const command& data_export_command() {
  static const command c = {
      .name = "data export",
      .synopsis = "data export NETLIST [options]",
      .summary = "write what a netlist presents, in its order (HDF5)",
      .takes = {"netlist"},
      .options = set_option() + data_option() +
                 std::vector<option>{{"out", "FILE", "the file to be written (default: NETLIST-data.h5, here)"}},
      .run = run_data_export,
      .example = "locus data export netlists/digits.toml --out digits-data.h5"};
  return c;
}

}  // namespace

const command& data_command() {
  static const command c = {.name = "data",
                            .synopsis = "data COMMAND NETLIST [options]",
                            .summary = "what netlists present",
                            .parts = {&data_export_command()}};
  return c;
}

}  // namespace locus::tools
