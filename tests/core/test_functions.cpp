#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "sim/audit/traced.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/functions.hpp"
#include "sim/engine/models.hpp"
#include "tests/core/kernels/functions.hpp"

namespace test_core_functions {

using namespace locus;
using locus::testing::applied;

namespace {

template <class P>
constexpr P infinity = std::numeric_limits<P>::infinity();
template <class P>
constexpr P not_a_number = std::numeric_limits<P>::quiet_NaN();
template <class P>
constexpr P least = std::numeric_limits<P>::denorm_min();
template <class P>
constexpr P most = std::numeric_limits<P>::max();

/// |y - exact| in units in the last place of the exact result, which is that of the least number for subnormal ones.
template <class P>
double ulps(P y, long double exact) {
  if (std::fabs(exact) >= static_cast<long double>(most<P>) && std::fabs(y) >= most<P>) return 0;
  const int place = std::max(std::ilogb(exact), std::numeric_limits<P>::min_exponent - 1) - mantissa_bits<P>;
  return static_cast<double>(std::fabs(std::ldexp(static_cast<long double>(y) - exact, -place)));
}

/// A function with what it should be, and the bound of its error in ulp that its comment derives.
template <class P>
struct bounded {
  const char* name;
  P (*function)(const P&);
  long double (*exact)(long double);
  double bound;
  double low, high;  ///< where the result is neither 0 nor infinite, and a little further
};

long double exact_softplus(long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); }

template <class P>
std::vector<bounded<P>> all_bounded() {
  constexpr bool wide = std::same_as<P, double>;
  return {{"exp", &locus::exp<P>, &std::exp, 1.2, wide ? -746.0 : -104.0, wide ? 710.0 : 89.0},
          {"log", &locus::log<P>, &std::log, 1.1, 0, static_cast<double>(most<P>)},
          {"pow2", &locus::pow2<P>, &std::exp2, 1.3, wide ? -1076.0 : -151.0, wide ? 1025.0 : 129.0},
          {"softplus", &locus::softplus<P>, &exact_softplus, 3, wide ? -746.0 : -104.0, wide ? 750.0 : 110.0}};
}

/// Numbers in [low, high]: evenly, by their bits, and around 0 and 1 and multiples of ln 2 / 2, where reductions turn.
template <class P>
std::vector<P> probes(double low, double high, std::size_t count) {
  std::mt19937_64 draws(20240607);
  std::uniform_real_distribution<double> even(0, 1);
  std::vector<P> all;
  const auto add = [&](double x) {
    if (low <= x && x <= high) all.push_back(static_cast<P>(x));
  };
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(static_cast<P>(low + (high - low) * even(draws)));
    const P any = std::bit_cast<P>(static_cast<bits_of<P>>(draws()));
    if (static_cast<P>(low) <= any && any <= static_cast<P>(high)) all.push_back(any);
    for (const double width : {4.0, 64.0}) add(width * (2 * even(draws) - 1));
    add(1 + 0.01 * even(draws));
    add(std::ldexp(1 + even(draws), static_cast<int>(80 * even(draws)) - 75));
  }
  for (int n = -2200; n <= 2200; ++n)
    for (const double at : {n * 0.34657359027997264, n * 0.5, std::ldexp(1.5, n), std::ldexp(0.75, n)})
      for (const double nearby : {at, at * (1 - 1e-15), at * (1 + 1e-15), at * (1 - 1e-7), at * (1 + 1e-7)})
        add(nearby);
  return all;
}

template <class P>
void check_bounds(std::size_t count) {
  for (const bounded<P>& f : all_bounded<P>()) {
    double worst = 0;
    P where = 0;
    for (const P x : probes<P>(f.low, f.high, count)) {
      if (x == P(0) && f.low == 0.0) continue;  // log
      const double off = ulps(f.function(x), f.exact(static_cast<long double>(x)));
      if (!(off <= worst)) worst = off, where = x;
    }
    INFO(f.name << (sizeof(P) == 4 ? ", float: " : ", double: ") << worst << " ulp at " << where);
    CHECK(worst < f.bound);
    CHECK(worst > 0.5);  // the measurement measures something
  }
}

template <class P>
bool is_nan(P x) {
  return x != x;
}

template <class P>
void check_ends() {
  constexpr P inf = infinity<P>;
  constexpr P nan = not_a_number<P>;
  CHECK(locus::exp(P(0)) == P(1));
  CHECK(locus::exp(-P(0)) == P(1));
  CHECK(locus::exp(least<P>) == P(1));
  CHECK(locus::exp(inf) == inf);
  CHECK(locus::exp(most<P>) == inf);
  CHECK(same_bits(locus::exp(-inf), P(0)));
  CHECK(same_bits(locus::exp(-most<P>), P(0)));
  CHECK(is_nan(locus::exp(nan)));
  const P ln_most =
      static_cast<P>(std::log(static_cast<long double>(most<P>)) * (1 - std::numeric_limits<P>::epsilon()));
  CHECK(locus::exp(ln_most) < inf);
  CHECK(locus::exp(ln_most + P(0.001)) == inf);
  const P ln_least = static_cast<P>(std::log(static_cast<long double>(least<P>)));
  CHECK(locus::exp(ln_least) == least<P>);
  CHECK(locus::exp(ln_least - P(0.7)) == P(0));

  CHECK(same_bits(locus::log(P(1)), P(0)));
  CHECK(locus::log(P(0)) == -inf);
  CHECK(locus::log(-P(0)) == -inf);
  CHECK(locus::log(inf) == inf);
  for (const P x : {-least<P>, P(-1), -most<P>, -inf, nan}) CHECK(is_nan(locus::log(x)));

  for (int n = std::numeric_limits<P>::min_exponent - 1 - mantissa_bits<P>; n < std::numeric_limits<P>::max_exponent;
       ++n)
    CHECK(locus::pow2(static_cast<P>(n)) == std::ldexp(P(1), n));
  CHECK(locus::pow2(-P(0)) == P(1));
  CHECK(locus::pow2(P(std::numeric_limits<P>::max_exponent)) == inf);
  CHECK(locus::pow2(std::nextafter(P(std::numeric_limits<P>::max_exponent), P(0))) < inf);
  CHECK(locus::pow2(most<P>) == inf);
  CHECK(locus::pow2(inf) == inf);
  const P half_least = static_cast<P>(std::numeric_limits<P>::min_exponent - 2 - mantissa_bits<P>);
  CHECK(same_bits(locus::pow2(half_least), P(0)));
  CHECK(locus::pow2(half_least + P(0.25)) == least<P>);
  CHECK(same_bits(locus::pow2(-most<P>), P(0)));
  CHECK(same_bits(locus::pow2(-inf), P(0)));
  CHECK(is_nan(locus::pow2(nan)));

  CHECK(locus::softplus(inf) == inf);
  CHECK(locus::softplus(most<P>) == most<P>);
  CHECK(locus::softplus(P(1e6)) == P(1e6));
  CHECK(same_bits(locus::softplus(-inf), P(0)));
  CHECK(same_bits(locus::softplus(-most<P>), P(0)));
  CHECK(locus::softplus(P(-90)) == locus::exp(P(-90)));
  CHECK(locus::softplus(P(0)) == static_cast<P>(std::log(2.0L)));
  CHECK(is_nan(locus::softplus(nan)));
}

template <class P>
void check_simple() {
  constexpr P inf = infinity<P>;
  constexpr P nan = not_a_number<P>;
  CHECK(locus::sign(P(3)) == P(1));
  CHECK(locus::sign(-least<P>) == P(-1));
  CHECK(locus::sign(-inf) == P(-1));
  CHECK(same_bits(locus::sign(P(0)), P(0)));
  CHECK(same_bits(locus::sign(-P(0)), P(0)));
  CHECK(is_nan(locus::sign(nan)));

  CHECK(locus::clip(P(3), P(-1), P(2)) == P(2));
  CHECK(locus::clip(P(-3), P(-1), P(2)) == P(-1));
  CHECK(locus::clip(P(1), P(-1), P(2)) == P(1));
  CHECK(locus::clip(inf, P(-1), P(2)) == P(2));
  CHECK(locus::clip(P(0), P(2), P(-1)) == P(-1));
  CHECK(is_nan(locus::clip(nan, P(-1), P(2))));

  CHECK(locus::relu(P(2)) == P(2));
  CHECK(locus::relu(least<P>) == least<P>);
  CHECK(same_bits(locus::relu(-P(0)), P(0)));
  CHECK(locus::relu(-inf) == P(0));

  CHECK(same_bits(locus::max(P(0), -P(0)), P(0)));
  CHECK(same_bits(locus::max(-P(0), P(0)), -P(0)));
  CHECK(is_nan(locus::max(nan, P(1))));
  CHECK(locus::max(P(1), nan) == P(1));
  CHECK(locus::min(P(1), nan) == P(1));

  for (int n = std::numeric_limits<P>::min_exponent - 1; n < std::numeric_limits<P>::max_exponent; ++n)
    CHECK(power_of_two(static_cast<P>(n)) == std::ldexp(P(1), n));
  for (const P x : {P(1), P(1.5), most<P>, std::numeric_limits<P>::min(), P(0x1.23456p-78)})
    CHECK(std::ldexp(fraction_of(x), static_cast<int>(exponent_of(x))) == x);
}

template <class P>
void check_activations() {
  for (const P x : probes<P>(-80, 80, 2000)) {
    CHECK(same_bits(locus::sigmoid(x), activate(activation::sigmoid, x)));
    CHECK(same_bits(locus::tanh(x), activate(activation::tanh, x)));
    const P y = activate(activation::softplus, x);
    CHECK(same_bits(y, locus::softplus(x) > P(0x1p-63) ? locus::softplus(x) : P(0)));
    CHECK(same_bits(slope(activation::softplus, x, y), locus::sigmoid(x)));
  }
  for (const auto& [x, y, dy] :
       {std::array{-1.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, {0.25, 0.25, 1.0}, {1.0, 1.0, 0.0}, {3.0, 1.0, 0.0}}) {
    CHECK(activate(activation::clip, P(x)) == P(y));
    CHECK(slope(activation::clip, P(x), P(y)) == P(dy));
  }
}

/// Pairs of everything: special numbers with each other, and random bits.
template <class P>
void fill(std::vector<P>& x, std::vector<P>& y) {
  using range = std::numeric_limits<P>;
  std::vector<P> special{P(0),     least<P>,   range::min(), std::nextafter(range::min(), P(0)),
                         P(1e-30), P(0.5),     P(0.75),      P(1),
                         P(1.5),   P(2),       P(2.5),       P(20),
                         P(44),    P(45),      P(88.5),      P(104),
                         P(128),   P(149),     P(150),       P(709),
                         P(745),   P(0x1p23),  P(0x1p52),    P(0x1p62),
                         most<P>,  infinity<P>};
  for (const P at : std::vector<P>(special))
    special.insert(special.end(), {-at, std::nextafter(at, P(0)), std::nextafter(at, infinity<P>)});
  special.insert(special.end(), {range::quiet_NaN(), -range::quiet_NaN()});
  for (const P a : special)
    for (const P b : special) x.push_back(a), y.push_back(b);
  std::mt19937_64 draws(7);
  std::normal_distribution<double> wide(0, 40);
  for (int i = 0; i < 40000; ++i) {
    x.push_back(std::bit_cast<P>(static_cast<bits_of<P>>(draws())));
    y.push_back(std::bit_cast<P>(static_cast<bits_of<P>>(draws())));
    x.push_back(static_cast<P>(wide(draws)));
    y.push_back(static_cast<P>(wide(draws)));
  }
  while (x.size() % panel_width != 0) x.push_back(P(0)), y.push_back(P(0));
}

/// The sweep that was compiled for one of the targets.
template <class P, simd_target... targets>
testing::sweep<P> sweep_among(simd_target wanted) {
  testing::sweep<P> found = nullptr;
  ((targets == wanted ? void(found = testing::compiled_sweep<targets, P>()) : void()), ...);
  return found;
}

/// The sweep of one of available_targets().
template <class P>
testing::sweep<P> sweep_on(simd_target target) {
  using enum simd_target;
  return sweep_among<P, LOCUS_COMPILED_TARGETS>(target);
}

/// Which NaN it is may differ.
template <class P>
bool agree(P a, P b) {
  return (is_nan(a) && is_nan(b)) || same_bits(a, b);
}

template <class P>
void check_number_types() {
  std::vector<P> x, y;
  fill(x, y);
  for (int i = 0; i < static_cast<int>(applied::end); ++i) {
    const auto what = static_cast<applied>(i);
    std::vector<P> expected(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) expected[k] = testing::apply(what, x[k], y[k]);
    const auto differing = [&](const auto& result) {
      for (std::size_t k = 0; k < x.size(); ++k)
        if (!agree(result(k), expected[k])) return "of " + std::to_string(x[k]) + ", " + std::to_string(y[k]);
      return std::string();
    };
    INFO("function " << i << (sizeof(P) == 4 ? ", float" : ", double"));
    CHECK(differing([&](std::size_t k) {
            return traced_access<P>::value(
                testing::apply(what, traced_access<P>::source(x[k], 0), traced_access<P>::source(y[k], 1)));
          }) == "");
    for (const simd_target target : available_targets()) {
      INFO(name_of(target));
      std::vector<P> result(x.size());
      sweep_on<P>(target)(what, x.data(), y.data(), result.data(), x.size());
      CHECK(differing([&](std::size_t k) { return result[k]; }) == "");
    }
  }
}

}  // namespace

// Measured over 5,000,000 draws of each kind (the long test below), float and double, rounded up:
// exp 1.05 and 1.00, log 0.84 and 0.84, pow2 1.06 and 1.05, softplus 1.57 and 1.50.
TEST_CASE("functions: errors are below the bounds that are derived", "[core]") {
  check_bounds<float>(100'000);
  check_bounds<double>(100'000);
}

TEST_CASE("functions: errors over many draws", "[core][validation]") {
  check_bounds<float>(5'000'000);
  check_bounds<double>(5'000'000);
}

TEST_CASE("functions: zero, infinity, NaN, the least and the largest numbers", "[core]") {
  check_ends<float>();
  check_ends<double>();
}

TEST_CASE("functions: sign, clip, relu, min and max, parts of numbers", "[core]") {
  check_simple<float>();
  check_simple<double>();
}

TEST_CASE("functions: activations of the same name have the same bits", "[core]") {
  check_activations<float>();
  check_activations<double>();
}

TEST_CASE("functions: every number type gives the same bits", "[core]") {
  check_number_types<float>();
  check_number_types<double>();
}

}  // namespace test_core_functions
