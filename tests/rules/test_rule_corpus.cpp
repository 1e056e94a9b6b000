#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "tests/project_file.hpp"

namespace test_rules_corpus {

using locus::testing::project_file;

namespace {

/// What the first lines of a file of the corpus say:
///   # error: [[FILE:]LINE:COLUMN: ]FRAGMENT     where the message points, and what it says among other things
///   # caret: WORD                               what is marked in the line that it shows; without it, it shows none
struct expectation {
  std::string begin, fragment;
  bool shows_line = false;
  std::string marked;
};

std::string without_end(std::string line) {
  line.erase(line.find_last_not_of(" \r") + 1);
  return line;
}

expectation expected_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  expectation out;
  std::getline(in, line);
  const std::string error = "# error: ", caret = "# caret:";
  REQUIRE(line.starts_with(error));
  const std::string said = without_end(line.substr(error.size()));
  // The position ends with the last ": " before which there are digits and colons alone, after a file's name perhaps.
  std::string name = file.filename().string(), rest = said;
  if (rest.starts_with("parts/")) {
    name = rest.substr(0, rest.find(':'));
    rest = rest.substr(name.size() + 1);
  }
  const std::size_t position = rest.find_first_not_of("0123456789:");
  const bool placed = position != 0 && position != std::string::npos && rest[position - 1] == ':';
  out.begin = (file.parent_path() / name).string() + ":" + (placed ? rest.substr(0, position) : "") + " ";
  out.fragment = placed ? rest.substr(position + 1) : rest;
  std::getline(in, line);
  out.shows_line = line.starts_with(caret);
  if (out.shows_line) out.marked = without_end(line.substr(std::min(caret.size() + 1, line.size())));
  return out;
}

/// The bytes of a text from one column to another; a column has one character of UTF-8.
std::string columns_of(const std::string& text, std::size_t begin, std::size_t end) {
  std::string out;
  std::size_t column = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++column;
    if (column > begin && column <= end) out += c;
  }
  return out;
}

void check_message(const std::string& message, const expectation& wanted) {
  std::istringstream lines(message);
  std::string first, shown, marks;
  std::getline(lines, first);
  CHECK_THAT(first, Catch::StartsWith(wanted.begin));
  CHECK_THAT(first, Catch::Contains(wanted.fragment));
  CHECK(bool(std::getline(lines, shown)) == wanted.shows_line);
  if (!wanted.shows_line) return;
  REQUIRE(std::getline(lines, marks));
  REQUIRE(marks.find_first_not_of(" ^~") == std::string::npos);
  REQUIRE(std::count(marks.begin(), marks.end(), '^') == 1);
  CHECK(columns_of(shown, marks.find('^'), marks.size()) == wanted.marked);
  CHECK(message.find('\r') == std::string::npos);
  CHECK(message.find('\t') == std::string::npos);
}

std::vector<std::filesystem::path> corpus() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(project_file("tests/rules/corpus")))
    if (entry.path().extension() == ".toml") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string message_of(const std::filesystem::path& file) {
  try {
    (void)locus::read_model_texts(locus::document::from_file(file.string()));
  } catch (const locus::usage_error& error) {
    return error.what();
  }
  return "was accepted";
}

}  // namespace

TEST_CASE("corpus of rules: each mistake is told where it is, and marked") {
  const auto files = corpus();
  REQUIRE(files.size() > 150);
  for (const auto& file : files) {
    INFO(file.string());
    const std::string message = message_of(file);
    INFO(message);
    check_message(message, expected_of(file));
  }
}

TEST_CASE(
    "corpus of rules: a file of models lies beside the file that names it, and messages call it as that is called") {
  const auto folder = std::filesystem::path(project_file("tests/rules/corpus"));
  const auto good = locus::read_model_texts(locus::document::from_file((folder / "parts/leaky.toml").string()));
  REQUIRE(good.models.size() == 1);
  CHECK(good.models[0]->name == "leaky");
  CHECK_THAT(message_of(folder / "included_missing.toml"),
             Catch::Contains((folder / "there_is_none.toml").string() + "\": No such file"));
}

TEST_CASE("a section with too many operations, or an endless product, is refused or read in no time") {
  std::string terms = "x + rate * input";
  for (int i = 0; i < 1100; ++i) terms += " +\n " + std::to_string(i) + ".5";
  const auto read = [](const std::string& step, const std::string& kind, const std::string& tables) {
    const std::string section = kind == "neuron" ? "step" : "learn";
    return locus::read_model_texts(locus::document::from_text("[[model]]\nname = \"m\"\nkind = \"" + kind + "\"\n" +
                                                                  tables + "[model.rules]\n" + section + " = '''\n" +
                                                                  step + "\n'''\n",
                                                              "m.toml"));
  };
  CHECK_THROWS_WITH(read("x <- " + terms, "neuron",
                         "[model.parameters]\nrate = 1\n[model.ports]\ninput = \"a\"\n[model.state]\nx = \"b\"\n"),
                    Catch::Contains("more than 2000 operations"));
  std::string powers = "p0 = pre * post\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "p" + std::to_string(i - 1);
    powers += "p" + std::to_string(i) + " = " + before + " * " + before + "\n";
  }
  CHECK(read(powers + "theta <- theta + sum(p59)", "synapse", "").models.size() == 1);
}

}  // namespace test_rules_corpus
