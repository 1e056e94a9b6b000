#include "sim/engine/arithmetic.hpp"

#include <limits>

#include "sim/core/errors.hpp"

namespace locus {

void check_arithmetic() {
  volatile double smallest = std::numeric_limits<double>::min();
  volatile float smallest_single = std::numeric_limits<float>::min();
  if (smallest / 2 == 0 || smallest_single / 2 == 0) {
    throw run_error("subnormal numbers are flushed to zero in this process: results would differ from other machines");
  }
  volatile double one = 1, little = 0x1p-60;
  if (one + little != 1 || one - little != 1) {
    throw run_error("numbers are not rounded to nearest in this process: results would differ from other machines");
  }
}

}  // namespace locus
