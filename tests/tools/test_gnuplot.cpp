#include "tools/locus/gnuplot.hpp"

#include <catch2/catch.hpp>

#include "sim/core/errors.hpp"
#include "tools/locus/trace/figure.hpp"

namespace test_tools_gnuplot {

using namespace locus::tools;
using Catch::Contains;

TEST_CASE("gnuplot: a text is one quoted word of one line, whatever is in it", "[gnuplot]") {
  CHECK(gnuplot_text("hidden1.value.x: value (mV)") == "'hidden1.value.x: value (mV)'");
  CHECK(gnuplot_text("it's") == "'it' . \"'\" . 's'");
  CHECK(gnuplot_text("a'\n!touch PWNED\n'") == "'a' . \"'\" . '\\n!touch PWNED\\n' . \"'\" . ''");
  CHECK(gnuplot_text("`touch PWNED` @x $(y) \"z\" \\") == "'`touch PWNED` @x $(y) \"z\" \\'");
}

TEST_CASE("gnuplot: an output is a file, whatever its name", "[gnuplot]") {
  CHECK(gnuplot_output("t.png") == "set output './t.png'\n");
  CHECK(gnuplot_output("/tmp/it's.svg") == "set output '/tmp/it' . \"'\" . 's.svg'\n");
  CHECK(gnuplot_output("|touch P #.png") == "set output './|touch P #.png'\n");
  CHECK_THROWS_AS(gnuplot_output("a\n!touch PWNED\n.png"), locus::usage_error);
}

TEST_CASE("gnuplot: no text of a figure begins a line of its script", "[gnuplot]") {
  const std::string evil = "'\n!touch PWNED\n#'";
  figure f(evil, 0, 10);
  f.note(evil);
  f.add({evil, "", "plot 0\n"});
  const std::string script = f.script(true);
  CHECK(script.find("\n!") == std::string::npos);
  CHECK(script.find("set output") == std::string::npos);
  CHECK_THAT(f.script(false, gnuplot_output("|x.png")), Contains("set output './|x.png'\n"));
}

}  // namespace test_tools_gnuplot
