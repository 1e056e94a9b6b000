/// `locus reproduce table2`: Song et al. 2020, Table 2, measured by the audit: which of backpropagation, IL, Z-IL and
/// Fa-Z-IL is equivalent to backpropagation, local in its plasticity, and autonomous in part or in full?

#include <fmt/format.h>

#include "sim/audit/report.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/subject.hpp"
#include "tools/reproduce/results.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {
namespace {

/// The columns of the paper's table.
constexpr criterion columns[] = {criterion::equivalence, criterion::local_plasticity, criterion::partial_autonomy,
                                 criterion::full_autonomy};

/// A circuit, and what the paper's table says of it, in the order of the columns.
struct table_row {
  std::string_view netlist;
  std::string_view name;
  std::array<bool, std::size(columns)> published;
};
constexpr table_row table_rows[] = {
    {"digits-bp", "BP", {true, false, false, false}},
    {"digits-il", "IL", {false, true, true, false}},
    {"digits-zil", "Z-IL", {true, true, true, false}},
    {"digits-continuous", "Fa-Z-IL, as published", {true, true, true, true}},
    {"digits", "Fa-Z-IL, bursts", {true, true, true, true}},
};

std::string mark(bool holds) { return holds ? "✔" : "✘"; }

/// One line a circuit: ours in colour, the paper's mark beside it.
std::string plot(const std::vector<audit_report>& reports) {
  std::string cells, texts, rows, names;
  for (std::size_t r = 0; r < reports.size(); ++r) {
    const std::size_t y = reports.size() - 1 - r;
    rows += fmt::format("{}'{}' {}", r == 0 ? "" : ", ", table_rows[r].name, y);
    for (std::size_t c = 0; c < std::size(columns); ++c) {
      const bool holds = reports[r].holds(columns[c]);
      cells += fmt::format("{} {} {}\n", c, y, holds ? "0x9ccc9c" : "0xe8a0a0");
      texts += fmt::format("{} {} \"measured: {}\\npaper: {}\"\n", c, y, holds ? "yes" : "no",
                           table_rows[r].published[c] ? "yes" : "no");
    }
  }
  for (std::size_t c = 0; c < std::size(columns); ++c) {
    names += fmt::format("{}'{}' {}", c == 0 ? "" : ", ", name_of(columns[c]), c);
  }
  return fmt::format(
      "$cells << EOD\n{}EOD\n$texts << EOD\n{}EOD\nset title 'Table 2 of Song et al. 2020, measured by the audit'\n"
      "unset key\nset tics scale 0\nset xtics ({})\nset ytics ({})\nset xrange [-0.5:{}]\nset yrange [-0.5:{}]\n"
      "set style fill solid border linecolor rgb '#ffffff'\n"
      "plot $cells using 1:2:(0.48):(0.46):3 with boxxyerror linecolor rgb variable, $texts with labels font ',11'",
      cells, texts, names, rows, static_cast<double>(std::size(columns)) - 0.5,
      static_cast<double>(reports.size()) - 0.5);
}

}  // namespace

void reproduce_table2(const reproduce_settings& settings) {
  std::vector<audit_report> reports;
  result_files files(settings, "table2");
  progress_line progress;
  locus::audit_options effort = audit_effort(settings);
  for (const table_row& row : table_rows) {
    effort.on_progress = [&](const std::string& stage, std::uint64_t step, std::uint64_t steps) {
      progress.show(fmt::format("{}: {}", row.name, stage), step, steps);
    };
    const audit_subject subject = read_subject(settings.netlist_file(row.netlist), {});
    files.netlist(std::string(row.netlist), settings.netlist(row.netlist, {}).canonical_text());
    reports.push_back(audit(subject, load_data(subject.netlist.data), effort));
  }
  progress.clear();

  text_table table{{"circuit", "netlist"}};
  for (const criterion c : columns) {
    table[0].push_back(std::string(name_of(c)));
    table[0].push_back("paper");
  }
  table[0].emplace_back("agree");
  for (std::size_t r = 0; r < reports.size(); ++r) {
    auto& row = table.emplace_back(2, std::string(table_rows[r].name));
    row[1] = table_rows[r].netlist;
    bool agree = true;
    for (std::size_t c = 0; c < std::size(columns); ++c) {
      const bool holds = reports[r].holds(columns[c]), published = table_rows[r].published[c];
      const std::string& detail = reports[r].of(columns[c]).detail;
      const bool told = holds && !detail.empty();
      row.push_back(mark(holds) + (told ? " " + detail : ""));
      row.push_back(mark(published));
      agree = agree && holds == published;
    }
    row.emplace_back(agree ? "yes" : "no");
  }
  fmt::print("{}\n", aligned(table));
  for (const audit_report& r : reports) fmt::print("{}\n", details_of(r));
  // Columns of one name would hide each other in the HDF5 file.
  for (std::size_t c = 0; c < std::size(columns); ++c)
    table[0][2 * c + 3] = fmt::format("paper_{}", name_of(columns[c]));
  files.table("", table);
  files.picture("", plot(reports));
  files.finish();
}

}  // namespace locus::tools
