#include <catch2/catch.hpp>

#include "sim/netlist/document.hpp"
#include "tests/netlist/netlist_testing.hpp"

namespace test_netlist_overrides {

using locus::document;
using locus::testing::usage_message;

namespace {

constexpr auto netlist_text = R"(
[circuit]
lanes = 20
layers = [64, 32, 10]
[[population]]
name = "in"
size = 4
[[population]]
name = "in.value"
size = 5
[[projection]]
name = "in.value->out"
params = { alpha = 1 }
)";

document with(const std::vector<std::string>& overrides) {
  return document::from_text(netlist_text, "n.toml", overrides);
}

std::string message_with(const std::string& override_text) {
  return usage_message([&] { (void)with({override_text}); });
}

}  // namespace

TEST_CASE("override: replaces a value and has its own position") {
  const auto netlist = with({"circuit.lanes=1"});
  CHECK(netlist.root().table("circuit").whole("lanes", 1) == 1);
  CHECK(netlist.root().table("circuit").at("lanes").text() == "--set circuit.lanes=1");
  CHECK(netlist.root().table("circuit").at("lanes").line == 0);
}

TEST_CASE("override: the last one wins") {
  CHECK(with({"circuit.lanes=1", "circuit.lanes=2"}).root().table("circuit").whole("lanes", 1) == 2);
}

TEST_CASE("override: errors are reported at the override") {
  const auto netlist = with({"circuit.lanes=many"});
  CHECK(usage_message([&] { (void)netlist.root().table("circuit").whole("lanes", 1); }) ==
        "--set circuit.lanes=many: circuit.lanes = \"many\": expected a whole number >= 1");
}

TEST_CASE("override: what no netlist can hold is refused") {
  const std::string no_utf8 = "it is no UTF-8, which netlists are written in";
  for (const char* text : {"circuit.lan\x9a"
                           "es=1",
                           "circuit.lanes=\xe9", "stimuli.data=\"csv:\xff\""})
    CHECK(message_with(text) == "--set " + std::string(text) + ": " + no_utf8);
  CHECK(with({"a=\u00e9"}).root().text("a") == "\u00e9");
}

TEST_CASE("override: values in TOML syntax, bare words as texts") {
  const auto root = with({"a = 0.5", "b=\"x y\"", "c=[1, 2]", "d={ e = true }", "f=idx:/data/x=1", "g=false"}).root();
  CHECK(root.number("a") == 0.5);
  CHECK(root.text("b") == "x y");
  CHECK(root.wholes("c", 0) == std::vector<std::int64_t>{1, 2});
  CHECK(root.table("d").flag("e", false));
  CHECK(root.text("f") == "idx:/data/x=1");
  CHECK_FALSE(root.flag("g", true));
  CHECK(root.at("f").text() == "--set f=idx:/data/x=1");
}

TEST_CASE("override: makes the tables that are missing") {
  const auto netlist = with({"learning.phi.quiet_ticks=3"});
  const auto phi = netlist.root().table("learning").table("phi");
  CHECK(phi.whole("quiet_ticks", 0) == 3);
  CHECK(phi.at().text() == "--set learning.phi.quiet_ticks=3");
}

TEST_CASE("override: an unknown key is found like any other") {
  const auto netlist = document::from_text("[circuit]\nlanes = 1\n", "n.toml", {"circuit.lnaes=1"});
  (void)netlist.root().table("circuit").whole("lanes", 1);
  CHECK(usage_message([&] { netlist.finish(); }) ==
        "--set circuit.lnaes=1: unknown key \"circuit.lnaes\" (did you mean \"lanes\"?)");
}

TEST_CASE("override: unknown keys of the file come before those of overrides") {
  const auto netlist = document::from_text("zz = 1\n", "n.toml", {"aa=1"});
  (void)netlist.root();
  CHECK(usage_message([&] { netlist.finish(); }) == "n.toml:1:1: unknown key \"zz\"");
}

TEST_CASE("override: elements by number") {
  const auto root = with({"population[1].size=9", "circuit.layers[2]=7"}).root();
  CHECK(root.tables("population")[1].whole("size", 1) == 9);
  CHECK(root.table("circuit").wholes("layers", 1) == std::vector<std::int64_t>{64, 32, 7});
}

TEST_CASE("override: elements by name, the longest that fits") {
  const auto root = with({"population.in.value.size=9", "population.in.size=8",
                          "projection.in.value->out.params.alpha=0.5", "projection.in.value->out.delay=2"})
                        .root();
  CHECK(root.tables("population")[0].whole("size", 1) == 8);
  CHECK(root.tables("population")[1].whole("size", 1) == 9);
  CHECK(root.tables("projection")[0].table("params").number("alpha") == 0.5);
  CHECK(root.tables("projection")[0].whole("delay", 0) == 2);
}

TEST_CASE("override: settings that an override adds come last") {
  const auto settings = with({"projection[0].params.aaa=1"}).root().tables("projection")[0].table("params").settings();
  REQUIRE(settings.size() == 2);
  CHECK(settings[1].name == "aaa");
  CHECK(settings[1].at.text() == "--set projection[0].params.aaa=1");
}

TEST_CASE("override: malformed ones") {
  CHECK(message_with("circuit.lanes") == "--set circuit.lanes: expected KEY=VALUE, such as circuit.lanes=1");
  CHECK(message_with("=1") == "--set =1: expected KEY=VALUE, such as circuit.lanes=1");
  CHECK(message_with("") == "--set : expected KEY=VALUE, such as circuit.lanes=1");
  CHECK(message_with("circuit.lanes=") == "--set circuit.lanes=: expected a value after =");
  CHECK(message_with("circuit..lanes=1") == "--set circuit..lanes=1: a key between two dots is empty");
  CHECK(message_with("circuit.=1") == "--set circuit.=1: a key between two dots is empty");
  CHECK(message_with("[0]=1") == "--set [0]=1: expected a key, found \"[0]\"");
  CHECK_THAT(message_with("circuit.layers=[1"), Catch::StartsWith("--set circuit.layers=[1: Error while parsing"));
  CHECK_THAT(message_with("a='x"), Catch::StartsWith("--set a='x: Error while parsing"));
  CHECK_THAT(message_with("a=1\nb=2"), Catch::EndsWith(": expected one value"));
}

TEST_CASE("override: a key inside something that is no table") {
  CHECK(message_with("circuit.lanes.x=1") == "--set circuit.lanes.x=1: \"circuit.lanes\" is 20, not a table");
  CHECK(message_with("circuit.lanes[0]=1") == "--set circuit.lanes[0]=1: \"circuit.lanes\" is 20, not a table");
  CHECK(message_with("circuit[0]=1") == "--set circuit[0]=1: expected a key, found \"[0]\"");
  CHECK(message_with("circuit.layers[0].x=1") ==
        "--set circuit.layers[0].x=1: \"circuit.layers[0]\" is 64, not a table");
}

TEST_CASE("override: elements that are not there") {
  CHECK(message_with("population[2].size=1") ==
        "--set population[2].size=1: \"population\" has 2 elements, counted from 0");
  CHECK(message_with("population[x].size=1") ==
        "--set population[x].size=1: expected a whole number in [] after \"population\"");
  CHECK(message_with("population[0=1") == "--set population[0=1: expected a whole number in [] after \"population\"");
  CHECK(message_with("population[].size=1") ==
        "--set population[].size=1: expected a whole number in [] after \"population\"");
  CHECK(message_with("nothing[0].size=1") == "--set nothing[0].size=1: there is no \"nothing\"");
  CHECK(message_with("population.inn.size=1") ==
        "--set population.inn.size=1: no population is named so (did you mean \"in\"?)");
  CHECK(message_with("circuit.layers.x=1") == "--set circuit.layers.x=1: \"circuit.layers\" has no named elements");
  CHECK(message_with("population[0]x=1") == "--set population[0]x=1: expected a key, found \"x\"");
}

TEST_CASE("override: names with dots may stand in quotes, as TOML writes them") {
  const auto root = with({"population.\"in.value\".size=9", "population.\"in\".params.gamma=2"}).root();
  CHECK(root.tables("population")[0].table("params").number("gamma") == 2);
  CHECK(root.tables("population")[1].whole("size", 1) == 9);
  CHECK_THAT(message_with("population.\"in.size=1"), Catch::EndsWith(": a name in quotes is not closed: \"in.size"));
}

TEST_CASE("override: a short form has no populations to name") {
  CHECK(
      usage_message([] { (void)document::from_text("[circuit]\n", "n.toml", {"population.in.size=1"}); }) ==
      "--set population.in.size=1: the netlist has no [[population]]: only those of a long form can be changed by name "
      "or number, and `locus expand NETLIST` prints the long form of a short one");
}

}  // namespace test_netlist_overrides
