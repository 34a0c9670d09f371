// SPDX-License-Identifier: Apache-2.0
#include "models/common/logits_processors.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(LogitsProcessors, RepetitionPenaltyOncePerDistinctId) {
  std::vector<float> logits{2, -2, 3, 0, 8};
  const std::vector<std::int32_t> sequence{0, 1, 0, 1, 3, 1};
  penalize_repetition(logits, sequence, 2.0F);
  EXPECT_EQ(logits, (std::vector<float>{1, -4, 3, 0, 8}));
  penalize_repetition(logits, sequence, 0.5F);
  EXPECT_EQ(logits, (std::vector<float>{2, -2, 3, 0, 8}));
  const std::vector<std::int32_t> outside{5};
  test::expect_error(ExitCode::kFailure, {"token 5 has no logit", "5 rows"},
                     [&] { penalize_repetition(logits, outside, 2.0F); });
}

TEST(LogitsProcessors, Forbid) {
  std::vector<float> logits{2, -2, 3};
  const std::vector<std::int32_t> ids{2, 99, -1};
  forbid(logits, ids);
  EXPECT_EQ(logits, (std::vector<float>{2, -2, -kInfinity}));
}

TEST(LogitsProcessors, ArgmaxTakesTheLowestIndexOfEquals) {
  EXPECT_EQ(argmax(std::vector<float>{1, 3, 3, 2}), 1);
  EXPECT_EQ(argmax(std::vector<float>{-0.0F, 0.0F}), 0);
  EXPECT_EQ(argmax(std::vector<float>{-kInfinity, -kInfinity}), 0);
  EXPECT_EQ(argmax(std::vector<float>{-kInfinity, -5}), 1);
  test::expect_error(ExitCode::kFailure, {"logit 1 of 2 is NaN"}, [] {
    argmax(std::vector<float>{1, std::numeric_limits<float>::quiet_NaN()});
  });
  // Every place of rows of several lengths, the greatest twice.
  for (const std::size_t size : {1U, 15U, 16U, 17U, 40U}) {
    for (std::size_t place = 0; place < size; ++place) {
      std::vector<float> row(size, -2.0F);
      row[place] = row[size - 1] = -1.0F;
      EXPECT_EQ(argmax(row), static_cast<std::int32_t>(place)) << "of " << size;
      row[place] = std::numeric_limits<float>::quiet_NaN();
      test::expect_error(ExitCode::kFailure, {"logit " + std::to_string(place) + " of"},
                         [&] { argmax(row); });
    }
  }
  test::expect_error(ExitCode::kFailure, {"no logits"}, [] { argmax({}); });
}

TEST(LogitsProcessors, ChooseGreedy) {
  const std::vector<float> logits{4, 6, 5, 1};
  const std::vector<std::int32_t> sequence{1, 3};
  const auto choose = [&](const GreedySettings& settings, std::int64_t new_tokens) {
    std::vector<float> scores = logits;
    return choose_greedy(scores, sequence, new_tokens, settings);
  };
  EXPECT_EQ(choose({}, 0), 1);
  GreedySettings settings{.repetition_penalty = 1.3F};  // 6 / 1.3 < 5
  EXPECT_EQ(choose(settings, 0), 2);
  settings.eos_token_ids = {2};
  settings.min_new_tokens = 1;
  EXPECT_EQ(choose(settings, 0), 1);  // 6 / 1.3 > 4
  EXPECT_EQ(choose(settings, 1), 2);
}

TEST(LogitsProcessors, IsLast) {
  const GreedySettings settings{.max_new_tokens = 3, .eos_token_ids = {7, 9}};
  EXPECT_FALSE(is_last(1, 2, settings));
  EXPECT_TRUE(is_last(1, 3, settings));
  EXPECT_TRUE(is_last(9, 1, settings));
}

TEST(LogitsProcessors, Settings) {
  EXPECT_NO_THROW(check(GreedySettings{}));
  EXPECT_NO_THROW(check(GreedySettings{.max_new_tokens = 1, .min_new_tokens = 1}));
  test::expect_error(ExitCode::kUsage, {"max_new_tokens", "got 0"}, [] { check({.max_new_tokens = 0}); });
  test::expect_error(ExitCode::kUsage, {"max_new_tokens", "got 2147483649"},
                     [] { check({.max_new_tokens = kMostNewTokens + 1}); });
  test::expect_error(ExitCode::kUsage, {"min_new_tokens", "got 4", "(3)"},
                     [] { check({.max_new_tokens = 3, .min_new_tokens = 4}); });
  test::expect_error(ExitCode::kUsage, {"min_new_tokens", "got -1"}, [] { check({.min_new_tokens = -1}); });
  for (const float penalty : {0.0F, -1.0F, kInfinity, std::numeric_limits<float>::quiet_NaN()}) {
    test::expect_error(ExitCode::kUsage, {"repetition_penalty"},
                       [&] { check({.repetition_penalty = penalty}); });
  }
}

}  // namespace
}  // namespace ttx
