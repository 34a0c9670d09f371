// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

/// tanh and the normal distribution function; exp has a file of its own.
class Functions : public IsaTest {
 protected:
  using Kernel = void (*)(const float*, std::int64_t, float*);
  static std::vector<float> run(Kernel kernel, const std::vector<float>& x) {
    std::vector<float> out(x.size());
    kernel(x.data(), static_cast<std::int64_t>(x.size()), out.data());
    return out;
  }
};
TTX_FOR_EVERY_ISA(Functions);

/// Float patterns between the two, in steps of a prime, with both signs.
std::vector<float> sweep(float first, float last, std::uint32_t step) {
  std::vector<float> values;
  for (std::uint32_t bits = bits_of(first); bits <= bits_of(last) - step; bits += step) {
    values.push_back(std::bit_cast<float>(bits));
    values.push_back(-values.back());
  }
  return values;
}

/// In units of the last place of `exact`.
double error_in_units(float got, double exact) {
  int exponent = 0;
  std::frexp(exact, &exponent);
  const double error = std::fabs(static_cast<double>(got) - exact) / std::ldexp(1.0, exponent - 24);
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

TEST_P(Functions, TanhIsWithinThreeUnitsInTheLastPlace) {
  const std::vector<float> x = sweep(0x1p-60F, 100.0F, 997);
  const std::vector<float> got = run(table().hyperbolic_tangent, x);
  double worst = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::fmax(worst, error_in_units(got[i], std::tanh(static_cast<double>(x[i]))));
  }
  EXPECT_LE(worst, 3.0);
  RecordProperty("worst", std::to_string(worst));
}

TEST_P(Functions, NormalCdfIsAccurateInTheLowerTailToo) {
  const std::vector<float> x = sweep(0x1p-60F, 20.0F, 997);
  const std::vector<float> got = run(table().normal_cdf, x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double value = x[i];
    const double exact = 0.5 * std::erfc(-value / std::sqrt(2.0));
    if (exact < 0x1p-126) {
      ASSERT_LE(got[i], 0x1.01p-126F) << value;
      continue;
    }
    // x^2 / 2 is rounded once: half a unit of it, as an absolute error of the exponent. The other roundings,
    // of k p(k) and of exp, are a few units. Results beside 2^-126 are flushed a little early, in a product.
    const double units = 8.0 + (value < 0.0 ? value * value / 2.0 : 0.0);
    ASSERT_LE(std::fabs(static_cast<double>(got[i]) - exact), exact * units * 0x1p-24 + 0x1p-126) << value;
  }
}

TEST_P(Functions, ManyArgumentsAsWritten) {
  const std::vector<float> x = sweep(0x1p-30F, 30.0F, 1009);
  std::vector<float> tanh;
  std::vector<float> cdf;
  for (const float value : x) {
    tanh.push_back(reference::hyperbolic_tangent(value));
    cdf.push_back(reference::normal_cdf(value));
  }
  EXPECT_TRUE(same_bits(run(table().hyperbolic_tangent, x), tanh));
  EXPECT_TRUE(same_bits(run(table().normal_cdf, x), cdf));
}

TEST_P(Functions, SpecialValues) {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float denormal = std::numeric_limits<float>::denorm_min();
  const float most = std::numeric_limits<float>::max();
  const std::vector<float> x = {0.0F, -0.0F, denormal, -denormal, inf, -inf, nan, most, -most};
  EXPECT_TRUE(same_bits(run(table().hyperbolic_tangent, x),
                        {0.0F, -0.0F, 0.0F, -0.0F, 1.0F, -1.0F, nan, 1.0F, -1.0F}));
  EXPECT_TRUE(same_bits(run(table().normal_cdf, x), {0.5F, 0.5F, 0.5F, 0.5F, 1.0F, 0.0F, nan, 1.0F, 0.0F}));
}

TEST_P(Functions, EveryLength) {
  Samples samples(52);
  for (std::size_t n = 0; n < 40; ++n) {
    std::vector<float> x(n);
    std::vector<float> tanh(n);
    std::vector<float> cdf(n);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = samples.normal();
      tanh[i] = reference::hyperbolic_tangent(x[i]);
      cdf[i] = reference::normal_cdf(x[i]);
    }
    EXPECT_TRUE(same_bits(run(table().hyperbolic_tangent, x), tanh)) << n;
    EXPECT_TRUE(same_bits(run(table().normal_cdf, x), cdf)) << n;
  }
}

}  // namespace
}  // namespace ttx::test
