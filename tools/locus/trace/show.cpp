#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "sim/core/errors.hpp"
#include "sim/trace/value_stream.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;

/// A selected variable, being read.
struct shown_variable {
  chosen_columns chosen;
  value_stream values;
  value_stream ahead;  ///< to find the next tick with

  shown_variable(const trace_reader& trace, chosen_columns c)
      : chosen(std::move(c)), values(trace, *chosen.variable), ahead(trace, *chosen.variable) {}
};

class table {
 public:
  table(const trace_reader& trace, std::vector<chosen_columns> chosen, std::pair<std::uint32_t, std::uint32_t> lanes)
      : lanes_(lanes) {
    frames_ = std::any_of(chosen.begin(), chosen.end(),
                          [](const auto& c) { return c.variable->storage == trace_storage::frames; });
    for (chosen_columns& c : chosen) variables_.push_back(std::make_unique<shown_variable>(trace, std::move(c)));
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& v : variables_) {
      const trace_variable& variable = *v->chosen.variable;
      for (const std::size_t column : v->chosen.columns) {
        for (std::uint32_t lane = lanes_.first; lane < lanes_of(variable); ++lane) {
          const bool tell = variable.lanes > 1 && lanes_.second - lanes_.first > 1;
          names.push_back(variable.column_name(column) + (tell ? fmt::format(" lane {}", lane) : ""));
        }
      }
    }
    return names;
  }

  /// The next tick to show after `tick`: a frame, or if there are only changes, a change.
  [[nodiscard]] std::optional<tick_t> next(tick_t tick) {
    std::optional<tick_t> soonest;
    for (const auto& v : variables_) {
      if (frames_ && v->chosen.variable->storage != trace_storage::frames) continue;
      const std::optional<tick_t> t = v->ahead.next(tick);
      if (t && (!soonest || *t < *soonest)) soonest = t;
    }
    return soonest;
  }

  [[nodiscard]] std::vector<double> row(tick_t tick) {
    std::vector<double> numbers;
    for (const auto& v : variables_) {
      const trace_variable& variable = *v->chosen.variable;
      const std::span<const double> all = v->values.at(tick);
      for (const std::size_t column : v->chosen.columns) {
        for (std::uint32_t lane = lanes_.first; lane < lanes_of(variable); ++lane) {
          numbers.push_back(all[column * variable.lanes + lane]);
        }
      }
    }
    return numbers;
  }

 private:
  /// Weights have no lanes: their one value is shown.
  [[nodiscard]] std::uint32_t lanes_of(const trace_variable& v) const {
    return v.lanes == 1 ? lanes_.first + 1 : lanes_.second;
  }

  std::pair<std::uint32_t, std::uint32_t> lanes_;
  bool frames_ = false;
  std::vector<std::unique_ptr<shown_variable>> variables_;
};

void print_csv(table& t, tick_t from, tick_t until) {
  std::string line = "tick";
  for (const std::string& name : t.names()) line += "," + name;
  fmt::print("{}\n", line);
  for (auto tick = t.next(from == never ? from : from - 1); tick && *tick < until; tick = t.next(*tick)) {
    line = fmt::format("{}", *tick);
    for (const double x : t.row(*tick)) line += fmt::format(",{}", x);
    fmt::print("{}\n", line);
  }
}

void print_table(table& t, tick_t from, tick_t until) {
  constexpr std::size_t narrowest = 11;
  const std::vector<std::string> names = t.names();
  std::string line = fmt::format("{:>8}", "tick");
  for (const std::string& name : names) line += fmt::format("  {:>{}}", name, narrowest);
  fmt::print("{}\n", line);
  for (auto tick = t.next(from == never ? from : from - 1); tick && *tick < until; tick = t.next(*tick)) {
    line = fmt::format("{:>8}", *tick);
    const std::vector<double> row = t.row(*tick);
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += fmt::format("  {:>{}.6g}", row[i], std::max(narrowest, names[i].size()));
    }
    fmt::print("{}\n", line);
  }
}

}  // namespace

po::options_description trace_show_options() {
  po::options_description options("options");
  add_selection_options(options);
  options.add_options()("csv", "comma-separated, with all digits");
  return options;
}

int trace_show(const std::vector<std::string>& arguments) {
  constexpr std::size_t widest = 24;  // columns that a table for the eye may have
  const parsed_arguments parsed = parse_arguments(command_named("trace show"), arguments, "file");
  if (parsed.help_shown) return done;
  const trace_reader trace(parsed.values["file"].as<std::string>());
  const auto [from, until] = selected_ticks(parsed, trace);
  const auto lanes = selected_lanes(parsed, trace);
  std::vector<chosen_columns> chosen = choose_columns(trace, selected_patterns(parsed));
  if (chosen.empty()) throw run_error(fmt::format("\"{}\" has no variables", trace.path()));
  table t(trace, std::move(chosen), lanes);
  const bool csv = parsed.values.count("csv") != 0;
  if (const std::size_t columns = t.names().size(); !csv && columns > widest) {
    throw usage_error(
        fmt::format("{} columns are too many for a table (at most {}): choose some with --select, such as "
                    "--select '{}', or add --csv",
                    columns, widest, t.names().front()));
  }
  if (csv) print_csv(t, from, until);
  else print_table(t, from, until);
  if (trace.facts().lanes > 1 && parsed.values.count("lanes") == 0) {
    tell(fmt::format("lane 0 of {}; others with --lanes", trace.facts().lanes));
  }
  return done;
}

}  // namespace locus::tools
