#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "sim/core/errors.hpp"
#include "sim/core/text_file.hpp"
#include "sim/run/files.hpp"
#include "tools/locus/gnuplot.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/trace/pictures.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

picture_kind kind_named(const std::string& name) {
  static const std::map<std::string, picture_kind> kinds = {
      {"wave", picture_kind::wave}, {"lines", picture_kind::lines}, {"raster", picture_kind::raster},
      {"heat", picture_kind::heat}, {"image", picture_kind::image}, {"weights", picture_kind::weights}};
  if (const auto found = kinds.find(name); found != kinds.end()) return found->second;
  std::vector<std::string> names;
  names.reserve(kinds.size());
  for (const auto& [known, kind] : kinds) names.push_back(known);
  throw usage_error(fmt::format("--kind {}: no such picture{}", name, suggestion(name, names)));
}

int run_trace_plot(const parsed_arguments& parsed) {
  const std::string file = parsed.text("file");
  const std::string out =
      parsed.has("out") ? parsed.text("out") : std::filesystem::path(file).replace_extension(".png").string();
  if (!out.ends_with(".png") && !out.ends_with(".svg")) {
    throw usage_error(fmt::format("--out {}: must end with .png or .svg", out));
  }
  check_files({{"--out", out}, {"--script", parsed.text("script")}}, {{"the trace", file}});
  picture_request wanted;
  if (parsed.has("kind")) wanted.kind = kind_named(parsed.text("kind"));
  const trace_reader trace(file);
  wanted.patterns = selected_patterns(parsed);
  if (parsed.has("ticks")) wanted.ticks = selected_ticks(parsed, trace);
  const auto [lane, last] = selected_lanes(parsed, trace);
  if (last - lane > 1) throw usage_error("--lanes: a picture shows one lane");
  wanted.lane = lane;
  wanted.vector_graphics = is_vector_graphics(out);
  const figure f = make_picture(trace, wanted);
  if (parsed.has("script")) {
    write_file(parsed.text("script"), f.script(wanted.vector_graphics, gnuplot_output(out)));
  }
  draw(f, out);
  print("{}\n", out);
  return done;
}

}  // namespace

const command& trace_plot_command() {
  static const command c = {
      .name = "trace plot",
      .synopsis = "trace plot FILE [options]",
      .summary = "draw a picture (PNG or SVG) with gnuplot",
      .takes = {"file"},
      .options =
          std::vector<option>{{"kind", "KIND",
                               "wave: a presentation with its stimuli, values, errors and events; lines; "
                               "raster: events; heat: neurons x "
                               "ticks; image: populations on a grid, at several ticks or, with --ticks N, at one; "
                               "weights: over time (default: wave, or what suits --select)"},
                              {"out", "FILE", "picture, .png or .svg (default: the trace's name, .png)"},
                              {"script", "FILE", "keep the gnuplot script, with its data"}} +
          selection_options(),
      .run = run_trace_plot,
      .isolated = true};
  return c;
}

}  // namespace locus::tools
