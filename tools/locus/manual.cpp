/// The manual page of a program, in the macros of man(7).

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "tools/locus/program.hpp"

namespace locus::tools {
namespace {

/// Text as troff prints it: what it would take for a command is written out.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '~') out += "\\(ti";
    else if (c == '^') out += "\\(ha";
    else if (c == '`') out += "\\(ga";
    else if (c == '\'') out += "\\(aq";
    else if (c == '.' && (out.empty() || out.back() == '\n')) out += "\\&.";
    else out += c;
  }
  return out;
}

/// "summarise this" as a sentence.
std::string sentence(std::string_view text) {
  std::string out(text);
  if (!out.empty()) out.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(out.front())));
  return out + (out.ends_with('.') ? "" : ".");
}

/// "run NETLIST [options]": what is typed as it stands in bold, what stands for something in italics.
std::string synopsis(std::string_view text) {
  const auto of_word = [](char c) { return c == '-' || std::isalpha(static_cast<unsigned char>(c)) != 0; };
  const auto is_small = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
  std::string out;
  for (auto at = text.begin(); at != text.end();) {
    const auto end = of_word(*at) ? std::find_if_not(at, text.end(), of_word) : std::find_if(at, text.end(), of_word);
    const std::string_view part(at, end);
    const bool fixed = part != "options" && std::any_of(at, end, is_small);
    out += fmt::format("\\f{}{}", !of_word(*at) ? 'R' : fixed ? 'B' : 'I', troff(part));
    at = end;
  }
  return out + "\\fR";
}

/// Notes of a help text: "  NAME  text" is an item, which deeper lines go on with; other lines are paragraphs.
std::string notes(std::string_view text) {
  std::string page;
  bool apart = true;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (const std::string_view rest = line.substr(indent); indent == 2) {
      const std::size_t gap = std::min(rest.find("  "), rest.size());
      const std::string_view more = rest.substr(std::min(rest.find_first_not_of(' ', gap), rest.size()));
      page += fmt::format(".TP\n\\fB{}\\fR\n{}{}", troff(rest.substr(0, gap)), troff(more), more.empty() ? "" : "\n");
    } else if (!rest.empty()) {
      page += fmt::format("{}{}\n", apart ? ".PP\n" : "", troff(rest));
    }
    apart = line.empty();
  }
  return page;
}

std::string options(const command& c) {
  std::string page;
  for (const option& o : c.options) {
    page += fmt::format(".TP\n\\fB\\-\\-{}\\fR", troff(o.name));
    if (!o.argument.empty()) page += fmt::format(" \\fI{}\\fR", troff(o.argument));
    page += fmt::format("\n{}", troff(o.help));
    if (!o.otherwise.empty()) page += fmt::format(" (default: {})", troff(o.otherwise));
    page += '\n';
  }
  if (!c.example.empty()) page += fmt::format(".PP\nExample:\n.PP\n.RS\n.EX\n{}\n.EE\n.RE\n", troff(c.example));
  return page;
}

std::string subsection(const command& c) {
  std::string page =
      fmt::format(".SS {}\n{}\n", synopsis(fmt::format("locus {}", c.synopsis)), troff(sentence(c.summary)));
  if (!c.program.empty()) page += fmt::format("See \\fB{}\\fR(1).\n", troff(c.program));
  page += notes(c.notes) + options(c);
  for (const command* part : c.parts) page += subsection(*part);
  return page;
}

constexpr std::string_view ending = R"(.SH EXIT STATUS
.TP
0
Done.
.TP
1
The run failed.
.TP
2
Wrong usage, or a mistake in the netlist.
.TP
130, 143
Ended by Ctrl\-C, or by SIGTERM, in order.
.TP
141
Nobody read the output any more.
.SH ENVIRONMENT
.TP
\fBLOCUS_DATA\fR
Folder of fetched data sets; \fB\-\-data\fR comes first.
.TP
\fBLOCUS_SIMD\fR
The instruction set to compute with (scalar, avx2, avx512, native), instead of the best one of the machine.
Results are the same bits.
.SH FILES
.TP
\fIshare/locus/netlists\fR
The shipped netlists, the reference of their format (README.md) and its JSON schema (schema.json).
It is beside the folder of the program: /usr/share/locus/netlists for a program in /usr/bin.
.TP
\fIshare/locus/tools/data\fR
The script that fetches data sets, where messages say tools/data; it needs Python 3.
.TP
\fIshare/doc/locus\fR
README.md, a tutorial, concepts, a glossary, and the formats of all files.
.TP
\fI$XDG_DATA_HOME/locus\fR, \fI\(ti/.local/share/locus\fR
Fetched data sets, unless LOCUS_DATA says otherwise.
)";

}  // namespace

std::string manual(std::string_view program, std::string_view introduction,
                   const std::vector<const command*>& commands) {
  const command* const single = commands.size() == 1 ? commands.front() : nullptr;
  std::string page = fmt::format(
      ".TH \"{}\" 1 \"\" \"Locus {}\" \"User Commands\"\n.ad l\n.nh\n.nr HY 0\n.SH NAME\n{} \\- {}\n"
      ".SH SYNOPSIS\n{}\n.SH DESCRIPTION\n{}\n",
      program, LOCUS_VERSION, troff(program),
      troff(single ? single->summary : "simulate circuits of neurons that may learn as brains do"),
      synopsis(fmt::format("locus {}", single ? single->synopsis : "COMMAND [NETLIST] [options]")),
      troff(introduction));
  if (single) {
    page += notes(single->notes) + ".SH OPTIONS\n" + options(*single);
  } else {
    page += ".SH COMMANDS\n";
    for (const command* c : commands) page += subsection(*c);
  }
  return page + std::string(ending) + ".SH SEE ALSO\n" +
         (single ? "\\fBlocus\\fR(1)\n"
                 : "\\fBlocus\\-bench\\fR(1), \\fBlocus\\-reproduce\\fR(1), \\fBgnuplot\\fR(1)\n");
}

}  // namespace locus::tools
