// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using kernels::Bf16;
using kernels::ElementwiseCall;

class Elementwise : public IsaTest {
 protected:
  using Kernel = void (*)(const ElementwiseCall&);
  static std::vector<Bf16> run(Kernel kernel, const std::vector<Bf16>& a, const std::vector<Bf16>& b) {
    std::vector<Bf16> out(a.size());
    kernel({.a = a.data(), .b = b.data(), .count = static_cast<std::int64_t>(a.size()), .out = out.data()});
    return out;
  }
};
TTX_FOR_EVERY_ISA(Elementwise);

Bf16 silu_by_hand(Bf16 a) {
  const float x = reference::flush(reference::widen(a));
  const float below = reference::sum(1.0F, reference::exponential(-x));
  return reference::round(reference::product(x, reference::quotient(1.0F, below)));
}

TEST_P(Elementwise, SiluOfEveryBf16) {
  std::vector<Bf16> x;
  std::vector<Bf16> expected;
  for (std::uint32_t bits = 0; bits <= 0xFFFFU; ++bits) {
    x.push_back({static_cast<std::uint16_t>(bits)});
    expected.push_back(silu_by_hand(x.back()));
  }
  const std::vector<Bf16> got = run(table().silu, x, {});
  EXPECT_TRUE(same_bits(got, expected));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double value = reference::widen(x[i]);
    if (!std::isfinite(value)) {
      continue;
    }
    const double result = reference::widen(got[i]);
    ASSERT_TRUE(std::isfinite(result)) << value;
    // Half a unit of bf16, and four fp32 roundings of which exp, below 2 ulp, is one; what is below 2^-126 is
    // flushed, the factor 1 / (1 + exp) as well as the product.
    const double exact = value / (1.0 + std::exp(-value));
    const double flushed = std::fmax(0x1p-126, std::fabs(value) * 0x1p-126);
    ASSERT_NEAR(result, exact, std::fabs(exact) * (0x1p-8 + 5 * 0x1p-24) + flushed) << value;
  }
}

TEST_P(Elementwise, SiluSpecialValues) {
  const std::vector<Bf16> x = {{0x0000}, {0x8000}, {0x7F80}, {0xFF80}, {0x7FC1}, {0xFF7F}, {0xC2C8}};
  const std::vector<Bf16> expected = {{0x0000}, {0x8000}, {0x7F80}, {0x7FC0}, {0x7FC0}, {0x8000}, {0x8000}};
  EXPECT_TRUE(same_bits(run(table().silu, x, {}), expected));
}

float gelu_tanh_by_hand(float x) {
  const float inner =
      reference::sum(reference::product(reference::product(x, x), 0x1.2444f2p-4F), 0x1.988454p+0F);
  const float below = reference::sum(1.0F, reference::exponential(-reference::product(x, inner)));
  return reference::product(x, reference::quotient(1.0F, below));
}

float gelu_erf_by_hand(float x) { return reference::product(x, reference::normal_cdf(x)); }

double gelu_tanh_exactly(double x) {
  const double u = std::sqrt(2.0 / std::acos(-1.0)) * (x + 0.044715 * x * x * x);
  return x / (1.0 + std::exp(-2.0 * u));
}

double gelu_erf_exactly(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// Every bf16 through one op: its bits as written by hand, and its error against double. Beside half a unit
/// of bf16, `slope` units of fp32 per unit of the exponential's argument (what an argument rounded to fp32
/// makes of the result), and `steps` of them besides.
struct Activation {
  void (*kernels::Table::*kernel)(const ElementwiseCall&);
  float (*by_hand)(float);
  double (*exactly)(double);
  double (*argument)(double);  ///< of the exponential, or null where it is not rounded or there is none
  double steps;
};

void expect_of_every_bf16(const kernels::Table& table, const Activation& op) {
  std::vector<Bf16> x;
  std::vector<Bf16> expected;
  for (std::uint32_t bits = 0; bits <= 0xFFFFU; ++bits) {
    x.push_back({static_cast<std::uint16_t>(bits)});
    expected.push_back(reference::round(op.by_hand(reference::flush(reference::widen(x.back())))));
  }
  std::vector<Bf16> got(x.size());
  (table.*op.kernel)({.a = x.data(), .b = nullptr, .count = 65536, .out = got.data()});
  EXPECT_TRUE(same_bits(got, expected));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double value = reference::widen(x[i]);
    const double exact = op.exactly(value);
    if (!std::isfinite(value) || std::fabs(exact) > 0x1.FFp127) {
      continue;
    }
    const double result = reference::widen(got[i]);
    ASSERT_TRUE(std::isfinite(result)) << value;
    const double argument = op.argument == nullptr ? 0.0 : std::fmin(90.0, std::fabs(op.argument(value)));
    const double relative = 0x1p-8 + (op.steps + 4.0 * argument) * 0x1p-24;
    const double flushed = std::fmax(0x1p-126, std::fabs(value) * 0x1p-126);
    ASSERT_NEAR(result, exact, std::fabs(exact) * relative + flushed) << value;
  }
}

TEST_P(Elementwise, GeluTanhOfEveryBf16) {
  expect_of_every_bf16(table(), {&kernels::Table::gelu_tanh, gelu_tanh_by_hand, gelu_tanh_exactly,
                                 [](double x) { return 1.6 * (x + 0.044715 * x * x * x); }, 6.0});
}

TEST_P(Elementwise, GeluErfOfEveryBf16) {
  // The square of a bf16 is an exact fp32, so the exponential's argument is not rounded.
  expect_of_every_bf16(table(),
                       {&kernels::Table::gelu_erf, gelu_erf_by_hand, gelu_erf_exactly, nullptr, 8.0});
}

TEST_P(Elementwise, TanhOfEveryBf16) {
  expect_of_every_bf16(table(), {&kernels::Table::tanh, reference::hyperbolic_tangent,
                                 [](double x) { return std::tanh(x); }, nullptr, 4.0});
}

TEST_P(Elementwise, ReluAndSquareOfEveryBf16) {
  expect_of_every_bf16(table(), {&kernels::Table::relu, [](float x) { return x <= 0.0F ? 0.0F : x; },
                                 [](double x) { return std::fmax(x, 0.0); }, nullptr, 0.0});
  expect_of_every_bf16(table(), {&kernels::Table::square, [](float x) { return reference::product(x, x); },
                                 [](double x) { return x * x; }, nullptr, 1.0});
}

TEST_P(Elementwise, ActivationSpecialValues) {
  const std::vector<Bf16> x = {{0x0000}, {0x8000}, {0x7F80}, {0xFF80}, {0x7FC1}, {0xFF7F}, {0xC2C8}};
  using Row = std::vector<Bf16>;
  const Row gelu = {{0x0000}, {0x8000}, {0x7F80}, {0x7FC0}, {0x7FC0}, {0x8000}, {0x8000}};
  EXPECT_TRUE(same_bits(run(table().gelu_tanh, x, {}), gelu));
  EXPECT_TRUE(same_bits(run(table().gelu_erf, x, {}), gelu));
  const Row tanh = {{0x0000}, {0x8000}, {0x3F80}, {0xBF80}, {0x7FC0}, {0xBF80}, {0xBF80}};
  EXPECT_TRUE(same_bits(run(table().tanh, x, {}), tanh));
  const Row relu = {{0x0000}, {0x0000}, {0x7F80}, {0x0000}, {0x7FC0}, {0x0000}, {0x0000}};
  EXPECT_TRUE(same_bits(run(table().relu, x, {}), relu));
}

TEST_P(Elementwise, MulByAnyNumber) {
  Samples samples(63);
  const std::vector<Bf16> a = Samples::vector(10007, [&] { return samples.any_bits(); });
  for (const float scalar : {0.0F, -0.0F, 1.0F, 50.596443F, 0x1.000002p+0F, -3e38F, 1e-38F, 1e-40F}) {
    std::vector<Bf16> expected;
    for (const Bf16 value : a) {
      expected.push_back(
          reference::round(reference::product(reference::widen(value), reference::flush(scalar))));
    }
    std::vector<Bf16> out(a.size());
    table().mul_scalar(
        {.a = a.data(), .scalar = scalar, .count = static_cast<std::int64_t>(a.size()), .out = out.data()});
    EXPECT_TRUE(same_bits(out, expected)) << scalar;
  }
}

TEST_P(Elementwise, MulAndAddOfAnyBits) {
  Samples samples(61);
  for (const bool tiny : {false, true}) {
    const auto draw = [&] { return tiny ? samples.beside_underflow() : samples.any_bits(); };
    const std::vector<Bf16> a = Samples::vector(100003, draw);
    const std::vector<Bf16> b = Samples::vector(100003, draw);
    std::vector<Bf16> products;
    std::vector<Bf16> sums;
    for (std::size_t i = 0; i < a.size(); ++i) {
      products.push_back(
          reference::round(reference::product(reference::widen(a[i]), reference::widen(b[i]))));
      sums.push_back(reference::round(reference::sum(reference::widen(a[i]), reference::widen(b[i]))));
    }
    EXPECT_TRUE(same_bits(run(table().mul, a, b), products)) << "beside underflow " << tiny;
    EXPECT_TRUE(same_bits(run(table().add, a, b), sums)) << "beside underflow " << tiny;
  }
}

TEST_P(Elementwise, MulOfAnActivationRoundsItFirst) {
  using Entry = void (*kernels::Table::*)(const ElementwiseCall&);
  struct Pair {
    Entry activation, together;
  };
  Samples samples(64);
  const std::vector<Bf16> a = Samples::vector(100003, [&] { return samples.any_bits(); });
  std::vector<Bf16> b = Samples::vector(100003, [&] { return samples.any_bits(); });
  std::copy_n(samples.normal_vector(50000).begin(), 50000, b.begin());
  for (const Pair& pair : {Pair{&kernels::Table::silu, &kernels::Table::mul_silu},
                           {&kernels::Table::gelu_tanh, &kernels::Table::mul_gelu_tanh},
                           {&kernels::Table::gelu_erf, &kernels::Table::mul_gelu_erf}}) {
    const std::vector<Bf16> expected = run(table().mul, a, run(table().*pair.activation, b, {}));
    EXPECT_TRUE(same_bits(run(table().*pair.together, a, b), expected));
  }
}

TEST_P(Elementwise, EveryLengthInPlace) {
  Samples samples(62);
  for (std::int64_t n = 0; n < 40; ++n) {
    const std::vector<Bf16> a = samples.normal_vector(40);
    const std::vector<Bf16> b = samples.normal_vector(40);
    std::vector<Bf16> expected = a;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      expected[i] = reference::round(reference::sum(reference::widen(a[i]), reference::widen(b[i])));
    }
    std::vector<Bf16> out = a;
    table().add({.a = out.data(), .b = b.data(), .count = n, .out = out.data()});
    EXPECT_TRUE(same_bits(out, expected)) << n;
  }
}

}  // namespace
}  // namespace ttx::test
