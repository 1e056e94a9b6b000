#include "sim/audit/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/text_table.hpp"

namespace locus {
namespace {

std::string cell_text(const verdict& v) {
  const std::string mark = v.result == outcome::holds ? "✔" : v.result == outcome::fails ? "✘" : "-";
  // The messages behind a failed autonomy stand in the details.
  const bool brief = v.about == criterion::full_autonomy;
  return v.detail.empty() || brief ? mark : mark + " " + v.detail;
}

std::string title(criterion c) {
  std::string text(name_of(c));
  std::replace(text.begin(), text.end(), '-', ' ');
  return text;
}

/// The first few; what already stands under partial autonomy is not repeated under full autonomy.
std::string reasons_of(const audit_report& report, const verdict& v) {
  constexpr std::size_t most = 6;
  std::string text;
  std::size_t told = 0, left = 0;
  for (const evidence& e : v.reasons) {
    const auto& partial = report.of(criterion::partial_autonomy).reasons;
    const bool repeated =
        v.about == criterion::full_autonomy &&
        std::any_of(partial.begin(), partial.end(), [&](const evidence& p) { return p.text == e.text; });
    if (repeated) continue;
    if (told == most) ++left;
    else text += fmt::format("    [{}] {}\n", e.mechanism, e.text), ++told;
  }
  if (left != 0) text += fmt::format("    and {} more (all of them in --json)\n", left);
  if (told == 0) text = "    as partial autonomy\n";
  return text;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out + "\"";
}

}  // namespace

std::string table_of(const std::vector<audit_report>& reports) {
  text_table rows{{"circuit"}};
  for (const criterion c : all_criteria) rows.front().push_back(title(c));
  for (const audit_report& r : reports) {
    rows.push_back({r.name});
    for (const verdict& v : r.verdicts) rows.back().push_back(cell_text(v));
  }
  return aligned(rows);
}

std::string details_of(const audit_report& report) {
  std::string text = fmt::format("{}\n", report.name);
  for (const verdict& v : report.verdicts) {
    if (v.result == outcome::not_measured) {
      text += fmt::format("  - {}: not measured{}\n", title(v.about), v.missing.empty() ? "" : ": " + v.missing);
    }
    if (v.result != outcome::fails) continue;
    text += fmt::format("  ✘ {}{}\n", title(v.about), v.detail.empty() ? "" : " (" + v.detail + ")");
    text += reasons_of(report, v);
  }
  if (report.angles) {
    text += fmt::format("  updates against those of {}\n{}", report.angles->other, table_of(*report.angles));
  }
  text += "  measured\n";
  for (const std::string& line : report.measured) text += fmt::format("    {}\n", line);
  if (!report.notes.empty()) text += "  notes\n";
  for (const std::string& line : report.notes) text += fmt::format("    {}\n", line);
  return text;
}

std::string dot_of(const std::vector<audit_report>& reports) {
  std::string text = "digraph audit {\n  rankdir=LR;\n  node [shape=box];\n";
  std::size_t node = 0, cluster = 0;
  for (const audit_report& r : reports) {
    for (const verdict& v : r.verdicts) {
      for (const evidence& e : v.reasons) {
        if (e.path.size() < 2) continue;
        text += fmt::format("  subgraph cluster_{} {{\n    label={};\n", cluster++,
                            quoted(fmt::format("{}: {} fails ({})", r.name, title(v.about), e.mechanism)));
        for (std::size_t k = 0; k < e.path.size(); ++k, ++node) {
          text += fmt::format("    n{} [label={}];\n", node, quoted(e.path[k].entity + "\n" + e.path[k].what));
          if (k > 0) text += fmt::format("    n{} -> n{};\n", node - 1, node);
        }
        text += "  }\n";
      }
    }
  }
  return text + "}\n";
}

}  // namespace locus
