#include "tools/locus/gnuplot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "sim/core/errors.hpp"
#include "sim/core/printable.hpp"
#include "sim/core/text_file.hpp"
#include "tools/locus/started_program.hpp"

namespace locus::tools {

namespace {

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, close_file>;

/// A file without a name that holds `text`, at its beginning.
open_file nameless(const std::string& text) {
  open_file file(std::tmpfile());
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0) {
    throw run_error(fmt::format("cannot write a temporary file: {}", std::strerror(errno)));
  }
  std::rewind(file.get());
  return file;
}

/// What was written into it, in one line.
std::string complaint_in(std::FILE* file) {
  std::rewind(file);
  std::array<char, 2000> buffer = {};
  const std::string_view text(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file));
  std::string line;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t';
    if (!space) line += c;
    else if (!line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

/// All that comes out of a pipe.
std::string read_all(int pipe) {
  std::string all;
  std::array<char, 65536> buffer = {};
  while (true) {
    const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
    if (count > 0) all.append(buffer.data(), static_cast<std::size_t>(count));
    else if (count == 0 || errno != EINTR) return all;
  }
}

struct gnuplot_run {
  std::string picture;
  int code = -1;  ///< -1: it was killed
};

/// gnuplot with these files as its standard input and for its complaints.
gnuplot_run run_gnuplot(int in, int complaints) {
  std::array<int, 2> pipe = {};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    throw run_error(fmt::format("cannot start gnuplot: {}", std::strerror(errno)));
  }
  pid_t child = 0;
  const int failure = start_program({"gnuplot", "--default-settings"},  // no start-up files
                                    {in, pipe[1], complaints}, child);
  ::close(pipe[1]);
  gnuplot_run run;
  if (failure == 0) run.picture = read_all(pipe[0]);
  ::close(pipe[0]);
  if (failure == ENOENT) {
    throw run_error(
        "there is no gnuplot to draw with: apt-get install gnuplot-nox, or keep the script with --script FILE");
  }
  if (failure != 0) throw run_error(fmt::format("cannot start gnuplot: {}", std::strerror(failure)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status)) run.code = WEXITSTATUS(status);
  return run;
}

}  // namespace

std::string gnuplot_text(std::string_view text) {
  std::string result = "'";
  // Doubled quotes would do, but not at the beginning, nor two of them.
  for (const char c : printable(text)) result += c == '\'' ? std::string("' . \"'\" . '") : std::string(1, c);
  return result + "'";
}

std::string gnuplot_output(const std::string& file) {
  if (printable(file) != file) {
    throw usage_error(fmt::format("\"{}\": a gnuplot script cannot name a file with such characters", file));
  }
  // A name that begins with | would be a command.
  return fmt::format("set output {}\n", gnuplot_text(file.starts_with('/') ? file : "./" + file));
}

void draw_with_gnuplot(const std::string& script, const std::string& file) {
  const open_file commands = nameless(script), complaints = nameless("");
  const gnuplot_run run = run_gnuplot(::fileno(commands.get()), ::fileno(complaints.get()));
  if (run.code != 0 || run.picture.empty()) {
    throw run_error(fmt::format("gnuplot could not draw \"{}\": {}", file, complaint_in(complaints.get())));
  }
  write_file(file, run.picture);
}

}  // namespace locus::tools
