#include <catch2/catch.hpp>

#include "sim/core/errors.hpp"
#include "sim/experiment/experiment.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_experiment_experiment {

using namespace locus;
using namespace locus::testing;

namespace {

const data_set& digits_data() {
  static const data_set data = load_data(data_description{});
  return data;
}

short_form small() {
  short_form form;
  form.layers = {64, 20, 10};
  form.encode = "rate";
  form.bias = true;
  form.lanes = 20;
  form.alpha = 0.006;
  form.epochs = 2;
  return form;
}

run_result run(const short_form& form, bool evaluate, std::uint64_t most = 0) {
  const description netlist = form.read();
  experiment_options options;
  options.evaluate = evaluate;
  options.max_updates = most;
  return experiment(netlist, digits_data(), options).run();
}

}  // namespace

TEST_CASE("experiment: evaluation does not change the trajectory", "[experiment]") {
  const run_result with = run(small(), true), without = run(small(), false);
  CHECK(with.weights_sha256 == without.weights_sha256);
  CHECK(with.total == without.total);
  CHECK(with.epochs.back().train.loss == without.epochs.back().train.loss);
  REQUIRE(with.epochs.back().test.has_value());
  CHECK_FALSE(without.epochs.back().test.has_value());
  CHECK(with.epochs.back().test->samples == digits_data().test.count());
  CHECK(with.epochs.back().test->accuracy() > 0.8);  // it does learn; chance is 0.1
}

TEST_CASE("experiment: counts of batches, updates, samples and ticks are those of the netlist", "[experiment]") {
  const short_form form = small();
  const description netlist = form.read();
  experiment_options options;
  options.evaluate = false;
  experiment e(netlist, digits_data(), options);
  const std::uint64_t samples = digits_data().train.count();
  CHECK(e.batches() == samples / 20);
  CHECK(e.dropped() == samples % 20);
  const std::uint64_t planned = e.planned_ticks();
  const run_result r = e.run();
  CHECK(r.updates == 2 * (samples / 20));
  CHECK(r.presentations == r.updates);
  CHECK(r.total.ticks == r.updates * 12);
  CHECK(planned == r.total.ticks);
  CHECK(e.planned_ticks() == 0);
  REQUIRE(r.epochs.size() == 2);
  CHECK(r.epochs[0].epoch == 1);
  CHECK(r.epochs[1].train.samples == samples / 20 * 20);
  CHECK(r.epochs[1].updates == r.updates);
  CHECK(r.epochs[1].train.mean_loss() < r.epochs[0].train.mean_loss());
}

TEST_CASE("experiment: max_updates ends the run early; without learning there are no updates", "[experiment]") {
  CHECK(run(small(), false, 7).updates == 7);
  CHECK(run(small(), false, 80).epochs.size() == 2);
  short_form form = small();
  form.rule = "none";
  const run_result r = run(form, false, 5);
  CHECK(r.updates == 0);
  CHECK(r.presentations == 5);
}

TEST_CASE("experiment: the hash of the weights depends on each of them, and only on weights", "[experiment]") {
  const data_set data = drawn_data(5, 3, 10, 1);
  short_form form;
  form.layers = {5, 17, 3};
  form.bias = true;
  rig r(form.read(), data);
  const std::string before = weights_sha256(*r.sim);
  CHECK(before.size() == 64);
  r.sim->advance(5);
  CHECK(weights_sha256(*r.sim) == before);
  for (const char* name : {"hidden1.forward", "output.forward", "hidden1.bias", "output.bias"}) {
    const std::size_t p = r.projection(name);
    const std::vector<double> weights = r.sim->weights(p);
    std::vector<double> other = weights;
    other.back() = std::nextafter(other.back(), 100.0);
    r.sim->set_weights(p, other);
    CHECK(weights_sha256(*r.sim) != before);
    r.sim->set_weights(p, weights);
    CHECK(weights_sha256(*r.sim) == before);
  }
}

TEST_CASE("experiment: equal runs have equal hashes; seed, precision and shuffle change them", "[experiment]") {
  const std::string hash = run(small(), false, 20).weights_sha256;
  CHECK(run(small(), false, 20).weights_sha256 == hash);
  short_form other = small();
  other.seed = 2;
  CHECK(run(other, false, 20).weights_sha256 != hash);
  other = small();
  other.precision = "f32";
  CHECK(run(other, false, 20).weights_sha256 != hash);
}

TEST_CASE("experiment: autonomous circuit and backpropagation have the same hash", "[experiment]") {
  const std::string hash = run(small(), false, 100).weights_sha256;
  short_form bp = small();
  bp.rule = "bp";
  CHECK(run(bp, false, 100).weights_sha256 == hash);
}

TEST_CASE("experiment: too few samples for a batch, and twins with other lanes, are refused", "[experiment]") {
  short_form form = small();
  form.layers = {5, 4, 3};
  const description netlist = form.read();
  const data_set few = drawn_data(5, 3, 19, 1), enough = drawn_data(5, 3, 40, 1);
  CHECK_THROWS_AS(experiment(netlist, few), usage_error);
  form.lanes = 10;
  const description twin = form.read();
  experiment_options options;
  options.against = &twin;
  CHECK_THROWS_AS(experiment(netlist, enough, options), usage_error);
}

}  // namespace test_experiment_experiment
