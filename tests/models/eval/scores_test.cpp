// SPDX-License-Identifier: Apache-2.0
#include "models/eval/scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ttx {
namespace {

using testing::ElementsAre;

/// Sorts everything.
std::vector<std::int32_t> slow_top_five(const std::vector<float>& logits) {
  std::vector<std::int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
  });
  order.resize(std::min<std::size_t>(order.size(), 5));
  order.resize(5, -1);
  return order;
}

TEST(Scores, AgreesWithSortingEverything) {
  std::mt19937 random(7);
  for (const std::size_t size : {1U, 2U, 4U, 5U, 6U, 31U, 331U}) {
    for (int repeat = 0; repeat < 200; ++repeat) {
      std::vector<float> logits(size);
      // Few distinct values, so ties are common, as they are among bfloat16 logits.
      std::generate(logits.begin(), logits.end(), [&] { return static_cast<float>(random() % 7) - 3.0F; });
      const auto best = top_five(logits);
      EXPECT_THAT(std::vector<std::int32_t>(best.begin(), best.end()),
                  testing::ElementsAreArray(slow_top_five(logits)));
    }
  }
}

TEST(Scores, TiesGoToTheLowestIndex) {
  const std::vector<float> logits{1, 3, 3, 2, 3, 2, 2, 2};
  EXPECT_THAT(top_five(logits), ElementsAre(1, 2, 4, 3, 5));
  EXPECT_EQ(place_of(1, logits), 1);
  EXPECT_EQ(place_of(2, logits), 2);
  EXPECT_EQ(place_of(5, logits), 5);
  EXPECT_EQ(place_of(6, logits), 0);
}

TEST(Scores, NanIsBelowEverything) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_THAT(top_five(std::vector<float>{nan, 1, -inf, nan, 2}), ElementsAre(4, 1, 2, -1, -1));
  EXPECT_THAT(top_five(std::vector<float>{nan, nan}), ElementsAre(-1, -1, -1, -1, -1));
  EXPECT_EQ(place_of(0, std::vector<float>{nan, nan}), 0);
}

}  // namespace
}  // namespace ttx
