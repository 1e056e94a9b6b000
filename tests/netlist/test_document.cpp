#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sim/netlist/document.hpp"
#include "tests/netlist/netlist_testing.hpp"

namespace test_netlist_document {

using locus::data_array;
using locus::document;
using locus::section;
using locus::testing::usage_message;

namespace {

document text(const std::string& toml) { return document::from_text(toml, "n.toml"); }

/// The message of reading from [a], whose header stands on line 1.
template <typename Read>
std::string message_in_a(const std::string& keys, const Read& read) {
  const auto netlist = text("[a]\n" + keys);
  return usage_message([&] { (void)read(netlist.root().table("a")); });
}

std::string finish_message(const document& netlist) {
  return usage_message([&] { netlist.finish(); });
}

}  // namespace

TEST_CASE("document: a file that is not there") {
  CHECK(usage_message([] { (void)document::from_file("no-such.toml"); }) ==
        "cannot read netlist \"no-such.toml\": No such file or directory");
}

TEST_CASE("document: a directory is no netlist") {
  CHECK(usage_message([] { (void)document::from_file("/"); }) == "cannot read netlist \"/\": it is a directory");
}

TEST_CASE("document: from a file, and from an empty one") {
  const std::string path = std::filesystem::temp_directory_path() / "locus_test_document.toml";
  std::ofstream(path) << "a = 1\n";
  CHECK(document::from_file(path).root().whole("a", 0) == 1);
  CHECK(document::from_file(path).name() == path);
  std::ofstream(path).close();
  CHECK_NOTHROW(document::from_file(path).finish());
  std::remove(path.c_str());
}

TEST_CASE("document: a mistake in the syntax has line and column") {
  CHECK_THAT(usage_message([] { (void)text("[a]\nb = \n"); }), Catch::StartsWith("n.toml:2:5: Error while parsing"));
  CHECK_THAT(usage_message([] { (void)text("a = 1\na = 2"); }),
             Catch::Contains("cannot redefine existing integer 'a'"));
}

TEST_CASE("document: numbers") {
  const auto number = [](const section& a) { return a.number("x"); };
  CHECK(text("x = 0.5").root().number("x") == 0.5);
  CHECK(text("x = 2").root().number("x") == 2);
  CHECK(text("").root().number("x", 3) == 3);
  CHECK(message_in_a("x = \"y\"", number) == "n.toml:2:5: a.x = \"y\": expected a number");
  CHECK(message_in_a("x = nan", number) == "n.toml:2:5: a.x = nan: expected a finite number");
  CHECK(message_in_a("x = -inf", number) == "n.toml:2:5: a.x = -inf: expected a finite number");
  CHECK(message_in_a("", number) == "n.toml:1:1: a.x is missing: expected a number");
}

TEST_CASE("document: whole numbers") {
  const auto whole = [](const section& a) { return a.whole("x", 1); };
  CHECK(text("x = 2").root().whole("x", 1) == 2);
  CHECK(text("").root().whole("x", 1, 7) == 7);
  CHECK(message_in_a("x = 1.0", whole) == "n.toml:2:5: a.x = 1.0: expected a whole number >= 1");
  CHECK(message_in_a("x = 0", whole) == "n.toml:2:5: a.x = 0: expected a whole number >= 1");
  CHECK(message_in_a("y = 0\nx =  \"many\"", whole) == "n.toml:3:6: a.x = \"many\": expected a whole number >= 1");
  CHECK(message_in_a("", whole) == "n.toml:1:1: a.x is missing: expected a whole number >= 1");
  CHECK(text("x = 4").root().optional_seed("x") == std::uint64_t{4});
  CHECK_FALSE(text("").root().optional_seed("x").has_value());
}

TEST_CASE("document: texts and flags") {
  CHECK(text("x = 'a'").root().text("x") == "a");
  CHECK(text("").root().text("x", "b") == "b");
  CHECK(text("x = true").root().flag("x", false));
  CHECK(text("").root().flag("x", true));
  CHECK(message_in_a("x = 1", [](const section& a) { return a.text("x"); }) == "n.toml:2:5: a.x = 1: expected a text");
  CHECK(message_in_a("x = 1", [](const section& a) { return a.flag("x", true); }) ==
        "n.toml:2:5: a.x = 1: expected true or false");
}

TEST_CASE("document: a missing key in the root is at no line") {
  CHECK(usage_message([] { (void)text("").root().text("x"); }) == "n.toml: x is missing: expected a text");
}

TEST_CASE("document: a missing key and one that looks like it") {
  CHECK(message_in_a("layres = 1", [](const section& a) { return a.wholes("layers", 1); }) ==
        "n.toml:1:1: a.layers is missing (there is \"layres\"): expected a list of whole numbers");
}

TEST_CASE("document: a choice of names") {
  const auto choice = [](const section& a) { return a.choice("x", {"f32", "f64"}, "f64"); };
  CHECK(choice(text("x = 'f32'").root()) == "f32");
  CHECK(choice(text("").root()) == "f64");
  CHECK(message_in_a("x = \"f46\"", choice) ==
        "n.toml:2:5: a.x = \"f46\": expected \"f32\" or \"f64\" (did you mean \"f32\"?)");
  CHECK(message_in_a("x = \"double\"", choice) == "n.toml:2:5: a.x = \"double\": expected \"f32\" or \"f64\"");
  CHECK(message_in_a("x = 64", choice) == "n.toml:2:5: a.x = 64: expected \"f32\" or \"f64\"");
  CHECK(message_in_a("", [](const section& a) {
          return a.choice("x", {"f32", "f64"});
        }) == "n.toml:1:1: a.x is missing: expected \"f32\" or \"f64\"");
}

TEST_CASE("document: lists") {
  const auto root = text("w = [1, 2]\nt = ['a', 'b']\nn = [1, 0.5]\ne = []\n").root();
  CHECK(root.wholes("w", 1) == std::vector<std::int64_t>{1, 2});
  CHECK(root.texts("t") == std::vector<std::string>{"a", "b"});
  CHECK(root.texts("missing").empty());
  CHECK(root.numbers("n") == std::vector<double>{1, 0.5});
  CHECK(root.wholes("e", 1).empty());
  CHECK(message_in_a("x = 3", [](const section& a) { return a.wholes("x", 1); }) ==
        "n.toml:2:5: a.x = 3: expected a list of whole numbers");
  CHECK(message_in_a("x = [3, 0]", [](const section& a) { return a.wholes("x", 1); }) ==
        "n.toml:2:9: a.x[1] = 0: expected a whole number >= 1");
  CHECK(message_in_a("x = ['a', 1]", [](const section& a) { return a.texts("x"); }) ==
        "n.toml:2:11: a.x[1] = 1: expected a text");
  CHECK(message_in_a("x = 'a'", [](const section& a) { return a.texts("x"); }) ==
        "n.toml:2:5: a.x = \"a\": expected a list of texts");
  CHECK(message_in_a("x = 'a'", [](const section& a) { return a.numbers("x"); }) ==
        "n.toml:2:5: a.x = \"a\": expected a list of numbers");
}

TEST_CASE("document: arrays") {
  const auto array = [](const section& a) { return a.array("x"); };
  CHECK(array(text("x = [[1, 2], [3, 4.5]]").root()) == data_array{"", {2, 2}, {1, 2, 3, 4.5}});
  CHECK(array(text("x = []").root()) == data_array{"", {0}, {}});
  CHECK(array(text("x = [[]]").root()) == data_array{"", {1, 0}, {}});
  CHECK(message_in_a("x = [[1, 2], [3]]", array) ==
        "n.toml:2:14: a.x[1] = [3]: expected 2 numbers as in the first row, found 1");
  CHECK(message_in_a("x = [[1, true]]", array) == "n.toml:2:10: a.x[0][1] = true: expected a number");
  const std::string forms =
      "expected rows of numbers: [[...], ...], frames of such rows: [[[...], ...], ...], \"npy:FILE\" or "
      "\"hdf5:FILE:DATASET\"";
  CHECK(message_in_a("x = [1]", array) == "n.toml:2:5: a.x = [1]: " + forms);
  CHECK(message_in_a("x = 1", array) == "n.toml:2:5: a.x = 1: " + forms);
}

TEST_CASE("document: rows of whole numbers") {
  const auto rows = [](const section& a) { return a.whole_rows("x", 0); };
  CHECK(text("x = [[1, 2], [3]]").root().whole_rows("x", 0) == std::vector<std::vector<std::int64_t>>{{1, 2}, {3}});
  CHECK(message_in_a("x = [[1, -1]]", rows) == "n.toml:2:10: a.x[0][1] = -1: expected a whole number >= 0");
  CHECK(message_in_a("x = [[1.0]]", rows) == "n.toml:2:7: a.x[0][0] = 1.0: expected a whole number >= 0");
  CHECK(message_in_a("x = 1", rows) == "n.toml:2:5: a.x = 1: expected rows of whole numbers: [[...], ...]");
}

TEST_CASE("document: matrices") {
  const auto matrices = [](const section& a) { return a.matrices("x"); };
  const auto found = matrices(text("x = [[[1, 2]], [[3], [4]]]").root());
  REQUIRE(found.size() == 2);
  CHECK(found[0].rows == 1);
  CHECK(found[0].columns == 2);
  CHECK(found[1].values == std::vector<double>{3, 4});
  CHECK(message_in_a("x = [[['a']]]", matrices) == "n.toml:2:8: a.x[0][0][0] = \"a\": expected a number");
  CHECK(message_in_a("x = 1", matrices) == "n.toml:2:5: a.x = 1: expected a list of matrices: [[[...], ...], ...]");
}

TEST_CASE("document: ticks are a number or a range") {
  const auto ticks = [](const section& a) { return a.ticks("x", 5); };
  const auto spelled = [&](const std::string& toml) {
    const auto range = ticks(text(toml).root());
    return std::pair(range.low, range.high);
  };
  CHECK(spelled("") == std::pair<std::int64_t, std::int64_t>(5, 5));
  CHECK(spelled("x = 0") == std::pair<std::int64_t, std::int64_t>(0, 0));
  CHECK(spelled("x = [2, 9]") == std::pair<std::int64_t, std::int64_t>(2, 9));
  CHECK(ticks(text("\nx = 0").root()).at.text() == "n.toml:2:5");
  const std::string expected = ": expected a whole number of ticks >= 0 or a range [low, high]";
  for (const std::string bad : {"-3", "[-1, 2]", "2.0", "[1, 2, 3]", "[1]", "[1, 2.5]", "\"l\"", "true"})
    CHECK(message_in_a("x = " + bad, ticks) == "n.toml:2:5: a.x = " + bad + expected);
  CHECK(message_in_a("x = [3, 2]", ticks) == "n.toml:2:5: a.x = [3, 2]: expected low <= high in a range [low, high]");
}

TEST_CASE("document: a long value is cut off in a message") {
  const auto message =
      message_in_a("x = [" + std::string(200, ' ') + "1" + std::string(50, '0') + ".0, 2, 3, 4, 5, 6, 7]",
                   [](const section& a) { return a.text("x"); });
  CHECK_THAT(message, Catch::EndsWith(": expected a text"));
  CHECK(message.size() < 120);
}

TEST_CASE("document: a long text is not cut inside a character") {
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\u00e4";
  for (const std::string shift : {"", "a"}) {
    const auto message = message_in_a("x = '" + shift + umlauts + "'", [](const section& a) { return a.number("x"); });
    CHECK_THAT(message, Catch::Contains("\u00e4 ...: expected a number"));
  }
}

TEST_CASE("document: tables") {
  const auto netlist = text("[a]\nx = 1\n[[b]]\n[[b]]\ny = 0\n[c]\nd = 1\n");
  const auto root = netlist.root();
  CHECK(root.table("a").exists());
  CHECK(root.table("a").at().text() == "n.toml:1:1");
  CHECK(root.table("a").at("x").text() == "n.toml:2:5");
  CHECK(root.table("a").at("missing").text() == "n.toml:1:1");
  CHECK_FALSE(root.table("none").exists());
  CHECK_FALSE(root.table("none").has("x"));
  CHECK(root.table("none").table("deeper").number("x", 4) == 4);
  CHECK(root.table("none").at().text() == "n.toml");
  CHECK(root.tables("none").empty());
  REQUIRE(root.tables("b").size() == 2);
  CHECK(usage_message([&] { (void)root.tables("b")[1].whole("y", 1); }) ==
        "n.toml:5:5: b[1].y = 0: expected a whole number >= 1");
  CHECK(usage_message([&] { (void)root.tables("a"); }) ==
        "n.toml:1:1: a = { x = 1 }: expected an array of tables: [[a]]");
  CHECK(usage_message([&] { (void)root.table("c").table("d"); }) == "n.toml:7:5: c.d = 1: expected a table");
  CHECK(usage_message([&] { (void)root.table("none").text("x"); }) == "n.toml: none.x is missing: expected a text");
}

TEST_CASE("document: what kind of value") {
  const auto root = text("t = 'a'\nn = 1\nf = 0.5\nb = { c = 1 }\n").root();
  CHECK(root.is_text("t"));
  CHECK(root.is_number("n"));
  CHECK(root.is_number("f"));
  CHECK(root.is_table("b"));
  CHECK_FALSE(root.is_text("n"));
  CHECK_FALSE(root.is_number("t"));
  CHECK_FALSE(root.is_table("missing"));
}

TEST_CASE("document: settings keep the order of the file") {
  const auto netlist = text("p = { b = 1, a = true, c = 'tanh' }");
  const auto settings = netlist.root().table("p").settings();
  REQUIRE(settings.size() == 3);
  CHECK(settings[0].name == "b");
  CHECK(settings[0].value == locus::parameter_value(1.0));
  CHECK(settings[0].at.text() == "n.toml:1:11");
  CHECK(settings[1].value == locus::parameter_value(true));
  CHECK(settings[2].value == locus::parameter_value("tanh"));
  CHECK_NOTHROW(netlist.finish());
  CHECK(text("").root().table("p").settings().empty());
}

TEST_CASE("document: settings are flags, finite numbers or texts") {
  const auto settings = [](const section& a) { return a.settings(); };
  CHECK(message_in_a("x = [1]", settings) == "n.toml:2:5: a.x = [1]: expected true or false, a number or a text");
  CHECK(message_in_a("x = inf", settings) == "n.toml:2:5: a.x = inf: expected a finite number");
  CHECK(message_in_a("x = 2020-01-02", settings) ==
        "n.toml:2:5: a.x = 2020-01-02: expected true or false, a number or a text");
}

TEST_CASE("document: fail names the position, the key and its value") {
  CHECK(message_in_a("x = 3", [](const section& a) { a.fail("x", "is odd"); }) == "n.toml:2:5: a.x = 3: is odd");
  CHECK(message_in_a("", [](const section& a) { a.fail("x", "expected one"); }) == "n.toml:1:1: a.x: expected one");
  CHECK(message_in_a("", [](const section& a) { a.fail("", "is empty"); }) == "n.toml:1:1: a: is empty");
}

TEST_CASE("finish: an unknown key and its nearest name") {
  const auto netlist = text("[learning]\nrule = 'bp'\nalhpa = 0.1\n");
  const auto learning = netlist.root().table("learning");
  (void)learning.text("rule");
  (void)learning.number("alpha", 1);
  CHECK(finish_message(netlist) == "n.toml:3:1: unknown key \"learning.alhpa\" (did you mean \"alpha\"?)");
}

TEST_CASE("finish: without a near name it lists what is known") {
  const auto netlist = text("colour = 1\n");
  (void)netlist.root().number("lanes", 1);
  (void)netlist.root().number("precision", 1);
  CHECK(finish_message(netlist) == "n.toml:1:1: unknown key \"colour\" (known: lanes, precision)");
}

TEST_CASE("finish: the first unknown key of the file, not of the alphabet") {
  const auto netlist = text("[z]\nzz = 1\n[a]\naa = 1\n");
  (void)netlist.root().table("z");
  (void)netlist.root().table("a");
  CHECK(finish_message(netlist) == "n.toml:2:1: unknown key \"z.zz\"");
}

TEST_CASE("finish: a table that nobody opened is an unknown key of its parent") {
  const auto netlist = text("[circuit]\n[learnig]\nalpha = 1\n");
  (void)netlist.root().table("circuit");
  (void)netlist.root().table("learning");
  CHECK(finish_message(netlist) == "n.toml:2:1: unknown key \"learnig\" (did you mean \"learning\"?)");
}

TEST_CASE("finish: looking whether a table is there is not reading it") {
  const auto netlist = text("x = { a = 1 }\n[[y]]\nb = 1\n");
  CHECK(netlist.root().has("x"));
  CHECK(netlist.root().has("y"));
  CHECK_THAT(finish_message(netlist), Catch::StartsWith("n.toml:1:1: unknown key \"x\""));
  (void)netlist.root().table("x").number("a");
  CHECK_THAT(finish_message(netlist), Catch::StartsWith("n.toml:2:1: unknown key \"y\""));
}

TEST_CASE("finish: inside arrays of tables each element counts for itself") {
  const auto netlist = text("[[p]]\na = 1\n[[p]]\na = 1\n");
  const auto elements = netlist.root().tables("p");
  (void)elements[0].number("a");
  (void)elements[1].number("b", 0);
  CHECK(finish_message(netlist) == "n.toml:4:1: unknown key \"p[1].a\" (known: b)");
}

TEST_CASE("finish: inline tables") {
  const auto netlist = text("p = { good = 1, bad = 2 }\n");
  (void)netlist.root().table("p").number("good");
  CHECK_THAT(finish_message(netlist), Catch::StartsWith("n.toml:1:17: unknown key \"p.bad\""));
}

TEST_CASE("finish: everything read") {
  const auto netlist = text("a = 1\n[b]\n[[c]]\n[c.d]\ne = [[1]]\n");
  (void)netlist.root().number("a");
  (void)netlist.root().table("b");
  (void)netlist.root().tables("c")[0].table("d").array("e");
  CHECK_NOTHROW(netlist.finish());
}

TEST_CASE("canonical text: sorted, without the trace's file, and its own fixed point") {
  const auto netlist = text(R"(
[trace]  # comment
file = "x.h5"
every = 2
[circuit]
lanes = 1
gamma = 1.0
tiny = -0.0
limits = [inf, nan]
"odd key" = 'a"b'
phi = { b = [[1, 2.5]], a = { x = true } }
[[population]]
name = "b"
params.alpha = 1e-3
[[population]]
name = "a"
)");
  const std::string expected = R"([circuit]
gamma = 1.0
lanes = 1
limits = [inf, nan]
"odd key" = "a\"b"
phi = { a = { x = true }, b = [[1, 2.5]] }
tiny = -0.0
[[population]]
name = "b"
params = { alpha = 0.001 }
[[population]]
name = "a"
[trace]
every = 2
)";
  CHECK(netlist.canonical_text() == expected);
  CHECK(text(expected).canonical_text() == expected);
}

TEST_CASE("canonical text: a trace that has only a file is no trace") {
  CHECK(text("x = 1\n[trace]\nfile = 'a'\n").canonical_text() == "x = 1\n");
  CHECK(text("trace = 1\n").canonical_text() == "trace = 1\n");
}

TEST_CASE("canonical text: order and spelling of the source do not matter") {
  CHECK(text("[a]\ny = 0x10\nx = 1e0\n").canonical_text() == text("a.x = 1.0\na.y = 16\n").canonical_text());
}

}  // namespace test_netlist_document
