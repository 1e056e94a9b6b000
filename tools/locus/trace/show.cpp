#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/trace/value_stream.hpp"
#include "tools/locus/output.hpp"
#include "tools/locus/print.hpp"
#include "tools/locus/text.hpp"
#include "tools/locus/trace/trace.hpp"

namespace locus::tools {
namespace {

/// A selected variable, being read.
struct shown_variable {
  chosen_columns chosen;
  value_stream values;
  value_stream ahead;  ///< to find the next tick with

  shown_variable(const trace_reader& trace, chosen_columns c)
      : chosen(std::move(c)), values(trace, *chosen.variable), ahead(trace, *chosen.variable) {}
};

/// What each tick presents: its presentation, and the sample and label of each lane.
class presented {
 public:
  presented(const trace_reader& trace, std::pair<std::uint32_t, std::uint32_t> lanes) : trace_(trace), lanes_(lanes) {}

  void add_names(std::vector<std::string>& names) const {
    names.emplace_back("presentation");
    for (std::uint32_t lane = lanes_.first; lane < lanes_.second; ++lane) {
      const std::string which = lanes_.second - lanes_.first > 1 ? fmt::format(" lane {}", lane) : "";
      names.push_back("sample" + which);
      names.push_back("label" + which);
    }
  }

  /// NaN for what is not known. Requires: ticks ascend from call to call.
  void add_row(tick_t tick, std::vector<double>& row) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    while (const traced_presentation* p = next()) {
      if (p->first > tick) break;
      if (!now_ || now_->first != p->first) told_.assign(2 * std::size_t{lanes_.second - lanes_.first}, unknown);
      now_ = *p;
      ++at_;
      if (now_->lane < lanes_.first || now_->lane >= lanes_.second) continue;
      const std::size_t place = 2 * std::size_t{now_->lane - lanes_.first};
      told_[place] = static_cast<double>(now_->sample);
      if (now_->label) told_[place + 1] = static_cast<double>(*now_->label);
    }
    const bool within = now_ && tick < now_->end;
    row.push_back(within ? static_cast<double>(now_->number) : unknown);
    for (std::size_t i = 0; i < 2 * std::size_t{lanes_.second - lanes_.first}; ++i) {
      row.push_back(within ? told_[i] : unknown);
    }
  }

 private:
  /// The first row that was not taken yet, or null.
  const traced_presentation* next() {
    constexpr std::uint64_t rows = 65536;
    if (at_ == block_.size()) {
      block_ = trace_.read_presentations(read_, rows);
      read_ += block_.size();
      at_ = 0;
    }
    return at_ == block_.size() ? nullptr : &block_[at_];
  }

  const trace_reader& trace_;
  std::pair<std::uint32_t, std::uint32_t> lanes_;
  std::vector<traced_presentation> block_;
  std::size_t at_ = 0;
  std::uint64_t read_ = 0;
  std::optional<traced_presentation> now_;  ///< the last row that was taken
  std::vector<double> told_;                ///< [lane]: sample and label of that presentation
};

class table {
 public:
  table(const trace_reader& trace, std::vector<chosen_columns> chosen, std::pair<std::uint32_t, std::uint32_t> lanes,
        bool samples)
      : lanes_(lanes) {
    if (samples) presented_.emplace(trace, lanes);
    frames_ = std::any_of(chosen.begin(), chosen.end(),
                          [](const auto& c) { return c.variable->storage == trace_storage::frames; });
    for (chosen_columns& c : chosen) variables_.push_back(std::make_unique<shown_variable>(trace, std::move(c)));
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    if (presented_) presented_->add_names(names);
    for (const auto& v : variables_) {
      const trace_variable& variable = *v->chosen.variable;
      for (const std::size_t column : v->chosen.columns) {
        for (std::uint32_t lane = lanes_.first; lane < lanes_of(variable); ++lane) {
          const bool tell = variable.lanes > 1 && lanes_.second - lanes_.first > 1;
          names.push_back(printable(variable.column_name(column)) + (tell ? fmt::format(" lane {}", lane) : ""));
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
    if (presented_) presented_->add_row(tick, numbers);
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
  std::optional<presented> presented_;
  std::vector<std::unique_ptr<shown_variable>> variables_;
};

void print_csv(table& t, tick_t from, tick_t until) {
  std::string line = "tick";
  for (const std::string& name : t.names()) line += "," + csv_field(name);
  print("{}\n", line);
  for (auto tick = t.next(from == never ? from : from - 1); tick && *tick < until; tick = t.next(*tick)) {
    line = fmt::format("{}", *tick);
    for (const double x : t.row(*tick)) line += fmt::format(",{}", x);
    print("{}\n", line);
  }
}

void print_table(table& t, tick_t from, tick_t until) {
  constexpr std::size_t narrowest = 11;
  const std::vector<std::string> names = t.names();
  std::string line = fmt::format("{:>8}", "tick");
  for (const std::string& name : names) line += fmt::format("  {:>{}}", name, narrowest);
  print("{}\n", line);
  for (auto tick = t.next(from == never ? from : from - 1); tick && *tick < until; tick = t.next(*tick)) {
    line = fmt::format("{:>8}", *tick);
    const std::vector<double> row = t.row(*tick);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool whole = std::abs(row[i]) < 1e15 && row[i] == std::floor(row[i]);
      line += fmt::format("  {:>{}.{}g}", row[i], std::max(narrowest, names[i].size()), whole ? 15 : 6);
    }
    print("{}\n", line);
  }
}

int run_trace_show(const parsed_arguments& parsed) {
  constexpr std::size_t widest = 24;  // columns that a table for the eye may have
  const trace_reader trace(parsed.text("file"));
  const auto [from, until] = selected_ticks(parsed, trace);
  const auto lanes = selected_lanes(parsed, trace);
  std::vector<chosen_columns> chosen = choose_columns(trace, selected_patterns(parsed));
  if (chosen.empty()) throw run_error(fmt::format("\"{}\" has no variables", trace.path()));
  const bool samples = parsed.has("samples");
  if (samples && trace.presentations() == 0) {
    throw run_error(fmt::format("\"{}\" does not say which samples were presented", trace.path()));
  }
  table t(trace, std::move(chosen), lanes, samples);
  const bool csv = parsed.has("csv");
  if (const std::size_t columns = t.names().size(); !csv && columns > widest) {
    throw usage_error(
        fmt::format("{} columns are too many for a table (at most {}): choose some with --select, such as "
                    "--select '{}', or add --csv",
                    columns, widest, t.names().front()));
  }
  if (csv) print_csv(t, from, until);
  else print_table(t, from, until);
  if (trace.facts().lanes > 1 && !parsed.has("lanes")) {
    tell(fmt::format("lane 0 of {}; others with --lanes", trace.facts().lanes));
  }
  return done;
}

}  // namespace

const command& trace_show_command() {
  static const command c = {
      .name = "trace show",
      .synopsis = "trace show FILE [--select NAME...] [--ticks 0:40] [options]",
      .summary = "print values as a table or as CSV",
      .takes = {"file"},
      .options = selection_options() +
                 std::vector<option>{
                     {"samples", "", "say before the values which presentation, sample and label each tick belongs to"},
                     {"csv", "", "comma-separated, with all digits"}},
      .run = run_trace_show,
      .isolated = true};
  return c;
}

}  // namespace locus::tools
