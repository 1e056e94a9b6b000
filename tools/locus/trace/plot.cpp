#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "sim/core/errors.hpp"
#include "sim/core/text_file.hpp"
#include "tools/locus/files.hpp"
#include "tools/locus/gnuplot.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/trace/pictures.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;

picture_kind kind_named(const std::string& name) {
  static const std::map<std::string, picture_kind> kinds = {{"wave", picture_kind::wave},
                                                            {"lines", picture_kind::lines},
                                                            {"raster", picture_kind::raster},
                                                            {"heat", picture_kind::heat},
                                                            {"weights", picture_kind::weights}};
  if (const auto found = kinds.find(name); found != kinds.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, kind] : kinds) names.push_back(known);
  throw usage_error(fmt::format("--kind {}: no such picture{}", name, suggestion(name, names)));
}

std::string text_option(const parsed_arguments& parsed, const char* name, const std::string& otherwise) {
  return parsed.values.count(name) != 0 ? parsed.values[name].as<std::string>() : otherwise;
}

}  // namespace

po::options_description trace_plot_options() {
  po::options_description options("options");
  options.add_options()  //
      ("kind", po::value<std::string>()->value_name("KIND"),
       "wave: a presentation with its stimuli, values, errors and events; lines; raster: events; heat: neurons x "
       "ticks; "
       "weights: over time (default: wave, or what suits --select)")  //
      ("out", po::value<std::string>()->value_name("FILE"),
       "picture, .png or .svg (default: the trace's name, .png)")  //
      ("script", po::value<std::string>()->value_name("FILE"), "keep the gnuplot script, with its data");
  add_selection_options(options);
  return options;
}

int trace_plot(const std::vector<std::string>& arguments) {
  const parsed_arguments parsed = parse_arguments(command_named("trace plot"), arguments, "file");
  if (parsed.help_shown) return done;
  const std::string file = parsed.values["file"].as<std::string>();
  const std::string out = text_option(parsed, "out", std::filesystem::path(file).replace_extension(".png").string());
  if (!out.ends_with(".png") && !out.ends_with(".svg")) {
    throw usage_error(fmt::format("--out {}: must end with .png or .svg", out));
  }
  check_files({{"--out", out}, {"--script", text_option(parsed, "script", "")}}, {{"the trace", file}});
  picture_request wanted;
  if (parsed.values.count("kind") != 0) wanted.kind = kind_named(text_option(parsed, "kind", ""));
  const trace_reader trace(file);
  wanted.patterns = selected_patterns(parsed);
  if (parsed.values.count("ticks") != 0) wanted.ticks = selected_ticks(parsed, trace);
  const auto [lane, last] = selected_lanes(parsed, trace);
  if (last - lane > 1) throw usage_error("--lanes: a picture shows one lane");
  wanted.lane = lane;
  wanted.vector_graphics = is_vector_graphics(out);
  const figure f = make_picture(trace, wanted);
  if (parsed.values.count("script") != 0) {
    write_file(text_option(parsed, "script", ""), f.script(wanted.vector_graphics, gnuplot_output(out)));
  }
  draw(f, out);
  print("{}\n", out);
  return done;
}

}  // namespace locus::tools
