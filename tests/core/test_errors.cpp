#include <catch2/catch.hpp>

#include "sim/core/errors.hpp"

namespace test_core_errors {

using namespace locus;

TEST_CASE("errors: the nearest name is the one with the smallest edit distance", "[core]") {
  const std::vector<std::string> names{"sigmoid", "tanh", "relu", "identity"};
  CHECK(nearest_name("sigmoid", names) == "sigmoid");
  CHECK(nearest_name("sigmiod", names) == "sigmoid");  // two substitutions
  CHECK(nearest_name("tan", names) == "tanh");
  CHECK(nearest_name("relux", names) == "relu");
  CHECK(nearest_name("indentity", names) == "identity");
  CHECK(nearest_name("", {"ab"}).empty());
  CHECK(nearest_name("d", {"x"}).empty());  // nothing of the word would be left
}

TEST_CASE("errors: no name is suggested when none is near", "[core]") {
  CHECK(nearest_name("softplus", {"sigmoid", "tanh", "relu"}).empty());
  CHECK(nearest_name("abc", {"xyz"}).empty());
  CHECK(nearest_name("abc", {}).empty());
  CHECK(nearest_name("quiet_tick", {"tolerance", "cause_gate"}).empty());
}

TEST_CASE("errors: of equally near names the first is suggested", "[core]") {
  CHECK(nearest_name("bat", {"cat", "hat"}) == "cat");
  CHECK(nearest_name("bat", {"hat", "cat"}) == "hat");
}

TEST_CASE("errors: a suggestion names the nearest, or else all that are known", "[core]") {
  CHECK(suggestion("lane", {"lanes", "layers"}) == " (did you mean \"lanes\"?)");
  CHECK(suggestion("zzzzz", {"lanes", "layers"}) == " (known: lanes, layers)");
  CHECK(suggestion("zzzzz", {}).empty());
}

TEST_CASE("errors: a position reads file:line:column, as far as it is known", "[core]") {
  CHECK(source_position{"a.toml", 3, 9}.text() == "a.toml:3:9");
  CHECK(source_position{"a.toml", 0, 0}.text() == "a.toml");
  CHECK(source_position{}.text().empty());
  CHECK(std::string(usage_error(source_position{"a.toml", 3, 9}, "no").what()) == "a.toml:3:9: no");
  CHECK(std::string(usage_error(source_position{}, "no").what()) == "no");
}

TEST_CASE("errors: the user's mistakes and ours are different types", "[core]") {
  CHECK_THROWS_AS(throw usage_error("x"), user_error);
  CHECK_THROWS_AS(throw run_error("x"), user_error);
  CHECK_THROWS_AS(throw internal_error("x"), std::logic_error);
  CHECK_FALSE((std::is_base_of_v<user_error, internal_error>));
}

}  // namespace test_core_errors
