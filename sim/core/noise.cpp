#include "sim/core/noise.hpp"

#include <cmath>

namespace locus {
namespace {

/// ln(x) for 0 < x <= 1 by the series of artanh: with s = (m - 1) / (m + 1) <= 0.172 for a mantissa m in
/// [sqrt(1/2), sqrt(2)), the first omitted term, s^25 / 25, is below 4e-21.
double logarithm(double x) noexcept {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0x1.6a09e667f3bcdp-1) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return exponent * 0x1.62e42fefa39efp-1 + 2 * s * sum;
}

/// Polynomial with the constant term first.
template <std::size_t n>
double polynomial(const double (&c)[n], double x) noexcept {
  double sum = c[n - 1];
  for (std::size_t k = n - 1; k > 0; --k) sum = sum * x + c[k - 1];
  return sum;
}

constexpr double central_above[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                    1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                    3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr double central_below[] = {1.0,
                                    4.2313330701600911252e+1,
                                    6.8718700749205790830e+2,
                                    5.3941960214247511077e+3,
                                    2.1213794301586595867e+4,
                                    3.9307895800092710610e+4,
                                    2.8729085735721942674e+4,
                                    5.2264952788528545610e+3};
constexpr double near_above[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                 3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                 2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double near_below[] = {1.0,
                                 2.05319162663775882187e0,
                                 1.67638483018380384940e0,
                                 6.89767334985100004550e-1,
                                 1.48103976427480074590e-1,
                                 1.51986665636164571966e-2,
                                 5.47593808499534494600e-4,
                                 1.05075007164441684324e-9};
constexpr double far_above[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double far_below[] = {1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};

}  // namespace

double normal_quantile(double p) noexcept {
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(central_above, r) / polynomial(central_below, r);
  }
  const double r = std::sqrt(-logarithm(q < 0 ? p : 1 - p));
  const double tail = r <= 5 ? polynomial(near_above, r - 1.6) / polynomial(near_below, r - 1.6)
                             : polynomial(far_above, r - 5) / polynomial(far_below, r - 5);
  return q < 0 ? -tail : tail;
}

double normal_from(double uniform) noexcept {
  // The middle of the cell is neither 0 nor 1; both forms are exact.
  return uniform < 0.5 ? normal_quantile(uniform + 0x1p-54) : -normal_quantile((1 - uniform) - 0x1p-54);
}

double noise_stream::draw(std::uint32_t neuron, std::uint32_t lane, std::uint64_t which) const noexcept {
  const double u = random_.uniform(std::uint64_t{neuron} << 32 | lane, which);
  return kind_ == port_source::uniform ? u : normal_from(u);
}

}  // namespace locus
