// SPDX-License-Identifier: Apache-2.0
#include "models/common/rope.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace ttx {
namespace {

TEST(Rope, PositionZeroDoesNotRotate) {
  const RopeTables tables = default_rope_tables(1e6, 64, 2);
  const auto cos = tables.cos.to_floats();
  const auto sin = tables.sin.to_floats();
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_EQ(cos[i], 1.0F) << i;
    EXPECT_EQ(sin[i], 0.0F) << i;
  }
}

TEST(Rope, PositionOneTurnsTheFirstPairByOneRadian) {
  const RopeTables tables = default_rope_tables(1e6, 128, 2);
  EXPECT_FLOAT_EQ(tables.cos.to_floats()[128], std::cos(1.0F));
  EXPECT_FLOAT_EQ(tables.sin.to_floats()[128], std::sin(1.0F));
}

/// The formula in double; the angle is an fp32 product, so its error grows with the position.
TEST(Rope, FollowsTheFormula) {
  constexpr std::int64_t kDim = 96;
  constexpr std::int64_t kLength = 700;
  constexpr double kTheta = 12345.5;
  const RopeTables tables = default_rope_tables(kTheta, kDim, kLength);
  EXPECT_EQ(tables.cos.shape(), (Shape{1, 1, kLength, kDim}));
  const auto cos = tables.cos.to_floats();
  const auto sin = tables.sin.to_floats();
  const double epsilon = std::numeric_limits<float>::epsilon();
  for (std::int64_t p = 0; p < kLength; ++p) {
    for (std::int64_t i = 0; i < kDim; ++i) {
      const std::int64_t j = i % (kDim / 2);
      const double angle = static_cast<double>(p) *
                           std::pow(kTheta, -2.0 * static_cast<double>(j) / static_cast<double>(kDim));
      // The exponent, the power, its reciprocal and the product are each rounded once; ln(theta) carries the
      // first into the power.
      const double tolerance = (std::log(kTheta) + 3.0) * epsilon * angle + epsilon;
      const auto at = static_cast<std::size_t>(p * kDim + i);
      ASSERT_NEAR(cos[at], std::cos(angle), tolerance) << "position " << p << ", element " << i;
      ASSERT_NEAR(sin[at], std::sin(angle), tolerance) << "position " << p << ", element " << i;
    }
  }
}

}  // namespace
}  // namespace ttx
