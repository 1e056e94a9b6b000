// What toml++ cannot stand does not reach it.

#include <catch2/catch.hpp>

#include "sim/netlist/document.hpp"
#include "tests/netlist/netlist_testing.hpp"

namespace test_netlist_toml_check {

using locus::document;
using locus::testing::usage_message;

namespace {

std::string repeated(const std::string& text, std::size_t n) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += text;
  return all;
}

std::string message(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return usage_message([&] { (void)document::from_text(text, "n.toml", overrides); });
}

constexpr auto fine = "(no usage_error)";
constexpr auto not_ascii =
    "a character that is not ASCII stands outside of quotes: keys and texts with such characters "
    "need them";

}  // namespace

TEST_CASE("toml: keys have 32 dots at most, wherever they stand") {
  const std::string deep = "a" + repeated(".a", 32), deeper = deep + ".a";
  const std::string complaint = "a key with more than 32 dots";
  CHECK(message(deep + " = 1") == fine);
  CHECK(message("x = 1\n" + deeper + " = 1") == "n.toml:2:66: " + complaint);
  CHECK_THAT(message("[" + deeper + "]"), Catch::EndsWith(complaint));
  CHECK_THAT(message("[[" + deeper + "]]"), Catch::EndsWith(complaint));
  CHECK_THAT(message("x = { " + deeper + " = 1 }"), Catch::EndsWith(complaint));
  CHECK_THAT(message("x = { y = 1, " + deeper + " = 1 }"), Catch::EndsWith(complaint));
  CHECK_THAT(message("a" + repeated(" . 'a'", 33) + " = 1"), Catch::EndsWith(complaint));
  CHECK_THAT(message("a" + repeated(".a", 25000) + " = 1"), Catch::EndsWith(complaint));
  // The key of an override is one, and so may be what stands in its value.
  CHECK_THAT(message("", {"a" + repeated(".a", 25000) + "=1"}), Catch::EndsWith(": " + complaint));
  CHECK_THAT(message("", {"x={ a" + repeated(".a", 25000) + " = 1 }"}), Catch::EndsWith("}: " + complaint));
  CHECK(document::from_text("", "n", {"x=a" + repeated(".a", 25000)}).root().text("x").size() == 50001);
}

TEST_CASE("toml: numbers, texts and comments may have any number of dots") {
  CHECK(message("x = [" + repeated("0.5, ", 1000) + "]") == fine);
  CHECK(message("x = '" + repeated(".", 1000) + "' # " + repeated(".", 1000)) == fine);
  CHECK(message(repeated("#\n", 10) + "x = \"\"\"\n" + repeated(".\n", 1000) + "\"\"\"") == fine);
}

TEST_CASE("toml: brackets are nested 32 deep at most") {
  CHECK(message("x = " + repeated("[", 32) + repeated("]", 32)) == fine);
  CHECK_THAT(message("x = " + repeated("[", 33) + repeated("]", 33)),
             Catch::EndsWith(": more than 32 brackets within each other"));
  CHECK_THAT(message("x = " + repeated("{ a = ", 100000)),
             Catch::EndsWith(": more than 32 brackets within each other"));
  CHECK(message("x = " + repeated("[[], {}, '[', \"]\"], ", 0) + "[" + repeated("[], ", 1000) + "]") == fine);
}

TEST_CASE("toml: characters other than ASCII stand in quotes and comments") {
  const std::string e = "\xC3\xA9";
  CHECK(message("'" + e + "' = \"" + e + "\" # " + e) == fine);
  CHECK(message("x = '''" + e + "''\n'" + e + "'''\ny = \"\"\"" + e + "\\\"\"\"" + e + "\"\"\"\"\"") == fine);
  CHECK(message("\xEF\xBB\xBFx = 1") == fine);
  CHECK(message(e + " = 1") == std::string("n.toml:1:1: ") + not_ascii);
  CHECK(message("x = '" + e + "'\n\n  " + e + " = 1") == std::string("n.toml:3:3: ") + not_ascii);
  CHECK(message("x = '" + e + "'" + e) == std::string("n.toml:1:8: ") + not_ascii);
  CHECK(message("x = " + e) == std::string("n.toml:1:5: ") + not_ascii);
  CHECK_THAT(message("x = \"\"\"a\"\"\"\"\"\n" + e + " = 1"), Catch::EndsWith(not_ascii));
  // From U+00A1 to U+049A, and beyond.
  for (const char* each : {"\xC2\xA1", "\xD2\x9A", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xFF"})
    CHECK_THAT(message(std::string("a") + each + " = 1"), Catch::EndsWith(not_ascii));
  CHECK_THAT(message("", {"x=[" + e + "]"}), Catch::EndsWith(not_ascii));
  CHECK(document::from_text("", "n", {"x=" + e}).root().text("x") == e);  // a text without quotes, as in a shell
}

TEST_CASE("toml: quotes begin a value, and do not stand within one") {
  const std::string within = "a quote stands within a value: a text begins and ends with quotes";
  CHECK(message("x = 0005-0'\xEF\xBB\xBD'") == "n.toml:1:11: " + within);
  CHECK(message("x = 1.'\xEF\xBB\xBD'") == "n.toml:1:7: " + within);
  for (const char* text : {"x = [1'a']", "x = [1, 2\"a\"]", "x = { y = 1'a' }", "x = 'it's'", "x = [[1], 1'a']",
                           "x = [\n1,\n 2'a']", "[a]\nx = -'a'", "[[a.'b']]\nx=1'a'", "x = \"a\"\"b\""})
    CHECK_THAT(message(text), Catch::EndsWith(": " + within));
  for (const char* text :
       {"x = ['a','b',\n'c', \"d\"]", "1.'a' = 1", "'a'.1.\"b\"=''", "x={'a'='b','c'.d=\"e\"}", "[a.'b']\nx='a'",
        "[[a.\"b\"]]\n'x'=1", "x = [{ a = [1], 'b' = 2 }, { 'c'.'d' = [[], ['']] }]\n'y' = 1", "x = [ # '\n'a' ]",
        "x = 1 # it's"})
    CHECK(message(text) == fine);
  CHECK(message("", {"x=[1'\xC3\xA9']"}) == "--set x=[1'\xC3\xA9']: " + within);
  CHECK(document::from_text("", "n", {"x=1.'\xC3\xA9'"}).root().text("x") == "1.'\xC3\xA9'");  // a bare word
}

}  // namespace test_netlist_toml_check
