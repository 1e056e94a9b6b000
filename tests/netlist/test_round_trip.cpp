#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "sim/netlist/netlist.hpp"
#include "sim/netlist/toml_text.hpp"
#include "tests/netlist/netlist_testing.hpp"

namespace test_netlist_round_trip {

using namespace locus;
using locus::testing::read;
using locus::testing::rich_netlist;
using locus::testing::spelled_out;

namespace {

/// Descriptions that say anything that the long form can say, sensible or not.
class random_descriptions {
 public:
  explicit random_descriptions(std::uint64_t seed) : random_(seed) {}

  description draw() {
    description out;
    out.precision = coin() ? precision::f32 : precision::f64;
    out.lanes = 1 + below(50);
    out.record_nonfinite = coin();
    out.noise_seed = wide();
    out.epochs = below(5);
    if (coin()) out.shuffle = wide();
    for (std::uint32_t i = 0, n = 1 + below(4); i < n; ++i) out.populations.push_back(population(i));
    populations_ = out.populations.size();
    const std::uint32_t n = below(6);
    for (std::uint32_t i = 0; i < n; ++i) out.projections.push_back(projection(i, n));
    for (std::uint32_t i = 0, m = below(4); i < m; ++i) out.stimuli.push_back(stimulus());
    out.timeline.predict = ticks(), out.timeline.teach = ticks(), out.timeline.rest = ticks();
    out.timeline.hold_teacher = coin(), out.timeline.jitter_seed = wide();
    out.data = data();
    if (coin()) out.dt = std::ldexp(1.0 + below(9), -3);
    if (coin()) out.timeline.frame_ticks = 1 + below(9);
    if (coin()) out.reports.push_back({static_cast<report_function>(below(4)), any(), coin()});
    if (coin()) out.trace.file = "results/out \"1\".h5";
    for (std::uint32_t i = 0, m = below(3); i < m; ++i) out.trace.record.push_back(fmt::format("p{}.x", i));
    out.trace.every = 1 + below(3);
    if (coin()) out.trace.from = below(9);
    if (coin()) out.trace.until = out.trace.from + 1 + below(9);
    for (std::uint32_t i = 0, m = below(3); i < m; ++i) out.trace.on_change.push_back(fmt::format("p{}.y[{}:]", i, i));
    for (std::uint32_t i = 0, m = below(3); i < m; ++i) out.trace.presentations.push_back({i, i + 1 + below(9)});
    if (coin()) out.trace.precision = "f32";
    out.trace.messages = coin();
    if (coin()) out.trace.messages_limit = wide();
    return out;
  }

 private:
  bool coin() { return below(2) == 0; }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::uint64_t wide() { return random_() >> 1; }  // TOML's whole numbers have 63 bits and a sign

  double number() {
    switch (below(6)) {
      case 0: return below(3);
      case 1: return -0.0;
      case 2: return std::ldexp(1.0, static_cast<int>(below(2000)) - 1050);
      case 3: return std::numeric_limits<double>::max();
      case 4: return -std::ldexp(static_cast<double>(random_() >> 11), -53);
      default: return static_cast<double>(random_() >> 11);
    }
  }

  std::vector<double> numbers(std::uint32_t count) {
    std::vector<double> out(count);
    for (double& value : out) value = number();
    return out;
  }

  /// Of `samples` samples: with frames, without, or in a file.
  data_array array(std::uint32_t samples, std::uint32_t columns) {
    switch (below(4)) {
      case 0: return {"npy:a \"b\".npy", {}, {}};
      case 1: return {"hdf5:a:b.h5:/c/d", {}, {}};
      case 2: return {"", {samples, 2, columns}, numbers(2 * samples * columns)};
      default: return {"", {samples, columns}, numbers(samples * columns)};
    }
  }

  data_array classes(std::uint32_t samples) {
    data_array out{"", {samples}, {}};
    for (std::uint32_t i = 0; i < samples; ++i) out.numbers.push_back(below(9));
    return out;
  }

  std::vector<parameter_setting> params() {
    static constexpr std::array names{"z", "gamma", "odd name", "a.b", "", "\"quoted\"\n"};
    std::vector<parameter_setting> out;
    for (const auto* name : names) {
      if (coin()) continue;
      const auto kind = below(3);
      out.push_back({name,
                     kind == 0   ? parameter_value(coin())
                     : kind == 1 ? parameter_value(number())
                                 : "a\\\t\x01b",
                     {}});
    }
    return out;
  }

  population_description population(std::uint32_t index) {
    return {fmt::format("layer{}.value", index), coin() ? "point" : "a \"model\"", 1 + below(9), params(), {}};
  }

  reference any() { return {fmt::format("layer{}.value", below(static_cast<std::uint32_t>(populations_))), "x", {}}; }

  connectivity connect() {
    switch (below(5)) {
      case 0: return all_to_all{};
      case 1: return one_to_one{};
      case 2: return fixed_indegree{1 + below(9), wide()};
      case 3: return connection_probability{static_cast<double>(below(1000)) / 1000, wide()};
      default: return listed_pairs{{{below(9), below(9)}, {std::numeric_limits<std::uint32_t>::max(), below(9)}}};
    }
  }

  weight_source weights(std::uint32_t self, std::uint32_t count) {
    const auto other = fmt::format("p->{}", (self + 1) % count);
    switch (count == 1 ? below(3) : below(5)) {
      case 0: return random_weights{"uniform", number(), wide(), coin() ? "" : "stream"};
      case 1: return listed_weights{{2, 3, numbers(6)}};
      case 2: return stored_weights{"w.h5", coin() ? "" : "d"};
      case 3: return copied_weights{other, coin()};
      default: return shared_weights{other, coin()};
    }
  }

  projection_description projection(std::uint32_t index, std::uint32_t count) {
    projection_description out;
    out.name = fmt::format("p->{}", index);
    out.from = any();
    out.to = any();
    out.connect = connect();
    out.delay = below(3);
    if (coin()) return out;
    out.synapse = "synapse";
    out.weights = weights(index, count);
    if (coin()) out.pre = any();
    if (coin()) out.post = any();
    if (coin()) out.gate = any();
    if (out.gate) out.gate_at = static_cast<gate_end>(below(3));
    out.params = params();
    return out;
  }

  stimulus_description stimulus() {
    stimulus_description out;
    out.target = {any().population, "clamp", {}};
    out.role = static_cast<stimulus_role>(below(4));
    const bool of_data = out.role == stimulus_role::input || out.role == stimulus_role::teacher;
    if (of_data && coin()) out.columns = {below(9), 9 + below(9)};
    if (out.role == stimulus_role::teacher && coin()) out.answer = any();
    if (coin()) out.onset = static_cast<std::int64_t>(below(9)) - 4;
    if (out.onset != 0 || out.role == stimulus_role::control) out.from_end = coin();
    if (coin()) out.ticks = below(4);
    if (out.role == stimulus_role::control) out.value = number();
    if (out.role != stimulus_role::imposed) return out;
    out.source = any();
    if (coin()) out.with = imposed_with::teacher;
    if (coin()) out.sigma = std::abs(number());
    return out;
  }

  tick_range ticks() {
    const std::int64_t low = below(9);
    return {low, coin() ? low : low + below(9), {}};
  }

  data_description data() {
    data_description out;
    const auto kind = below(5);
    const std::string sources[] = {"digits", "csv:a b.csv", "idx:dir", "arrays", "teacher"};
    out.source = sources[kind];
    if (kind == 4) out.teacher = {{1 + below(9), 1 + below(9)}, "tanh", number(), 1 + below(9), below(9), wide()};
    if (kind == 3) {
      out.inputs = array(3, 2);
      if (coin()) out.targets = coin() ? array(3, 1) : classes(3);
      if (coin()) out.test_inputs = array(1, 2);
      if (out.test_inputs.given() && out.targets.given()) out.test_targets = coin() ? array(1, 1) : classes(1);
    }
    out.split = coin() ? "shuffled" : "file-order";
    out.split_seed = wide();
    out.train_on = coin() ? "train" : "test";
    out.train_limit = below(9);
    out.test_limit = below(9);
    return out;
  }

  std::mt19937_64 random_;
  std::size_t populations_ = 1;
};

}  // namespace

TEST_CASE("round trip: a netlist that uses every key") {
  const auto once = read(rich_netlist);
  const auto text = long_form(once);
  INFO(text);
  CHECK(spelled_out(read(text)) == spelled_out(once));
  CHECK(long_form(read(text)) == text);
}

TEST_CASE("round trip: random descriptions") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto drawn = random_descriptions(seed).draw();
    const auto text = long_form(drawn);
    INFO("seed " << seed << "\n" << text);
    REQUIRE(spelled_out(read(text)) == spelled_out(drawn));
  }
}

TEST_CASE("round trip: by way of the canonical text") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto drawn = random_descriptions(seed).draw();
    const auto canonical = document::from_text(long_form(drawn), "n.toml").canonical_text();
    INFO("seed " << seed << "\n" << canonical);
    drawn.trace.file.clear();
    // Sorted keys: parameters stand in another order, nothing else differs.
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    for (auto& population : drawn.populations) std::sort(population.params.begin(), population.params.end(), by_name);
    for (auto& projection : drawn.projections) std::sort(projection.params.begin(), projection.params.end(), by_name);
    REQUIRE(spelled_out(read(canonical)) == spelled_out(drawn));
  }
}

TEST_CASE("long form: a matrix has a line a row, whole numbers stay whole") {
  auto d = read(
      "[[population]]\nname = 'a'\nmodel = 'm'\nsize = 2\n[[projection]]\nname = 'p'\nfrom = 'a.x'\n"
      "to = 'a.y'\nsynapse = 's'\nweights.values = [[1.0, 0.1], [2, -3]]\n");
  CHECK_THAT(long_form(d), Catch::Contains("weights = { values = [\n  [1, 0.1],\n  [2, -3],\n] }\n"));
}

TEST_CASE("long form: what a template leaves to its default needs no value") {
  description d;
  d.populations.push_back({"a", "m", 1, {}, {}});
  projection_description p;
  p.name = "p";
  p.from = p.to = {"a", "x", {}};
  p.synapse = "s";
  d.projections.push_back(p);
  CHECK(read(long_form(d)).projections[0].pre.empty());
}

TEST_CASE("TOML text: numbers read back to the same double") {
  CHECK(toml_number(0.1) == "0.1");
  CHECK(toml_number(2) == "2");
  CHECK(toml_number(-0.0) == "-0.0");
  CHECK(toml_number(1e300) == "1e+300");
}

TEST_CASE("TOML text: texts and keys") {
  CHECK(toml_string("a\"\\\n\t\r\x01\x7f\u00e4") == "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007F\u00e4\"");
  CHECK(toml_key("bare_key-1") == "bare_key-1");
  CHECK(toml_key("a.b") == "\"a.b\"");
  CHECK(toml_key("") == "\"\"");
}

}  // namespace test_netlist_round_trip
