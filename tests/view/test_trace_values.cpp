#include "sim/view/trace_values.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>

#include "sim/core/bits.hpp"
#include "sim/trace/value_stream.hpp"
#include "sim/view/isolated_trace.hpp"
#include "sim/view/query_reader.hpp"
#include "sim/view/trace_source.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/hand_made_trace.hpp"

namespace test_view_trace_values {

namespace {

using namespace locus;
using namespace locus::test;

/// All values of a variable, read from the beginning: [tick][column][lane], held where nothing was recorded.
std::vector<std::vector<double>> all_values(const trace_reader& trace, const trace_variable& v) {
  value_stream stream(trace, v);
  std::vector<std::vector<double>> rows;
  std::vector<double> last(v.columns() * v.lanes, std::numeric_limits<double>::quiet_NaN());
  for (tick_t t = trace.extent().first; t < trace.extent().second; ++t) {
    const std::span<const double> now = stream.at(t);
    const bool recorded =
        v.storage == trace_storage::changes || std::binary_search(trace.frames().begin(), trace.frames().end(), t);
    if (recorded) last.assign(now.begin(), now.end());
    rows.push_back(last);
  }
  return rows;
}

bool same(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return same_bits(x, y); });
}

}  // namespace

TEST_CASE("trace values: any tick, in any order, is what reading from the beginning gives", "[view]") {
  const scratch_directory folder;
  for (const std::uint32_t lanes : {1u, 3u}) {
    const std::string file = folder.path("t.h5");
    write_rich_trace(file, lanes == 1 ? "f32" : "f64", lanes);
    const trace_reader trace(file);
    trace_values values(trace);
    std::mt19937 random(7);
    for (const trace_variable& v : trace.variables()) {
      const auto expected = all_values(trace, v);
      for (int k = 0; k < 60; ++k) {
        const auto t = static_cast<tick_t>(random() % expected.size());
        const std::vector<double>& row = expected[static_cast<std::size_t>(t)];
        CHECK(same(values.at(v, t), row));
        const auto lane = static_cast<std::uint32_t>(random() % v.lanes);
        const std::vector<double> some = values.columns_at(v, {v.columns() - 1}, lane, t);
        CHECK(same(some, std::vector{row[(v.columns() - 1) * v.lanes + lane]}));
        const tick_t step = 1 + static_cast<tick_t>(random() % 4);
        const std::vector<double> window = values.values(v, {v.columns() - 1, 0}, lane, {t, 20}, step);
        std::size_t at = 0;
        for (tick_t each = t; each < 20; each += step) {
          for (const std::size_t column : {v.columns() - 1, std::size_t{0}}) {
            REQUIRE(at < window.size());
            CHECK(same_bits(window[at++], expected[static_cast<std::size_t>(each)][column * v.lanes + lane]));
          }
        }
        CHECK(at == window.size());
      }
      CHECK(std::isnan(values.at(v, -1)[0]));
      CHECK_FALSE(values.tick_of(v, -1).has_value());
      CHECK(same(values.at(v, 1000), expected.back()));
    }
  }
}

TEST_CASE("trace values: the nearest change is the one that comparing ticks finds", "[view]") {
  const scratch_directory folder;
  const std::string file = folder.path("t.h5");
  write_rich_trace(file);
  const trace_reader trace(file);
  trace_values values(trace);
  for (const trace_variable& v : trace.variables()) {
    if (v.storage != trace_storage::frames) continue;
    const auto rows = all_values(trace, v);
    for (tick_t t = -1; t < 21; ++t) {
      std::optional<tick_t> after, before;
      for (tick_t k = 1; k < 20; ++k) {
        if (same(rows[static_cast<std::size_t>(k)], rows[static_cast<std::size_t>(k - 1)])) continue;
        if (k > t && !after) after = k;
        if (k < t) before = k;
      }
      CHECK(values.nearest_change(v, t, 1, 1'000'000) == after);
      CHECK(values.nearest_change(v, t, -1, 1'000'000) == before);
    }
  }
  const trace_variable& b = *trace.find("hidden1.value.b");  // changes at 0, 3, 7
  CHECK(values.nearest_change(b, 3, 1, 1) == 7);
  CHECK(values.nearest_change(b, 3, -1, 1) == 0);
  CHECK(values.nearest_change(b, 7, 1, 1) == std::nullopt);
}

TEST_CASE("trace source: answers are the same from another process; damage is a sentence", "[view]") {
  const scratch_directory folder;
  const std::string file = folder.path("t.h5");
  write_rich_trace(file);
  trace_source here(file);
  isolated_trace there(file);
  const std::vector<view_query> queries = {
      {"info", {}, {}, false},
      {"values", {{"variable", "hidden1.value.x"}}, {}, false},
      {"overview", {{"variable", "hidden1.value.b"}, {"columns", "4"}}, {}, false},
      {"tick", {{"tick", "5"}, {"variables", "input.value.x,hidden1.value.b"}}, {}, false},
      {"weights", {{"projection", "hidden1.forward"}, {"tick", "5"}}, {}, false},
      {"stimuli", {{"from", "9"}, {"to", "11"}}, {}, false},
      {"values", {{"variable", "hidden1.value.y"}}, {}, false},
      {"values", {}, {}, false},
      {"curves", {}, {}, false},
      {"nothing", {}, {}, false}};
  for (const view_query& q : queries) {
    const view_answer a = here.answer(q), b = there.answer(q);
    CHECK(a.outcome == b.outcome);
    CHECK(a.body == b.body);
    CHECK(a.notes == b.notes);
    CHECK(a.content == b.content);
  }
  CHECK(here.answer(queries[5]).body == R"([{"off":18,"on":10,"population":"input.value"}])");
  CHECK(here.answer(queries[6]).outcome == view_outcome::missing);
  CHECK(here.answer(queries[7]).outcome == view_outcome::wrong);
  isolated_trace none(folder.path("none.h5"));
  for (int k = 0; k < 2; ++k) CHECK(none.answer(queries[0]).outcome == view_outcome::failed);
}

TEST_CASE("questions and answers survive as bytes", "[view]") {
  const view_query q{"a:1", {{"", "x"}, {"name", std::string("3:\0\n", 4)}}, "{}", true};
  const view_query r = unpacked_query(packed(q));
  CHECK(r.what == q.what);
  CHECK(r.parameters == q.parameters);
  CHECK(r.body == q.body);
  CHECK(r.changes);
  const view_answer a{view_outcome::too_large, view_content::matrix, std::string("\0:1", 3), {{"Shape", "1,2"}}};
  const view_answer b = unpacked_answer(packed(a));
  CHECK(b.outcome == a.outcome);
  CHECK(b.content == a.content);
  CHECK(b.body == a.body);
  CHECK(b.notes == a.notes);
}

TEST_CASE("parameters of questions are checked", "[view]") {
  const auto columns = [](const std::string& text, std::size_t count) {
    const view_query q{"values", {{"columns", text}}, {}, false};
    return query_reader(q).columns("columns", count);
  };
  CHECK(columns("2,0,2", 3) == std::vector<std::size_t>{2, 0, 2});
  CHECK(columns("1:3", 3) == std::vector<std::size_t>{1, 2});
  CHECK(columns(":", 2) == std::vector<std::size_t>{0, 1});
  CHECK(columns("", 0).empty());
  for (const char* wrong : {"3", "-1", "1,", ",", "a", "2:2", "0:4", "1:x", "1.0", "99999999999999999999"})
    CHECK_THROWS_AS(columns(wrong, 3), view_error);
  CHECK_THROWS_AS(columns("0", 0), view_error);
  const view_query q{"values", {{"from", "5"}, {"to", "5"}}, {}, false};
  CHECK_THROWS_AS(query_reader(q).ticks({0, 10}), view_error);
}

}  // namespace test_view_trace_values
