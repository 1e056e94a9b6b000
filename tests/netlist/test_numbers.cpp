// Every whole number of a netlist has bounds: what lies just within is read, what lies just without is refused at its
// place. Nothing is cut to what fits.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "tests/netlist/netlist_testing.hpp"

namespace test_netlist_numbers {

using namespace locus;
using namespace locus::testing;

namespace {

const std::string count = "4294967295", more_than_count = "4294967296";
const std::string ticks = "1099511627776", more_than_ticks = "1099511627777";
const std::string seed = "9223372036854775807";

const std::string long_form_text =
    "[[population]]\nname = 'a'\nmodel = 'm'\nsize = 1\n[[projection]]\nname = 'p'\nfrom = 'a.x'\nto = 'a.y'\nsynapse "
    "= "
    "'s'\n[[stimulus]]\npopulation = 'a'\nrole = 'control'\n";
const std::string short_form_text = "[circuit]\ntemplate = 'predictive-coding'\nlayers = [2, 3, 1]\n";

void check(const std::string& text, const std::string& key, const std::string& good, const std::string& bad) {
  INFO(key);
  const auto set = [&](std::string value) { return std::vector<std::string>{fmt::format(fmt::runtime(key), value)}; };
  CHECK(read_message(text, set(good), all_templates()) == "(no usage_error)");
  CHECK_THAT(read_message(text, set(bad), all_templates()),
             Catch::StartsWith("--set ") && Catch::Contains("expected a whole number"));
}

}  // namespace

TEST_CASE("numbers: counts are what 32 bits hold") {
  for (const char* key : {"population.a.size={}", "circuit.lanes={}", "stimuli.epochs={}", "stimuli.train_limit={}",
                          "stimuli.test_limit={}", "trace.every={}", "projection.p.delay={}",
                          "projection.p.connect={{ fixed_indegree = {} }}", "stimuli.data={{ teacher = [2, {}] }}",
                          "stimuli.data={{ teacher = [2, 1], samples = {} }}"})
    check(long_form_text, key, count, more_than_count);
  check(long_form_text, "population.a.size={}", "1", "0");
  check(long_form_text, "stimuli.epochs={}", "0", "-1");
  check(short_form_text, "circuit.layers=[64, {}, 10]", count, "4294967328");
  check(short_form_text, "circuit.layers=[64, {}, 10]", "1", more_than_count);
}

TEST_CASE("numbers: samples for training and for the test are counted together") {
  const std::string data = "stimuli.data={ teacher = [2, 1], samples = 4294967295, test_samples = ";
  CHECK(read_message(long_form_text, {data + "0 }"}) == "(no usage_error)");
  CHECK_THAT(read_message(long_form_text, {data + "1 }"}), Catch::EndsWith("expected at most 4294967295 samples and "
                                                                           "test_samples together"));
}

TEST_CASE("numbers: times are bounded so that their sums are times") {
  for (const char* key : {"stimuli.predict={}", "stimuli.teach={}", "stimuli.rest={}", "stimuli.predict=[3, {}]",
                          "trace.presentations=[0, {}]", "stimulus[0].onset={}", "stimulus[0].ticks={}"})
    check(long_form_text, key, ticks, more_than_ticks);
  check(long_form_text, "stimulus[0].onset={}", "-" + ticks, "-" + more_than_ticks);
  for (const char* key : {"trace.from={}", "trace.until={}"})
    check(long_form_text, key, "2305843009213693952", "2305843009213693953");
  check(short_form_text, "learning={{ rule = 'il', update_at = {} }}", ticks, more_than_ticks);
  const std::string mirrored =
      "[circuit]\ntemplate = 'learned-feedback'\nlayers = [2, 3, 1]\n[learning]\n"
      "rule = 'weight-mirror'\n";
  check(mirrored, "learning.mirror.ticks={}", ticks, more_than_ticks);
}

TEST_CASE("numbers: quiet ticks are as many as f32 counts one by one") {
  check(short_form_text, "learning.phi.quiet_ticks={}", "16777216", "16777217");
}

TEST_CASE("numbers: seeds are what TOML's whole numbers hold") {
  for (const char* key : {"circuit.noise_seed={}", "stimuli.split_seed={}", "stimuli.jitter_seed={}",
                          "stimuli.shuffle={}", "projection.p.weights={{ seed = {} }}"})
    check(long_form_text, key, seed, "-1");
  check(short_form_text, "weights.seed={}", seed, "-1");
}

}  // namespace test_netlist_numbers
