#include <catch2/catch.hpp>

#include <cmath>

#include "sim/core/functions.hpp"
#include "sim/data/labels.hpp"
#include "sim/experiment/score.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_experiment_score {

using namespace locus;
using namespace locus::testing;

namespace {

/// Targets row by row; inputs of one column, all 0.
samples part(std::uint32_t columns, std::vector<double> targets) {
  const std::size_t rows = targets.size() / columns;
  return {number_table(1, std::vector<double>(rows)), number_table(columns, std::move(targets))};
}

std::optional<double> threshold(std::uint32_t columns, std::vector<double> train, std::vector<double> test = {}) {
  return category_threshold({part(columns, std::move(train)), part(columns, std::move(test)), "test", ""},
                            {0, columns});
}

}  // namespace

TEST_CASE("score: targets are categories if each is one-hot, and numbers otherwise", "[experiment]") {
  CHECK(threshold(3, {0, 1, 0, 1, 0, 0}) == 0.5);
  CHECK(threshold(3, {-1, 1, -1, 1, -1, -1}) == 0.0);
  CHECK(threshold(2, {0, 1}) == 0.5);
  CHECK(threshold(1, {0, 1, 1, 0}) == 0.5);
  CHECK(threshold(1, {-1, 1}) == 0.0);
  CHECK(threshold(1, {1}, {0}) == 0.5);

  CHECK_FALSE(threshold(3, {0, 1, 1, 1, 0, 0}));    // several at once
  CHECK_FALSE(threshold(3, {0, 0, 0, 1, 0, 0}));    // none
  CHECK_FALSE(threshold(3, {0, 1, 0, 1, -1, -1}));  // two kinds of "not this one"
  CHECK_FALSE(threshold(2, {0.3, 0.7}));
  CHECK_FALSE(threshold(2, {0.5, 1}));
  CHECK_FALSE(threshold(1, {0.25, 0.75}));
  CHECK_FALSE(threshold(1, {0, 1, 2}));
  CHECK_FALSE(threshold(1, {1, 1}));
  CHECK_FALSE(threshold(1, {0, 0}));
  CHECK_FALSE(threshold(1, {0, 1}, {0.5}));
  CHECK_FALSE(threshold(1, {}));
}

TEST_CASE("score: categories have an accuracy, numbers have R2, both a loss, and nothing has none", "[experiment]") {
  const data_set categories{part(2, {0, 1, 1, 0}), part(2, {}), "test", ""};
  const answer_key of_categories(categories, categories.train);
  answer_score score;
  CHECK_FALSE(score.mean_loss());
  CHECK_FALSE(score.accuracy());
  CHECK_FALSE(score.r2());
  of_categories.mark(0, std::vector{0.5, 1.0}, score);
  of_categories.mark(1, std::vector{0.0, 1.0}, score);
  CHECK(score.mean_loss() == (0.125 + 1) / 2);
  CHECK(score.accuracy() == 0.5);
  CHECK_FALSE(score.r2());

  const data_set numbers{part(1, {1, 2, 6}), part(1, {5}), "test", ""};
  const answer_key of_numbers(numbers, numbers.train);
  answer_score sum;
  for (std::uint32_t i = 0; i < 3; ++i) {
    answer_score one;
    of_numbers.mark(i, std::vector{i + 1.0}, one);
    sum += one;
  }
  CHECK(sum.mean_loss() == 9.0 / 2 / 3);
  CHECK_FALSE(sum.accuracy());
  CHECK(sum.r2() == 1 - 9.0 / (4 + 1 + 9));  // mean 3

  answer_score single;
  answer_key(numbers, numbers.test).mark(0, std::vector{4.0}, single);
  CHECK(single.mean_loss() == 0.5);
  CHECK_FALSE(single.r2());  // a target that does not vary
}

TEST_CASE("score: cross-entropy is -sum target log answer, and is finite", "[experiment]") {
  const data_set categories{part(2, {0, 1, 1, 0}), part(2, {}), "test", ""};
  const answer_key key(categories, categories.train, {{{0, 2}, answer_loss::cross_entropy}});
  answer_score score;
  key.mark(0, std::vector{0.75, 0.25}, score);
  CHECK(score.mean_loss() == -locus::log(0.25));
  key.mark(1, std::vector{1.0, 0.0}, score);
  CHECK(score.mean_loss() == -locus::log(0.25) / 2);
  CHECK(score.accuracy() == 0.5);
  answer_score wrong;
  key.mark(0, std::vector{1.0, 0.0}, wrong);
  CHECK(wrong.mean_loss() == -locus::log(0x1p-1022));

  const data_set numbers{part(2, {0.25, 0.75, 0.5, 0.5}), part(2, {}), "test", ""};
  const answer_key of_numbers(numbers, numbers.train, {{{0, 2}, answer_loss::cross_entropy}});
  answer_score soft;
  of_numbers.mark(0, std::vector{0.5, 0.5}, soft);
  CHECK(soft.mean_loss() == 0.0 - 0.25 * locus::log(0.5) - 0.75 * locus::log(0.5));
  CHECK_FALSE(soft.accuracy());
  CHECK_FALSE(soft.r2());
}

TEST_CASE("score: teachers that divide the targets are scored together", "[experiment]") {
  const data_set categories{part(3, {0, 1, 1, 1, 0, 0}), part(3, {}), "test", ""};
  const answer_key both(categories, categories.train, {taught_part{{2, 3}}, taught_part{{0, 2}}});
  answer_score score;
  both.mark(0, std::vector{0.5, 0.25, 1.0}, score);  // the first teacher's answer, at the middle, then the second's
  both.mark(1, std::vector{0.0, 1.0, 2.0}, score);
  CHECK(score.samples == 2);
  CHECK(score.mean_loss() == (0.125 + 0.03125 + (0.5 * 0 + 2)) / 2);
  CHECK(score.accuracy() == 2.0 / 4);
  CHECK_FALSE(score.r2());

  const data_set mixed{part(3, {0, 1, 3, 1, 0, 5}), part(3, {}), "test", ""};
  answer_score numbers;
  const answer_key halves(mixed, mixed.train, {taught_part{{0, 2}}, taught_part{{2, 3}}});
  halves.mark(0, std::vector{0.0, 1.0, 3.0}, numbers);
  halves.mark(1, std::vector{1.0, 0.0, 4.0}, numbers);
  CHECK_FALSE(numbers.accuracy());
  CHECK(numbers.mean_loss() == 0.25);
  CHECK(numbers.r2() == 1 - 0.5 / (4 * 0.125 + 1));  // means 0.5, 0.5 and 4
}

}  // namespace test_experiment_score
