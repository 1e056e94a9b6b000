#include "tools/view/view_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "sim/core/errors.hpp"
#include "sim/run/files.hpp"
#include "sim/trace/column_selection.hpp"
#include "sim/view/isolated_trace.hpp"
#include "tools/locus/interruption.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"
#include "tools/view/audited_run.hpp"
#include "tools/view/browser.hpp"
#include "tools/view/export_page.hpp"
#include "tools/view/server.hpp"

namespace locus::tools {
namespace {

constexpr whole_range ports = {0, 65535};

/// Whether a file is HDF5, by its name or by how it begins; one that cannot be read is no netlist unless it is named as
/// one.
bool is_trace(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  if (ending == ".h5" || ending == ".hdf5") return true;
  std::ifstream file(path, std::ios::binary);
  char start[8] = {};
  file.read(start, sizeof start);
  if (file) return std::string_view(start, sizeof start) == std::string_view("\x89HDF\r\n\x1a\n", sizeof start);
  return ending != ".toml";
}

/// Asks whatever may be wrong with it to be told now.
void check_readable(view_source& source) {
  const view_answer info = source.answer({"info", {}, {}, false});
  if (info.outcome == view_outcome::done) return;
  const nlohmann::json j = nlohmann::json::parse(info.body);
  throw run_error(j.at("error").get<std::string>());
}

/// Until Ctrl-C or SIGTERM.
void serve(view_source& source, const parsed_arguments& parsed) {
  std::optional<page_files> page = read_page();
  if (!page) {
    tell(fmt::format("warning: {}", no_page));
    page = page_files{
        fmt::format("<!doctype html><meta charset=\"utf-8\"><title>locus view</title><p>{}</p>\n", no_page), "", ""};
  }
  view_server server(source, std::move(*page), static_cast<int>(parsed.whole("port", ports).value_or(0)));
  end_on_signals();
  server.start();
  print("{}\nCtrl-C ends it\n", server.address());
  flush_output();
  std::optional<opened_browser> browser;
  try {
    if (!parsed.has("no-browser")) browser.emplace(server.address());
  } catch (const run_error& e) {
    tell(fmt::format("warning: no browser is opened: {}", e.what()));
  }
  while (interruption() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  server.stop();
}

/// What the command is about.
std::unique_ptr<view_source> open_source(const parsed_arguments& parsed) {
  const std::vector<std::string> files = parsed.texts("file");
  if (files.size() > 2)
    throw usage_error(fmt::format("{} files: one is looked at, or two are compared; usage: locus {}", files.size(),
                                  view_command().synopsis));
  for (const std::string& file : files) {
    if (files.size() > 1 && !is_trace(file))
      throw usage_error(fmt::format("\"{}\" is no trace: two traces can be compared, netlists cannot", file));
  }
  if (!is_trace(files.front())) return std::make_unique<audited_run>(files.front(), parsed.texts("set"));
  if (parsed.has("set")) throw usage_error("--set: changes a netlist before it runs; a trace has happened");
  return std::make_unique<isolated_trace>(files.front(), files.size() > 1 ? files[1] : "");
}

/// --ticks as a half-open interval.
std::optional<window> exact_ticks(const parsed_arguments& parsed) {
  if (!parsed.has("ticks")) return std::nullopt;
  if (!parsed.has("export"))
    throw usage_error("--ticks: says which ticks --export keeps exactly, and there is no --export");
  const auto [first, last] = parse_interval(parsed.text("ticks"), "--ticks");
  return window{first, last};
}

void write_page(view_source& source, const parsed_arguments& parsed) {
  const std::string file = parsed.text("export");
  const std::optional<page_files> page = read_page();
  if (!page) throw run_error(std::string(no_page));
  const std::string html = exported_page(source, *page, exact_ticks(parsed));
  write_output(file, html);
  if (file != "-") print("{}: {:.1f} MB\n", file, static_cast<double>(html.size()) / 1e6);
}

int run_view(const parsed_arguments& parsed) {
  static_cast<void>(exact_ticks(parsed));
  if (parsed.has("export")) {
    std::vector<named_file> inputs;
    for (const std::string& file : parsed.texts("file")) inputs.push_back({"the trace", file});
    check_files({{"--export", parsed.text("export")}}, inputs);
    if (!is_trace(parsed.texts("file").front()))
      throw usage_error("--export: writes a trace; record a run of the netlist with locus run --trace FILE");
  }
  const std::unique_ptr<view_source> source = open_source(parsed);
  check_readable(*source);
  if (parsed.has("export")) {
    write_page(*source, parsed);
    return done;
  }
  serve(*source, parsed);
  return done;
}

}  // namespace

const command& view_command() {
  static const command c = {
      .name = "view",
      .synopsis = "view FILE|NETLIST [FILE] [options]",
      .summary = "look at a trace, or at a netlist that runs, in the browser",
      .takes = {.name = "file", .several = true},
      .options =
          std::vector<option>{
              {"port", "N", "serve at this port of 127.0.0.1 (default: one that is free)"},
              {"no-browser", "", "print the address, and open no browser"},
              {"export", "FILE", "write a page that shows the trace without a server (HTML), and serve nothing"},
              {"ticks", "FROM:UNTIL",
               "with --export: the ticks whose values are kept exactly (default: the first presentation's)"},
          } +
          set_option() + data_option(),
      .run = run_view,
      .example = "locus view digits.h5"};
  return c;
}

}  // namespace locus::tools
