// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"

namespace ttx::test {
namespace {

using kernels::Bf16;

class Convert : public IsaTest {};
TTX_FOR_EVERY_ISA(Convert);

std::vector<Bf16> every_bf16() {
  std::vector<Bf16> values;
  for (std::uint32_t bits = 0; bits <= 0xFFFFU; ++bits) {
    values.push_back({static_cast<std::uint16_t>(bits)});
  }
  return values;
}

TEST_P(Convert, RoundsAroundEveryBf16) {
  for (const std::uint32_t below : {0x0000U, 0x0001U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
    std::vector<float> x;
    std::vector<Bf16> expected;
    for (const Bf16 upper : every_bf16()) {
      x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(upper.bits) << 16U | below));
      expected.push_back(reference::round(x.back()));
    }
    std::vector<Bf16> got(x.size());
    table().round_to_bf16(x.data(), static_cast<std::int64_t>(x.size()), got.data());
    EXPECT_TRUE(same_bits(got, expected)) << "lower half " << below;
  }
}

TEST_P(Convert, RoundingByHand) {
  const std::vector<float> x = {1.0F,
                                0x1.01p0F,
                                0x1.03p0F,
                                0x1.010002p0F,
                                0x1.fffffcp-127F,
                                -0x1p-127F,
                                std::numeric_limits<float>::max(),
                                -std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::quiet_NaN(),
                                0x1.fffffep-1F};
  const std::vector<Bf16> expected = {{0x3F80}, {0x3F80}, {0x3F82}, {0x3F81}, {0x0000},
                                      {0x8000}, {0x7F80}, {0xFF80}, {0x7FC0}, {0x3F80}};
  std::vector<Bf16> got(x.size());
  table().round_to_bf16(x.data(), static_cast<std::int64_t>(x.size()), got.data());
  EXPECT_TRUE(same_bits(got, expected));
}

TEST_P(Convert, WideningKeepsEveryBit) {
  const std::vector<Bf16> x = every_bf16();
  std::vector<float> got(x.size());
  table().widen(x.data(), static_cast<std::int64_t>(x.size()), got.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(bits_of(got[i]), i << 16U);
  }
}

/// IEEE 754 binary16 by its definition.
float half_value(std::uint16_t half) {
  const float sign = (half & 0x8000U) != 0 ? -1.0F : 1.0F;
  const int exponent = half >> 10U & 0x1F;
  const int mantissa = half & 0x3FF;
  if (exponent == 31) {
    return mantissa == 0 ? sign * std::numeric_limits<float>::infinity()
                         : std::numeric_limits<float>::quiet_NaN();
  }
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                               : std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25));
}

TEST_P(Convert, EveryHalf) {
  std::vector<std::uint16_t> x;
  std::vector<Bf16> expected;
  for (std::uint32_t bits = 0; bits <= 0xFFFFU; ++bits) {
    x.push_back(static_cast<std::uint16_t>(bits));
    expected.push_back(reference::round(half_value(x.back())));
  }
  std::vector<Bf16> got(x.size());
  table().half_to_bf16(x.data(), static_cast<std::int64_t>(x.size()), got.data());
  EXPECT_TRUE(same_bits(got, expected));
}

TEST_P(Convert, EveryLengthAndNothingBehind) {
  for (std::int64_t n = 0; n < 36; ++n) {
    const std::vector<float> x(40, 1.5F);
    const std::vector<std::uint16_t> half(40, 0x3E00);
    const std::vector<Bf16> narrow(40, Bf16{0x3FC0});
    std::vector<Bf16> rounded(40, Bf16{0x1234});
    std::vector<Bf16> converted(40, Bf16{0x1234});
    std::vector<float> widened(40, -7.0F);
    table().round_to_bf16(x.data(), n, rounded.data());
    table().half_to_bf16(half.data(), n, converted.data());
    table().widen(narrow.data(), n, widened.data());
    for (std::int64_t i = 0; i < 40; ++i) {
      const auto at = static_cast<std::size_t>(i);
      ASSERT_EQ(rounded[at].bits, i < n ? 0x3FC0 : 0x1234) << n;
      ASSERT_EQ(converted[at].bits, i < n ? 0x3FC0 : 0x1234) << n;
      ASSERT_EQ(widened[at], i < n ? 1.5F : -7.0F) << n;
    }
  }
}

}  // namespace
}  // namespace ttx::test
