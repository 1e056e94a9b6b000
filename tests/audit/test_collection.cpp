/// Circuits whose truth is known (tests/audit/collection): what the audit says of each, for several seeds.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/audit/report.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_collection {

using namespace locus;
using namespace locus::testing;

namespace {

/// What the first lines of a file say.
struct known_circuit {
  std::string name;
  bool cheat = false;
  std::string what;
  std::map<std::string, std::string> expected;  ///< criterion -> holds, fails, not-measured
};

known_circuit read_header(const std::filesystem::path& file) {
  known_circuit known;
  known.name = file.stem().string();
  std::ifstream text(file);
  for (std::string line; std::getline(text, line) && line.starts_with('#');) {
    if (line.starts_with("# cheat: ") || line.starts_with("# honest: ")) {
      known.cheat = line.starts_with("# cheat: ");
      known.what = line.substr(2);
    }
    if (!line.starts_with("# expect: ")) continue;
    std::istringstream words(line.substr(10));
    for (std::string word; words >> word;) {
      const std::size_t equals = word.find('=');
      known.expected[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  return known;
}

std::string text_of(outcome o) {
  return o == outcome::holds ? "holds" : o == outcome::fails ? "fails" : "not-measured";
}

/// Every file whose number in the order of names leaves `part` when divided by `parts`; under sanitizers some of them.
void check_part(std::size_t part, std::size_t parts, std::uint64_t seed) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(LOCUS_AUDIT_COLLECTION)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() > 250);
  for (std::size_t n = part; n < files.size(); n += parts * LOCUS_ONE_OF) {
    const known_circuit known = read_header(files[n]);
    INFO(known.name << ": " << known.what << " (seed " << seed << ")");
    REQUIRE(!known.expected.empty());
    audit_subject subject = subject_of_file(files[n].string(), known.name);
    locus::audit_options options = without_purity();
    options.seed = seed;
    options.updates = 4;
    options.seeds = 1;
    const audit_report r = audit(subject, load_data(subject.netlist.data), options);
    INFO(details_of(r));
    for (const criterion c : all_criteria) {
      const auto expected = known.expected.find(std::string(name_of(c)));
      if (expected == known.expected.end()) continue;
      INFO(name_of(c));
      CHECK(text_of(r.of(c).result) == expected->second);
    }
  }
}

}  // namespace

TEST_CASE("collection: without clocks, stillness, alignment or ties, it would not come out so", "[audit]") {
  struct needed {
    const char* circuit;
    bool audit_mechanisms::*mechanism;
    criterion about;
    outcome otherwise;
  };
  using m = audit_mechanisms;
  const needed all[] = {
      {"cheat-timer-short", &m::clocks, criterion::full_autonomy, outcome::not_measured},
      {"honest-adapting-input", &m::stillness, criterion::full_autonomy, outcome::fails},
      {"cheat-timer-short", &m::alignment, criterion::full_autonomy, outcome::holds},
      {"honest-adapting-fully", &m::alignment, criterion::full_autonomy, outcome::fails},
      {"cheat-copies-cancelled", &m::ties, criterion::local_plasticity, outcome::holds},
  };
  for (const needed& each : all) {
    const std::filesystem::path file =
        std::filesystem::path(LOCUS_AUDIT_COLLECTION) / (std::string(each.circuit) + ".toml");
    const audit_subject subject = subject_of_file(file.string(), each.circuit);
    locus::audit_options options = without_purity();
    options.use.equivalence = options.use.transport = false;
    options.use.*each.mechanism = false;
    INFO(each.circuit);
    CHECK(audit(subject, load_data(subject.netlist.data), options).of(each.about).result == each.otherwise);
  }
}

TEST_CASE("collection: cheats are caught and honest circuits pass, first quarter", "[audit]") { check_part(0, 4, 1); }
TEST_CASE("collection: cheats are caught and honest circuits pass, second quarter", "[audit][thorough]") {
  check_part(1, 4, 1);
}
TEST_CASE("collection: cheats are caught and honest circuits pass, third quarter", "[audit][thorough]") {
  check_part(2, 4, 1);
}
TEST_CASE("collection: cheats are caught and honest circuits pass, last quarter", "[audit][thorough]") {
  check_part(3, 4, 1);
}

TEST_CASE("collection: other seeds say the same", "[validation]") {
  for (const std::uint64_t seed : {2U, 3U}) check_part(0, 1, seed);
}

}  // namespace test_audit_collection
