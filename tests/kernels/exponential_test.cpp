// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

class Exponential : public IsaTest {
 protected:
  static std::vector<float> run(const std::vector<float>& x) {
    std::vector<float> out(x.size());
    table().exponential(x.data(), static_cast<std::int64_t>(x.size()), out.data());
    return out;
  }
  static float one(float x) { return run({x})[0]; }
};
TTX_FOR_EVERY_ISA(Exponential);

/// Every float pattern between the two, in steps of a prime.
std::vector<float> sweep(std::uint32_t first, std::uint32_t last, std::uint32_t step) {
  std::vector<float> values;
  for (std::uint32_t bits = first; bits <= last - step; bits += step) {
    values.push_back(std::bit_cast<float>(bits));
    values.push_back(-values.back());
  }
  return values;
}

TEST_P(Exponential, WithinTwoUnitsInTheLastPlace) {
  const std::vector<float> x = sweep(bits_of(0x1p-30F), bits_of(88.7F), 499);
  const std::vector<float> got = run(x);
  double worst = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = std::exp(static_cast<double>(x[i]));
    if (exact < 0x1p-126) {
      ASSERT_EQ(bits_of(got[i]), bits_of(0.0F)) << x[i];
      continue;
    }
    int exponent = 0;
    std::frexp(exact, &exponent);
    const double error = std::fabs(static_cast<double>(got[i]) - exact) / std::ldexp(1.0, exponent - 24);
    worst = std::fmax(worst, std::isnan(error) ? std::numeric_limits<double>::infinity() : error);
  }
  EXPECT_LE(worst, 2.0);
}

// Contracted, most of the multiply-adds change no result but one in millions. These arguments were searched
// for: each has another result when its step alone is contracted. The product with the high part of ln 2 is
// exact, so there contraction changes nothing.
TEST_P(Exponential, EachMultiplyAddRoundsTwice) {
  struct Case {
    const char* step;
    float x;
    std::uint32_t result;
  };
  constexpr Case kCases[] = {
      {"x * kLog2E + kRoundingShift", -0x1.472a5cp+4F, 0x30B504F5},
      {"x * kLog2E + kRoundingShift", -0x1.92068p+5F, 0x1B3504CC},
      {"... - n * kLn2Low", 0x1.8f3584p+5F, 0x637E9ABC},
      {"... - n * kLn2Low", -0x1.cc493ep+5F, 0x15FED6B2},
      {"p, degree 1", 0x1.8ca714p-2F, 0x3FBC8DEA},
      {"p, degree 1", -0x1.acedep+4F, 0x2C203E5F},
      {"p, degree 2", 0x1.777cdep-2F, 0x3FB8B27A},
      {"p, degree 2", -0x1.f338ap-1F, 0x3EC11D50},
      {"p, degree 3", -0x1.3fc6b4p+1F, 0x3DA86780},
      {"p, degree 3", 0x1.f26f7cp+1F, 0x42446EDB},
      {"p, degree 4", -0x1.7a3892p+2F, 0x3B31CC78},
      {"p, degree 4", 0x1.3c8bacp+1F, 0x413DBAD7},
      {"r + (p * r) * r", 0x1.607ee2p-2F, 0x3FB498A8},
      {"r + (p * r) * r", -0x1.0b7f6p+6F, 0x0F37A103},
  };
  for (const Case& one_case : kCases) {
    EXPECT_EQ(bits_of(one(one_case.x)), one_case.result) << one_case.step << ", x = " << one_case.x;
  }
}

TEST_P(Exponential, ManyArgumentsAsWritten) {
  std::vector<float> x = sweep(bits_of(0x1p-30F), bits_of(90.0F), 1009);
  std::vector<float> expected;
  for (const float value : x) {
    expected.push_back(reference::exponential(value));
  }
  EXPECT_TRUE(same_bits(run(x), expected));
}

TEST_P(Exponential, SpecialValues) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(one(0.0F), 1.0F);
  EXPECT_EQ(one(-0.0F), 1.0F);
  EXPECT_EQ(one(std::numeric_limits<float>::denorm_min()), 1.0F);
  EXPECT_EQ(one(-0x1p-127F), 1.0F);
  EXPECT_EQ(one(inf), inf);
  EXPECT_EQ(bits_of(one(-inf)), bits_of(0.0F));
  EXPECT_TRUE(std::isnan(one(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_EQ(one(std::numeric_limits<float>::max()), inf);
  EXPECT_EQ(bits_of(one(std::numeric_limits<float>::lowest())), bits_of(0.0F));
  EXPECT_EQ(one(0x1.62e430p+6F), inf);
  EXPECT_TRUE(std::isfinite(one(0x1.62e42ep+6F)));
  EXPECT_GE(one(-0x1.5d589ep+6F), 0x1p-126F);
  EXPECT_EQ(bits_of(one(-0x1.5d58a0p+6F)), bits_of(0.0F));
}

TEST_P(Exponential, EveryLength) {
  Samples samples(51);
  for (std::size_t n = 0; n < 40; ++n) {
    std::vector<float> x(n);
    std::vector<float> expected(n);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = samples.normal();
      expected[i] = reference::exponential(x[i]);
    }
    EXPECT_TRUE(same_bits(run(x), expected)) << n;
  }
}

}  // namespace
}  // namespace ttx::test
