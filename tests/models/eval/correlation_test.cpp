// SPDX-License-Identifier: Apache-2.0
#include "models/eval/correlation.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/family/correlation.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

TEST(Correlation, InPiecesAsInOne) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (const float offset : {0.0F, 20.0F, -1000.0F}) {
    for (const std::size_t piece : {1U, 7U, 331U, 1000U}) {
      std::vector<float> x;
      std::vector<float> y;
      Correlation correlation;
      for (int pieces = 0; pieces < 5; ++pieces) {
        std::vector<float> a;
        std::vector<float> b;
        for (std::size_t i = 0; i < piece; ++i) {
          a.push_back(offset + normal(random) + static_cast<float>(pieces));
          b.push_back(0.5F * a.back() + normal(random));
        }
        correlation.add(a, b);
        correlation.add({}, {});
        x.insert(x.end(), a.begin(), a.end());
        y.insert(y.end(), b.begin(), b.end());
      }
      ASSERT_TRUE(correlation.pearson().has_value());
      // Both sum at most 5000 terms in fp64; the plain one loses digits only where it squares its
      // differences.
      EXPECT_NEAR(*correlation.pearson(), pearson(x, y), 1e-9) << offset << " " << piece;
    }
  }
}

TEST(Correlation, EndsOfTheScale) {
  Correlation same;
  same.add(std::vector<float>{1, 2, 4}, std::vector<float>{10, 20, 40});
  EXPECT_NEAR(same.pearson().value_or(0), 1.0, 1e-15);
  Correlation opposite;
  opposite.add(std::vector<float>{1, 2}, std::vector<float>{-1, -2});
  opposite.add(std::vector<float>{4}, std::vector<float>{-4});
  EXPECT_NEAR(opposite.pearson().value_or(0), -1.0, 1e-15);
}

TEST(Correlation, WithoutSpreadThereIsNone) {
  EXPECT_FALSE(Correlation().pearson().has_value());
  Correlation flat;
  flat.add(std::vector<float>{3, 3, 3}, std::vector<float>{1, 2, 3});
  EXPECT_FALSE(flat.pearson().has_value());
  Correlation broken;
  broken.add(std::vector<float>{1, std::numeric_limits<float>::infinity()}, std::vector<float>{1, 2});
  EXPECT_FALSE(broken.pearson().has_value());
}

TEST(Correlation, RefusesUnequalCounts) {
  Correlation correlation;
  expect_error(ExitCode::kFailure, {"[correlation]", "got 2 and 1"}, [&] {
    correlation.add(std::vector<float>{1, 2}, std::vector<float>{1});
  });
}

}  // namespace
}  // namespace ttx::test
