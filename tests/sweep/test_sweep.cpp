#include "sim/sweep/sweep.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/sweep/summary.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/project_file.hpp"

namespace test_sweep_sweep {

using namespace locus;
using namespace locus::sweep;
using Catch::Contains;

namespace {

constexpr const char* small = R"(
[circuit]
template = "predictive-coding"
layers = [2, 3, 1]
activation = "tanh"
[weights]
seed = 1
[learning]
rule = "fa-z-il"
alpha = 0.1
[stimuli]
data = { inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[0], [1], [1], [0]] }
predict = 4
teach = 2
rest = 0
epochs = 2
shuffle = 1
)";

request asking(const std::vector<std::string>& over, std::vector<std::uint64_t> seeds = {}) {
  request asked;
  asked.netlists = {document::from_text(small, "small.toml")};
  for (const std::string& text : over) asked.axes.push_back(parse_axis(text));
  asked.seeds = std::move(seeds);
  return asked;
}

plan checked(request asked) {
  plan p(std::move(asked), all_templates());
  p.check(2, [](const std::string&) {});
  return p;
}

std::string refusal(request asked) {
  try {
    (void)checked(std::move(asked));
  } catch (const usage_error& e) {
    return e.what();
  }
  return "accepted";
}

results run_into(const std::string& file, const plan& p, shard part = {}) {
  run_options options;
  options.file = file;
  options.jobs = 2;
  options.part = part;
  return run(p, options);
}

/// But for the time that it took.
void check_same(const results& a, const results& b) {
  REQUIRE(a.cells.size() == b.cells.size());
  for (std::size_t n = 0; n < a.cells.size(); ++n) {
    CAPTURE(n);
    CHECK(a.cells[n].state == b.cells[n].state);
    CHECK(a.cells[n].message == b.cells[n].message);
    CHECK(a.cells[n].weights_sha256 == b.cells[n].weights_sha256);
    CHECK(a.cells[n].counts == b.cells[n].counts);
    CHECK(a.cells[n].growth == b.cells[n].growth);
    REQUIRE(a.cells[n].curves.size() == b.cells[n].curves.size());
    for (std::size_t k = 0; k < a.cells[n].curves.size(); ++k) {
      const std::vector<double>&x = a.cells[n].curves[k], &y = b.cells[n].curves[k];
      REQUIRE(x.size() == y.size());
      for (std::size_t e = 0; e < x.size(); ++e) CHECK((x[e] == y[e] || (std::isnan(x[e]) && std::isnan(y[e]))));
    }
  }
}

}  // namespace

TEST_CASE("plan: cells are numbered with the seeds fastest", "[sweep]") {
  const plan p = checked(asking({"learning.alpha=0.1,0.2", "circuit.activation=tanh,relu"}, {5, 6}));
  CHECK(p.grid().cells() == 8);
  CHECK(p.grid().text(0) == "learning.alpha=0.1, circuit.activation=tanh, seed 5");
  CHECK(p.grid().text(1) == "learning.alpha=0.1, circuit.activation=tanh, seed 6");
  CHECK(p.grid().text(2) == "learning.alpha=0.1, circuit.activation=relu, seed 5");
  CHECK(p.grid().text(7) == "learning.alpha=0.2, circuit.activation=relu, seed 6");
  for (std::size_t cell = 0; cell < 8; cell += 2) CHECK(p.grid().cell_at(p.grid().places(cell)) == cell);
  CHECK(p.overrides(7) == std::vector<std::string>{"learning.alpha=0.2", "circuit.activation=relu", "weights.seed=6",
                                                   "stimuli.shuffle=6", "circuit.noise_seed=6"});
  CHECK(checked(asking({})).grid().text(0) == "the netlist");
}

TEST_CASE("plan: seeds are put where a run draws, and nowhere else", "[sweep]") {
  request asked = asking({"weights.seed=1,2"}, {5});
  CHECK(checked(asked).seed_keys(0) == std::vector<std::string>{"stimuli.shuffle", "circuit.noise_seed"});
  asked.fixed = {"stimuli.shuffle"};
  CHECK(checked(asked).seed_keys(0) == std::vector<std::string>{"circuit.noise_seed"});
  asked = asking({}, {1});
  asked.netlists = {document::from_text(small, "small.toml", {"stimuli.predict=[4, 6]"})};
  CHECK(checked(asked).seed_keys(0) ==
        std::vector<std::string>{"weights.seed", "stimuli.shuffle", "stimuli.jitter_seed", "circuit.noise_seed"});
  // A long form: each projection that draws its weights.
  const description net = read_netlist(asked.netlists.front(), all_templates());
  asked.netlists = {document::from_text(long_form(net), "long.toml")};
  const plan p = checked(asked);
  CHECK(p.seed_keys(0).front() == "projection.hidden1.forward.weights.seed");
  CHECK(p.read(0).projections.size() == net.projections.size());
}

TEST_CASE("plan: weights that have a table of their own in a short form are drawn by the seed, too", "[sweep]") {
  request asked;
  asked.netlists = {document::from_file(testing::project_file("netlists/digits-kolen-pollack.toml"))};
  asked.seeds = {7};
  const plan p = checked(asked);
  CHECK(p.seed_keys(0) ==
        std::vector<std::string>{"weights.seed", "feedback.weights.seed", "stimuli.shuffle", "circuit.noise_seed"});
  for (const projection_description& each : p.read(0).projections) {
    if (const auto* drawn = std::get_if<random_weights>(&each.weights); drawn != nullptr && !each.synapse.empty()) {
      CHECK(drawn->seed == 7);
    }
  }
}

TEST_CASE("plan: a short form and its long form come to the same weights with the same seed", "[sweep]") {
  request asked = asking({"learning.alpha=0.1"}, {3});
  const plan of_short = checked(asked);
  const description net = read_netlist(asked.netlists.front(), all_templates());
  asked.netlists = {document::from_text(long_form(net), "long.toml")};
  asked.axes.clear();
  const plan of_long = checked(asked);
  CHECK(run_cell(of_short, 0, 1).weights_sha256 == run_cell(of_long, 0, 1).weights_sha256);
}

TEST_CASE("plan: mistakes are found before anything runs, and name the value", "[sweep]") {
  CHECK_THAT(refusal(asking({"learning.alpha=0.1,fast"})), Contains("--over learning.alpha=fast"));
  CHECK_THAT(refusal(asking({"learning.alhpa=0.1,0.2"})), Contains("--over learning.alhpa=0.1") && Contains("alpha"));
  CHECK_THAT(refusal(asking({"circuit.activation=tanh,relu", "circuit.layers=[2, 3, 1],[3, 3, 1]"})),
             Contains("--over circuit.layers=[3, 3, 1]: "));
  CHECK_THAT(refusal(asking({"circuit.lanes=1,5"})), Contains("--over circuit.lanes=5: "));
  CHECK_THAT(refusal(asking({"learning.alpha=0.1,1e-1"})), Contains("two cells are the same netlist"));
  CHECK_THAT(refusal(asking({"learning.alpha=0.1", "learning.alpha=0.2"})), Contains("varied twice"));
  CHECK_THAT(refusal(asking({"weights.seed=1:2000:1", "stimuli.shuffle=1:2000:1"})), Contains("4000000 cells"));
  CHECK(refusal(asking({"circuit.activation=tanh,relu"})) == "accepted");
}

TEST_CASE("sweep: results are those of single runs, come back from the file, and nothing is run twice", "[sweep]") {
  const test::scratch_directory folder;
  const std::string file = folder.path("s.h5");
  const plan p = checked(asking({"learning.alpha=0.1,0.2", "stimuli.epochs=1,3"}, {5, 6}));
  const results all = run_into(file, p);
  for (std::size_t cell = 0; cell < 8; ++cell) {
    CAPTURE(cell);
    const cell_result alone = run_cell(p, cell, 1);
    CHECK(all.cells[cell].state == cell_state::done);
    CHECK(all.cells[cell].weights_sha256 == alone.weights_sha256);
    CHECK(all.cells[cell].counts == alone.counts);
    CHECK(all.cells[cell].epochs == p.read(cell).epochs);
  }
  const results stored = read_results(file);
  check_same(all, stored);
  CHECK(!difference(stored.asked, all.asked));
  const auto written = std::filesystem::last_write_time(file);
  const results again = run_into(file, p);
  check_same(all, again);
  CHECK(again.cells[3].seconds == all.cells[3].seconds);
  CHECK(std::filesystem::last_write_time(file) == written);
}

TEST_CASE("sweep: parts are joined to the whole", "[sweep]") {
  const test::scratch_directory folder;
  const plan p = checked(asking({"learning.alpha=0.1,0.2,0.3"}, {5, 6, 7}));
  const results whole = run_into(folder.path("whole.h5"), p);
  std::vector<std::string> parts;
  for (std::size_t n = 0; n < 4; ++n) {
    parts.push_back(folder.path("part" + std::to_string(n) + ".h5"));
    const results part = run_into(parts.back(), p, {n, 4});
    for (std::size_t cell = 0; cell < 9; ++cell) {
      CHECK(part.cells[cell].state == (cell % 4 == n ? cell_state::done : cell_state::missing));
    }
  }
  check_same(join(parts), whole);
  write(folder.path("joined.h5"), join(parts), false);
  check_same(read_results(folder.path("joined.h5")), whole);
  CHECK_THROWS_AS(write(folder.path("joined.h5"), whole, false), run_error);
  // What is missing is run from the joined file.
  parts.pop_back();
  write(folder.path("most.h5"), join(parts), false);
  check_same(run_into(folder.path("most.h5"), p), whole);
  run_into(folder.path("other.h5"), checked(asking({"learning.alpha=0.1,0.2"}, {5, 6, 7})));
  CHECK_THROWS_WITH(join({parts[0], folder.path("other.h5")}), Contains("another sweep"));
}

TEST_CASE("sweep: a cell that fails is recorded, the others go on, and it is not run again", "[sweep]") {
  const test::scratch_directory folder;
  const std::string file = folder.path("s.h5");
  const plan p = checked(asking({"learning.alpha=0.1,1e200"}));
  const results all = run_into(file, p);
  CHECK(all.cells[0].state == cell_state::done);
  CHECK(all.cells[1].state == cell_state::failed);
  CHECK_THAT(all.cells[1].message, Contains("hidden1") || Contains("output"));
  check_same(read_results(file), all);
  // One that died is.
  results died = all;
  died.cells[0] = {};
  died.cells[0].state = cell_state::died;
  died.cells[0].message = std::string(239, 'x') + "ä";
  write(file, died, true);
  CHECK(read_results(file).cells[0].message == std::string(237, 'x') + "...");
  check_same(run_into(file, p), all);
}

TEST_CASE("sweep: the file of another question is refused", "[sweep]") {
  const test::scratch_directory folder;
  const std::string file = folder.path("s.h5");
  run_into(file, checked(asking({"learning.alpha=0.1,0.2"}, {1})));
  const auto refused = [&](request asked) {
    try {
      run_into(file, checked(std::move(asked)));
    } catch (const usage_error& e) {
      CHECK_THAT(std::string(e.what()), Contains("results of another sweep") && Contains("--force"));
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(refused(asking({"learning.alpha=0.1,0.3"}, {1})),
             Contains("learning.alpha is 0.1, 0.2 there, 0.1, 0.3 now"));
  CHECK_THAT(refused(asking({"circuit.lanes=1,2"}, {1})),
             Contains("it varies learning.alpha, this sweep circuit.lanes"));
  CHECK_THAT(refused(asking({"learning.alpha=0.1,0.2"}, {1, 2})), Contains("its seeds are 1, now 1, 2"));
  CHECK_THAT(refused(asking({"learning.alpha=0.1,0.2"})), Contains("its seeds are 1, now none"));
  request other = asking({"learning.alpha=0.1,0.2"}, {1});
  other.max_updates = 3;
  CHECK_THAT(refused(other), Contains("--updates 0, now 3"));
  other.max_updates = 0;
  other.evaluate = false;
  CHECK_THAT(refused(other), Contains("score the test set"));
  other.evaluate = true;
  other.netlists = {document::from_text(small, "small.toml", {"circuit.bias=true"})};
  CHECK_THAT(refused(other), Contains("another netlist") && Contains("circuit.bias"));
  other.netlists = {document::from_text(small, "small.toml", {"stimuli.epochs=5"})};
  CHECK_THAT(refused(other), Contains("stimuli.epochs"));
  std::ofstream(folder.path("text.h5")) << "no results";
  CHECK_THROWS_AS(read_results(folder.path("text.h5")), run_error);
  CHECK_THROWS_AS(read_results(folder.path("nowhere.h5")), run_error);
}

TEST_CASE("summary: means, standard deviations, differences seed by seed", "[sweep]") {
  CHECK(spread_of({}).count == 0);
  CHECK(std::isnan(spread_of({}).mean));
  CHECK(spread_of({3}).mean == 3);
  CHECK(std::isnan(spread_of({3}).sd));
  CHECK(spread_of({1, 3, std::nan(""), INFINITY}) == spread{2, 2, std::sqrt(2.0)});

  results all;
  all.asked.grid.axes = {parse_axis("circuit.activation=tanh,relu"), parse_axis("learning.alpha=0.1,0.01")};
  all.asked.grid.seeds = {1, 2, 3};
  const std::size_t accuracy = 4;  // test_accuracy
  for (std::size_t n = 0; n < 12; ++n) {
    cell_result cell;
    cell.state = n == 5 ? cell_state::failed : n == 11 ? cell_state::missing : cell_state::done;
    cell.epochs = 1;
    cell.curves.assign(measures_with({}).size(), {std::nan("")});
    cell.curves[accuracy] = {static_cast<double>(n * n)};
    all.cells.push_back(cell);
  }
  const summary s = summarise(all, {"circuit.activation=relu"});
  REQUIRE(s.settings.size() == 4);
  CHECK(s.settings[0].scores[accuracy].mean == Approx((0 + 1 + 4) / 3.0));
  CHECK(s.settings[1].done == 2);
  CHECK(s.settings[1].failed == 1);
  CHECK(s.settings[0].base == 2);
  CHECK(s.settings[1].base == 3);
  CHECK(!s.settings[2].base);
  // tanh less relu: (0 - 36, 1 - 49, 4 - 64); of the other rate, pairs in which both are done.
  CHECK(s.settings[0].differences[accuracy].mean == Approx(-48));
  CHECK(s.settings[0].differences[accuracy].sd == Approx(12));
  CHECK(s.settings[1].differences[accuracy].count == 2);
  CHECK(measured(s) == std::vector<std::size_t>{accuracy});
  CHECK(main_measure(s) == accuracy);
  const summary one = summarise(all, {"circuit.activation=relu", "learning.alpha=1e-1"});
  CHECK(one.settings[3].base == 2);
  CHECK(summarise(all).settings[0].differences.empty());
  CHECK_THROWS_WITH(summarise(all, {"circuit.activation=rellu"}), Contains("did you mean \"relu\""));
  CHECK_THROWS_WITH(summarise(all, {"circuit.activaton=relu"}), Contains("did you mean \"circuit.activation\""));
  CHECK_THROWS_WITH(summarise(all, {"circuit.activation"}), Contains("--against"));
  CHECK_THROWS_WITH(summarise(all, {"learning.alpha=0.1", "learning.alpha=0.01"}), Contains("one value already"));
}

TEST_CASE("sweep: shards", "[sweep]") {
  CHECK(parse_shard("3/10").number == 2);
  CHECK(parse_shard("3/10").of == 10);
  CHECK(parse_shard("1/1").has(17));
  for (const char* wrong : {"", "3", "/", "0/3", "4/3", "-1/3", "1/0", "a/b", "1/2/3", "1.5/3", " 1/3"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(parse_shard(wrong), Contains("--shard"));
  }
}

}  // namespace test_sweep_sweep
