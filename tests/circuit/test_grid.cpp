/// Populations on grids: windows and distances against plain loops, and what does not fit.

#include "sim/circuit/grid.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <set>

#include "sim/circuit/connections.hpp"
#include "tests/circuit/circuit_testing.hpp"

namespace test_circuit_grid {

using namespace locus;
using namespace locus::testing;

namespace {

/// Two populations and one projection "p" of "fixed" synapses.
std::string joined(const std::string& before, const std::string& after, const std::string& connect,
                   const std::string& more = "") {
  return fmt::format(
      "[[population]]\nname = 'a'\nmodel = 'point-value'\nshape = {}\n"
      "[[population]]\nname = 'b'\nmodel = 'point-value'\nshape = {}\n"
      "[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'b.error'\nsynapse = 'fixed'\nconnect = {}\n{}",
      before, after, connect, more);
}

using pairs = std::set<std::pair<std::size_t, std::size_t>>;

/// (post, pre) of a projection.
pairs connected(const circuit& c, std::size_t index) {
  pairs all;
  each_connection(c, c.projections[index], [&](std::size_t pre, std::size_t post, std::size_t) {
    CHECK(all.insert({post, pre}).second);
  });
  return all;
}

struct plane_window {
  int channels_before, rows, columns, channels_after, height, width, row_stride, column_stride, row_dilation,
      column_dilation;
  bool same, each;
};

int places(int n, int window, int stride, int dilation, bool same) {
  return same ? (n + stride - 1) / stride : (n - dilation * (window - 1) - 1) / stride + 1;
}

/// The definition in loops over sources: source and target are joined if the source is at one of the window's places.
pairs by_hand(const plane_window& w) {
  const int rows = places(w.rows, w.height, w.row_stride, w.row_dilation, w.same);
  const int columns = places(w.columns, w.width, w.column_stride, w.column_dilation, w.same);
  const auto padding = [&](int n, int count, int window, int stride, int dilation) {
    return w.same ? std::max(0, (count - 1) * stride + dilation * (window - 1) + 1 - n) / 2 : 0;
  };
  const int top = padding(w.rows, rows, w.height, w.row_stride, w.row_dilation);
  const int left = padding(w.columns, columns, w.width, w.column_stride, w.column_dilation);
  pairs all;
  for (int target = 0; target < w.channels_after * rows * columns; ++target) {
    for (int source = 0; source < w.channels_before * w.rows * w.columns; ++source) {
      const int down = source / w.columns % w.rows + top - target / columns % rows * w.row_stride;
      const int right = source % w.columns + left - target % columns * w.column_stride;
      if (w.each && source / (w.rows * w.columns) != target / (rows * columns)) continue;
      if (down < 0 || down % w.row_dilation != 0 || down / w.row_dilation >= w.height) continue;
      if (right < 0 || right % w.column_dilation != 0 || right / w.column_dilation >= w.width) continue;
      all.insert({static_cast<std::size_t>(target), static_cast<std::size_t>(source)});
    }
  }
  return all;
}

}  // namespace

TEST_CASE("grid: windows join the sources that plain loops find, and the outline knows how many", "[circuit]") {
  const plane_window cases[] = {
      {1, 8, 8, 4, 3, 3, 1, 1, 1, 1, false, false}, {3, 7, 9, 2, 3, 5, 2, 1, 1, 2, false, false},
      {2, 6, 5, 5, 4, 4, 1, 1, 1, 1, true, false},  {2, 11, 10, 2, 3, 2, 2, 3, 2, 1, true, true},
      {4, 6, 6, 4, 2, 2, 2, 2, 1, 1, false, true},  {1, 5, 40, 17, 5, 1, 1, 3, 1, 1, false, false},
      {1, 3, 3, 1, 7, 7, 1, 1, 1, 1, true, false}};
  for (const plane_window& w : cases) {
    const std::string connect =
        fmt::format("{{ window = [{}, {}], stride = [{}, {}], dilation = [{}, {}], padding = '{}', channels = '{}' }}",
                    w.height, w.width, w.row_stride, w.column_stride, w.row_dilation, w.column_dilation,
                    w.same ? "same" : "valid", w.each ? "each" : "all");
    const std::string text = joined(
        fmt::format("[{}, {}, {}]", w.channels_before, w.rows, w.columns),
        fmt::format("[{}, {}, {}]", w.channels_after, places(w.rows, w.height, w.row_stride, w.row_dilation, w.same),
                    places(w.columns, w.width, w.column_stride, w.column_dilation, w.same)),
        connect);
    INFO(text);
    const circuit c = circuit_of(text);
    const pairs expected = by_hand(w);
    CHECK(connected(c, 0) == expected);
    const circuit outline = outline_circuit(description_of(text));
    CHECK(outline.projections[0].size.exact);
    CHECK(outline.projections[0].size.connections == expected.size());
    CHECK(outline.projections[0].size.entries == c.projections[0].size.entries);
    CHECK(outline.projections[0].size.memory == c.projections[0].size.memory);
    CHECK(long_form(description_of(long_form(description_of(text)))) == long_form(description_of(text)));
  }
}

TEST_CASE("grid: rows and volumes have windows too, and channels may be left out where there is one", "[circuit]") {
  const circuit row = circuit_of(joined("[7]", "[3]", "{ window = [3], stride = [2] }"));
  CHECK(connected(row, 0) == pairs{{0, 0}, {0, 1}, {0, 2}, {1, 2}, {1, 3}, {1, 4}, {2, 4}, {2, 5}, {2, 6}});
  CHECK(connected(circuit_of(joined("[3, 3, 3]", "[2, 2, 2]", "{ window = [2, 2, 2] }")), 0).size() == 64);
  CHECK(connected(circuit_of(joined("[4, 4]", "[5, 3, 3]", "{ window = [2, 2] }")), 0).size() == 5 * 9 * 4);
  CHECK(connected(circuit_of(joined("[2, 4, 4]", "[3, 3]", "{ window = [2, 2] }")), 0).size() == 2 * 9 * 4);
}

TEST_CASE("grid: of a window one place may be heard alone, and all places together are the window", "[circuit]") {
  for (const char* more : {"stride = [2, 1], channels = 'each'", "stride = [1, 3], dilation = [2, 1]",
                           "padding = 'same', stride = [2, 2]"}) {
    const std::string window = fmt::format("{{ window = [2, 3], {}", more);
    const bool same = std::string(more).starts_with("padding");
    const std::string after = std::string(more).starts_with("stride = [2") ? "[2, 3, 5]"
                              : same                                       ? "[2, 4, 4]"
                                                                           : "[2, 5, 2]";
    const circuit all = circuit_of(joined("[2, 7, 7]", after, window + " }"));
    pairs places;
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 3; ++j) {
        const std::string text = joined("[2, 7, 7]", after, fmt::format("{}, place = [{}, {}] }}", window, i, j));
        INFO(text);
        const circuit one = circuit_of(text);
        const std::uint32_t heard = std::string(more).find("each") == std::string::npos ? 2 : 1;
        for (std::uint32_t target = 0; target < one.size_after(one.projections[0]); ++target) {
          const std::size_t degree = one.projections[0].connections.degree(target);
          CHECK((degree == heard || (same && degree == 0)));
        }
        for (const auto& pair : connected(one, 0)) CHECK(places.insert(pair).second);
        const circuit outline = outline_circuit(description_of(text));
        CHECK(outline.projections[0].size.connections == one.connections(one.projections[0]));
        CHECK(long_form(description_of(long_form(description_of(text)))) == long_form(description_of(text)));
        // The same connections turned round.
        const circuit turned = circuit_of(text +
                                          "[[projection]]\nname = 'q'\nfrom = 'b.rate'\nto = 'a.error'\n"
                                          "connect = { transposed = 'p' }\n");
        for (const auto& [post, pre] : connected(turned, 1)) CHECK(connected(one, 0).contains({pre, post}));
      }
    }
    CHECK(places == connected(all, 0));
  }
  CHECK(connected(circuit_of(joined("[6]", "[3]", "{ window = [2], stride = [2], place = [1] }")), 0) ==
        pairs{{0, 1}, {1, 3}, {2, 5}});
  const auto with_place = [](const std::string& place, const std::string& more = "") {
    return joined("[7, 7]", "[5, 6]", "{ window = [3, 2], place = " + place + " }", more);
  };
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(description_of(with_place("[3, 0]")),
                    Contains("3 lies outside of the window, whose places are counted from 0 to 2"));
  CHECK_THROWS_WITH(description_of(with_place("[1]")), Contains("expected 2 numbers, as the window has"));
  CHECK_THAT(circuit_message(with_place("[0, 0]", "weights = { shared = 'window', init = 'constant' }\n")),
             Contains("place names one place of the window, and a kernel has a weight for each"));
}

TEST_CASE("grid: distances join near neurons, over the edge if it is wrapped", "[circuit]") {
  const auto near = [](const std::string& connect, int r, int q, bool wrap) {
    pairs expected;
    for (int target = 0; target < 30; ++target) {
      for (int source = 0; source < 30; ++source) {
        int down = std::abs(source / 6 - target / 6), right = std::abs(source % 6 - target % 6);
        if (wrap) down = std::min(down, 5 - down), right = std::min(right, 6 - right);
        if (4 * (down * down + right * right) <= r * r * q)
          expected.insert({static_cast<std::size_t>(target), static_cast<std::size_t>(source)});
      }
    }
    CHECK(connected(circuit_of(joined("[5, 6]", "[5, 6]", connect)), 0) == expected);
  };
  near("{ distance = 1 }", 2, 1, false);
  near("{ distance = 1.5, wrap = true }", 3, 1, true);
  near("{ distance = 0.5 }", 1, 1, false);
  // Half as many targets: each lies between two sources.
  CHECK(connected(circuit_of(joined("[4]", "[2]", "{ distance = 0.5 }")), 0) == pairs{{0, 0}, {0, 1}, {1, 2}, {1, 3}});
}

TEST_CASE("grid: with a probability, as many near neurons are joined as it says", "[circuit]") {
  const circuit c = circuit_of(joined("[60, 60]", "[60, 60]", "{ gaussian = 2, probability = 0.5, wrap = true }"));
  // The sum over the plane of 0.5 exp(-d^2 / (2 s^2)) is pi s^2 up to 1e-20. 3600 targets: 45239 connections are
  // expected, with a standard deviation below their root; six of those are allowed.
  const double expected = 3600 * 3.14159265358979 * 4;
  const auto found = static_cast<double>(c.connections(c.projections[0]));
  CHECK(std::abs(found - expected) < 6 * std::sqrt(expected));
  double apart = 0;
  each_connection(c, c.projections[0], [&](std::size_t pre, std::size_t post, std::size_t) {
    const auto along = [](std::size_t a, std::size_t b) {
      const double d = std::abs(static_cast<double>(a) - static_cast<double>(b));
      return std::min(d, 60 - d);
    };
    const double down = along(pre / 60, post / 60), right = along(pre % 60, post % 60);
    apart += (down * down + right * right) / found;
  });
  CHECK(apart == Approx(8).epsilon(0.05));  // twice s^2, a variance for each axis
  const circuit outline = outline_circuit(
      description_of(joined("[60, 60]", "[60, 60]", "{ gaussian = 2, probability = 0.5, wrap = true }")));
  CHECK(static_cast<double>(outline.projections[0].size.connections) == Approx(expected).epsilon(1e-4));
}

TEST_CASE("grid: what does not fit is said with what would", "[circuit]") {
  const auto message = [](const std::string& before, const std::string& after, const std::string& connect) {
    return circuit_message(joined(before, after, connect));
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(message("[8, 8]", "[4, 5, 5]", "{ window = [3, 3] }"),
             Contains("its windows make targets of shape 4 x 6 x 6, but \"b\" has 4 x 5 x 5: write shape = [4, 6, 6]"));
  CHECK_THAT(message("[64]", "[6, 6]", "{ window = [3, 3] }"), Contains("needs sources on a grid of 2 axes"));
  CHECK_THAT(message("[8, 8]", "[6, 6]", "{ window = [9, 3] }"), Contains("a window of 9 x 3 does not fit"));
  CHECK_THAT(message("[3, 8, 8]", "[2, 6, 6]", "{ window = [3, 3], channels = 'each' }"), Contains("3 x 6 x 6"));
  CHECK_THAT(message("[8, 8]", "[64]", "{ distance = 1 }"), Contains("two grids with as many axes"));
}

TEST_CASE("grid: connections of another projection, turned round, and their weights", "[circuit]") {
  const std::string back =
      "[[projection]]\nname = 'q'\nfrom = 'b.rate'\nto = 'a.error'\nsynapse = 'fixed'\n"
      "connect = { transposed = 'p' }\nweights = { same_initial_as = 'p', transposed = true, scale = -2 }\n"
      "[[projection]]\nname = 'r'\nfrom = 'a.rate'\nto = 'b.feedback'\nsynapse = 'fixed'\n"
      "connect = { same_as = 'p' }\nweights = { shared = 'p' }\n";
  for (const char* connect : {"{ window = [3, 2], stride = [2, 1] }", "{ fixed_indegree = 5, seed = 3 }",
                              "{ probability = 0.2 }", "{ post_pre = [[0, 1], [7, 3], [2, 47]] }", "'all-to-all'"}) {
    const circuit c = circuit_of(joined("[8, 6]", "[3, 5]", connect, back));
    pairs turned;
    for (const auto& [post, pre] : connected(c, 0)) turned.insert({pre, post});
    CHECK(connected(c, 1) == turned);
    CHECK(connected(c, 2) == connected(c, 0));
    std::map<std::pair<std::size_t, std::size_t>, double> weight;
    const std::vector<double> p = initial_weights(c, 0), q = initial_weights(c, 1);
    each_connection(c, c.projections[0], [&](std::size_t i, std::size_t j, std::size_t k) { weight[{i, j}] = p[k]; });
    each_connection(c, c.projections[1], [&](std::size_t i, std::size_t j, std::size_t k) {
      CHECK(q[k] == -2 * weight.at({j, i}));
    });
    CHECK(initial_weights(c, 2) == p);
  }
  using Catch::Matchers::Contains;
  CHECK_THAT(circuit_message(joined("[4]", "[5]", "{ probability = 0.5 }",
                                    "[[projection]]\nname = 'q'\nfrom = 'b.rate'\nto = 'a.error'\nsynapse = 'fixed'\n"
                                    "connect = { fixed_indegree = 2 }\nweights = { shared = 'p', transposed = true }")),
             Contains("say that it has its connections too, connect = { transposed = \"p\" }"));
  CHECK_THAT(circuit_message(joined("[4]", "[5]", "{ probability = 0.5 }",
                                    "[[projection]]\nname = 'q'\nfrom = 'b.rate'\nto = 'a.error'\n"
                                    "connect = { same_as = 'p' }\n")),
             Contains("which lead from 4 to 5 neurons; here are 5 and 4"));
}

}  // namespace test_circuit_grid
