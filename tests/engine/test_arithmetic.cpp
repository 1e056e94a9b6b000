/// A process whose arithmetic is not what results are promised for is refused.

#include <catch2/catch.hpp>
#include <cfenv>
#include <string>
#include <thread>

#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"

#if defined(__x86_64__)
#include <xmmintrin.h>

namespace test_engine_arithmetic {
#endif

using namespace locus;
using namespace locus::testing;

namespace {

/// What f() complains of in a thread whose arithmetic `change` has changed; the test's own stays as it is.
template <class Change, class F>
std::string complaint(Change&& change, F&& f) {
  std::string message;
  std::thread([&] {
    change();
    try {
      f();
    } catch (const run_error& error) {
      message = error.what();
    }
  }).join();
  return message;
}

short_form small() {
  short_form form;
  form.layers = {3, 4, 2};
  return form;
}

template <class Change>
void check_refused(Change&& change, const std::string& expected) {
  const circuit c = build_circuit(small().read());
  CHECK(complaint(change, [&] { (void)make_simulator(c); }) == expected);
  for (const std::size_t threads : {1U, 2U}) {
    simulator_options options;
    options.threads = threads;
    const auto sim = make_simulator(c, options);
    sim->advance(1);
    CHECK(complaint(change, [&] { sim->advance(3); }) == expected);
    CHECK(sim->now() == 1);  // and nothing was computed: it can go on where the arithmetic is right
    sim->advance(3);
    CHECK(sim->now() == 3);
  }
}

}  // namespace

#if defined(__x86_64__)
TEST_CASE("arithmetic: flush-to-zero is refused, whenever it is switched on", "[engine]") {
  const std::string expected =
      "subnormal numbers are flushed to zero in this process: results would differ from other machines";
  check_refused([] { _mm_setcsr(_mm_getcsr() | 0x8000); }, expected);  // results are flushed
  check_refused([] { _mm_setcsr(_mm_getcsr() | 0x0040); }, expected);  // operands are
}
#endif

TEST_CASE("arithmetic: another rounding than to nearest is refused, whenever it is switched on", "[engine]") {
  for (const int rounding : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    check_refused([&] { std::fesetround(rounding); },
                  "numbers are not rounded to nearest in this process: results would differ from other machines");
  }
}

}  // namespace test_engine_arithmetic
