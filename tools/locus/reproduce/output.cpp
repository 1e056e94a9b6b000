#include "tools/locus/reproduce/output.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>

#include "sim/core/errors.hpp"

extern char** environ;

namespace locus::tools {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// A gnuplot string in single quotes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

bool run_gnuplot(const std::string& script) {
  std::string program = "gnuplot", argument = script;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, "gnuplot", nullptr, nullptr, arguments, environ) != 0) return false;
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void write_csv(const std::string& file, const text_table& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) text += (k == 0 ? "" : ",") + csv_field(row[k]);
    text += "\n";
  }
  write_file(file, text);
}

void write_file(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw run_error(fmt::format("cannot write \"{}\"", file));
}

std::vector<std::string> draw(const std::string& base, const std::string& commands) {
  const std::string script = base + ".gp";
  write_file(script, fmt::format("set terminal svg size 900,560 font 'Helvetica,15'\nset output {0}\n{2}\n"
                                 "set terminal pngcairo size 1350,840 font 'Helvetica,18' linewidth 1.5\n"
                                 "set output {1}\nreplot\n",
                                 quoted(base + ".svg"), quoted(base + ".png"), commands));
  std::vector<std::string> files = {script};
  if (!run_gnuplot(script)) {
    fmt::print(stderr, "no picture: gnuplot could not run {} (package gnuplot-nox)\n", script);
    return files;
  }
  files.insert(files.end(), {base + ".svg", base + ".png"});
  return files;
}

}  // namespace locus::tools
