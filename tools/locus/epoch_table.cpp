#include "tools/locus/epoch_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/core/grouped.hpp"
#include "sim/data/labels.hpp"
#include "sim/experiment/stimulus_plan.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {
namespace {

constexpr int digits_of_loss = 5, digits_of_accuracy = 2, digits_of_r2 = 4;

std::string loss_text(const answer_score& s, std::size_t) { return measured(s.mean_loss(), digits_of_loss); }
std::string accuracy_text(const answer_score& s, std::size_t) {
  return measured(s.accuracy(), digits_of_accuracy, 100);
}
std::string r2_text(const answer_score& s, std::size_t) { return measured(s.r2(), digits_of_r2); }
std::string report_text(const answer_score& s, std::size_t i) {
  const std::optional<double> value = i < s.reports.size() ? s.reports[i].value() : std::nullopt;
  return value ? fmt::format("{:.6g}", *value) : "-";
}

}  // namespace

std::string measured(const std::optional<double>& value, int digits, double factor) {
  if (!value) return "-";
  const double x = factor * *value;
  constexpr double long_number = 1e7;
  return std::abs(x) < long_number ? fmt::format("{:.{}f}", x, digits) : fmt::format("{:.{}g}", x, digits);
}

epoch_table::epoch_table(const circuit& c, const data_set& data) {
  const bool taught = std::any_of(c.stimuli.begin(), c.stimuli.end(),
                                  [](const stimulus& s) { return s.role == stimulus_role::teacher; });
  if (taught) {
    const std::vector<taught_part> teachers = taught_parts(c);
    const bool categories = std::all_of(teachers.begin(), teachers.end(), [&](const taught_part& part) {
      return category_threshold(data, part.columns).has_value();
    });
    add("loss", 9, loss_text, false);
    add("test loss", 10, loss_text, true);
    add(categories ? "train %" : "train R2", 8, categories ? accuracy_text : r2_text, false);
    add(categories ? "test %" : "test R2", 8, categories ? accuracy_text : r2_text, true);
  }
  for (std::size_t i = 0; i < c.reports.size(); ++i) {
    add(c.reports[i].text, 11, report_text, false, i);
    add("test " + c.reports[i].text, 11, report_text, true, i);
  }
}

void epoch_table::add(std::string head, std::size_t width, text_function text, bool test, std::size_t report) {
  width = std::max(width, head.size() + 1);  // two blanks between heads, which have blanks themselves
  scores_.push_back({std::move(head), width, text, test, report});
}

void epoch_table::print_header() const {
  std::string line = fmt::format("\n{:>5}", "epoch");
  for (const column& c : scores_) line += fmt::format(" {:>{}}", c.head, c.width);
  fmt::print("{} {:>10} {:>16} {:>12} {:>9}\n", line, "ticks", "messages", "spikes", "updates");
  flush_output();
}

void epoch_table::print(const epoch_result& e) const {
  const answer_score test = e.test.value_or(answer_score{});
  std::string line = fmt::format("{:>5}", e.epoch);
  for (const column& c : scores_) line += fmt::format(" {:>{}}", c.text(c.test ? test : e.train, c.report), c.width);
  fmt::print("{} {:>10} {:>16} {:>12} {:>9}\n", line, grouped(e.total.ticks), grouped(e.total.messages),
             grouped(e.total.spikes), grouped(e.updates));
  flush_output();
}

}  // namespace locus::tools
