#include <fmt/format.h>

#include <limits>

#include "sim/core/errors.hpp"
#include "sim/core/grouped.hpp"
#include "sim/trace/trace_difference.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

void print_first(const value_difference& d, bool with_lane) {
  const std::string distance = d.ulps == std::numeric_limits<std::uint64_t>::max()
                                   ? "one is not a number"
                                   : fmt::format("{} ulp apart, a - b = {:.3g}", grouped(d.ulps), d.a - d.b);
  print("first difference: tick {}, {}{}\n  A  {}\n  B  {}\n  {}\n", d.tick, d.entity,
        with_lane ? fmt::format(", lane {}", d.lane) : "", d.a, d.b, distance);
}

void print_variables(const trace_comparison& c) {
  print("\n{:<32} {:>10} {:>16} {:>16}  {}\n", "variable", "first tick", "values differ", "of", "largest |a - b|");
  for (const variable_comparison& v : c.variables) {
    if (!v.first) continue;
    print("{:<32} {:>10} {:>16} {:>16}  {:.3g}\n", v.name, v.first->tick, grouped(v.differing), grouped(v.values),
          v.largest);
  }
}

int run_trace_diff(const parsed_arguments& parsed) {
  const auto files = parsed.texts("file");
  if (files.size() != 2) {
    throw usage_error(
        fmt::format("{} files: two are compared; usage: locus {}", files.size(), trace_diff_command().synopsis));
  }
  const trace_reader a(files[0]), b(files[1]);
  const trace_comparison c = compare_traces(a, b, selected_patterns(parsed));
  print("A  {}\nB  {}\n", files[0], files[1]);
  for (const std::string& note : c.notes) print("settings differ: {}\n", note);
  for (const std::string& line : c.different) print("recorded differs: {}\n", line);
  std::uint64_t values = 0;
  for (const variable_comparison& v : c.variables) values += v.values;
  if (const value_difference* first = c.first(); first != nullptr) {
    print_first(*first, a.facts().lanes > 1 || b.facts().lanes > 1);
    print_variables(c);
  } else if (c.variables.empty()) {
    print("no variable is in both: nothing was compared\n");
  } else {
    print("no value differs: {} variables, {} values compared bit by bit\n", c.variables.size(), grouped(values));
  }
  return c.equal() ? done : failed;
}

}  // namespace

const command& trace_diff_command() {
  static const command c = {.name = "trace diff",
                            .synopsis = "trace diff FILE FILE [options]",
                            .summary = "find the first value in which two traces differ; exit code 1 if they do",
                            .takes = {.name = "file", .several = true},
                            .options = {{.name = "select",
                                         .argument = "NAME[INDEX]",
                                         .help = "compare these alone; see: locus help trace show (repeatable)",
                                         .repeatable = true}},
                            .run = run_trace_diff,
                            .isolated = true};
  return c;
}

}  // namespace locus::tools
