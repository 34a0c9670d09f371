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
